"""The images that wait for the one model, whoever asks: in turn, bounded, each at most once at a time."""

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from annotriage.agreement.masks_among import called_a_mask
from annotriage.errors import AnnotriageError
from annotriage.labelling.serving.kept import Kept, Wanted
from annotriage.scoring.prediction import Prediction
from annotriage.scoring.scorer import Scorer
from annotriage.triage.folder_scoring import without_maps

if TYPE_CHECKING:
    from pathlib import Path

    from annotriage.labelling.serving.metrics import Metrics
    from annotriage.model_file import ModelFile


class FullError(AnnotriageError):
    """So many images wait that no more are taken."""


@dataclass(slots=True, eq=False)
class _Job:
    """An image, and how many orders wait for it."""

    wanted: Wanted
    future: "Future[Prediction]" = field(default_factory=Future)
    orders: int = 0
    begun: bool = False


class Order:
    """The images of one request.

    Attributes
    ----------
    futures : list of Future
        A prediction each, in the order asked for; without maps where it is kept.
    """

    def __init__(self, work: "Work", jobs: list[_Job]) -> None:
        self._work = work
        self.jobs = jobs
        self.left = deque(jobs)
        self.futures = [job.future for job in jobs]

    def cancel(self) -> None:
        """Forget the images that were not begun and that nobody else waits for."""
        self._work.forget(self)


class Work:
    """Threads that score what is ordered.

    Requests take turns, an image each, so that one image is not kept waiting by a thousand.

    Parameters
    ----------
    model : ModelFile
        Its session is shared by all threads.
    kept : Kept
        Where predictions are written down, before anybody is told of them.
    metrics : Metrics
    threads : int
    most_waiting : int
        Images that may wait.

    Raises
    ------
    annotriage.model_file.ModelFileError
        The model cannot be loaded.
    """

    def __init__(self, model: "ModelFile", kept: Kept, metrics: "Metrics", *, threads: int, most_waiting: int) -> None:
        self._kept = kept
        self._metrics = metrics
        self._most_waiting = most_waiting
        self._orders: deque[Order] = deque()
        self._jobs: dict[Wanted, _Job] = {}
        self._change = threading.Condition()
        self._closing = False
        self._scorer = Scorer(model, threads=1, called_a_mask=called_a_mask)
        self._at_once = self._scorer.batch_size  # makes the session: what is wrong with the model is told now
        self._threads = [
            threading.Thread(target=self._run, name=f"annotriage-score-{number}", daemon=True)
            for number in range(threads)
        ]
        metrics.watch("images_waiting", lambda: float(self.waiting))
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """How many images were not begun."""
        with self._change:
            return sum(not job.begun for job in self._jobs.values())

    def room(self) -> int:
        """How many more images may wait."""
        return max(0, self._most_waiting - self.waiting)

    def take(self, wanted: Sequence[Wanted]) -> Order:
        """Order predictions; an image that somebody waits for already is computed once.

        Raises
        ------
        FullError
            There is no room for all of them.
        """
        with self._change:
            if self._closing:
                raise FullError("The server is being stopped.")
            waiting = sum(not job.begun for job in self._jobs.values())
            if waiting + len(wanted) > self._most_waiting:
                raise FullError(f"So many images wait already ({waiting}); ask again in a moment.")
            jobs = []
            for each in wanted:
                job = self._jobs.setdefault(each, _Job(each))
                job.orders += 1
                jobs.append(job)
            order = Order(self, jobs)
            self._orders.append(order)
            self._change.notify_all()
            return order

    def forget(self, order: Order) -> None:
        """See `Order.cancel`."""
        with self._change:
            for job in order.jobs:
                job.orders -= 1
                if job.orders <= 0 and not job.begun and job.future.cancel():
                    self._jobs.pop(job.wanted, None)
            order.left.clear()

    def close(self) -> None:
        """Begin nothing more, wait for what is under way, and end the threads."""
        with self._change:
            self._closing = True
            for job in list(self._jobs.values()):
                if not job.begun and job.future.cancel():
                    self._jobs.pop(job.wanted, None)
            self._change.notify_all()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while batch := self._next():
            self._score(batch)

    def _next(self) -> list[_Job]:
        """Wait for images and begin them; empty: the server is being stopped."""
        with self._change:
            while not self._closing:
                batch: list[_Job] = []
                while self._orders and len(batch) < self._at_once:
                    order = self._orders.popleft()
                    job = next((job for job in _taken(order.left) if _begin(job)), None)
                    if job is not None:
                        batch.append(job)
                        self._orders.append(order)
                if batch:
                    return batch
                self._change.wait()
            return []

    def _score(self, batch: list[_Job]) -> None:
        begun = time.monotonic()
        try:
            results = self._predictions(batch)
            self._kept.keep([(job.wanted, prediction) for job, prediction in zip(batch, results, strict=True)])
        except BaseException as error:
            self._done(batch)
            for job in batch:
                job.future.set_exception(error)
            return
        self._metrics.add("scoring_seconds_total", time.monotonic() - begun)
        self._done(batch)
        for job, prediction in zip(batch, results, strict=True):
            self._metrics.add("images_failed_total" if prediction.error else "images_scored_total")
            job.future.set_result(prediction if job.wanted.folder is None else without_maps(prediction))

    def _done(self, batch: list[_Job]) -> None:
        with self._change:
            for job in batch:
                self._jobs.pop(job.wanted, None)

    def _predictions(self, batch: list[_Job]) -> list[Prediction]:
        """Score the images of a batch; what cannot be had has its reason."""
        with ExitStack() as lent:
            paths: dict[int, Path] = {}
            failed: dict[int, Prediction] = {}
            for place, job in enumerate(batch):
                try:
                    paths[place] = lent.enter_context(job.wanted.lent())
                except AnnotriageError as error:
                    failed[place] = Prediction(job.wanted.file.path, error=str(error))
            scored = dict(zip(paths, self._scorer.score(paths.values()), strict=True))
            return [(scored | failed)[place] for place in range(len(batch))]


def _begin(job: _Job) -> bool:
    """Begin an image, unless another request did or nobody waits for it any more."""
    if job.begun or not job.future.set_running_or_notify_cancel():
        return False
    job.begun = True
    return True


def _taken(jobs: "deque[_Job]") -> Iterator[_Job]:
    while jobs:
        yield jobs.popleft()

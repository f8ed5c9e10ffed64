"""Send a ranked folder to a project: made once, brought up to date ever after, whatever was interrupted."""

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.choice import choice_of
from annotriage.labelling.label_studio.client import Stopped
from annotriage.labelling.label_studio.connection import Connection, Project
from annotriage.labelling.label_studio.images_there import ImagesThere, LocalFolder, Uploads, not_loading
from annotriage.labelling.label_studio.links import Link, one_at_a_time
from annotriage.labelling.label_studio.order import (
    SameNames,
    SendOrder,
    Way,
    check_fits,
    fifths,
    labels_remark,
    people_text,
)
from annotriage.labelling.label_studio.predictions import Said, meta_of, predictions_of, said_of, tell_prediction
from annotriage.labelling.label_studio.progress import Report, Teller
from annotriage.labelling.label_studio.tasks_there import (
    META,
    Task,
    TasksThere,
    folder_key,
    laid_beside,
    rest_of,
    tasks_of,
)
from annotriage.labelling.label_studio.troubles import RefusedError, UnreachableError
from annotriage.names import counted
from annotriage.triage.exports.label_studio_set_up import IMAGE, NAME, SUMMARY, data_of
from annotriage.wording import images_text

if TYPE_CHECKING:
    from annotriage.triage.ranking import ReviewedImage

AT_ONCE = 50
"""Tasks that are made in one request."""
_TRIES, _MOST_NAMED = 4, 5
_OURS = (NAME, SUMMARY, "rank", "predicted_dice", "disagreement", "lower", "upper", "decided", "assignee", "note")
"""What the data of a task may hold that is ours; the rest is not touched."""


@dataclass(slots=True)
class Sent:
    """What became of a send.

    Attributes
    ----------
    project : Project
    made, updated, same : int
        Tasks that are new, that were brought up to date, and that were so already.
    people : dict of int to int
        How many people draw it -> of how many images that is so now, as the server says.
    removed : int
        Tasks of ours that showed an image twice and in which nobody had drawn.
    remarks : list of str
        What else is to be known, a sentence each.
    problems : list of str
        What went wrong with some of it, a sentence each; the rest was sent.
    stopped : bool
        It was stopped before the end; the same send goes on from there.
    """

    project: Project
    made: int = 0
    updated: int = 0
    same: int = 0
    people: dict[int, int] = field(default_factory=dict)
    removed: int = 0
    remarks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    stopped: bool = False

    @property
    def sentence(self) -> str:
        """What was sent, in a sentence or two."""
        begins = "Stopped; the same send goes on from there. So far in" if self.stopped else "In"
        said = (
            f"{begins} {self.project}: {counted(self.made, 'new tasks')}, {self.updated:,} brought up to date, "
            f"{self.same:,} as they were."
        )
        if self.people:
            parts = [f"{images_text(count)} by {people_text(people)}" for people, count in sorted(self.people.items())]
            said += f" To be drawn: {', '.join(parts)}."
        return said


def send(
    connection: Connection,
    project: Project,
    order: SendOrder,
    *,
    report: Report | None = None,
    stop: threading.Event | None = None,
) -> Sent:
    """Send images to a project, or bring what was sent before up to date.

    What is there is found by the images' names and the folder that they were sent from, so that nothing is doubled,
    whenever a send was interrupted. Nothing that people drew is touched, and no task is deleted in which anybody drew.
    How many people draw each image is set last, and read back.

    Parameters
    ----------
    connection : Connection
    project : Project
        As `Connection.project` or `make_project` returned it.
    order : SendOrder
    report : callable or None
        Gets the progress.
    stop : threading.Event or None
        Once set, it ends with what is there; the same call goes on from there.

    Returns
    -------
    Sent

    Raises
    ------
    AnnotriageError
        The project does not fit, the server does not take the images' folder, names are those of another folder, or
        the server is gone. What was sent is kept, and the same call goes on.
    """
    sent = Sent(project)
    if not order.wanted:
        raise AnnotriageError("There is no image to send: choose other images, or score the folder first.")
    connection.client.stopped_by(stop)
    with one_at_a_time(connection.address, project.number):
        work = _Sending(connection, project, order, sent, Teller(report))
        Link(order.folder, connection.address, project.number, project.title).note_sent(choice_of(order).saved())
        try:
            work.run()
        except Stopped:
            sent.stopped = True
        finally:
            connection.client.stopped_by(None)
    return sent


class _Sending:
    """One send, from its first request to its last."""

    def __init__(self, connection: Connection, project: Project, order: SendOrder, sent: Sent, tell: Teller) -> None:
        self._connection, self._client = connection, connection.client
        self._project, self._order, self._sent, self._tell = project, order, sent, tell
        self._set_up = check_fits(project, order)
        self._key = self._set_up.image_key or IMAGE
        self._folder = folder_key(order.folder)
        self._rows = order.wanted
        self._images: ImagesThere = (
            Uploads(connection, project)
            if order.images.way is Way.UPLOAD
            else LocalFolder(connection, project, order.folder, order.images)
        )
        self._gone: set[int] = set()
        self._ours = 0  # tasks that were sent from this folder

    def run(self) -> None:
        problems = self._images.bring(self._rows, self._tell)
        for name, why in list(problems.items())[:_MOST_NAMED]:
            self._sent.problems.append(f"{name} was not sent: {why}.")
        if len(problems) > _MOST_NAMED:
            self._sent.problems.append(f"{counted(len(problems) - _MOST_NAMED, 'more images were')} not sent.")
        self._rows = [row for row in self._rows if row.image not in problems]
        if not self._rows:
            raise AnnotriageError(f"None of the images can be sent. {' '.join(self._sent.problems)}")
        addresses = self._images.addresses(self._rows)
        self._refuse_names_of_others(self._there(addresses))
        before = self._ours
        made = self._make(addresses)
        there = self._without_doubles(addresses)
        self._update(there, addresses, made)
        self._show_predictions()
        self._set_overlap(addresses)
        if self._gone:
            self._sent.problems.append(
                f"{counted(len(self._gone), 'tasks were')} deleted on the server meanwhile: send again."
            )
        tasks = tasks_of(self._connection, self._project.number, self._key)
        sent_before = [task for task in tasks if task.folder == self._folder]
        self._tell_of_deleted(before, made, len(sent_before))
        self._sent.remarks += labels_remark(self._project, self._set_up, self._order)
        self._sent.remarks += rest_of(sent_before, {task.number for task in there.values()}, self._order)
        self._sent.problems += not_loading(self._connection, self._project.number, addresses, self._tell)

    # What is there

    def _tell_of_deleted(self, before: int, made: Collection[str], now: int) -> None:
        """Say that images have a new task because somebody deleted the one before; note how many tasks there are."""
        link = Link(self._order.folder, self._connection.address, self._project.number)
        noted = link.read().get("tasks")
        if isinstance(noted, int) and noted > before and made:
            self._sent.remarks.append(
                f"{counted(noted - before, 'tasks that were sent before')} had been deleted in Label Studio; images "
                "without a task got a new one. Exclude an image here to keep it away."
            )
        link.note(tasks=now)

    def _there(self, addresses: Mapping[str, str]) -> TasksThere:
        self._tell("Looking at the project")
        tasks = tasks_of(self._connection, self._project.number, self._key)
        self._ours = sum(task.folder == self._folder for task in tasks)
        return laid_beside(tasks, self._folder, self._names(), addresses)

    def _names(self) -> "set[str]":
        return {row.image for row in self._rows}

    def _refuse_names_of_others(self, there: TasksThere) -> None:
        if self._order.same_names is not SameNames.ASK or not there.elsewhere:
            return
        some = ", ".join(sorted(there.elsewhere)[:3])
        raise AnnotriageError(
            f"{self._project} has {counted(len(there.elsewhere), 'images')} of the same names ({some}) that were sent "
            "from another folder. Say whether it is the same one, which was moved, so that they are brought up to date "
            "(--same-names take-over), or whether these are other images, which get tasks of their own "
            "(--same-names beside); or send to another project."
        )

    # Tasks

    def _make(self, addresses: Mapping[str, str]) -> set[str]:
        """Make the tasks that are missing, in the order of the ranking; return of which images."""
        made: set[str] = set()
        failures = 0
        while True:
            there = self._taken_over(self._there(addresses))
            left = [row for row in self._rows if row.image not in there]
            # A request that was cut may have been carried out, so what is there is looked at before it is repeated.
            made -= {row.image for row in left}
            if not left:
                self._sent.made = len(made)
                return made
            try:
                for start in range(0, len(left), AT_ONCE):
                    self._tell("Making tasks", start, len(left))
                    batch = left[start : start + AT_ONCE]
                    made |= {row.image for row in batch}
                    self._client.post(
                        f"/api/projects/{self._project.number}/import",
                        [self._new_task(row, addresses[row.image]) for row in batch],
                    )
                self._tell("Making tasks", len(left), len(left))
            except UnreachableError:
                failures += 1
                if failures >= _TRIES:
                    raise
                continue
            missing = set(self._taken_over(self._there(addresses)))
            if any(row.image not in missing for row in left):
                failures += 1
                if failures >= _TRIES:
                    raise AnnotriageError(
                        f"{self._connection.address} took the tasks, but does not list them: look at its log."
                    )

    def _taken_over(self, there: TasksThere) -> dict[str, Task]:
        """Return the task of each image, those of another folder too where it is the same one."""
        if self._order.same_names is SameNames.TAKE_OVER:
            return there.elsewhere | there.of_image
        return there.of_image

    def _new_task(self, row: "ReviewedImage", address: str) -> dict[str, object]:
        data = data_of(row, address, self._order.set_up.shown, self._key)
        return {"data": data, "meta": {META: {"folder": self._folder, "said": ""}}}

    def _without_doubles(self, addresses: Mapping[str, str]) -> dict[str, Task]:
        """Remove tasks that another send made at the same time; tell of those that are not ours to remove."""
        there = self._there(addresses)
        kept: list[str] = []
        for name, doubles in there.doubles.items():
            for task in doubles:
                if task.folder == self._folder and not task.annotations and not self._is_begun(task):
                    self._client.delete(f"/api/tasks/{task.number}/")
                    self._sent.removed += 1
                else:
                    kept.append(name)
        if self._sent.removed:
            self._sent.remarks.append(
                f"{counted(self._sent.removed, 'tasks')} removed that another send had made of the same images."
            )
        if kept:
            some = ", ".join(sorted(set(kept))[:3])
            self._sent.remarks.append(
                f"{counted(len(kept), 'tasks show')} an image that another task shows, too ({some}): Label Studio adds "
                "each image again when a storage is synced. Nothing was sent to them; delete them there."
            )
        return self._taken_over(there)

    def _is_begun(self, task: Task) -> bool:
        whole = self._client.get(f"/api/tasks/{task.number}/")
        return not isinstance(whole, dict) or any(whole.get(what) for what in ("annotations", "drafts"))

    # What they say

    def _update(self, there: Mapping[str, Task], addresses: Mapping[str, str], made: set[str]) -> None:
        guide = None
        if self._order.set_up.guide is not None:
            guide = self._set_up.control_of(self._order.set_up.guide.label, "BrushLabels")
        clusters = fifths(self._order.rows)
        for done, row in enumerate(self._rows):
            self._tell("Bringing tasks up to date", done, len(self._rows))
            task = there.get(row.image)
            if task is not None:
                said = said_of(row, self._order, clusters, guide)
                with self._alone(task):
                    self._update_one(task, row, addresses[row.image], said, new=row.image in made)
        self._tell("Bringing tasks up to date", len(self._rows), len(self._rows))

    def _update_one(self, task: Task, row: "ReviewedImage", address: str, said: Said | None, *, new: bool) -> None:
        data = {name: value for name, value in task.data.items() if name not in _OURS or name in self._set_up.variables}
        data |= data_of(row, address, self._order.set_up.shown, self._key)
        meta = meta_of(task, self._folder, said)
        same_prediction = task.meta.get(META) == meta[META] and task.predictions == (said is not None)
        if not same_prediction:
            tell_prediction(self._client, self._project.number, task, said)
        changes: dict[str, object] = {}
        if data != task.data:
            changes["data"] = data
        if meta != task.meta:
            changes["meta"] = meta  # last: it says that the prediction is there
        if changes:
            self._client.patch(f"/api/tasks/{task.number}/", changes)
        if new:
            return
        if changes or not same_prediction:
            self._sent.updated += 1
        else:
            self._sent.same += 1

    @contextmanager
    def _alone(self, task: Task) -> Iterator[None]:
        """Let it end nothing that a task was deleted meanwhile."""
        try:
            yield
        except RefusedError as error:
            if error.status != 404:
                raise
            self._gone.add(task.number)

    def _show_predictions(self) -> None:
        """Let the project's score be that of our predictions, and show them to annotators only where that is wished."""
        if all(row.predicted_dice is None for row in self._rows):
            return
        shows = self._order.set_up.guide is not None or self._order.shows_scores
        now = self._connection.project(self._project.number)
        if (now.model_version, now.shows_predictions) == (self._order.version, shows):
            return
        # Both at once: to hide predictions alone takes the version away, and with it the score.
        self._client.patch(
            f"/api/projects/{self._project.number}/",
            {"model_version": self._order.version, "show_collab_predictions": shows},
        )
        if now.shows_predictions and not shows and self._project.tasks:
            self._sent.remarks.append(f"Annotators of {self._project} do not see predictions any more.")

    # How many people draw

    def _set_overlap(self, addresses: Mapping[str, str]) -> None:
        """Set last how many people draw each image, and read it back: other settings of a project reset it."""
        wanted = {row.image: self._order.overlap.of(row) for row in self._rows}
        for attempt in range(3):
            there = self._taken_over(self._there(addresses))
            wrong = [
                (task, wanted[name])
                for name, task in there.items()
                if (task.overlap, task.labelled) != (wanted[name], task.annotations >= wanted[name])
            ]
            if not wrong:
                break
            if attempt == 2:
                self._sent.problems.append(
                    f"How many people draw {counted(len(wrong), 'images')} does not stay as it was set: somebody else "
                    "changes this project; send again."
                )
                break
            for done, (task, people) in enumerate(wrong):
                self._tell("Setting how many people draw", done, len(wrong))
                # Label Studio gives a task that it takes for done to nobody, even where another person is wanted.
                fields = {"overlap": people, "is_labeled": task.annotations >= people}
                with self._alone(task):
                    self._client.patch(f"/api/tasks/{task.number}/", fields)
        self._without_double_predictions(there.values())
        self._sent.people = {
            people: sum(task.overlap == people for task in there.values())
            for people in sorted({task.overlap for task in there.values()})
        }

    def _without_double_predictions(self, tasks: Iterable[Task]) -> None:
        """Remove what another send told at the same time: a task has one prediction of ours."""
        for task in tasks:
            if task.predictions > 1:
                for extra in predictions_of(self._client, task)[1:]:
                    self._client.delete(f"/api/predictions/{extra}/")

"""Fetch what people drew in a project, measure how much they agree, and keep it beside the predictions."""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.address import server_key
from annotriage.labelling.label_studio.client import Stopped
from annotriage.labelling.label_studio.connection import Connection, Person, Project
from annotriage.labelling.label_studio.export_file import ExportWriter, numbers_in, tasks_in, with_people
from annotriage.labelling.label_studio.fetched import Fetched
from annotriage.labelling.label_studio.links import Link
from annotriage.labelling.label_studio.one_image import measure_drawn_image
from annotriage.labelling.label_studio.progress import Report, Teller
from annotriage.labelling.label_studio.tasks_there import Task, folder_key, laid_beside, tasks_of
from annotriage.parallel import ordered_map, usable_cores
from annotriage.triage.exports.label_studio_set_up import IMAGE, ReadSetUp
from annotriage.triage.measured import MaskSource, MeasuredImage, SourceKind

if TYPE_CHECKING:
    from annotriage.images import ImageFile
    from annotriage.triage.store import SessionStore

AT_ONCE = 20
"""Tasks that are fetched in one request: what three people drew on each, at 160 kB, are 10 MB."""
_KEPT_AT_ONCE = 50
_FETCHED = "fetched"


def fetch_results(
    connection: Connection,
    project: Project,
    folder: Path,
    images: "Sequence[ImageFile]",
    store: "SessionStore",
    *,
    label: str | None = None,
    everything: bool = False,
    report: Report | None = None,
    stop: threading.Event | None = None,
) -> Fetched:
    """Fetch what people drew since the last time, measure it, and keep it in the session store.

    Parameters
    ----------
    connection : Connection
    project : Project
    folder : Path
        Where the images' names begin.
    images : sequence of ImageFile
        All of the folder.
    store : SessionStore
        Where predictions are kept, and what was measured.
    label : str or None
        Which label is measured, where the project has several; None: the one of the last time, or the only one.
    everything : bool
        Measure all images anew, with all measures, as a table of them wants it.
    report : callable or None
        Gets the progress.
    stop : threading.Event or None
        Once set, it ends with what is there; the same call goes on from there.

    Raises
    ------
    AnnotriageError
        The server is gone, the project has several labels, or something cannot be written. What was fetched is kept.
    """
    link = Link(folder, connection.address, project.number, project.title)
    result = Fetched(project, link.export)
    connection.client.stopped_by(stop)
    try:
        work = _Fetching(connection, project, link, images, store, result, Teller(report), stop)
        work.run(label, everything=everything)
    except Stopped:
        result.stopped = True
    finally:
        connection.client.stopped_by(None)
    return result


def label_of(project: Project, said: str | None, before: str | None) -> str | None:
    """Return which label of a project is measured; None: all that is drawn, as there is only one.

    Raises
    ------
    AnnotriageError
        There are several, and none was chosen, or there is none of that name.
    """
    read = ReadSetUp(project.config)
    labels, people = read.labels, read.drawn_labels
    if said is not None:
        if said not in people:
            raise AnnotriageError(f"{project} has no label {said}; it has {', '.join(people) or 'none'}.")
        return said
    if before in people:
        return before
    if len(people) > 1:
        raise AnnotriageError(
            f"{project} has several labels ({', '.join(people)}): say which one is measured (--label)."
        )
    return people[0] if people and len(labels) > len(people) else None


def _rounds(numbers: Sequence[int]) -> Iterator[tuple[int, Sequence[int]]]:
    """Part what is to be fetched, so that the first of it is measured while the rest still comes.

    Each part is as large as all before it: the file, which is written anew each time, is so written twice at most.

    Yields
    ------
    place : int
        Where the part begins.
    part : sequence of int
        At least one, which may be empty.
    """
    place = 0
    while place == 0 or place < len(numbers):
        part = numbers[place : place + max(AT_ONCE, place)]
        yield place, part
        if not part:
            return
        place += len(part)


class _Fetching:
    """One fetch, from its first request to its last."""

    def __init__(
        self,
        connection: Connection,
        project: Project,
        link: Link,
        images: "Sequence[ImageFile]",
        store: "SessionStore",
        result: Fetched,
        tell: Teller,
        stop: threading.Event | None,
    ) -> None:
        from annotriage.triage.measured_images import MeasuredImages

        self._connection, self._client = connection, connection.client
        self._project, self._link, self._result, self._tell, self._stop = project, link, result, tell, stop
        self._images = {image.name: image for image in images}
        self._kept = MeasuredImages(store, link.folder)
        self._noted = link.read()
        self._label: str | None = None
        self._people: dict[int, Person] | None = None

    def run(self, label: str | None, *, everything: bool) -> None:
        before = self._noted.get("label")
        self._label = label_of(self._project, label, before if isinstance(before, str) else None)
        self._tell("Looking at the project")
        key = ReadSetUp(self._project.config).image_key or IMAGE
        tasks = tasks_of(self._connection, self._project.number, key)
        of_image = self._by_image(tasks)
        if not of_image and not self._noted:  # a project of other images: nothing is remembered of it
            return
        drawn, changed, gone = self._changes(tasks)
        anew = everything or self._label != before
        touched, pending, done = self._unmeasured() | gone, set(changed), set[str]()
        for place, part in _rounds(changed):
            if part or gone or not self._link.export.exists():
                touched |= self._download(part, drawn, gone, (place, len(changed)))
            pending -= set(part)
            numbers = {name: {task.number for task in shown} for name, shown in of_image.items() if name not in done}
            names = [name for name, of in numbers.items() if not of & pending and (anew or of & touched)]
            done.update(names)
            self._measure(names, of_image, everything=everything)
            if self._result.stopped:
                return
        self._link.note(unmeasured=[], label=self._label)

    # Which image a task shows

    def _by_image(self, tasks: Sequence[Task]) -> dict[str, list[Task]]:
        there = laid_beside(tasks, folder_key(self._link.folder), self._images, {})
        of_image = {name: [task, *there.doubles.get(name, [])] for name, task in there.of_image.items()}
        for name, task in there.elsewhere.items():
            of_image.setdefault(name, [task])
        known = {task.number for shown in of_image.values() for task in shown}
        by_stem = self._by_address([task for task in tasks if task.number not in known])
        for name, shown in by_stem.items():
            of_image.setdefault(name, []).extend(shown)
        self._result.tasks = len(of_image)
        self._result.drawn = Counter(sum(task.people for task in shown) for shown in of_image.values())
        return of_image

    def _by_address(self, tasks: Sequence[Task]) -> dict[str, list[Task]]:
        """Find the images of tasks that somebody else made, by what their addresses say."""
        from annotriage.annotations.image_names import image_of
        from annotriage.datasets.match import places_of

        images = list(self._images.values())
        called = [task.name or image_of(task.address) for task in tasks]
        found: dict[str, list[Task]] = {}
        for task, name, places in zip(tasks, called, places_of(called, images), strict=True):
            if len(places) == 1:
                found.setdefault(images[places[0]].name, []).append(task)
            elif task.annotations:
                self._result.not_here.append(name)
        return found

    # What was drawn

    def _changes(self, tasks: Sequence[Task]) -> tuple[dict[int, Task], list[int], set[int]]:
        """Return the tasks in which something is drawn, the numbers of those to fetch, and of those that are gone."""
        noted = self._noted.get(_FETCHED)
        before: dict[str, Any] = noted if isinstance(noted, dict) else {}
        there = numbers_in(self._link.export) if self._is_whole() else set()
        drawn = {task.number: task for task in tasks if task.annotations or task.skipped}
        changed = [n for n, task in drawn.items() if n not in there or before.get(str(n)) != task.updated]
        return drawn, changed, there - set(drawn)

    def _download(
        self, wanted: Sequence[int], drawn: Mapping[int, Task], gone: set[int], place: tuple[int, int]
    ) -> set[int]:
        """Bring some tasks in the file of what was drawn up to date; return the numbers of those that came."""
        noted = self._noted.get(_FETCHED)
        before: dict[str, Any] = dict(noted) if isinstance(noted, dict) else {}
        there = numbers_in(self._link.export) if self._is_whole() else set()
        first, total = place
        if self._people is None:
            self._people = self._connection.people()
        self._link.note()  # makes its folder
        writer = ExportWriter(self._link.export)
        fresh: set[int] = set()
        try:
            for start in range(0, len(wanted), AT_ONCE):
                self._tell("Fetching what was drawn", first + start, total)
                for task in self._exported(wanted[start : start + AT_ONCE]):
                    writer.add(with_people(task, self._people))
                    fresh.add(task["id"])
        finally:
            # What came before a stop or a cut is kept, too.
            if there:
                writer.take_over(fresh | gone)
            writer.finish()
            state = {str(n): before[str(n)] for n in there - gone - fresh if str(n) in before}
            state |= {str(n): drawn[n].updated for n in fresh}
            unmeasured = sorted(self._unmeasured() | fresh | gone)
            size = self._link.export.stat().st_size
            now = datetime.now(UTC).isoformat()
            self._link.note(**{_FETCHED: state, "unmeasured": unmeasured, "size": size, "fetched_at": now})
            self._noted = self._link.read()
        self._tell("Fetching what was drawn", first + len(wanted), total)
        self._result.read += len(fresh)
        return fresh

    def _is_whole(self) -> bool:
        """Say whether the file is as it was written."""
        try:
            return self._link.export.stat().st_size == self._noted.get("size")
        except OSError:
            return False

    def _exported(self, numbers: Sequence[int]) -> Iterator[dict[str, Any]]:
        document = self._client.document(
            f"/api/projects/{self._project.number}/export",
            exportType="JSON",
            download_all_tasks=True,
            **{"ids[]": list(numbers)},
        )
        try:
            held = json.loads(document)
        except ValueError:
            held = None
        if not isinstance(held, list):
            raise AnnotriageError(
                f"{self._connection.address} exports no JSON of project {self._project.number}: try again, and look at "
                "its log."
            )
        for task in held:
            if isinstance(task, dict) and task.get("id") in numbers:
                # The number first: it is looked for at the beginning of a line.
                yield {"id": task["id"]} | task

    def _unmeasured(self) -> set[int]:
        held = self._noted.get("unmeasured")
        return {each for each in held if isinstance(each, int)} if isinstance(held, list) else set()

    # What it agrees on

    def _measure(self, names: Sequence[str], of_image: Mapping[str, Sequence[Task]], *, everything: bool) -> None:
        source = MaskSource(
            SourceKind.LABEL_STUDIO,
            self._link.words,
            (self._link.export,),
            label=self._label,
            address=server_key(self._connection.address),
            project=self._project.number,
        )
        waiting: list[MeasuredImage] = []
        before = self._kept.read_of(source)
        # What was drawn in tasks that are no longer there.
        gone = [name for name in before if name not in of_image]
        one = partial(
            measure_drawn_image, source=source, export=self._link.export, images=self._images, everything=everything
        )
        drawn = ordered_map(one, self._drawn(names, of_image, gone), threads=usable_cores(), stop=self._stop)
        done = 0
        with closing(drawn):
            for each in drawn:
                done += 1
                self._tell("Measuring", done, len(names))
                self._result.left_out.update(each.left_out)
                self._result.problems += each.problems
                if each.agreement is not None and everything:
                    self._result.agreements.append(each.agreement)
                if each.measured is not None:
                    known = before.get(each.name)
                    self._result.changed += known is None or known.stamp != each.measured.stamp
                    waiting.append(each.measured)
                else:
                    gone.append(each.name)
                if len(waiting) + len(gone) >= _KEPT_AT_ONCE:
                    self._keep(source, waiting, gone, of_image)
        self._keep(source, waiting, gone, of_image)
        self._result.stopped |= self._stop is not None and self._stop.is_set()
        self._tell("Measuring", len(names), len(names))

    def _drawn(
        self, names: Sequence[str], of_image: Mapping[str, Sequence[Task]], gone: list[str]
    ) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Yield images and what was drawn of them, in the order of the file; note those of which there is nothing."""
        name_of = {task.number: name for name in names for task in of_image[name]}
        there = numbers_in(self._link.export) & set(name_of)
        left = Counter(name_of[number] for number in there)
        gone += [name for name in names if not left[name]]
        held: dict[str, list[dict[str, Any]]] = {}
        for task in tasks_in(self._link.export, there):
            name = name_of[task["id"]]
            held.setdefault(name, []).append(task)
            left[name] -= 1
            if not left[name]:
                yield name, held.pop(name)

    def _keep(
        self,
        source: MaskSource,
        waiting: list[MeasuredImage],
        gone: list[str],
        of_image: Mapping[str, Sequence[Task]],
    ) -> None:
        if not waiting and not gone:
            return
        self._kept.add(source, waiting, gone=gone)
        done = {task.number for name in [*gone, *(each.name for each in waiting)] for task in of_image.get(name, ())}
        self._link.note(unmeasured=sorted(self._unmeasured() - done))
        self._noted = self._link.read()
        self._result.measured += waiting
        waiting.clear()
        gone.clear()

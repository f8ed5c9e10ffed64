"""How far the drawing is: what was sent, who drew what, and what waits for whom."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from annotriage.labelling.label_studio.address import server_key
from annotriage.labelling.label_studio.connection import Connection, Project
from annotriage.labelling.label_studio.links import Link
from annotriage.labelling.label_studio.order import people_text
from annotriage.labelling.label_studio.tasks_there import Task, folder_key, read_task
from annotriage.labelling.label_studio.troubles import RefusedError
from annotriage.names import counted
from annotriage.triage.exports.label_studio_set_up import IMAGE, ReadSetUp
from annotriage.wording import images_text

if TYPE_CHECKING:
    from annotriage.triage.store import SessionStore


@dataclass(frozen=True, slots=True)
class Waiting:
    """Images that wait for people.

    Attributes
    ----------
    missing : int
        How many people are still to draw each.
    drawn_by : tuple of str
        Who did already.
    images : int
    """

    missing: int
    drawn_by: tuple[str, ...]
    images: int


@dataclass(slots=True)
class ProjectStatus:
    """How far a project is.

    Attributes
    ----------
    project : Project
    sent : int
        Tasks that were sent from the folder.
    others : int
        Tasks that were not.
    wanted : Counter of int to int
        How many people are to draw it -> of how many images that is so.
    drawn : Counter of int to int
        How many people drew it -> of how many images that is so.
    done : int
        Images that as many people drew as are to.
    skipped : int
        Images that somebody skipped.
    by_person : Counter of str to int
        Who drew -> how many images.
    waiting : list of Waiting
        The most images first.
    measured : int
        Images of which a Dice was measured and kept here.
    fetched : str
        When something was fetched last; empty: never.
    """

    project: Project
    sent: int = 0
    others: int = 0
    wanted: Counter[int] = field(default_factory=Counter)
    drawn: Counter[int] = field(default_factory=Counter)
    done: int = 0
    skipped: int = 0
    by_person: Counter[str] = field(default_factory=Counter)
    waiting: list[Waiting] = field(default_factory=list)
    measured: int = 0
    fetched: str = ""

    def lines(self) -> list[str]:
        """Return all of it in words, a line each."""
        if not self.sent:
            others = f"; it has {counted(self.others, 'other tasks')}" if self.others else ""
            return [f"No image of this folder was sent to it{others}.", self._measured_words]
        several = sum(count for people, count in self.drawn.items() if people > 1)
        said = [
            f"Sent: {images_text(self.sent)}"
            + (f"; {counted(self.others, 'other tasks')}" if self.others else "")
            + ".",
            "To be drawn: "
            + ", ".join(
                f"{images_text(count)} by {people_text(people)}" for people, count in sorted(self.wanted.items())
            )
            + ".",
            f"Drawn: {images_text(self.drawn[1])} by one person, {images_text(several)} by several, "
            f"{images_text(self.drawn[0])} by nobody; {images_text(self.done)} by as many as are to.",
        ]
        if self.by_person:
            said.append("By: " + ", ".join(f"{name} {count:,}" for name, count in self.by_person.most_common()) + ".")
        for each in self.waiting:
            after = f"after {' and '.join(each.drawn_by)}" if each.drawn_by else "which nobody drew yet"
            said.append(f"Waiting for {_more(each)}: {images_text(each.images)}, {after}.")
        if self.skipped:
            said.append(f"Skipped by somebody: {images_text(self.skipped)}.")
        return [*said, self._measured_words]

    @property
    def _measured_words(self) -> str:
        return f"Measured here: {images_text(self.measured)}."


def project_status(
    connection: Connection,
    project: Project,
    link: Link,
    store: "SessionStore",
    *,
    stop: threading.Event | None = None,
) -> ProjectStatus:
    """Ask how far the drawing of a folder's images is; nothing is fetched or changed.

    Parameters
    ----------
    connection : Connection
    project : Project
    link : Link
        Of the folder.
    store : SessionStore
        Where what was measured is kept.
    stop : threading.Event or None
        Once set, it ends with `Stopped`.

    Raises
    ------
    AnnotriageError
        The server is gone, or refuses.
    """
    from annotriage.triage.measured import MaskSource, SourceKind
    from annotriage.triage.measured_images import MeasuredImages

    connection.client.stopped_by(stop)
    try:
        key = ReadSetUp(project.config).image_key or IMAGE
        tasks = [read_task(said, key) for said in connection.tasks(project.number)]
        people = connection.people()
        ours = [task for task in tasks if task.folder == folder_key(link.folder)]
        drawn_by = {task.number: _drawn_by(connection, task) for task in ours}
    finally:
        connection.client.stopped_by(None)
    status = ProjectStatus(project, others=len(tasks) - len(ours))
    _count(status, ours, drawn_by, {number: person.name for number, person in people.items()})
    source = MaskSource(SourceKind.LABEL_STUDIO, "", address=server_key(connection.address), project=project.number)
    kept = MeasuredImages(store, link.folder).read_of(source)
    status.measured = sum(each.is_measured for each in kept.values())
    status.fetched = str(link.read().get("fetched_at") or "")
    return status


def _drawn_by(connection: Connection, task: Task) -> set[int]:
    """Return who drew a task; where somebody skipped it, the list does not say who, and the task itself is asked."""
    if not task.skipped or not task.annotations:
        return set(task.annotators) if task.annotations else set()
    try:
        said = connection.client.get(f"/api/tasks/{task.number}/annotations/")
    except RefusedError:  # it was deleted meanwhile
        return set()
    held = [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []
    return {int(each.get("completed_by") or 0) for each in held if not each.get("was_cancelled")}


def _count(
    status: ProjectStatus, tasks: Sequence[Task], drawn_by: Mapping[int, set[int]], names: Mapping[int, str]
) -> None:
    waiting: Counter[tuple[int, tuple[str, ...]]] = Counter()
    status.sent = len(tasks)
    for task in tasks:
        status.wanted[task.overlap] += 1
        drew = sorted(names.get(number, f"user {number}") for number in drawn_by[task.number])
        people = len(drew)
        status.drawn[people] += 1
        status.skipped += bool(task.skipped)
        if people >= task.overlap:
            status.done += 1
        else:
            waiting[task.overlap - people, tuple(drew)] += 1
        status.by_person.update(drew)
    status.waiting = [Waiting(missing, drew, count) for (missing, drew), count in waiting.most_common()]


def _more(each: Waiting) -> str:
    if not each.drawn_by:
        return people_text(each.missing)
    return "another person" if each.missing == 1 else f"{each.missing:,} more people"

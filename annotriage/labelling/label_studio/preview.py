"""What a send would do, found out before anything is sent: nothing is changed."""

import threading
from dataclasses import dataclass, field

from annotriage.labelling.label_studio.connection import Connection, Project
from annotriage.labelling.label_studio.images_there import SHOWN_BY_BROWSERS, LocalFolder
from annotriage.labelling.label_studio.order import SameNames, SendOrder, Way, check_fits, fifths, labels_remark
from annotriage.labelling.label_studio.predictions import meta_of, said_of
from annotriage.labelling.label_studio.tasks_there import Task, folder_key, laid_beside, rest_of, tasks_of
from annotriage.names import counted
from annotriage.triage.exports.label_studio_set_up import IMAGE, ReadSetUp, data_of
from annotriage.wording import images_text


@dataclass(slots=True)
class SendPreview:
    """What a send would do.

    Attributes
    ----------
    new : int
        Tasks that would be made.
    changed, same : int
        Tasks that are there, and would be brought up to date, or are so already. Where something is drawn beforehand,
        which takes a while to make, it is not compared: some that would be brought up to date count as `same`.
    more, fewer : int
        Tasks that are there, and that more or fewer people are to draw than before.
    drawn : int
        Tasks that are there, and that somebody drew; what was drawn stays.
    not_shown : int
        Images that no browser shows as they are, and that are not sent.
    elsewhere : list of str
        Images whose names were sent from another folder.
    compared : bool
        Whether what is drawn beforehand is known to be there already.
    remarks : list of str
        What else is to be known, a sentence each.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    more: int = 0
    fewer: int = 0
    drawn: int = 0
    not_shown: int = 0
    elsewhere: list[str] = field(default_factory=list)
    compared: bool = True
    remarks: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Images that would be sent."""
        return self.new + self.changed + self.same

    def lines(self) -> list[str]:
        """Return all of it in words, a line each."""
        known = self.changed + self.same
        beside = f"; {self.changed:,} brought up to date; {self.same:,} stay as they are" if known else ""
        said = [f"{counted(self.new, 'new tasks')}{beside}."]
        if known and self.compared and not any((self.new, self.changed, self.more, self.fewer)):
            said.append("Nothing is other than it was sent before.")
        if self.more:
            said.append(f"{counted(self.more, 'tasks')} that were sent before: a further annotator is asked for.")
        if self.fewer:
            said.append(f"{counted(self.fewer, 'tasks')} that were sent before: fewer annotators are asked for.")
        if self.drawn:
            said.append(f"Drawn already, and not touched: {images_text(self.drawn)}.")
        if self.not_shown:
            said.append(
                f"Not sent, as no browser shows such files: {images_text(self.not_shown)}; uploaded, they are sent as "
                "PNG."
            )
        return [*said, *self.remarks]


def preview_send(
    connection: Connection, project: Project | None, order: SendOrder, *, stop: threading.Event | None = None
) -> SendPreview:
    """Find out what a send would do.

    Parameters
    ----------
    connection : Connection
    project : Project or None
        None: one is made.
    order : SendOrder
    stop : threading.Event or None
        Once set, it ends with `Stopped`.

    Raises
    ------
    AnnotriageError
        The project does not fit, the document root is the images' own folder, or the server is gone.
    """
    rows, key, addresses = order.wanted, IMAGE, {}
    preview = SendPreview(compared=order.set_up.guide is None)
    if order.images.way is Way.FOLDER:
        rows = [row for row in rows if row.path.suffix.lower() in SHOWN_BY_BROWSERS]
        preview.not_shown = len(order.wanted) - len(rows)
        # It is asked of any project: the root alone is looked at.
        there = LocalFolder(connection, project or Project(0, "", ""), order.folder, order.images)
        addresses = there.addresses(rows)
    if project is None:
        preview.new = len(rows)
        return preview
    set_up = check_fits(project, order)
    key = set_up.image_key or IMAGE
    connection.client.stopped_by(stop)
    try:
        tasks = tasks_of(connection, project.number, key)
    finally:
        connection.client.stopped_by(None)
    beside = laid_beside(tasks, folder_key(order.folder), [row.image for row in rows], addresses)
    of_image = beside.of_image
    if order.same_names is SameNames.TAKE_OVER:
        of_image = beside.elsewhere | of_image
    elif order.same_names is SameNames.ASK:
        preview.elsewhere = sorted(beside.elsewhere)
    _count(preview, of_image, order, addresses, set_up)
    ours = [task for task in tasks if task.folder == folder_key(order.folder)]
    preview.remarks = labels_remark(project, set_up, order)
    preview.remarks += rest_of(ours, {task.number for task in of_image.values()}, order)
    return preview


def _count(
    preview: SendPreview, of_image: dict[str, Task], order: SendOrder, addresses: dict[str, str], set_up: ReadSetUp
) -> None:
    clusters, folder, key = fifths(order.rows), folder_key(order.folder), set_up.image_key or IMAGE
    for row in order.wanted:
        task = of_image.get(row.image)
        if task is None:
            preview.new += order.images.way is Way.UPLOAD or row.image in addresses
            continue
        data = data_of(row, addresses.get(row.image, task.address), order.set_up.shown, key)
        same = all(task.data.get(name) == value for name, value in data.items())
        if order.set_up.guide is None:  # what is drawn beforehand takes a while to make, and is not compared here
            said = said_of(row, order, clusters, None)
            same = same and task.meta == meta_of(task, folder, said) and task.predictions == (said is not None)
        wanted = order.overlap.of(row)
        preview.same += same
        preview.changed += not same
        preview.more += task.overlap < wanted
        preview.fewer += task.overlap > wanted
        preview.drawn += task.annotations > 0

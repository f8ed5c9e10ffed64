"""One send from the window: what was chosen, what it would do, and doing it. For a job's thread."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from annotriage.desktop.gc_control import considerate
from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.choice import SendChoice
from annotriage.labelling.label_studio.client import Stopped
from annotriage.labelling.label_studio.links import Link
from annotriage.labelling.label_studio.order import SameNames, SendOrder, order_from
from annotriage.labelling.label_studio.preview import SendPreview, preview_send
from annotriage.labelling.label_studio.sending import Sent, send
from annotriage.scoring.team_words import version_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from annotriage.desktop.background import LongJob
    from annotriage.desktop.labelling.studio_access import StudioAccess
    from annotriage.images import ImageFile
    from annotriage.labelling.label_studio.connection import Project
    from annotriage.model_file import ModelFile
    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.catalogue import Catalogue

IMAGES = "images"
"""Under which name it is remembered which images were sent last."""


@dataclass(slots=True)
class StudioSend:
    """What was chosen.

    Attributes
    ----------
    access : StudioAccess
    catalogue : Catalogue
        One that does not change.
    rows : list of int
        Of the images, the most contentious first.
    images : dict
        Which images these are, as it is remembered.
    choice : SendChoice
    model, maps_of : callable
        As `ReviewResources` has them.
    project : int or None
        None: a new one, which is called `title`.
    title : str
    empty, mixed : bool
        Of a new project; see `Connection.make_project`.
    same_names : SameNames
    made : Project or None
        The project that was made: a second try goes on with it.
    order : SendOrder or None
        What was previewed, and is sent.
    """

    access: "StudioAccess"
    catalogue: "Catalogue"
    rows: list[int]
    images: "dict[str, Any]"
    choice: SendChoice
    model: "Callable[[], ModelFile]"
    maps_of: "Callable[[ImageFile], Prediction | None]"
    project: int | None = None
    title: str = ""
    empty: bool = False
    mixed: bool = False
    same_names: SameNames = SameNames.ASK
    made: "Project | None" = None
    order: SendOrder | None = field(default=None, repr=False)

    def preview(self) -> SendPreview:
        """Find out what it would do.

        Raises
        ------
        AnnotriageError
        """
        with considerate():
            card = self.model().card
            self.order = order_from(
                self.catalogue,
                self.rows,
                version=version_text(card, self.catalogue.team),
                overlap=self.choice.overlap,
                set_up=self.choice.set_up,
                images=self.choice.images,
                same_names=self.same_names,
                maps_of=self.maps_of,
            )
        with self.access.opened() as connection:
            there = None if self.project is None else connection.project(self.project)
            return preview_send(connection, there, self.order)

    def run(self, job: "LongJob") -> Sent:
        """Do it, as it was previewed.

        Raises
        ------
        AnnotriageError
        """
        try:
            return self._sent(job)
        except Stopped:
            raise AnnotriageError("Stopped before anything was sent.") from None

    def _sent(self, job: "LongJob") -> Sent:
        order = self.order
        assert order is not None  # it is previewed first
        with self.access.opened(job.stopping) as connection:
            if self.project is None and self.made is None:
                # Where its answer is not waited for, nobody knows that there is one, and the next send makes another.
                connection.client.stopped_by(None)
                self.made = connection.make_project(self.title, self.choice.set_up, empty=self.empty, mixed=self.mixed)
            there = self.made or connection.project(self.project or 0)
            Link(order.folder, connection.address, there.number, there.title).note(**{IMAGES: self.images})
            sent = send(connection, there, order, report=job.tell, stop=job.stopping)
            return replace(sent, remarks=[*sent.remarks, *connection.remarks])

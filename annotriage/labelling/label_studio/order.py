"""What is to be sent: which images, how many people draw each, what annotators see, where the images come from."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.names import counted
from annotriage.triage.budget import chance_of
from annotriage.triage.decisions import Decision
from annotriage.triage.exports.label_studio_set_up import NAME, OURS, SUMMARY, ReadSetUp, SetUp, Shown
from annotriage.wording import images_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from annotriage.images import ImageFile
    from annotriage.labelling.label_studio.connection import Project
    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.ranking import ReviewedImage

MOST_PEOPLE = 20
"""People an image; more is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many people draw each image.

    Attributes
    ----------
    experts, routine : int
        How many draw an image for experts, and any other.
    first : int
        So many of the most contentious images count as for experts, too, unless they are decided otherwise.
    above : float or None
        So do those whose predicted disagreement is at least this, 0..1.
    sampled : float
        The share, 0..1, of all others that as many people draw as those for experts, chosen by chance: what the ranking
        missed is seen in these alone. The same images at each send.
    """

    experts: int = 2
    routine: int = 1
    first: int = 0
    above: float | None = None
    sampled: float = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense.

        Raises
        ------
        AnnotriageError
        """
        if not (1 <= self.routine <= MOST_PEOPLE and 1 <= self.experts <= MOST_PEOPLE):
            raise AnnotriageError(f"An image is drawn by 1 to {MOST_PEOPLE} people.")
        if not 0 <= self.sampled <= 1:
            raise AnnotriageError("A share of the images is 0 to 1.")

    def is_experts(self, row: "ReviewedImage") -> bool:
        """Say whether an image counts as for experts."""
        if row.decision is not Decision.UNDECIDED:
            return row.decision is Decision.EXPERT
        if row.rank is not None and row.rank <= self.first and not row.is_unlike:
            return True
        if self.above is None or row.disagreement is None or row.is_unlike:
            return False
        return row.disagreement >= self.above

    def of(self, row: "ReviewedImage") -> int:
        """Return how many people draw an image."""
        if self.is_experts(row):
            return self.experts
        return max(self.experts, self.routine) if self.is_sampled(row) else self.routine

    def is_sampled(self, row: "ReviewedImage") -> bool:
        """Say whether chance lets more people draw an image that does not count as for experts."""
        return not self.is_experts(row) and chance_of(row.image) < self.sampled


class Way(Enum):
    """How Label Studio comes by the images."""

    FOLDER = "folder"
    """It has them on a disk of its own: the folder itself, or the same one on a drive or in a container."""
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class Images:
    """Where Label Studio finds the images.

    Attributes
    ----------
    way : Way
    root : Path or None
        The server's document root, as this computer has it; None: the folder above that of the images.
    served_as : str
        The document root, as the server has it; empty: as this computer does.
    """

    way: Way = Way.FOLDER
    root: Path | None = None
    served_as: str = ""


class SameNames(Enum):
    """What to do where a project has tasks of the same names that were sent from another folder."""

    ASK = "ask"
    """Send nothing, and say so."""
    TAKE_OVER = "take over"
    """It is the same folder, which was moved: update them."""
    BESIDE = "beside"
    """They are other images: make tasks of their own."""


@dataclass(frozen=True, slots=True)
class SendOrder:
    """All that a send needs.

    Attributes
    ----------
    folder : Path
        Where the images' names begin.
    rows : tuple of ReviewedImage
        The images, the most contentious first. Those that are excluded or cannot be read are left out and counted.
    present : frozenset of str
        The names of all images in the folder, whether they are sent or not.
    excluded : frozenset of str
        The names of those that are decided to be left out.
    version : str
        Of the model, under which all predictions are filed: "Annotriage bundled 1.0".
    overlap : Overlap
    set_up : SetUp
        What annotators see and draw with.
    images : Images
    same_names : SameNames
    map_of : callable or None
        An image -> (h, w) array of how likely each place is lesion, 0..1; needed where a guide is drawn.
    """

    folder: Path
    rows: "tuple[ReviewedImage, ...]"
    present: frozenset[str]
    excluded: frozenset[str]
    version: str
    overlap: Overlap = field(default_factory=Overlap)
    set_up: SetUp = field(default_factory=SetUp)
    images: Images = field(default_factory=Images)
    same_names: SameNames = SameNames.ASK
    map_of: "Callable[[ReviewedImage], NDArray[np.float32] | None] | None" = None

    @property
    def wanted(self) -> "list[ReviewedImage]":
        """The images that are sent."""
        return [row for row in self.rows if row.error is None and row.decision is not Decision.EXCLUDE]

    @property
    def shows_scores(self) -> bool:
        """Whether annotators see the predicted Dice."""
        return Shown.SCORE in self.set_up.shown

    def words(self) -> list[str]:
        """Say what is about to be sent, in sentences."""
        wanted = self.wanted
        experts = sum(self.overlap.is_experts(row) for row in wanted)
        sampled = sum(self.overlap.is_sampled(row) for row in wanted)
        others = len(wanted) - experts - sampled
        by_chance = f"{images_text(sampled)} by chance for as many, " if sampled else ""
        said = [
            f"{images_text(len(wanted))}: {images_text(experts)} for {people_text(self.overlap.experts)} each, "
            f"{by_chance}{images_text(others)} for {people_text(self.overlap.routine)} each."
        ]
        if wanted and not experts and self.overlap.experts != self.overlap.routine:
            said.append(
                "No image counts as for experts, so nothing will be drawn by several people: decide some, or say how "
                "many of the most contentious ones count."
            )
        control = sum(row.control for row in wanted)
        if control:
            said.append(f"A control sample among them, which annotators cannot tell: {images_text(control)}.")
        left_out = len(self.rows) - len(wanted)
        if left_out:
            said.append(f"Left out: {counted(left_out, 'images that are excluded or cannot be read')}.")
        unscored = sum(row.predicted_dice is None for row in wanted)
        if unscored:
            said.append(f"Sent without a prediction: {counted(unscored, 'images that are not scored yet')}.")
        shown = ", ".join(sorted(self.set_up.shown))
        said.append(
            f"Annotators see {shown} of each image, which may bias them."
            if shown
            else "Annotators see neither rank nor decision."
        )
        if self.set_up.guide is not None:
            scores = "" if self.shows_scores else " The scores stay here: Label Studio would show them beside it."
            said.append(f"Drawn beforehand: {self.set_up.guide.label}.{scores}")
        return said


def people_text(number: int) -> str:
    """Write a number of people: '1 person', '2 people'."""
    return f"{number:,} {'person' if number == 1 else 'people'}"


def order_from(
    catalogue: "Catalogue",
    rows: "Sequence[int] | None",
    *,
    version: str,
    overlap: Overlap | None = None,
    set_up: SetUp | None = None,
    images: Images | None = None,
    same_names: SameNames = SameNames.ASK,
    maps_of: "Callable[[ImageFile], Prediction | None] | None" = None,
) -> SendOrder:
    """Put an order together from what is known of a folder.

    Parameters
    ----------
    catalogue : Catalogue
        One that does not change meanwhile: see `annotriage.triage.exports.order.still_of`.
    rows : sequence of int or None
        Which images; None: all that can be read.
    version : str
        Of the model, in words: its name and its number.
    overlap, set_up, images, same_names
        As in `SendOrder`.
    maps_of : callable or None
        An image's file -> its prediction with maps; needed where a guide is drawn.
    """
    from annotriage.triage.exports.reviewed import reviewed_images

    chosen = reviewed_images(catalogue, catalogue.order().tolist() if rows is None else rows)
    chosen.sort(key=lambda row: (row.rank is None, row.rank or 0))
    excluded = {name for name, review in catalogue.reviews.items() if review.decision is Decision.EXCLUDE}

    def map_of(row: "ReviewedImage") -> "NDArray[np.float32] | None":
        place = catalogue.row_of(row.image)
        prediction = None if maps_of is None or place is None else maps_of(catalogue.images[place])
        return None if prediction is None else prediction.lesion

    return SendOrder(
        catalogue.folder,
        tuple(chosen),
        frozenset(image.name for image in catalogue.images),
        frozenset(excluded),
        f"{OURS}{version}",
        overlap or Overlap(),
        set_up or SetUp(),
        images or Images(),
        same_names,
        None if maps_of is None else map_of,
    )


def fifths(rows: "Sequence[ReviewedImage]") -> dict[str, int]:
    """Return in which fifth of the ranking each scored image is, 0 the most contentious: Label Studio's clusters.

    Its own queue, where it is told to go by predictions, takes from the fifth of which a person has drawn least.
    """
    scored = sorted(((row.rank, row.image) for row in rows if row.rank is not None), key=lambda each: each[0])
    return {name: 5 * place // len(scored) for place, (_, name) in enumerate(scored)}


def check_fits(project: "Project", order: SendOrder) -> ReadSetUp:
    """Return a project's set-up, read, which fits what is to be sent.

    Raises
    ------
    AnnotriageError
        It does not: what it lacks. It is never overwritten.
    """
    read = ReadSetUp(project.config)
    given = {NAME} | ({SUMMARY} if order.set_up.shown else set())
    lacks = read.missing(order.set_up, frozenset(given))
    if lacks:
        raise AnnotriageError(
            f"The labelling set-up of {project} lacks {'; '.join(lacks)}. Add that in Label Studio under Settings → "
            "Labeling Interface, or let a new project be made."
        )
    return read


def labels_remark(project: "Project", read: ReadSetUp, order: SendOrder) -> list[str]:
    """Say what people draw in a project where that is called otherwise than is wanted; else nothing."""
    if all(label in read.drawn_labels for label in order.set_up.labels):
        return []
    return [f"People draw {' or '.join(read.drawn_labels)} in {project}, by its own labelling set-up."]

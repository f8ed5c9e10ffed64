"""What people's outlines of an image turned out to agree on, beside what was predicted, and where they come from."""

import json
import math
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.triage.decisions import FileStamp

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class MeasuredImage:
    """One image that people drew.

    Attributes
    ----------
    name : str
        The image's path below its folder, with its ending, as `ImageFile.name`.
    dice : float
        Mean Dice of all pairs of people, 0..1; NaN: it was drawn by one person, or cannot be compared, which `problem`
        says.
    dice_min : float
        Of the pair that agrees least; NaN as `dice`.
    annotators : tuple of str
        Who drew it, in natural order.
    seconds : tuple of float or None
        How long each took, in the order of `annotators`; None: not known. Empty: of nobody.
    source : str
        Where it was drawn, in words for people: a folder, a file, or ``Label Studio, project 3``.
    measured_at : datetime or None
        With its time zone.
    pairs : tuple of (int, int, float)
        Places of two people in `annotators`, and their Dice.
    problem : str
        What is wrong with what was drawn, in sentences; empty: nothing.
    made_on : FileStamp or None
        The image's file when it was measured; None: not known.
    stamp : str
        Changes when what was drawn changes, so that nothing is measured twice; empty: not known.
    """

    name: str
    dice: float
    dice_min: float
    annotators: tuple[str, ...]
    seconds: tuple[float | None, ...] = field(default=())
    source: str = ""
    measured_at: datetime | None = None
    pairs: tuple[tuple[int, int, float], ...] = ()
    problem: str = ""
    made_on: "FileStamp | None" = None
    stamp: str = ""

    @property
    def count(self) -> int:
        """How many people drew it."""
        return len(self.annotators)

    @property
    def is_measured(self) -> bool:
        """Whether there is a measured Dice."""
        return not math.isnan(self.dice)


class SourceKind(StrEnum):
    """Where outlines come from; the values are stored."""

    BESIDE = "beside"
    FILES = "files"
    LABEL_STUDIO = "label studio"


class Correction(NamedTuple):
    """What a person said of one mask: its file and its place in it, the image, who drew it, why it is left out."""

    path: Path
    place: int
    image: str
    annotator: str
    note: str


@dataclass(frozen=True, slots=True)
class MaskSource:
    """A place with outlines of a folder's images, from which they can be read again.

    Attributes
    ----------
    kind : SourceKind
        `BESIDE`: masks that lie among the images or beside their folder, as `AnnotatorMasks` finds them. `FILES`:
        `paths`, as `annotriage.agreement.finding.find_masks` takes them. `LABEL_STUDIO`: a project, of which `paths`
        hold what was fetched last.
    words : str
        In words for people: ``masks of /data/readers``, ``Label Studio, project 3``.
    paths : tuple of Path
        Folders and files.
    pattern : str or None
        How the files are named; see `annotriage.agreement.name_pattern.NamePattern`.
    label : str or None
        Which of several labels is measured.
    resample : bool
        Whether masks of different sizes are brought to the largest.
    tasks : Path or None
        Label Studio's export of the tasks, which names their images.
    corrections : tuple of Correction
        What a person corrected of who drew what.
    address : str
        Of the server, without its last slash.
    project : int or None
        The number of the server's project.
    """

    kind: SourceKind
    words: str
    paths: tuple[Path, ...] = ()
    pattern: str | None = None
    label: str | None = None
    resample: bool = False
    tasks: Path | None = None
    corrections: tuple[Correction, ...] = ()
    address: str = ""
    project: int | None = None

    @property
    def key(self) -> str:
        """What makes it the same source again, whatever pattern and label are said the next time."""
        match self.kind:
            case SourceKind.BESIDE:
                return self.kind.value
            case SourceKind.FILES:
                return json.dumps([self.kind.value, *sorted(str(path) for path in self.paths)])
            case SourceKind.LABEL_STUDIO:
                return json.dumps([self.kind.value, self.address, self.project])


def files_words(paths: "Sequence[Path]") -> str:
    """Name the folders and files of a source for people."""
    if len(paths) == 1:
        return f"masks of {paths[0]}"
    names = ", ".join(path.name for path in paths[:_MOST_NAMED])
    return f"masks of {names}{', …' if len(paths) > _MOST_NAMED else ''} in {paths[0].parent}"


BESIDE = MaskSource(SourceKind.BESIDE, "masks beside the images")

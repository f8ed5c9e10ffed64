"""Which frames deserve consensus replicas, and what each is called in CVAT."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.triage.decisions import DECISIONS, Decision
from annotriage.triage.exports.order import expert_rows
from annotriage.triage.exports.reviewed import reviewed_images
from annotriage.triage.selection import most_contentious

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.ranking import ReviewedImage

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """An image as a frame of a task.

    Attributes
    ----------
    frame : str
        What CVAT calls it.
    row : ReviewedImage
        What is known of it.
    replicas : int
        How many people are to draw it: 1, or what was asked for where it deserves more.
    """

    frame: str
    row: "ReviewedImage"
    replicas: int


def deserving_rows(
    catalogue: "Catalogue", *, experts: bool = False, count: int | None = None, cutoff: float | None = None
) -> "NDArray[np.intp]":
    """Return the rows that deserve consensus replicas, the most contentious first.

    Parameters
    ----------
    catalogue : Catalogue
    experts : bool
        Those that are decided for experts.
    count : int or None
        So many of the most contentious.
    cutoff : float or None
        Those whose predicted disagreement is at least this, 0..1.

    Raises
    ------
    ValueError
        Not exactly one is given.
    """
    if [experts, count is not None, cutoff is not None].count(True) != 1:
        raise ValueError("give one of experts, count and cutoff")
    if experts:
        return expert_rows(catalogue)
    rows = most_contentious(catalogue, count=count, cutoff=cutoff, undecided_only=False)
    excluded = DECISIONS.index(Decision.EXCLUDE)
    kept: NDArray[np.intp] = rows[catalogue.decision[rows] != excluded]
    return kept


def frames_of(
    catalogue: "Catalogue", rows: "NDArray[np.intp]", *, replicas: int, share: Path | None = None
) -> list[Frame]:
    """Return all frames, the most contentious first; images that cannot be read or are excluded are left out.

    Parameters
    ----------
    catalogue : Catalogue
    rows : array of intp
        Those that deserve replicas.
    replicas : int
        How many people draw these, at least 2.
    share : Path or None
        The folder that CVAT has as its share; None: the images are uploaded, and CVAT keeps the file's name alone.

    Raises
    ------
    AnnotriageError
        Two images would have one name, or an image does not lie below `share`.
    """
    deserving = {catalogue.images[row].name for row in rows.tolist()}
    images = [
        row
        for row in reviewed_images(catalogue, catalogue.order().tolist())
        if row.error is None and row.decision is not Decision.EXCLUDE
    ]
    frames = [Frame(_called(row, share), row, replicas if row.image in deserving else 1) for row in images]
    _check_names([each.frame for each in frames])
    return frames


def _called(row: "ReviewedImage", share: Path | None) -> str:
    if share is None:
        return row.image.rpartition("/")[2]
    for inner, outer in ((row.path.absolute(), share.absolute()), (row.path.resolve(), share.resolve())):
        if inner.is_relative_to(outer):
            return inner.relative_to(outer).as_posix()
    raise AnnotriageError(f"{row.path} does not lie below {share}, CVAT's share: name the folder that CVAT reads.")


def _check_names(names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        shown = ", ".join(twice[:_MOST_NAMED])
        raise AnnotriageError(
            f"Images in several folders have the same name ({shown}), and CVAT keeps the names of uploaded files "
            "without their folders: rename them, or let CVAT read them from its share (--share)."
        )

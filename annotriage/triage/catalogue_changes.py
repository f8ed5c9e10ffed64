"""What came, changed and went in a folder, taken into its catalogue at the cost of what changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from annotriage.triage.alone import ALONE
from annotriage.triage.catalogue import GONE, Catalogue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.images import ImageFile
    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.decisions import Review

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class ImagesChange:
    """What is other among the lesion images of a folder, and what is known of it already.

    Attributes
    ----------
    new : list of (ImageFile, str or None)
        In natural order; and the name of the image that each comes before, among those that were there; None: it comes
        after all.
    changed : list of ImageFile
        As they are now.
    gone : list of str
        Names.
    predictions : dict of str to Prediction
        Of new and changed ones, where the store knew them.
    reviews : dict of str to Review
        What was said about new and changed ones.
    masks_by_name : int
        People's masks that lie among the images now.
    """

    new: "list[tuple[ImageFile, str | None]]" = field(default_factory=list)
    changed: "list[ImageFile]" = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    predictions: "dict[str, Prediction]" = field(default_factory=dict)
    reviews: "dict[str, Review]" = field(default_factory=dict)
    masks_by_name: int = 0


def with_change(catalogue: Catalogue, change: ImagesChange) -> "tuple[Catalogue, NDArray[np.intp]]":
    """Take in what changed.

    What is gone keeps its row, with `GONE` for its problem, until `without_gone`. What changed, or is there again,
    waits to be scored where it stood.

    Returns
    -------
    Catalogue
        Another one: whoever holds the old one may go on with it.
    (N,) array of int
        The rows of the old one's images in the new one.
    """
    known = {image.name for image, _ in change.new if catalogue.row_of(image.name) is not None}
    come = [(image, before) for image, before in change.new if image.name not in known]
    rows = [catalogue.row_of(before) if before is not None else None for _, before in come]
    places = np.array([len(catalogue) if row is None else row for row in rows], dtype=np.intp)
    # Those between the same two images stay in their order: they were there in no order before.
    order = np.argsort(places, kind="stable")
    grown = _grown(catalogue, places[order], [come[at][0] for at in order])
    for image in [*change.changed, *(image for image, _ in change.new if image.name in known)]:
        _replace(grown, image)
    for name in change.gone:
        row = grown.row_of(name)
        if row is not None:
            grown.problems[row] = GONE
    # What is said about new names was known before they came.
    said = {image.name: grown.reviews[image.name] for image, _ in change.new if image.name in grown.reviews}
    grown.set_reviews(said | change.reviews)
    come_or_other = [*(image for image, _ in change.new), *change.changed]
    measured = grown.measured.by_name
    grown.measured.set({image.name: measured[image.name] for image in come_or_other if image.name in measured})
    for name, prediction in change.predictions.items():
        row = grown.row_of(name)
        if row is not None:
            grown.set_prediction(row, prediction)
    grown.masks_by_name = change.masks_by_name
    return grown, _moved(len(catalogue), places[order])


def without_gone(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue without the rows of what is gone; the same one where nothing is."""
    gone = sorted(row for row, problem in catalogue.problems.items() if problem is GONE)
    if not gone:
        return catalogue
    moved = np.arange(len(catalogue), dtype=np.intp)
    moved -= np.searchsorted(gone, moved)
    moved[gone] = -1
    images = list(catalogue.images)
    for row in reversed(gone):
        del images[row]
    shrunk = catalogue.with_images(images, catalogue.rows.moved(moved, {}))
    _change_columns(shrunk, catalogue, lambda column: np.delete(column, gone, axis=-1))
    shrunk.problems = {int(moved[row]): problem for row, problem in catalogue.problems.items() if problem is not GONE}
    return shrunk


def stand_where(catalogue: Catalogue, other: Catalogue) -> None:
    """Let images whose prediction went with their file stay where another catalogue of the folder has them."""
    waiting = np.flatnonzero(np.isnan(catalogue.disagreement))
    found = other.rows.rows(catalogue.images[row].name for row in waiting.tolist())
    rows, old = waiting[found >= 0], found[found >= 0]
    shown = other.readable()[old]
    rows, old = rows[shown], old[shown]
    places = np.stack([other.disagreement, other.interval_width()])[:, old]
    catalogue.stood_at[:, rows] = np.where(np.isnan(places), other.stood_at[:, old], places)


def try_again(catalogue: Catalogue) -> None:
    """Forget which images could not be read when they were scored; what the listing says of them stays."""
    from annotriage.scoring.prediction import A_MASK

    for row, problem in list(catalogue.problems.items()):
        if problem is not GONE and problem != A_MASK and catalogue.images[row].problem is None:
            del catalogue.problems[row]


def _grown(catalogue: Catalogue, places: "NDArray[np.intp]", come: "Sequence[ImageFile]") -> Catalogue:
    """Put images between the others, at places in their order."""
    rows = places + np.arange(len(come))
    moved = _moved(len(catalogue), places)
    new = {image.name: row for image, row in zip(come, rows.tolist(), strict=True)}
    grown = catalogue.with_images(_inserted(catalogue.images, places.tolist(), come), catalogue.rows.moved(moved, new))
    _change_columns(grown, catalogue, lambda column: np.insert(column, places, _empty(column.dtype), axis=-1))
    grown.group[rows] = ALONE
    grown.sizes[rows] = [image.size for image in come]
    grown.modified_ns[rows] = [image.modified_ns for image in come]
    grown.problems = {int(moved[row]): problem for row, problem in catalogue.problems.items()}
    grown.problems |= {new[image.name]: image.problem for image in come if image.problem is not None}
    return grown


def _moved(count: int, places: "NDArray[np.intp]") -> "NDArray[np.intp]":
    """Return the new rows of so many old ones, where one is put before each of some places, which are sorted."""
    rows = np.arange(count, dtype=np.intp)
    return rows + np.searchsorted(places, rows, side="right")


def _replace(catalogue: Catalogue, image: "ImageFile") -> None:
    """Let another file stand in the place of an image's."""
    row = catalogue.row_of(image.name)
    if row is None:
        return
    width = catalogue.upper[row] - catalogue.lower[row]
    if not np.isnan(catalogue.disagreement[row]):
        catalogue.stood_at[:, row] = catalogue.disagreement[row], width
    catalogue.images[row] = image
    catalogue.sizes[row], catalogue.modified_ns[row] = image.size, image.modified_ns
    catalogue.disagreement[row] = catalogue.lower[row] = catalogue.upper[row] = np.nan
    catalogue.unlikeness[row] = np.nan
    catalogue.group[row] = ALONE
    catalogue.problems.pop(row, None)
    if image.problem is not None:
        catalogue.problems[row] = image.problem
    review = catalogue.reviews.get(image.name)
    if review is not None:
        catalogue.set_reviews({image.name: review})


def _change_columns(
    catalogue: Catalogue, of: Catalogue, change: "Callable[[NDArray[np.generic]], NDArray[np.generic]]"
) -> None:
    """Change the columns, whichever there are: arrays whose last axis is that of the images of the catalogue before."""
    for holder in (catalogue, catalogue.measured):
        for name, column in list(vars(holder).items()):
            if not name.startswith("_") and isinstance(column, np.ndarray) and column.shape[-1] == len(of):
                setattr(holder, name, change(column))


def _empty(kind: "np.dtype[np.generic]") -> Any:
    return np.nan if kind.kind == "f" else kind.type()


def _inserted(items: Sequence[Item], places: Sequence[int], new: Sequence[Item]) -> list[Item]:
    """Put things before those at places, which are sorted."""
    result: list[Item] = []
    begin = 0
    for place, one in zip(places, new, strict=True):
        result += items[begin:place]
        result.append(one)
        begin = place
    result += items[begin:]
    return result

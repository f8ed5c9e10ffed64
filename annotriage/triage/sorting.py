"""In which order images stand."""

from typing import TYPE_CHECKING

import numpy as np

from annotriage.triage.columns import column_of, values_of
from annotriage.triage.decisions import DECISIONS, Decision
from annotriage.triage.sort_keys import ColumnKey, SortKey, by_disagreement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.triage.columns import ImageRows

_IN_ORDER_OF_WORK = (Decision.EXPERT, Decision.ROUTINE, Decision.EXCLUDE, Decision.UNDECIDED)


def sorted_rows(
    catalogue: "ImageRows", rows: "NDArray[np.intp]", key: SortKey | ColumnKey, *, reverse: bool = False
) -> "NDArray[np.intp]":
    """Return rows, given in natural order of their names, in another order.

    The natural way round is: most contentious first, widest interval first, names and assignees A to Z, decisions from
    expert to undecided, newest and largest files first. Whichever way round, images without a prediction come last when
    sorted by a number, those without an assignee when sorted by it, and among equals the more contentious come first.
    By the disagreement, those unlike what the model knows come before these: see `by_disagreement`.

    Parameters
    ----------
    catalogue : ImageRows
        A `Catalogue`.
    rows : (n,) array of intp
    key : SortKey or ColumnKey
    reverse : bool
        The other way round.
    """
    if isinstance(key, ColumnKey):
        return _sorted_by_values(catalogue, rows, key, reverse=reverse)
    match key:
        case SortKey.NAME:
            return rows[::-1] if reverse else rows
        case SortKey.DATE | SortKey.SIZE:
            numbers = (catalogue.modified_ns if key is SortKey.DATE else catalogue.sizes)[rows]
            return rows[np.argsort(numbers if reverse else -numbers, kind="stable")]
        case SortKey.DISAGREEMENT | SortKey.INTERVAL:
            contentious, widest = _standing(catalogue)
            values = contentious if key is SortKey.DISAGREEMENT else widest
            unlike = catalogue.unlike[rows] if key is SortKey.DISAGREEMENT else None
            return rows[by_disagreement(values[rows], unlike, reverse=reverse)]
        case SortKey.DECISION:
            places = np.array([_IN_ORDER_OF_WORK.index(decision) for decision in DECISIONS])[catalogue.decision[rows]]
            unknown = np.zeros(len(rows), dtype=np.bool_)
        case SortKey.ASSIGNEE:
            places = _places_of_assignees(catalogue, rows)
            unknown = places < 0
    among_equals = np.nan_to_num(-_standing(catalogue)[0][rows], nan=np.inf)
    return rows[np.lexsort((among_equals, -places if reverse else places, unknown))]


def _sorted_by_values(
    catalogue: "ImageRows", rows: "NDArray[np.intp]", key: ColumnKey, *, reverse: bool
) -> "NDArray[np.intp]":
    """Return rows in the order of a column's values; what is not known comes last either way.

    Among equals the more contentious come first.
    """
    values = values_of(catalogue, key)[rows]
    unknown = np.isnan(values) if values.dtype.kind == "f" else values == ""
    places = np.unique(values, return_inverse=True)[1]
    among_equals = np.nan_to_num(-_standing(catalogue)[0][rows], nan=np.inf)
    return rows[np.lexsort((among_equals, -places if reverse != column_of(key).falls else places, unknown))]


def _standing(catalogue: "ImageRows") -> "tuple[NDArray[np.float32], NDArray[np.float32]]":
    """Return the (N,) disagreements and widths of intervals by which images stand; NaN: not known."""
    known = ~np.isnan(catalogue.disagreement)
    disagreement, width = catalogue.stood_at
    return (
        np.where(known, catalogue.disagreement, disagreement),
        np.where(known, catalogue.interval_width(), width),
    )


def _places_of_assignees(catalogue: "ImageRows", rows: "NDArray[np.intp]") -> "NDArray[np.intp]":
    """Return the (n,) places of the rows' assignees in alphabetical order; -1: nobody."""
    names = sorted({review.assignee for review in catalogue.reviews.values()} - {""}, key=str.casefold)
    place_of = {name: place for place, name in enumerate(names)}
    places = np.full(len(catalogue), -1, dtype=np.intp)
    for name, review in catalogue.reviews.items():
        row = catalogue.row_of(name)
        if row is not None and review.assignee:
            places[row] = place_of[review.assignee]
    return places[rows]

"""What images can be sorted by, and the rule of the ranking's order."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RANK_DECIMALS = 4
"""As in the ranking's table, which shows no more: what looks equal there is equal."""


class SortKey(StrEnum):
    """What images can be sorted by."""

    DISAGREEMENT = "disagreement"
    INTERVAL = "interval"
    NAME = "name"
    DECISION = "decision"
    ASSIGNEE = "assignee"
    DATE = "date"
    SIZE = "size"

    @property
    def is_of_files(self) -> bool:
        """Whether predictions and decisions move nothing."""
        return self in (SortKey.NAME, SortKey.DATE, SortKey.SIZE)


class ColumnKey(str):
    """A column of its own, by whose values images can be sorted."""

    __slots__ = ()
    is_of_files = False


def at_rank(values: "NDArray[np.floating[Any]]") -> "NDArray[np.float64]":
    """Round numbers as the ranking compares them."""
    return values.astype(np.float64).round(_RANK_DECIMALS)


def by_disagreement(
    values: "NDArray[np.floating[Any]]", unlike: "NDArray[np.bool_] | None" = None, *, reverse: bool = False
) -> "NDArray[np.intp]":
    """Return the order of the ranking: the one rule for the window, the command line and all exports.

    Images unlike what the model knows stand behind all others that have a number, whichever way round: what is said of
    them must not be trusted, and must not fill anybody's list.

    Parameters
    ----------
    values : (n,) array
        Predicted disagreements, or other numbers of which the largest comes first; NaN: not known.
    unlike : (n,) array of bool, or None
        Which are unlike what the model knows; None: none is.
    reverse : bool
        The smallest first.

    Returns
    -------
    (n,) array of intp
        Places in `values`; equals, by `at_rank`, stay in the order given, and what is not known comes last either way.
    """
    rounded = at_rank(values)
    order = np.argsort(rounded if reverse else -rounded, kind="stable")
    if unlike is None or not unlike.any():
        return order
    behind = np.where(np.isnan(rounded), 2, unlike.astype(np.int8))[order]
    return order[np.argsort(behind, kind="stable")]

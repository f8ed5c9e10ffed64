"""What images can be sorted by."""

from enum import StrEnum


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

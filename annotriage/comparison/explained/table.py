"""A table of a document."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table.

    Attributes
    ----------
    label : str
        A short name, unique in its document: ``table-2``.
    caption : str
        What it shows and by which method.
    columns : tuple of str
    rows : tuple of tuple of str
        The first cell names the row, the others are set to the right.
    words : tuple of int
        Columns besides the first that hold words, which stand to the left where there is room.
    """

    label: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[int, ...] = ()

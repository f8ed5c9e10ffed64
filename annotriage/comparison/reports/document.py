"""A document that every kind of report is written from: paragraphs, tables, figures, under headings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure as Drawing


@dataclass(frozen=True, slots=True)
class Heading:
    """Starts a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences; a caution is set off from the rest."""

    text: str
    caution: bool = False


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
    """

    label: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FigureBlock:
    """A figure; drawn by matplotlib only in reports that can show it.

    Attributes
    ----------
    label : str
        A short name, unique in its document: ``figure-2``.
    caption : str
        What it shows, for those who cannot see it, too.
    draw : callable
        Returns a new matplotlib figure.
    """

    label: str
    caption: str
    draw: "Callable[[], Drawing]"


Block = Heading | Paragraph | TableBlock | FigureBlock


@dataclass(frozen=True, slots=True)
class Document:
    """A title and what stands below it."""

    title: str
    blocks: tuple[Block, ...]

"""A document as PDF, set by matplotlib: A4 pages, nothing of LaTeX needed."""

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from annotriage.comparison.explained.document import Document, FigureBlock, Heading, Paragraph
from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.reports.drawing import pages_as_pdf, place_on
from annotriage.comparison.reports.figures import drawn
from annotriage.comparison.reports.text import told

if TYPE_CHECKING:
    from matplotlib.figure import Figure

A4 = (8.27, 11.69)
MARGIN = 0.7
LINE = 0.165
LETTERS = 104
"""A line of 8.5 pt in a page's width."""
_SIZES = {1: 13.0, 2: 11.0, 3: 9.5}
"""Points of headings, by their level."""
LARGEST, SMALLEST = 7.5, 4.5
"""Sizes of a table's letters, in points: it shrinks to the page."""


class _Pages:
    """Fills pages from above; a new one begins where a block no longer fits."""

    def __init__(self) -> None:
        self.pages: list[Figure] = []
        self.y = 0.0

    def take(self, inches: float) -> "tuple[Figure, float]":
        """Return the page and the place (in inches from below) where a block of this height begins."""
        from matplotlib.figure import Figure

        if not self.pages or self.y - inches < MARGIN:
            self.pages.append(Figure(figsize=A4))
            self.y = A4[1] - MARGIN
        top = self.y
        self.y -= inches
        return self.pages[-1], top

    def lines(
        self, lines: list[str], size: float, *, weight: str = "normal", style: str = "normal", mono: bool = False
    ) -> None:
        """Write lines, going on to the next page between them."""
        height = LINE * size / 8.5
        for line in lines:
            page, top = self.take(height)
            page.text(
                MARGIN / A4[0], top / A4[1], line, fontsize=size, weight=weight, style=style, va="top",
                family="DejaVu Sans Mono" if mono else "DejaVu Sans", parse_math=False,
            )  # fmt: skip

    def skip(self, inches: float) -> None:
        """Leave room."""
        self.y -= inches


def as_pdf(document: Document) -> bytes:
    """Write a document as a PDF file."""
    pages = _Pages()
    pages.lines(textwrap.wrap(document.title, 60), 15, weight="bold")
    blocks = list(document.flat())
    for block, follows in zip(blocks, [*blocks[1:], None], strict=True):
        if isinstance(block, Heading):
            if pages.y - (0.9 if isinstance(follows, Heading | Paragraph | Explained) else 2.5) < MARGIN:
                pages.y = 0.0  # no heading alone at the foot of a page
            pages.skip(0.15)
            pages.lines(textwrap.wrap(block.text, 80), _SIZES[block.level], weight="bold")
        elif isinstance(block, Paragraph):
            text = ("Caution: " if block.caution else "") + block.text
            pages.lines(textwrap.wrap(text, LETTERS - 4), 8.5, style="italic" if block.caution else "normal")
        elif isinstance(block, Explained):
            pages.lines([block.title], 8.5, weight="bold")
            for line in told(block):
                pages.lines(textwrap.wrap(line, LETTERS - 4, subsequent_indent="  " * line.startswith("- ")), 8.5)
        elif isinstance(block, TableBlock):
            _table(pages, block)
        elif isinstance(block, FigureBlock):
            _figure(pages, block)
        pages.skip(0.08)
    return pages_as_pdf(pages.pages, document.title)


def _table(pages: _Pages, table: TableBlock) -> None:
    cells = [table.columns, *table.rows]
    # Long names are folded, so that a table of numbers stays readable on the page.
    folded = [[textwrap.wrap(cell, 34) or [""] for cell in row] for row in cells]
    widths = [max(len(part) for row in folded for part in row[k]) for k in range(len(table.columns))]
    letters = sum(widths) + 2 * (len(widths) - 1)
    size = max(SMALLEST, min(LARGEST, LARGEST * 104 / letters))
    lines = []
    for number, row in enumerate(folded):
        lines += list(_row(row, widths))
        if number == 0:
            lines.append("-" * letters)
    if pages.y - LINE * len(lines) < MARGIN and len(lines) < 40:
        pages.y = 0.0
    pages.lines(lines, size, mono=True)
    pages.lines(textwrap.wrap(table.caption, LETTERS + 10), 7.5, style="italic")


def _row(row: list[list[str]], widths: list[int]) -> Iterator[str]:
    for line in range(max(map(len, row))):
        parts = [cell[line] if line < len(cell) else "" for cell in row]
        yield "  ".join(
            part.ljust(width) if k == 0 else part.rjust(width)
            for k, (part, width) in enumerate(zip(parts, widths, strict=True))
        ).rstrip()


def _figure(pages: _Pages, block: FigureBlock) -> None:
    drawing = drawn(block.draw())
    width = min(A4[0] - 2 * MARGIN, drawing.get_figwidth())
    height = width * drawing.get_figheight() / drawing.get_figwidth()
    caption = textwrap.wrap(block.caption, LETTERS + 10)
    page, top = pages.take(height + LINE * len(caption))
    place_on(page, drawing, (MARGIN, top - height, width, height))
    pages.y = top - height
    pages.lines(caption, 7.5, style="italic")

"""A document as text, for the terminal."""

import textwrap
from itertools import pairwise

from annotriage.comparison.explained.document import Document, FigureBlock, Heading, Paragraph
from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.explained.table import TableBlock

WIDTH = 100
_UNDER = {1: "=", 2: "-"}


def as_text(document: Document, width: int = WIDTH) -> str:
    """Write a document as text; figures are left out.

    Parameters
    ----------
    document : Document
    width : int
        Of paragraphs, in letters; tables are as wide as they need.
    """
    parts = [document.title + "\n" + "=" * len(document.title)]
    shown = [block for block in document.flat() if not isinstance(block, FigureBlock)]
    for block, follows in pairwise([*shown, None]):
        if isinstance(block, Heading):
            if not _is_empty(block, follows):
                parts.append(_heading(block))
        elif isinstance(block, Paragraph):
            parts.append(textwrap.fill(("Caution: " if block.caution else "") + block.text, width))
        elif isinstance(block, TableBlock):
            parts.append(_table(block) + "\n" + _indented(block.caption, width))
        elif isinstance(block, Explained):
            parts.append("\n".join([block.title, *(_indented(line, width) for line in told(block))]))
    return "\n\n".join(parts) + "\n"


def told(test: Explained) -> list[str]:
    """Return what is said of a test, a paragraph each."""
    lines = [test.asks, test.says]
    if test.checks:
        lines.append("It takes for granted:")
        lines += [f"- {check.verdict}: {check.assumption} {check.evidence}" for check in test.checks]
    if test.caution:
        lines.append(f"Caution: {test.caution}")
    if test.method:
        lines.append(f"Computed by {test.method}.")
    return lines


def _is_empty(heading: Heading, follows: object) -> bool:
    """Say whether only figures stood below a heading."""
    return follows is None or (isinstance(follows, Heading) and follows.level <= heading.level)


def _heading(block: Heading) -> str:
    if block.level not in _UNDER:
        return block.text
    text = block.text.upper() if block.level == 1 else block.text
    return text + "\n" + _UNDER[block.level] * len(text)


def _indented(text: str, width: int) -> str:
    deep = "    " if text.startswith("- ") else "  "
    return textwrap.fill(text, width, initial_indent="  ", subsequent_indent=deep)


def _table(table: TableBlock) -> str:
    lines = [table.columns, *table.rows]
    widths = [max(len(line[k]) for line in lines) for k in range(len(table.columns))]

    def text(line: tuple[str, ...]) -> str:
        cells = [
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    return "\n".join([text(table.columns), "  ".join("-" * width for width in widths), *map(text, table.rows)])

"""A document as text, for the terminal."""

import textwrap

from annotriage.comparison.reports.document import Document, FigureBlock, Heading, Paragraph, TableBlock

WIDTH = 100


def as_text(document: Document, width: int = WIDTH) -> str:
    """Write a document as text; figures are left out.

    Parameters
    ----------
    document : Document
    width : int
        Of paragraphs, in letters; tables are as wide as they need.
    """
    parts = [document.title + "\n" + "=" * len(document.title)]
    for block in document.blocks:
        if isinstance(block, Heading):
            parts.append(block.text + "\n" + "-" * len(block.text))
        elif isinstance(block, Paragraph):
            parts.append(textwrap.fill(("Caution: " if block.caution else "") + block.text, width))
        elif isinstance(block, TableBlock):
            parts.append(
                _table(block) + "\n" + textwrap.fill(block.caption, width, initial_indent="  ", subsequent_indent="  ")
            )
        elif isinstance(block, FigureBlock):
            continue
    return "\n\n".join(parts) + "\n"


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

"""Blocks that several documents share."""

from collections.abc import Iterable, Mapping

from annotriage.comparison.explained.document import Block, Heading, Paragraph
from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.wording import number_or_dash, p_cell


def tests_table(label: str, caption: str, tests: Iterable[Explained]) -> list[Block]:
    """Return the statistics of tests as a table; nothing where they have none of their own."""
    rows = tuple(
        (each.name, _statistic(each.statistic), p_cell(each.p), f"{each.n:,}", each.method)
        for test in tests
        for each in test.numbers
    )
    columns = ("test", "statistic", "p", "n", "method")
    return [TableBlock(label, caption, columns, rows, words=(4,))] if rows else []


def _statistic(value: float) -> str:
    """Return five digits, but none where the number is large: U of Mann-Whitney counts couples of images."""
    return number_or_dash(value, 5) if not abs(value) >= 1000 else f"{value:,.1f}"


def versions_part(versions: Mapping[str, str]) -> list[Block]:
    """Return the part that names the versions."""
    said = ", ".join(f"{name} {version}" for name, version in versions.items())
    return [Heading("Versions", 1), Paragraph(f"{said}.")]

"""Blocks that several documents share."""

from collections.abc import Iterable, Mapping

from annotriage.comparison.reports.document import Block, Heading, Paragraph, TableBlock
from annotriage.comparison.results import Test
from annotriage.comparison.wording import number_text, p_cell


def tests_table(label: str, caption: str, tests: Iterable[Test]) -> list[Block]:
    """Return a table of tests, and below it what each says and takes for granted."""
    tests = list(tests)
    rows = tuple((test.name, _statistic(test.statistic), p_cell(test.p), f"{test.n:,}", test.method) for test in tests)
    blocks: list[Block] = [TableBlock(label, caption, ("test", "statistic", "p", "n", "method"), rows)]
    for test in tests:
        blocks.append(Paragraph(f"{test.name}: {test.reading} Taken for granted: {test.assumption}"))
        if test.caution:
            blocks.append(Paragraph(test.caution, caution=True))
    return blocks


def _statistic(value: float) -> str:
    """Return five digits, but none where the number is large: U of Mann-Whitney counts couples of images."""
    return number_text(value, 5) if not abs(value) >= 1000 else f"{value:,.1f}"


def versions_block(versions: Mapping[str, str]) -> list[Block]:
    """Return the section that names the versions."""
    return [Heading("Versions"), Paragraph(", ".join(f"{name} {version}" for name, version in versions.items()) + ".")]

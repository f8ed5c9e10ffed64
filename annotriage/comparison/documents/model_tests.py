"""The part Tests: each test in words, what it found, and whether what it takes for granted holds."""

from collections.abc import Iterator

from annotriage.comparison.against_guess import guess_sentence
from annotriage.comparison.documents.blocks import tests_table
from annotriage.comparison.explained.document import Beside, Block, Heading, Paragraph
from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.paper import TABLE_3
from annotriage.comparison.results import Analysis, Comparison, Pair
from annotriage.comparison.run_types import METRICS
from annotriage.comparison.statistical_tests.wilcoxon import few_rows
from annotriage.comparison.wording import LEVEL, number_or_dash, p_cell, p_text
from annotriage.names import counted

TITLE = "Tests"


def tests_part(found: Comparison, *, paper: bool) -> Iterator[Block]:
    """Yield the part's blocks."""
    if found.over_runs is None and found.over_images is None and not found.against_guess:
        yield Heading("Nothing can be tested")
        yield from (Paragraph(note) for note in found.notes)
        return
    yield Heading(f"In short ({found.metric.upper()})")
    yield Paragraph(in_short(found))
    yield from (Paragraph(note) for note in found.notes)
    for analysis in (found.over_runs, found.over_images):
        if analysis is not None:
            yield from _over(analysis, found, paper)


def _over(analysis: Analysis, found: Comparison, paper: bool) -> Iterator[Block]:
    title = f"Over {analysis.unit}: would the models differ if they were trained anew?"
    if analysis.unit == "images":
        title = "Over images: do the models differ on images like these?"
    yield Heading(f"{title} ({counted(len(analysis.values), analysis.unit)})")
    yield from (Paragraph(note, in_reports=False) for note in analysis.notes)
    tests = analysis.explained
    yield from tests_table(f"tests-{analysis.unit}", f"Tests over {analysis.unit}, all models at once.", tests)
    at_once = tuple(each for each in tests if not each.as_published and not each.of_pairs)
    published = tuple(each for each in tests if each.as_published)
    yield from [Beside(published, at_once)] if published else at_once
    if analysis.unit != "images" and found.table_3:
        yield _table_3(found, paper)
    pairwise = [each for each in tests if each.of_pairs]
    if pairwise:
        yield Heading("Two models at a time", 3)
        yield from pairwise


def _table_3(found: Comparison, paper: bool) -> TableBlock:
    unit = found.unit
    columns = ["metric", "on", "statistic", "p", "n"]
    rows = []
    for metric in METRICS:
        kinds = (f"{unit} z-scored, as published", f"{unit} as they are")
        for what, test in zip(kinds, found.table_3[metric], strict=True):
            row = [metric.upper(), what, number_or_dash(test.statistic, 5), p_cell(test.p), f"{test.n:,}"]
            if paper:
                theirs = TABLE_3[metric] if what.endswith("published") else None
                row += ["-", "-"] if theirs is None else [f"{theirs.statistic}", f"{theirs.p}"]
            rows.append(tuple(row))
    if paper:
        columns += ["paper: statistic", "paper: p"]
    caption = f"Table 3. Kruskal-Wallis over {unit}: on z-scored {unit}, as published, and on the {unit} as they are."
    return TableBlock("table-3", caption, tuple(columns), tuple(rows), words=(1,))


def in_short(found: Comparison) -> str:
    """Say in a few sentences what all the tests come to."""
    said = [_short(analysis) for analysis in (found.over_runs, found.over_images) if analysis is not None]
    guessed = guess_sentence(found.against_guess)
    if found.against_guess and not guessed:
        guessed = "All models are better than a guess that looks at no image."
        if len(found.models) == 1:
            guessed = f"{found.models[0]} is better than a guess that looks at no image."
    return " ".join([*said, *([guessed] if guessed else [])])


def _short(analysis: Analysis) -> str:
    what = f"Over {analysis.unit}"
    apart = [pair for pair in analysis.pairs if pair.p_holm < LEVEL]
    if apart:
        return f"{what}, {', '.join(map(_better, apart))}.{_that_remain(apart)}"
    if not few_rows(analysis):
        return f"{what}, no two models are seen to differ; that they are alike is not shown by that."
    words = (
        f"{what}, {counted(len(analysis.values), analysis.unit)} are too few for the tests of two models by rank to "
        "find anything."
    )
    if analysis.friedman is not None and analysis.friedman.p < LEVEL:
        words += f" That not all models are alike is seen (Friedman, {p_text(analysis.friedman.p)})."
    return words


def _better(pair: Pair) -> str:
    first = pair.rank_biserial < 0
    return f"{pair.first if first else pair.second} is better than {pair.second if first else pair.first}"


def _that_remain(apart: list[Pair]) -> str:
    """Say which differences are still seen once the images that runs share are allowed for."""
    if apart[0].p_corrected is None:
        return ""
    rest = [pair for pair in apart if pair.p_corrected is not None and pair.p_corrected < LEVEL]
    if len(rest) == len(apart):
        return " This holds also when the images that runs share are allowed for."
    if not rest:
        return " Once the images that runs share are allowed for, none of it is certain."
    return f" Once the images that runs share are allowed for, of this remains: {', '.join(map(_better, rest))}."


def without_paper(block: Block, paper: bool) -> Block:
    """Return a block that names the paper's own numbers where they are wanted, else not."""
    if isinstance(block, Beside):
        left, right = (tuple(without_paper(each, paper) for each in side) for side in (block.left, block.right))
        return Beside(left, right, block.titles)
    if isinstance(block, Explained) and block.paper and paper:
        from dataclasses import replace

        return replace(block, says=f"{block.says} {block.paper}")
    return block

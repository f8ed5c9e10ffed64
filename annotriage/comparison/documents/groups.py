"""A comparison of groups of images as a document."""

from collections.abc import Iterator
from functools import partial

from annotriage.comparison.adjusting_words import PLAIN
from annotriage.comparison.documents.adjusted import adjusted_part, caution_of
from annotriage.comparison.documents.blocks import tests_table, versions_part
from annotriage.comparison.documents.model_tests import without_paper
from annotriage.comparison.explained.document import Block, Document, FigureBlock, Heading, Paragraph
from annotriage.comparison.explained.plot import Boxes, Intervals, Level, Plot
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.group_results import Diagnosis, MedianDifference
from annotriage.comparison.statistical_tests.median_difference import difference_sentence
from annotriage.comparison.wording import LEVEL, number_or_dash, p_cell
from annotriage.names import counted

TITLE = "Groups"


def groups_document(found: Diagnosis, *, paper: bool = True) -> Document:
    """Lay a comparison of groups out.

    Parameters
    ----------
    found : Diagnosis
    paper : bool
        Whether the paper's own numbers stand beside ours.
    """
    part = (without_paper(block, paper) for block in _part(found, paper))
    blocks = (Heading(TITLE, 1), *part, *versions_part(found.versions))
    return Document(f"Mean Dice by {found.by}", blocks)


def _part(found: Diagnosis, paper: bool) -> Iterator[Block]:
    yield Heading(f"Mean Dice by {grouping_text(found.by).lower()}")
    yield Paragraph(counts_sentence(found))
    yield from caution_of(found)
    title = "Figure 5. Mean Dice by group" if found.paper is not None else "Mean Dice by group"
    yield FigureBlock("figure-5", title, groups_sentence(found), partial(groups_plot, found))
    yield _groups(found)
    if found.difference is not None:
        title = "Difference of the medians, with its 95 % interval"
        plot = partial(difference_plot, found.difference)
        words = difference_sentence(found.difference)
        if found.adjusted is not None and found.adjusted.needs_caution:
            words += f" {PLAIN}"
        yield FigureBlock("difference", title, words, plot)
    yield Heading("Tests")
    caption = f"{'Table 4. ' * (found.paper is not None)}Mean Dice and group."
    if paper and found.paper is not None:
        caption += f" The paper has r = {found.paper.statistic} with p = {found.paper.p}."
    caption += f" Effect size: {found.effect_name} {number_or_dash(found.effect, 3)}."
    yield from tests_table("table-4", caption, found.explained)
    for each in found.intervals:
        yield Paragraph(
            f"{each.name}: {each.value:+.3f}, 95 % interval {each.low:+.3f} to {each.high:+.3f} ({each.method})."
        )
    if found.pairs:
        yield _pairs(found)
    yield from adjusted_part(found)
    yield from found.explained
    yield from (Paragraph(note) for note in found.notes)


def grouping_text(by: str) -> str:
    """Return how people call a grouping."""
    words = {
        "diagnosis": "Diagnosis: benign or malignant",
        "site": "Body site",
        "sex": "Sex",
        "age": "Age",
        "annotators": "Number of annotators",
        "tool": "Annotators' tool",
        "skill": "Annotators' skill",
    }
    return words.get(by, f"Column {by}")


def counts_sentence(found: Diagnosis) -> str:
    """Say which images are compared and which are only counted."""
    used = sum(len(group.dice) for group in found.groups)
    groups = ", ".join(f"{group.name} {len(group.dice):,}" for group in found.groups)
    words = f"{used:,} of {counted(found.images, 'images')} with a label are compared: {groups}."
    if not found.left_out:
        return f"{words} None is left out."
    return f"{words} Counted, but not compared: {', '.join(f'{k} {n:,}' for k, n in found.left_out.items())}."


def groups_sentence(found: Diagnosis) -> str:
    """Say what the box plot shows."""
    ordered = sorted(found.groups, key=lambda group: group.median)
    low, high = ordered[0], ordered[-1]
    box = "A box holds the middle half of a group, the line in it is the median, and whiskers end at the last image "
    box += "within 1.5 times that."
    if low.median == high.median:
        return f"All groups have the same median Dice, {low.median:.3f}. {box}"
    return (
        f"The median Dice is lowest in the group {low.name} ({low.median:.3f}) and highest in {high.name} "
        f"({high.median:.3f}); whether by more than chance, the tests say. {box}"
    )


def has_images(found: Diagnosis) -> bool:
    """Tell whether points know which images they are."""
    return all(group.images for group in found.groups)


def groups_plot(found: Diagnosis) -> Plot:
    """Draw figure 5: a box a group, a point an image."""
    keys = labels = None
    if has_images(found):
        keys = [group.images for group in found.groups]
        labels = [
            [f"{image}: {value:.3f}, {g.name}" for image, value in zip(g.images, g.dice.tolist(), strict=True)]
            for g in found.groups
        ]
    groups = [(f"{group.name}\n({len(group.dice):,})", group.dice.tolist()) for group in found.groups]
    lowest = min(float(group.dice.min()) for group in found.groups)
    ranges = (-0.6, len(groups) - 0.4), (lowest - 0.02, 1.02)
    return Plot((Boxes(groups, keys, labels),), "", "mean Dice of the annotators", *ranges)


def difference_plot(each: MedianDifference) -> Plot:
    """Draw the difference of two medians with its interval, beside no difference."""
    name = f"{each.first} minus {each.second}"
    words = f"{name}: {each.value:+.4f} ({each.low:+.4f} … {each.high:+.4f})"
    parts = (
        Intervals([name], [each.value], [each.low], [each.high], [words]),
        Level("no difference", 0, vertical=True),
    )
    reach = 1.2 * max(abs(each.low), abs(each.high), 1e-3)
    across = (min(each.low - 0.2 * reach, -0.3 * reach), max(each.high + 0.2 * reach, 0.3 * reach))
    return Plot(parts, "difference of the medians of the mean Dice", x_range=across, y_range=(-0.8, 0.8), height=160)


def _groups(found: Diagnosis) -> TableBlock:
    rows = [
        (
            group.name,
            f"{len(group.dice):,}",
            number_or_dash(float(group.dice.mean())),
            number_or_dash(group.median),
            "yes",
        )
        for group in found.groups
    ]
    rows += [(name, f"{count:,}", "-", "-", "no") for name, count in found.left_out.items()]
    used = sum(len(group.dice) for group in found.groups)
    caption = (
        f"{counted(found.images, 'labelled images')} by {found.source}; compared: {used:,}. Groups that are not "
        f"compared are counted, not guessed."
    )
    return TableBlock("groups", caption, (found.by, "images", "mean Dice", "median Dice", "compared"), tuple(rows))


def _pairs(found: Diagnosis) -> TableBlock:
    columns: tuple[str, ...] = ("group", "minus group", "difference of medians", "Cliff's delta", "p (Holm)")
    rows: list[tuple[str, ...]] = [
        (each.first, each.second, f"{each.difference:+.4f}", number_or_dash(each.delta, 3), p_cell(each.p))
        for each in found.pairs
    ]
    caption = "Which groups differ: Dunn's test of each two, with Holm's correction (scikit_posthocs.posthoc_dunn)."
    adjusted = found.adjusted
    if adjusted is None or not adjusted.factors:
        return TableBlock("pairs", caption, columns, tuple(rows))
    columns += ("adjusted difference", "95 % interval", "adjusted p (Holm)")
    for at, each in enumerate(found.pairs):
        effect = each.adjusted
        told = effect is not None and effect.told
        rows[at] += (
            f"{effect.value:+.3f}" if effect is not None and told else "-",
            f"{effect.low:+.3f} to {effect.high:+.3f}" if effect is not None and told else "-",
            p_cell(each.p_adjusted),
        )
    caption += f" Adjusted: difference of mean Dice by regression, with {', '.join(adjusted.factors)} allowed for."
    gone = sum(each.p < LEVEL <= each.p_adjusted for each in found.pairs)
    if gone:
        differ = sum(each.p < LEVEL for each in found.pairs)
        caption += f" Of {differ:,} that differ by Dunn's test, {gone:,} are not seen to once that is allowed for."
    return TableBlock("pairs", caption, columns, tuple(rows))

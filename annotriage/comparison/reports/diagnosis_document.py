"""A comparison of groups of images as a document."""

from annotriage.comparison.adjusting import METHOD
from annotriage.comparison.diagnosis import Diagnosis
from annotriage.comparison.group_tests import MedianDifference
from annotriage.comparison.reports.blocks import tests_table, versions_block
from annotriage.comparison.reports.document import Block, Document, FigureBlock, Heading, Paragraph, TableBlock
from annotriage.comparison.wording import number_text, p_cell
from annotriage.names import counted


def diagnosis_document(found: Diagnosis, *, paper: bool = True) -> Document:
    """Lay a comparison of groups out.

    Parameters
    ----------
    found : Diagnosis
    paper : bool
        Whether the paper's own numbers stand beside ours.
    """
    from annotriage.comparison.reports import figures

    blocks: list[Block] = [Heading("Images"), _groups(found)]
    tests = [*([found.point_biserial] if found.point_biserial else []), *found.tests]
    is_papers = found.paper is not None
    caption = f"{'Table 4. ' * is_papers}Mean Dice and group."
    if paper and found.paper is not None:
        caption += f" The paper has r = {found.paper.statistic} with p = {found.paper.p}."
    caption += f" Effect size: {found.effect_name} {number_text(found.effect, 3)}."
    blocks += [Heading("Tests"), *tests_table("table-4", caption, tests)]
    blocks += [_pairs(found)] if found.pairs else []
    blocks += _adjusted(found)
    blocks += [
        Paragraph(f"{each.name}: {each.value:+.3f}, 95 % interval {each.low:+.3f} to {each.high:+.3f} ({each.method}).")
        for each in found.intervals
    ]
    if found.difference is not None:
        each = found.difference
        blocks.append(
            Paragraph(
                f"Median Dice of {each.first} minus that of {each.second}: {each.value:+.4f}, 95 % interval "
                f"{each.low:+.4f} to {each.high:+.4f} ({each.method}). {zero_words(each)}"
            )
        )
    blocks.append(
        FigureBlock(
            "figure-5",
            f"{'Figure 5. ' * is_papers}Mean Dice by {found.by}. Boxes reach from the first to the third "
            "quartile around the median, whiskers to the last image within 1.5 times that; "
            + "; ".join(f"{group.name}: median {group.median:.3f} of {len(group.dice):,}" for group in found.groups)
            + ".",
            lambda: figures.groups_figure(found),
        )
    )
    blocks += [Paragraph(note) for note in found.notes]
    blocks += versions_block(found.versions)
    return Document(f"Mean Dice by {found.by}", tuple(blocks))


def zero_words(each: MedianDifference) -> str:
    """Say whether no difference at all is plausible."""
    if each.holds_zero:
        return "A difference of 0 is among the plausible ones."
    return "A difference of 0 is not among the plausible ones."


def adjusted_rows(found: Diagnosis) -> tuple[tuple[str, ...], ...]:
    """Return the comparison with and without what is allowed for, a line a group and way."""
    each = found.adjusted
    if each is None:
        return ()
    allowed = ", ".join(each.factors)
    ways = (("nothing", each.plain), (allowed, each.adjusted))
    return tuple(
        (f"{one.group} minus {one.reference}", way, f"{one.value:+.3f}", f"{one.low:+.3f} to {one.high:+.3f}",
         p_cell(one.p))
        for way, effects in ways
        for one in effects
    )  # fmt: skip


ADJUSTED_COLUMNS = ("difference of mean Dice", "allowed for", "value", "95 % interval", "p")


def adjusted_caption(found: Diagnosis) -> str:
    """Say what stands in the table of `adjusted_rows`."""
    each = found.adjusted
    assert each is not None
    without = f"; left out, as it is not known how they were drawn: {each.left_out:,}" if each.left_out else ""
    return (
        f"With and without how the images were drawn, on the same {counted(each.images, 'images')}{without} ({METHOD})."
    )


def _adjusted(found: Diagnosis) -> list[Block]:
    if found.adjusted is None:
        return []
    if not found.adjusted.factors:
        return [Paragraph(found.adjusted.reading)]
    return [
        Heading("Once it is allowed for how the images were drawn"),
        TableBlock("adjusted", adjusted_caption(found), ADJUSTED_COLUMNS, adjusted_rows(found)),
        Paragraph(found.adjusted.reading, caution=found.adjusted.explained_away),
    ]


def _pairs(found: Diagnosis) -> TableBlock:
    rows = tuple((each.first, each.second, f"{each.difference:+.4f}", p_cell(each.p)) for each in found.pairs)
    caption = "Which groups differ: Dunn's test of each two, with Holm's correction (scikit_posthocs.posthoc_dunn)."
    return TableBlock("pairs", caption, ("group", "minus group", "difference of medians", "p (Holm)"), rows)


def _groups(found: Diagnosis) -> TableBlock:
    rows = [
        (group.name, f"{len(group.dice):,}", number_text(float(group.dice.mean())), number_text(group.median), "yes")
        for group in found.groups
    ]
    rows += [(name, f"{count:,}", "-", "-", "no") for name, count in found.left_out.items()]
    used = sum(len(group.dice) for group in found.groups)
    caption = (
        f"{counted(found.images, 'labelled images')} by {found.source}; compared: {used:,}. Groups that are not "
        f"compared are counted, not guessed."
    )
    return TableBlock("groups", caption, (found.by, "images", "mean Dice", "median Dice", "compared"), tuple(rows))

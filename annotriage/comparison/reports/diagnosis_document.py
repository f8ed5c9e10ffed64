"""A comparison of groups of images as a document."""

from annotriage.comparison.diagnosis import Diagnosis
from annotriage.comparison.reports.blocks import tests_table, versions_block
from annotriage.comparison.reports.document import Block, Document, FigureBlock, Heading, Paragraph, TableBlock
from annotriage.comparison.wording import number_text


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
    caption = "Table 4. Mean Dice and group."
    if paper and found.paper is not None:
        caption += f" The paper has r = {found.paper.statistic} with p = {found.paper.p}."
    caption += f" Effect size: {found.effect_name} {number_text(found.effect, 3)}."
    blocks += [Heading("Tests"), *tests_table("table-4", caption, tests)]
    if found.difference is not None:
        each = found.difference
        blocks.append(
            Paragraph(
                f"Median Dice of {each.first} minus that of {each.second}: {each.value:+.4f}, 95 % interval "
                f"{each.low:+.4f} to {each.high:+.4f} ({each.method})."
            )
        )
    blocks.append(
        FigureBlock(
            "figure-5",
            f"Figure 5. Mean Dice by {found.by}. Boxes reach from the first to the third quartile around the median, "
            "whiskers to the last image within 1.5 times that; "
            + "; ".join(f"{group.name}: median {group.median:.3f} of {len(group.dice):,}" for group in found.groups)
            + ".",
            lambda: figures.groups_figure(found),
        )
    )
    blocks += [Paragraph(note) for note in found.notes]
    blocks += versions_block(found.versions)
    return Document(f"Mean Dice by {found.by}", tuple(blocks))


def _groups(found: Diagnosis) -> TableBlock:
    rows = [
        (group.name, f"{len(group.dice):,}", number_text(float(group.dice.mean())), number_text(group.median), "yes")
        for group in found.groups
    ]
    rows += [(name, f"{count:,}", "-", "-", "no") for name, count in found.left_out.items()]
    used = sum(len(group.dice) for group in found.groups)
    caption = (
        f"{found.images:,} labelled images by {found.source}; {used:,} are compared. Groups that are not compared are "
        "counted, not guessed."
    )
    return TableBlock("groups", caption, (found.by, "images", "mean Dice", "median Dice", "compared"), tuple(rows))

"""Groups compared plainly and with how their images were drawn allowed for, as blocks."""

from collections.abc import Iterator, Sequence

from annotriage.comparison.adjusting_results import Adjusted, Effect
from annotriage.comparison.adjusting_words import called, is_thin
from annotriage.comparison.explained.document import Block, Heading, Paragraph
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.group_results import Diagnosis
from annotriage.comparison.wording import p_cell
from annotriage.names import counted

METHOD = (
    "Within strata: differences weighed by the stratum's {unit}; Cliff's delta in van Elteren's weights. Regression: "
    "least squares, each factor's values as categories. Errors leave out one {cluster} at a time (jackknife, CR3), "
    "Student's t."
)
CLUSTERS = {"lesion or patient": "lesions or patients", "image": "images"}


def caution_of(found: Diagnosis) -> tuple[Paragraph, ...]:
    """Return what must be read first: that a plain difference does not hold once factors are allowed for."""
    ways = [each for each in (found.adjusted, found.in_pairs) if each is not None]
    if not any(each.needs_caution for each in ways):
        return ()
    return tuple(
        Paragraph(f"{'By pairs of masks: ' * (each.unit == 'pairs')}{each.reading}", caution=True) for each in ways
    )


def adjusted_part(found: Diagnosis) -> Iterator[Block]:
    """Yield the comparison in all ways, by images and by pairs of masks; no reading that was a caution above."""
    two, warned = len(found.groups) == 2, bool(caution_of(found))
    for each in (found.adjusted, found.in_pairs):
        if each is None:
            continue
        by_pairs = each.unit == "pairs"
        if each.factors or (each.independent and two) or by_pairs:
            what = "The same by pairs of masks, each with its own tools" if by_pairs else "Plain and adjusted"
            yield Heading(what, 3)
            yield _table(each, two=two)
        if each.reading and not warned:
            yield Paragraph(each.reading, caution=is_thin(each))


def _table(each: Adjusted, *, two: bool) -> TableBlock:
    strata = each.strata
    mean = "mean Dice"
    ways: list[tuple[str, str, Sequence[Effect]]] = [
        (mean, "plain, images independent (HC3)", each.independent if two else ()),
        (mean, "plain", each.plain),
        (mean, "within strata", strata.effects if strata else ()),
        (mean, "regression", each.adjusted),
    ]
    if two:
        ways += [
            ("Cliff's delta", "plain", each.plain_deltas),
            ("Cliff's delta", "within strata", strata.deltas if strata else ()),
        ]
    rows = tuple(
        (f"{one.group} minus {one.reference}", measure, way, f"{one.value:+.3f}", _interval(one), p_cell(one.p))
        for measure, way, effects in ways
        for one in effects
    )
    return TableBlock(
        "adjusted" if each.unit == "images" else "adjusted-pairs",
        _caption(each),
        ("difference", "of", "way", "value", "95 % interval", "p"),
        rows,
        words=(1, 2),
    )


def _interval(one: Effect) -> str:
    return f"{one.low:+.3f} to {one.high:+.3f}" if one.low == one.low else "-"


def _caption(each: Adjusted) -> str:
    pairs = each.unit == "pairs"
    if each.factors:
        said = f"With and without {called(each.factors)} allowed for, on the same {counted(each.number, each.unit)}"
        if each.left_out:
            said += f"; left out, as that is not known of them: {each.left_out:,}"
    else:
        said = f"With nothing allowed for, on {counted(each.number, each.unit)}"
    if each.clusters < each.number:
        said += f". They are of {counted(each.clusters, CLUSTERS[each.cluster])}"
    words = METHOD.format(unit=each.unit, cluster=each.cluster)
    more = (
        " An image counts once, by all its pairs together; that one person drew many images is not allowed for."
        if pairs
        else ""
    )
    return f"{said}. {words}{more}"

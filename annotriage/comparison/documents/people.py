"""The people of a team as a document: who draws otherwise than the others, who agrees with whom, and what tools do."""

from collections.abc import Iterator, Sequence
from functools import partial

from annotriage.comparison.documents import people_words as words
from annotriage.comparison.documents.blocks import versions_part
from annotriage.comparison.documents.people_plots import effects_plot, pairs_plot
from annotriage.comparison.explained.document import Block, Document, FigureBlock, Heading, Paragraph
from annotriage.comparison.explained.explained import Check, Explained
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.people.mixed_model import MOST_IMAGES
from annotriage.comparison.people.results import Kinds, PairAgreement, QuantityEffects, Team
from annotriage.comparison.wording import p_cell
from annotriage.names import counted
from annotriage.wording import UNKNOWN, number_text, percent_text

TITLE = "People"
MOST_IN_MATRIX = 12
"""People whose matrix still fits a page."""
_MOST_PAIRS_DRAWN = 20


def people_document(team: Team) -> Document:
    """Lay out what is found about the people of a team."""
    blocks = (Heading(TITLE, 1), *_part(team), *versions_part(team.versions))
    return Document(f"People: {counted(len(team.people), 'annotators')} compared", blocks)


def _part(team: Team) -> Iterator[Block]:
    yield Heading("In short")
    yield Paragraph(words.compared_sentence(team))
    yield Paragraph(words.seen_sentence(team))
    yield Paragraph(words.FAIRNESS)
    for sentence in words.confounded_sentences(team):
        yield Paragraph(sentence, caution=True)
    for note in team.notes:
        yield Paragraph(note)
    for each in team.quantities:
        yield from _quantity(team, each)
    yield from _pairs(team)
    if team.tools:
        yield Heading("Tools and skills")
        yield _tool_use(team)
    elif team.kinds:
        yield Heading("Skills")
    for kinds in team.kinds:
        yield _kinds(kinds)
        yield Paragraph(words.kinds_sentence(kinds))
    yield Heading("How it is computed")
    yield _method(team)


def _quantity(team: Team, each: QuantityEffects) -> Iterator[Block]:
    quantity = each.quantity
    yield Heading(quantity.title)
    yield Paragraph(words.quantity_sentence(team, each))
    if any(effect.told for effect in each.effects):
        allowed = ", tools allowed for" if each.allows_for_tools else ""
        yield FigureBlock(
            f"people-{quantity.key}",
            f"{quantity.title}: each person against the mean of the others, with 95 % intervals",
            f"{words.figure_sentence(each)} Corrected for the images that each was given{allowed}.",
            partial(effects_plot, each),
        )
    yield _effects_table(each)


def _effects_table(each: QuantityEffects) -> TableBlock:
    tools, quantity = each.allows_for_tools, each.quantity
    columns: tuple[str, ...] = ("person", "images", "difference", "95 % interval", "p (Holm)")
    rows = []
    for effect in each.effects:
        told = effect.difference if effect.told else None
        row = [
            effect.person,
            number_text(effect.images),
            UNKNOWN if told is None else words.amount(quantity, told.value),
            UNKNOWN if told is None else words.interval(quantity, told),
            UNKNOWN if told is None else p_cell(effect.p_corrected),
        ]
        if tools:
            row.append(words.amount(quantity, effect.plain.value))
        rows.append(tuple(row))
    values = counted(each.values, "masks" if quantity.in_percent else "pairs")
    caption = (
        f"Difference of the {quantity.measured} from the mean of the others, on {values} of "
        f"{counted(each.images, 'images')}. Intervals are each by itself; p is corrected for all people and quantities "
        "together (Holm)."
    )
    if tools:
        columns += ("tools not allowed for",)
        caption += " The last column does not allow for tools. A dash: the person cannot be told from the tool."
    return TableBlock(f"people-{each.quantity.key}-table", caption, columns, tuple(rows))


def _pairs(team: Team) -> Iterator[Block]:
    if not team.pairs:
        return
    yield Heading("Who agrees with whom")
    yield Paragraph(words.pairs_sentence(team))
    if team.single:
        yield Paragraph(words.single_sentence(team), caution=2 * team.single > team.images)
    if 2 < len(team.people) <= MOST_IN_MATRIX:
        yield _matrix(team)
    told = [pair for pair in team.pairs if pair.excess.value == pair.excess.value]
    if len(told) > 1:
        shown = sorted(told, key=lambda pair: pair.excess.value)
        cut = len(shown) > _MOST_PAIRS_DRAWN
        half = _MOST_PAIRS_DRAWN // 2
        shown = [*shown[:half], *shown[-half:]] if cut else shown
        which = f"the {half} lowest and the {half} highest of {len(told):,}" if cut else "each two people"
        yield FigureBlock(
            "people-pairs",
            "Dice of each two people, less what their images lead to expect",
            f"Left of 0, two people agree less than pairs do on images like theirs, right of it more: {which}, with "
            "95 % intervals, each by itself.",
            partial(pairs_plot, shown),
        )
    yield _pairs_table(team, team.pairs)
    if team.with_oneself:
        caption = (
            "Images that one name drew twice: how much a person, or several under one name, agrees with what the same "
            "name drew. These pairs count for no comparison of people."
        )
        rows = [(p.first, number_text(p.images), *_dice_cells(p), p.tools or UNKNOWN) for p in team.with_oneself]
        columns = ("person", "images", "mean Dice", "95 % interval", "tools")
        yield TableBlock("people-oneself", caption, columns, tuple(rows))


def _matrix(team: Team) -> TableBlock:
    told = {frozenset((pair.first, pair.second)): pair for pair in team.pairs}
    rows = []
    for person in team.people:
        cells = []
        for other in team.people:
            pair = told.get(frozenset((person, other))) if person != other else None
            cells.append(UNKNOWN if pair is None or pair.dice != pair.dice else f"{pair.dice:.2f} ({pair.images:,})")
        rows.append((person, *cells))
    caption = (
        "Mean Dice of each two people over the images that both drew, and in brackets how many these are; a dash: "
        f"fewer than {team.least}."
    )
    return TableBlock("people-matrix", caption, ("", *team.people), tuple(rows))


def _pairs_table(team: Team, pairs: Sequence[PairAgreement]) -> TableBlock:
    has_tools = any(pair.tools for pair in pairs)
    interval = "95 % interval"
    columns: tuple[str, ...] = ("pair", "images", "mean Dice", interval, "expected", "difference", interval)
    rows = []
    for pair in pairs:
        known = pair.excess.value == pair.excess.value
        row = [
            f"{pair.first} and {pair.second}",
            number_text(pair.images),
            *_dice_cells(pair),
            f"{pair.expected:.3f}" if known else UNKNOWN,
            f"{pair.excess.value:+.3f}" if known else UNKNOWN,
            f"{pair.excess.low:+.3f} to {pair.excess.high:+.3f}" if known else UNKNOWN,
        ]
        rows.append(tuple([*row, pair.tools or UNKNOWN] if has_tools else row))
    caption = (
        "Each two people over the images that both drew: mean Dice with the bootstrap's interval over images "
        "(scipy.stats.bootstrap); what a mixed model expects of any pair on these images; and the difference. Nothing "
        f"is said of pairs with fewer than {counted(team.least, 'images')}."
    )
    if has_tools:
        columns += ("tools (share)",)
        caption += " The last column is the pair's most frequent tools."
    return TableBlock("people-pairs-table", caption, columns, tuple(rows))


def _dice_cells(pair: PairAgreement) -> tuple[str, str]:
    if pair.dice != pair.dice:
        return UNKNOWN, UNKNOWN
    return f"{pair.dice:.3f}", f"{pair.low:.3f} to {pair.high:.3f}"


def _tool_use(team: Team) -> TableBlock:
    tools = sorted({tool for use in team.tools for tool in use.masks})
    rows = []
    for use in team.tools:
        total = sum(use.masks.values())
        cells = (percent_text(use.masks.get(tool, 0), total) if total else UNKNOWN for tool in tools)
        rows.append((use.person, *cells, ", ".join(use.own) or UNKNOWN))
    caption = (
        "How often each person used each tool. Where a tool is used by one person alone, what it does and what the "
        "person does cannot be told apart."
    )
    return TableBlock("people-tools", caption, ("person", *tools, "used by nobody else"), tuple(rows))


def _kinds(kinds: Kinds) -> TableBlock:
    quantity, of_pairs = kinds.quantity, not kinds.quantity.in_percent
    columns: tuple[str, ...] = (kinds.by, "pairs" if of_pairs else "masks", "images")
    columns += ("by one name", "mean Dice", "95 % interval") if of_pairs else ()
    columns += ("difference", "95 % interval", "people allowed for", "95 % interval")
    rows = []
    for each in kinds.effects:
        row = [each.kind, number_text(each.values), number_text(each.images)]
        if of_pairs:
            row += [number_text(each.by_one), f"{each.mean:.3f}", f"{each.low:.3f} to {each.high:.3f}"]
        for difference in (each.plain, each.adjusted):
            row += [words.amount(quantity, difference.value), words.interval(quantity, difference)]
        rows.append(tuple(row))
    title = "Dice of pairs" if of_pairs else quantity.title
    more = " and tools" if kinds.by == "skill" else ""
    missing = f" Not known of {kinds.not_known:,}." if kinds.not_known else ""
    caption = (
        f"{title} by {kinds.by}: difference from the mean of the others, corrected for the images, then for people"
        f"{more} as well.{missing} A dash: it cannot be told from the people."
    )
    return TableBlock(f"people-by-{kinds.by}-{quantity.key}", caption, columns, tuple(rows))


def _method(team: Team) -> Explained:
    name = "The mixed model"
    checks = [
        Check(
            "Images were given to people by chance, or all people drew all of them.",
            None,
            "Size and border are compared within images, so they do not rest on it; agreement does, where only two "
            "people drew an image.",
            (name,),
        ),
        Check(
            "There are enough images.",
            team.single < team.images,
            f"Each person shares at least {counted(team.least, 'images')} with others; on "
            f"{team.images - team.single:,} of {counted(team.images, 'images')} more than two people's masks can be "
            "compared.",
            (name,),
        ),
        Check("Nobody saw the outlines of the others.", None, "Masks do not say it.", (name,)),
    ]
    return Explained(
        name,
        "Asks how far each person lies from the mean of the others on the same images. Every image has a level of its "
        "own in the model, so that a person who was given large or hard lesions is not taken for one who draws large "
        "or badly.",
        f"{counted(team.compared, 'differences')} were looked at; p-values are corrected for that number (Holm), so "
        "that of 100 teams in which nobody differs at most 5 show any difference. Intervals leave out one image at a "
        "time (the jackknife over images), with Student's t, as people do not all vary alike.",
        caution="That a difference is not seen is no proof that there is none: the interval says how large it may be.",
        checks=tuple(checks),
        method=f"statsmodels MixedLM (REML; the images' share from at most {MOST_IMAGES:,} images), scipy.stats.t",
    )

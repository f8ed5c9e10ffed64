"""What came of a triage, as a document, which the window calls *Did it work?*."""

from annotriage.comparison.explained.document import Block, Document, FigureBlock, Heading, Paragraph
from annotriage.comparison.explained.plot import Intervals, Level, Plot, rows_height
from annotriage.comparison.explained.table import TableBlock
from annotriage.measures.outcome import FEWEST, Estimate, Part, TriageOutcome
from annotriage.model_file.calibration_words import alarm_words
from annotriage.names import counted
from annotriage.wording import decimal_text, number_text, percent_text, share_text

TITLE = "Did it work?"
_OF_SAMPLE = "of the control sample, which alone stands for the rest,"
_METHOD = (
    "95 % intervals: the images that are not measured are drawn from a beta-binomial distribution with "
    "Jeffreys' prior (Brown, Cai, DasGupta 2001); errors by a bootstrap within each part, widened by Student's t."
)
_WARNINGS = (
    "Whether predictions are off is asked in three ways: by how much, to which side, and how many the intervals hold. "
    "A warning is given where a 98.3 % interval leaves no doubt, so that all three together are wrong in at most 5 of "
    "100 folders that have nothing to warn of (Bonferroni)."
)


def outcome_document(outcome: TriageOutcome) -> Document:
    """Say what came of a triage."""
    return Document(
        TITLE,
        (
            Heading("What the ranking had in front", 1),
            *_found(outcome),
            Heading("What was saved", 1),
            *_saved(outcome),
            Heading("How far the predictions are off here", 1),
            *_errors(outcome),
        ),
    )


def _found(outcome: TriageOutcome) -> list[Block]:
    front, rest = outcome.front, outcome.rest
    measured = front.measured + rest.measured
    if not measured:
        return [
            Paragraph(
                "No image was drawn by two people yet. As soon as some are, it stands here how many of the contentious "
                "ones the ranking had in front."
            )
        ]
    below = f"{outcome.below:g}"
    sampled = rest.sample
    contentious = front.contentious + rest.contentious
    blocks: list[Block] = [
        Paragraph(
            f"Of {counted(measured, 'images')} that two or more people drew, {number_text(contentious)} turned out to "
            f"be contentious (measured Dice below {below}); {number_text(front.contentious)} of them "
            f"{'is' if front.contentious == 1 else 'are'} among the {counted(front.images, 'images')} that the ranking "
            "had in front."
        ),
        TableBlock(
            "outcome-parts",
            f"The images by the ranking, and what people drew. Contentious: measured Dice below {below}.",
            ("", "images", "drawn by two or more", "contentious of these", "share"),
            (_row("In front", front), _row("The rest", rest)),
        ),
    ]
    if outcome.found is None:
        return [*blocks, Paragraph(_why_unknown(outcome), caution=True)]
    found, chance = outcome.found, outcome.chance
    words = (
        f"So the first {percent_text(front.images, front.images + rest.images)} of the ranking hold about "
        f"{share_text(found.value)} of all contentious images ({_shares(found)})."
    )
    if chance is not None:
        words += (
            f" A random choice of as many images would have held {share_text(chance.value)} ({_shares(chance)})."
            f" {_against_chance(found, chance)}"
        )
        sentence = "The share of all contentious images that stands in front, each with its 95 % interval."
        title = "Contentious images in front"
        figure = FigureBlock("figure-outcome", title, sentence, lambda: _figure(found, chance))
        return [*blocks, Paragraph(words), figure, Paragraph(f"{_stands(sampled)} {_METHOD}")]
    return [*blocks, Paragraph(words), Paragraph(f"{_stands(sampled)} {_METHOD}")]


def _stands(sampled: int | None) -> str:
    """Say which measured images stand for those that are not."""
    if sampled is None:
        return (
            "Of each part, the images that two or more people drew stand for all of it, as if they had been chosen at "
            "random from it."
        )
    return (
        f"What the ranking missed is estimated from {counted(sampled, 'images')} of the control sample, which chance "
        "chose among the others; those in front that two or more people drew stand for all in front."
    )


def _row(name: str, part: Part) -> tuple[str, ...]:
    share = percent_text(part.contentious, part.measured) if part.measured else "-"
    return (name, *map(number_text, (part.images, part.measured, part.contentious)), share)


def _shares(of: Estimate) -> str:
    return f"95 % interval {share_text(of.low)} to {share_text(of.high)}"


def _against_chance(found: Estimate, chance: Estimate) -> str:
    if found.low > chance.high:
        return "The ranking found more than chance does."
    if found.high < chance.low:
        return "The ranking found fewer than chance does: it does not hold for these images."
    return "The intervals overlap: it cannot be said yet that the ranking finds more than chance does."


def _why_unknown(outcome: TriageOutcome) -> str:
    if outcome.front.is_known and outcome.rest.is_known:
        return "None of the measured images is contentious: there was nothing to find among them."
    how = (
        "Let two people draw some of these, chosen at random, not by their rank: Send to experts draws such a control "
        "sample."
        if outcome.rest.sample is None
        else "Let two people draw more of these: Send to experts draws a further control sample."
    )
    return (
        f"How many contentious images the ranking missed cannot be said: {_lacking(outcome)} were drawn by two people. "
        f"{how}"
    )


def _lacking(outcome: TriageOutcome) -> str:
    """Name the parts of which too few images are measured."""
    of_rest = "in the rest" if outcome.rest.sample is None else _OF_SAMPLE
    lacking = [name for name, part in (("in front", outcome.front), (of_rest, outcome.rest)) if not part.is_known]
    if not lacking:
        return ""
    return f"fewer than {FEWEST} images {' and '.join(lacking)}"


def _figure(found: Estimate, chance: Estimate) -> Plot:
    both = (found, chance)
    return Plot(
        [
            Intervals(
                ["the ranking", "a random choice"],
                [each.value for each in both],
                [each.low for each in both],
                [each.high for each in both],
                labels=[
                    f"{name}: {share_text(each.value)} ({_shares(each)})"
                    for name, each in zip(("the ranking", "a random choice"), both, strict=True)
                ],
            ),
            Level("all", 1.0, vertical=True),
        ],
        "share of all contentious images",
        x_range=(-0.02, 1.02),
        height=rows_height(2),
    )


def _saved(outcome: TriageOutcome) -> list[Block]:
    if not outcome.front.measured + outcome.rest.measured:
        return [Paragraph("Nothing yet: second outlines are saved once some images have one and others do not.")]
    if not outcome.outlines_saved:
        return [Paragraph("Every image was drawn by two or more people: no second outline was saved.")]
    words = (
        f"{counted(outcome.outlines_saved, 'images')} of {number_text(outcome.front.images + outcome.rest.images)} "
        "have not been drawn a second time."
    )
    if outcome.hours_saved is not None:
        hours = outcome.hours_saved
        words += (
            f" Second outlines of all these would have taken about {_hours(hours.value)} ({_hours(hours.low)} to "
            f"{_hours(hours.high)}, by the mean of {counted(outcome.timed, 'outlines')} whose time is known)."
        )
    else:
        words += " How many hours that is cannot be said: too few outlines say how long they took."
    blocks: list[Block] = [Paragraph(words)]
    if outcome.missed is not None:
        missed = outcome.missed
        blocks.append(
            Paragraph(
                f"This has a price: about {counted(round(missed.value), 'images')} of the rest that people would draw "
                f"apart have no second outline (95 % interval {round(missed.low):,} to {round(missed.high):,})."
            )
        )
    return blocks


def _hours(hours: float) -> str:
    return f"{hours:.1f} h" if hours < 10 else f"{hours:,.0f} h"


def _errors(outcome: TriageOutcome) -> list[Block]:
    error, bias, card_error = outcome.error, outcome.bias, outcome.card_error
    left_out = [*_learned_from(outcome), *_calibrated_on(outcome)]
    if error is None or bias is None:
        words = f"Fewer than {FEWEST} images with a prediction were drawn by two people: nothing is said yet."
        return [Paragraph(words), *left_out]
    whom = f" (predicted for: {outcome.predicted_for})" if outcome.predicted_for else ""
    of = "all images of the folder" if outcome.error_is_of_all else "the images that were drawn twice"
    words = f"On {of} the predicted Dice{whom} is off by {decimal_text(error.value)} on average ({_decimals(error)})"
    of_these = " of such" if outcome.predicted_for else ""
    words += f"; the model's card says {decimal_text(card_error)}{of_these}." if card_error is not None else "."
    blocks: list[Block] = [Paragraph(words)]
    if not outcome.error_is_of_all:
        why = f"{_lacking(outcome)} were drawn by two people" if _lacking(outcome) else "too few others were drawn"
        blocks.append(
            Paragraph(
                f"That is not the error on all images: {why}. The card's number is of all.",
                caution=True,
            )
        )
    elif card_error is not None and error.surely_low > card_error:
        blocks.append(
            Paragraph(
                "That is worse than the card says: the model was made on other images, or people draw in another way "
                "here.",
                caution=True,
            )
        )
    if bias.surely_low > 0 or bias.surely_high < 0:
        higher = "better" if bias.value > 0 else "worse"
        blocks.append(
            Paragraph(
                f"Predictions lean to one side on {of}: they say that people agree {higher} than they do, by "
                f"{decimal_text(abs(bias.value))} on average ({_decimals(_without_sign(bias))}).",
                caution=True,
            )
        )
    if outcome.held_share is not None:
        held = outcome.held_share
        blocks.append(
            Paragraph(
                f"{number_text(outcome.held)} of {number_text(outcome.held_of)} measured Dice lie within their "
                f"predicted intervals: {share_text(held.value)} ({_shares(held)}); they are meant to hold "
                f"{share_text(outcome.level)}."
            )
        )
        if held.surely_high < outcome.level:
            blocks.append(Paragraph("The intervals promise more than they hold on these images.", caution=True))
    if outcome.alarm is not None and outcome.alarm.fires:
        blocks.append(Paragraph(alarm_words(outcome.alarm), caution=True))
    return [*blocks, *left_out, Paragraph(_WARNINGS)]


def _learned_from(outcome: TriageOutcome) -> list[Block]:
    if not outcome.learned_from:
        return []
    measured = outcome.front.measured + outcome.rest.measured
    words = (
        f"The model learned from {number_text(outcome.learned_from)} of the {counted(measured, 'measured images')}: "
        "what is said here may be better than on images that it has not met."
    )
    return [Paragraph(words, caution=True)]


def _calibrated_on(outcome: TriageOutcome) -> list[Block]:
    if not outcome.fitted:
        return []
    images = counted(outcome.fitted, "images that predictions were calibrated on")
    return [Paragraph(f"Left out of the error and of the intervals: {images}.")]


def _without_sign(of: Estimate) -> Estimate:
    """Return how far something leans, whichever the side."""
    return of if of.value > 0 else Estimate(-of.value, -of.high, -of.low)


def _decimals(of: Estimate) -> str:
    return f"95 % interval {decimal_text(of.low)} to {decimal_text(of.high)}"

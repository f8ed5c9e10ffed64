"""The sentences and numbers of a report."""

from typing import TYPE_CHECKING

from annotriage.image_maps import HEATMAP, LESION, MapSpec
from annotriage.measures.ways import MIXED
from annotriage.scoring.team_words import beside, map_note_in_short, team_text
from annotriage.triage.decision_words import decision_text
from annotriage.triage.decisions import Decision
from annotriage.triage.next_step import NEXT_STEPS
from annotriage.triage.report_content import ReportContent, TopImage
from annotriage.wording import (
    cutoff_text,
    decimal_text,
    dice_text,
    disagreement_text,
    images_text,
    number_text,
    percent_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.model_file import ModelCard
    from annotriage.triage.summary import Summary

Rows = list[tuple[str, str]]
"""Captions and values."""


def title() -> str:
    """Name the report."""
    return "Where annotators are predicted to disagree"


def disclaimer() -> str:
    """Say on every page what the numbers are."""
    return "Predicted from the image alone; not a diagnosis."


def page_number(page: int, pages: int) -> str:
    """Give a page its number."""
    return f"Page {page} of {pages}"


def origin_rows(content: ReportContent) -> Rows:
    """Say where the numbers come from."""
    rows = [
        ("Folder", str(content.folder)),
        ("Date", f"{content.created:%d %B %Y, %H:%M}".lstrip("0")),
    ]
    card = content.card
    if card is None:
        return [*rows, ("Model", "not known")]
    model = f"{card.title}, version {card.version}"
    rows.append(("Model", model))
    if whom := team_text(card, content.team):
        rows.append(("Predicted for", whom))
    if content.team is not None and card.ways:
        return [*rows, *_errors_by_way(card, content.team.way)]
    metrics = card.metrics
    if metrics is not None and metrics.mae is not None:
        error = "{error} mean absolute error of the predicted Dice on test images"
        error = error.format(error=f"{metrics.mae:.3f}")
        if metrics.median_mae is not None:
            guess = "{error} by always guessing the median"
            error = f"{error}; {guess.format(error=f'{metrics.median_mae:.3f}')}"
        rows.append(("Model’s error", error))
    return rows


def _errors_by_way(card: "ModelCard", way: str) -> Rows:
    """Say how far off predictions are: for the way of drawing that they hold for, or for each where it is not known."""
    ways = [each for each in card.ways if way in (each.key, MIXED)]
    return [
        ("Model’s error" if not place else "", f"{each.words[0].upper()}{each.words[1:]}: " + (
            f"{decimal_text(error.mae)} mean absolute error of the predicted Dice on {images_text(error.images)} drawn "
            f"so; {decimal_text(error.median_mae)} by always guessing their median"
            if (error := each.metrics) is not None
            else "not measured"
        ))
        for place, each in enumerate(ways)
    ]  # fmt: skip


def summary_rows(content: ReportContent) -> Rows:
    """Count images by what is known and was decided."""
    summary = content.summary

    def share(count: int) -> str:
        return f"{number_text(count)} ({percent_text(count, summary.total)})"

    rows = [
        ("Images", number_text(summary.total)),
        ("Scored", number_text(summary.scored)),
        ("Unreadable, not counted above", number_text(summary.unreadable)),
        *_mask_rows(summary.masks),
        (decision_text(Decision.EXPERT), share(summary.experts)),
        (decision_text(Decision.ROUTINE), share(summary.routine)),
        (decision_text(Decision.EXCLUDE), share(summary.excluded)),
        (decision_text(Decision.UNDECIDED), share(summary.undecided)),
        *_measured_rows(summary),
    ]
    return rows


def _measured_rows(summary: "Summary") -> Rows:
    """Count the images that people drew, and what comes next for them; nothing where nobody did."""
    if not summary.drawn:
        return []
    steps = ((step.value[:1].upper() + step.value[1:], summary.steps.get(step, 0)) for step in NEXT_STEPS[1:])
    return [
        ("Drawn by two or more, and measured", number_text(summary.measured)),
        *((words, number_text(count)) for words, count in steps if count),
    ]


def _mask_rows(count: int) -> Rows:
    return [("People’s masks, left out", number_text(count))] if count else []


def histogram_title() -> str:
    """Name the histogram."""
    return "Predicted disagreement of all scored images"


def histogram_sentence(content: ReportContent) -> str:
    """Say what the histogram shows."""
    if not content.summary.scored:
        return "No image is scored yet."
    sentence = (
        "{above} of {scored} have a predicted disagreement of {cutoff} or more (dashed line){unlike}. Disagreement is "
        "1 minus the predicted Dice."
    )
    unlike = f", not counting {images_text(content.unlike)} unlike what the model knows" if content.unlike else ""
    return sentence.format(
        unlike=unlike,
        above=number_text(content.above),
        scored=images_text(content.summary.scored),
        cutoff=cutoff_text(content.cutoff),
    )


def histogram_scale() -> tuple[str, str]:
    """Name the ends of the histogram's axis."""
    return "0: predicted to agree", "1: predicted to disagree"


def top_title(content: ReportContent) -> str:
    """Name the pages of images."""
    counts = f"{number_text(len(content.top))} of {number_text(content.chosen)}"
    return beside(f"The most contentious images: {counts}", team_text(content.card, content.team))


def legend(maps: "Sequence[MapSpec]", content: ReportContent) -> list[str]:
    """Say what the maps mean that are on a page, and of the heatmap where it explains another prediction."""

    def meaning(spec: MapSpec) -> str:
        note = map_note_in_short(content.card, content.team) if spec.name == HEATMAP else ""
        return f"{spec.in_reports} {note}." if note else spec.in_reports

    coloured = [spec for spec in maps if not spec.lines]
    sentences = [f"Left: {spec.in_reports}" for spec in maps if spec.lines]
    if len(coloured) == 1:
        return [*sentences, f"Right: {meaning(coloured[0])}"]
    return [*sentences, *(f"{spec.above_pictures}: {meaning(spec)}" for spec in coloured)]


def image_rows(top: TopImage, content: ReportContent) -> Rows:
    """Say what is known about an image."""
    level = None if content.card is None else content.card.interval.level
    number = disagreement_text(top.disagreement, content.cutoff)
    rows = [("Predicted disagreement", number)]
    if top.interval is not None:
        caption = "Its interval"
        if level is not None:
            caption = f"Its interval ({100 * level:g} %)"
        rows.append((caption, f"{1 - top.interval[1]:.2f} – {1 - top.interval[0]:.2f}"))
    rows.append(("Predicted Dice", dice_text(1 - top.disagreement, content.cutoff)))
    rows.append(("Decision", decision_text(top.review.decision)))
    if top.review.assignee:
        rows.append(("Assignee", top.review.assignee))
    rows += top.measured
    return rows


def rank_text(top: TopImage) -> str:
    """Return an image's rank."""
    return f"Rank {number_text(top.rank)}"


def image_caption(maps: "Sequence[MapSpec]") -> str:
    """Name the picture of an image in its own colours, over which the lines of these maps are drawn."""
    if any(spec.name == LESION for spec in maps):
        return "Where the border is uncertain"
    return ", ".join(spec.above_pictures for spec in maps) or "The image"


def cannot_be_shown(reason: str) -> str:
    """Stand in the place of a picture."""
    return f"Cannot be shown now: {reason}"


def unreadable_title(content: ReportContent) -> str:
    """Name the list of unreadable images."""
    count = number_text(content.summary.unreadable)
    return f"Images that cannot be read: {count}"


def unlisted(content: ReportContent) -> str | None:
    """Say how many unreadable images are not listed; None: all are."""
    count = content.summary.unreadable - len(content.unreadable)
    return f"And {number_text(count)} more." if count > 0 else None

"""For whom a prediction holds, and how good predictions are for those, in words."""

from typing import TYPE_CHECKING

from annotriage.image_maps import HEATMAP
from annotriage.measures.ways import MIXED
from annotriage.wording import decimal_text, images_text, share_text

if TYPE_CHECKING:
    from annotriage.model_file import ModelCard, WayOfDrawing
    from annotriage.scoring.team import Team

PREDICTED_FOR = "predicted_for"
"""The column of tables that says for whom their predictions hold."""
QUESTION = "How does your team draw?"
WHY_ASKED = (
    "Much of how well outlines agree is the tool they are drawn with. The model answers for each way of drawing; the "
    "ranking follows at once, and nothing is computed anew."
)


def team_text(card: "ModelCard | None", team: "Team | None") -> str:
    """Say for whom predictions hold: 'by hand, calibrated on 64 images of yours'; empty: the model knows no ways."""
    if card is None or team is None:
        return ""
    way = card.way_words(team.way) if card.ways else ""
    return ", ".join(part for part in (way, "" if team.calibration is None else team.calibration.words) if part)


def version_text(card: "ModelCard", team: "Team | None") -> str:
    """Say by what was predicted and for whom, as predictions are filed in other programs: 'bundled 4, by hand'."""
    return beside(f"{card.name} {card.version}", team_text(card, team))


def beside(number: str, team_words: str) -> str:
    """Put beside a number for whom it holds: '0.71, by hand'."""
    return f"{number}, {team_words}" if team_words else number


def figures_in_short(way: "WayOfDrawing") -> str:
    """Say how good predictions for a way are, in few words: 'error 0.054, rank correlation 0.50, 87 images'."""
    metrics = way.metrics
    if metrics is None:
        return "its error is not measured"
    parts = [f"error {decimal_text(metrics.mae)}"]
    if metrics.spearman is not None:
        parts.append(f"rank correlation {metrics.spearman:.2f}")
    return ", ".join([*parts, images_text(metrics.images)])


def figures_text(way: "WayOfDrawing") -> str:
    """Say how good predictions for a way are, and what those should know who choose it, in sentences."""
    metrics = way.metrics
    if metrics is None:
        said = f"How good predictions for “{way.words}” are was not measured."
        if not way.images:
            said += " No image drawn so was learned from: what is answered rests on other ways."
    else:
        said = (
            f"On {images_text(metrics.images)} drawn so ({way.words}) that it had not met, the predicted Dice was off "
            f"by {decimal_text(metrics.mae)} on average; by always guessing their median, by "
            f"{decimal_text(metrics.median_mae)}."
        )
        if metrics.spearman is not None:
            said += f" Rank correlation: {metrics.spearman:.2f} (a guess: 0, perfect: 1)."
        if metrics.coverage is not None:
            said += f" The intervals held {share_text(metrics.coverage)} of them."
    return f"{said} {way.note}".strip()


def map_note_in_short(card: "ModelCard | None", team: "Team | None") -> str:
    """Say in few words for whom a heatmap explains the prediction, where that is not for the team; empty: it is."""
    if card is None or team is None:
        return ""
    whom = card.way_words(MIXED) if card.ways else "everybody"
    return "" if team.is_plain else f"Explains the prediction for: {whom}"


def map_note(card: "ModelCard | None", team: "Team", name: str) -> str:
    """Say of a map that it is not of what is predicted for the team; empty: it is."""
    if card is None or name != HEATMAP or team.is_plain:
        return ""
    whom = f"“{card.way_words(MIXED)}”" if card.ways else "everybody"
    return f"It explains the prediction for {whom}, not the one for “{team_text(card, team)}”."

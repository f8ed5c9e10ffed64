"""What stands in the cells of the table of images."""

from enum import IntEnum
from typing import TYPE_CHECKING

from annotriage.triage.decision_words import decision_text
from annotriage.triage.decisions import Decision
from annotriage.wording import dice_text

if TYPE_CHECKING:
    from annotriage.desktop.review.image_model import ImageModel


class Column(IntEnum):
    """The columns of the table; the grid shows the first one."""

    RANK = 0
    IMAGE = 1
    DISAGREEMENT = 2
    DICE = 3
    INTERVAL = 4
    DECISION = 5
    ASSIGNEE = 6
    NOTE = 7


def heading(column: Column) -> str:
    """Return what stands above a column."""
    return {
        Column.RANK: "Rank",
        Column.IMAGE: "Image",
        Column.DISAGREEMENT: "Predicted disagreement",
        Column.DICE: "Predicted Dice",
        Column.INTERVAL: "Interval",
        Column.DECISION: "Decision",
        Column.ASSIGNEE: "Assignee",
        Column.NOTE: "Note",
    }[column]


def cell_text(images: "ImageModel", line: int, column: Column) -> str:
    """Return what stands in a cell."""
    match column:
        case Column.RANK:
            return str(images.rank(line) or "")
        case Column.IMAGE:
            return images.image(line).name
        case Column.DISAGREEMENT:
            return images.disagreement_text(line)
        case Column.DICE:
            disagreement = images.disagreement(line)
            return "" if disagreement is None else dice_text(1 - disagreement, images.cutoff)
        case Column.INTERVAL:
            interval = images.interval(line)
            return "" if interval is None else f"{1 - interval[1]:.2f} – {1 - interval[0]:.2f}"
        case Column.DECISION:
            decision = images.decision(line)
            text = "" if decision is Decision.UNDECIDED else decision_text(decision)
            return f"{text} (of another file)" if images.is_changed(line) else text
        case Column.ASSIGNEE:
            return images.review(line).assignee
        case Column.NOTE:
            return images.review(line).note.replace("\n", " ")

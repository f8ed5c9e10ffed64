"""What a calibration of a model to a team brings, as a document."""

from typing import TYPE_CHECKING

from annotriage.comparison.explained.document import Document, FigureBlock, Heading, Paragraph
from annotriage.comparison.explained.plot import Intervals, Level, Plot, around, rows_height
from annotriage.comparison.explained.table import TableBlock
from annotriage.model_file import calibration_words as words

if TYPE_CHECKING:
    from annotriage.model_file import CalibrationCard, ModelCard

TITLE = "Calibration"
_METHOD = (
    "Shift and slope: Huber's estimate on the logit, held towards no change as few images know little. Interval: the "
    "jackknife. After: each image predicted by a calibration that had not met it, nor another image of its patient "
    "where that is known. The difference has a paired bootstrap interval."
)


def calibration_document(found: "CalibrationCard", card: "ModelCard") -> Document:
    """Say what was fitted to a team, and whether it helps."""
    table = TableBlock(
        "calibration-quality",
        f"On the {found.images:,} measured images, none of which the calibration had met where it says after.",
        ("", "before", "after"),
        tuple(words.rows(found)),
    )
    sentence = "How much smaller the mean absolute error is with the calibration, with its 95 % interval; 0: no change."
    return Document(
        TITLE,
        (
            Heading(f"{card.name}, fitted to your team", 1),
            Paragraph(str(found), caution=not found.helps),
            table,
            FigureBlock("figure-calibration", "What the calibration brings", sentence, lambda: _figure(found)),
            Paragraph(f"{words.basis(found, card)} {words.formula(found)}."),
            Paragraph(_METHOD),
        ),
    )


def _figure(found: "CalibrationCard") -> Plot:
    return Plot(
        [
            Intervals(
                ["error before minus after"],
                [found.gain],
                [found.gain_low],
                [found.gain_high],
                labels=[f"{found.gain:.3f} (95 % interval {found.gain_low:.3f} to {found.gain_high:.3f})"],
            ),
            Level("no change", 0.0, vertical=True),
        ],
        "mean absolute error, before minus after",
        x_range=around([0.0, found.gain_low, found.gain_high]),
        height=rows_height(1),
    )

"""Predicted against true Dice, image by image, of one model at a time."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.comparison.explained.triage_words import images_sentence
from annotriage.desktop.charts.chart import Chart
from annotriage.desktop.statistics.tab import framed
from annotriage.desktop.statistics.triage_charts import draw_images
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.comparison.results import TriageQuality


class _Choice(QComboBox):
    """A choice that leaves the wheel to what scrolls around it."""

    @override
    def wheelEvent(self, e: QWheelEvent) -> None:
        e.ignore()


class ImagesFigure(QWidget):
    """A figure of test images, and which model predicted.

    Signals
    -------
    image_clicked : object
        The name of an image.

    Parameters
    ----------
    found : sequence of TriageQuality
        At least one; each with its images.
    """

    image_clicked = Signal(object)

    def __init__(self, found: "Sequence[TriageQuality]", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found = found
        self.models = _Choice()
        self.models.setAccessibleName("Predicted by")
        self.models.addItems([each.model for each in found])
        self.chart = Chart("Predicted and true Dice", "predicted Dice", "true Dice")
        self.frame = framed(self.chart, "")
        label = QLabel("Predicted &by")
        label.setBuddy(self.models)
        choice = QWidget()
        line = QHBoxLayout(choice)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(UNIT)
        line.addWidget(label)
        line.addWidget(self.models)
        line.addStretch(1)
        choice.setVisible(len(found) > 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(UNIT)
        column.addWidget(choice)
        column.addWidget(self.frame)
        self.models.currentIndexChanged.connect(self._draw)
        self.chart.clicked.connect(self.image_clicked)
        self._draw(0)

    def _draw(self, place: int) -> None:
        tested = self._found[place].tested
        if tested is not None:
            draw_images(self.chart, tested, self._found[place].below)
            self.frame.set_sentence(images_sentence(tested))

"""A test in words: what it asks, what it found, what it takes for granted and whether that holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.look.icon_label import IconLabel
from annotriage.desktop.look.theme import UNIT, current_theme
from annotriage.desktop.statistics.parts import Caution, heading, sentence

if TYPE_CHECKING:
    from annotriage.comparison.results import Test


class Holds(Enum):
    """Whether what a test takes for granted holds."""

    YES = "check"
    NO = "warning"
    UNKNOWN = "info"


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a test takes for granted, and what was seen when it was checked."""

    holds: Holds
    text: str


class ExplainedTest(QWidget):
    """A card about one test.

    Parameters
    ----------
    title : str
    explanation : str
        Two sentences: what it asks, and how to read its answer.
    reading : str
        What it found, in a sentence.
    numbers : str
        Statistic, p and n, and the function that computed them.
    assumptions : sequence of Assumption
    caution : str
        Why it may mislead; empty: nothing known.
    parent : QWidget or None
    """

    def __init__(
        self,
        title: str,
        explanation: str,
        reading: str,
        numbers: str,
        assumptions: Sequence[Assumption] = (),
        caution: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.reading = reading
        self.assumptions = tuple(assumptions)
        self.caution = caution
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, UNIT + UNIT // 2, 2 * UNIT, 2 * UNIT)
        column.setSpacing(UNIT)
        column.addWidget(heading(title, small=True))
        column.addWidget(sentence(explanation))
        found = sentence(reading)
        font = found.font()
        font.setBold(True)
        found.setFont(font)
        column.addWidget(found)
        column.addWidget(sentence(numbers))
        if assumptions:
            column.addLayout(self._checks(assumptions))
        if caution:
            column.addWidget(Caution(caution))
        column.addStretch(1)

    def _checks(self, assumptions: Sequence[Assumption]) -> QGridLayout:
        signs = {
            Holds.YES: self.tr("holds"), Holds.NO: self.tr("does not hold"), Holds.UNKNOWN: self.tr("not checked")
        }  # fmt: skip
        lines = QGridLayout()
        lines.setHorizontalSpacing(UNIT)
        lines.setVerticalSpacing(UNIT // 2)
        lines.setColumnStretch(2, 1)
        for line, each in enumerate(assumptions):
            sign = QLabel(signs[each.holds])
            sign.setMinimumWidth(11 * UNIT)
            lines.addWidget(IconLabel(each.holds.value, 16), line, 0, Qt.AlignmentFlag.AlignTop)
            lines.addWidget(sign, line, 1, Qt.AlignmentFlag.AlignTop)
            lines.addWidget(sentence(each.text), line, 2)
        return lines

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.line, 1))
        painter.setBrush(theme.panel)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 6, 6)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()


def numbers_of(test: "Test", name: str = "statistic") -> str:
    """Write a test's numbers: 'statistic = 12.3, p = 0.002, n = 10 (scipy.stats.friedmanchisquare)'."""
    from annotriage.comparison.wording import p_text

    return f"{name} = {test.statistic:.4g}, {p_text(test.p)}, n = {test.n:,} ({test.method})"

"""A test in words: what it asks, what it says here, and whether what it takes for granted holds."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.theme import UNIT, current_theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.comparison.explained.explained import Check, Explained

_SIGN = 2 * UNIT


class ExplainedTest(QWidget):
    """One test as a card; every sentence can be selected."""

    def __init__(self, test: "Explained", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._method = _sentence(f"Computed by {test.method}.", faint=True)
        title = _sentence(test.title)
        bold = QFont(title.font())
        bold.setWeight(QFont.Weight.DemiBold)
        title.setFont(bold)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, UNIT + UNIT // 2, 2 * UNIT, UNIT + UNIT // 2)
        column.setSpacing(UNIT)
        for label in (title, _sentence(test.asks, faint=True), _sentence(test.says)):
            column.addWidget(label)
        if test.checks:
            column.addWidget(_sentence("It takes for granted:", faint=True))
            column.addLayout(self._assumptions(test.checks))
        if test.caution:
            column.addLayout(_with_sign("warning", _sentence(test.caution)))
        column.addWidget(self._method)
        self._method.setVisible(bool(test.method))
        self.setAccessibleName(test.title)
        self.setAccessibleDescription(f"{test.asks} {test.says}")

    def _assumptions(self, checks: "Sequence[Check]") -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(UNIT)
        grid.setVerticalSpacing(UNIT // 2)
        grid.setColumnStretch(2, 1)
        signs = {True: "check", False: "warning", None: "undecided"}
        words = {True: "Holds", False: "Does not hold", None: "Not known"}
        tested = "Not refuted"  # all that a test that finds nothing can say
        for row, check in enumerate(checks):
            verdict = QLabel(tested if check.holds and check.method else words[check.holds])
            top = Qt.AlignmentFlag.AlignTop
            grid.addWidget(IconLabel(signs[check.holds], _SIGN), row, 0, top)
            grid.addWidget(verdict, row, 1, top)
            grid.addWidget(_sentence(f"{check.assumption} {check.evidence}"), row, 2)
        return grid

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.line, 1))
        painter.setBrush(theme.panel)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), UNIT // 2, UNIT // 2)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()


def _with_sign(name: str, label: QLabel) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(UNIT)
    line.addWidget(IconLabel(name, _SIGN), 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(label, 1)
    return line


def _sentence(text: str, *, faint: bool = False) -> QLabel:
    label = QLabel(text, wordWrap=True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if faint:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label

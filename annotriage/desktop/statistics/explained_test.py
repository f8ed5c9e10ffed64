"""A test in words: what it asks, what it says here, and whether what it takes for granted holds."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget
from typing_extensions import override

from annotriage.comparison.explained.explained import Explained
from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.layout import column, grid, grow, row, top
from annotriage.desktop.widgets.text import bold, text_label
from annotriage.desktop.widgets.theme import UNIT, current_theme

_SIGNS = {True: "check", False: "warning", None: "undecided"}


class ExplainedTest(QWidget):
    """One test as a card; every sentence can be selected."""

    def __init__(self, test: Explained, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        checks = [
            (
                top(IconLabel(_SIGNS[check.holds], 2 * UNIT)),
                top(text_label(check.verdict)),
                _sentence(f"{check.assumption} {check.evidence}"),
            )
            for check in test.checks
        ]
        caution = row(top(IconLabel("warning", 2 * UNIT)), grow(_sentence(test.caution))) if test.caution else None
        column(
            bold(_sentence(test.title)),
            _sentence(test.asks, faint=True),
            _sentence(test.says),
            _sentence("It takes for granted:", faint=True) if checks else None,
            grid(*checks, spacing=(UNIT, UNIT // 2), stretch=2) if checks else None,
            caution,
            _sentence(f"Computed by {test.method}.", faint=True) if test.method else None,
            on=self,
            margins=(2 * UNIT, UNIT + UNIT // 2),
        )
        self.setAccessibleName(test.title)
        self.setAccessibleDescription(f"{test.asks} {test.says}")

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


def _sentence(text: str, *, faint: bool = False) -> QLabel:
    return text_label(text, wraps=True, faint=faint, copies=True)

"""The predicted disagreement as one large number, and its interval; or how many images are selected."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget
from typing_extensions import override

from annotriage.desktop.inspector.drawn_panel import DrawnPanel
from annotriage.desktop.inspector.gauge import Gauge, Numbers
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.scoring.team_words import beside
from annotriage.wording import images_text, number_text

_LARGE = 34


class NumbersPanel(QWidget):
    """Disagreement first, then its rank, then its gauge.

    Where several images are selected, their number stands in the place of one image's: what is said is about them all.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = Numbers()
        self._selected = 1
        self._number = named(QLabel(self), "number")
        self._number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._caption = QLabel(self)
        self._rank = named(QLabel(self), "rank")
        self._rank.setWordWrap(True)
        self._rank.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.gauge = Gauge(parent=self)
        kept = self.gauge.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.gauge.setSizePolicy(kept)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(UNIT + UNIT // 2)
        layout.setVerticalSpacing(0)
        layout.setColumnStretch(1, 1)
        layout.addWidget(self._number, 0, 0, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._caption, 0, 1, Qt.AlignmentFlag.AlignBottom)
        layout.addWidget(self._rank, 1, 1, Qt.AlignmentFlag.AlignTop)
        layout.setRowMinimumHeight(2, UNIT)
        layout.addWidget(self.gauge, 3, 0, 1, 2)
        self._unlike = named(text_label(wraps=True, heavy=True, copies=True), "unlike")
        self._team = named(text_label(wraps=True, faint=True, copies=True), "team")
        self._drawn = named(DrawnPanel(self), "drawn")
        for line, label in enumerate((self._unlike, self._team), start=4):
            label.setContentsMargins(0, UNIT // 2, 0, 0)
            layout.addWidget(label, line, 0, 1, 2)
        layout.setRowMinimumHeight(6, UNIT // 2)
        layout.addWidget(self._drawn, 7, 0, 1, 2)
        self._set_font()
        self.set_numbers(Numbers())

    def set_numbers(self, numbers: Numbers) -> None:
        """Show other numbers."""
        self._numbers = numbers
        self.gauge.set_numbers(numbers)
        self._show()

    def set_selected(self, count: int) -> None:
        """Say how many images are selected."""
        self._selected = count
        self._show()

    def _show(self) -> None:
        numbers, disagreement = self._numbers, self._numbers.disagreement
        several = self._selected > 1
        self._team.setText(
            ": ".join(part for part in (numbers.team[:1].upper() + numbers.team[1:], numbers.figures) if part)
        )
        self._team.setToolTip(numbers.sentence)
        self._unlike.setText(numbers.unlike_words())
        self._unlike.setVisible(bool(numbers.unlike) and not several)
        self._team.setVisible(bool(numbers.team) and not several)
        self.gauge.setVisible(not several)
        self._drawn.show_rows(() if several else numbers.drawn)
        if several:
            self._number.setText(number_text(self._selected))
            self._number.setAccessibleName(f"{images_text(self._selected)} selected")
            self._caption.setText("images selected")
            self._rank.setText("one of them is shown")
            return
        self._caption.setText("Predicted disagreement")
        self._number.setText(numbers.disagreement_words())
        said = "not scored yet" if disagreement is None else beside(self._number.text(), numbers.team)
        self._number.setAccessibleName(f"Predicted disagreement: {said}")
        if disagreement is None:
            self._rank.setText(numbers.with_mark("not scored yet"))
        elif numbers.rank:
            rank = f"rank {number_text(numbers.rank)} of {number_text(numbers.ranked)}"
            self._rank.setText(numbers.with_mark(rank))
        else:
            self._rank.setText("not ranked yet")

    def _set_font(self) -> None:
        font = QFont(self.font())
        font.setPixelSize(_LARGE)
        font.setWeight(QFont.Weight.DemiBold)
        self._number.setFont(font)

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._set_font()
        super().changeEvent(event)

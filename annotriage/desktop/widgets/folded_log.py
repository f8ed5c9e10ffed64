"""The log of a training, folded away until somebody wants to see it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from annotriage.desktop.widgets.layout import column, left
from annotriage.desktop.widgets.text import reading_field
from annotriage.desktop.widgets.theme import UNIT


class FoldedLog(QWidget):
    """A line that opens, and the text below it. New lines are written only while it is open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: Sequence[str] = ()
        self._total = self._written = 0
        self.fold = QToolButton()
        self.fold.setText("Log")
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setArrowType(Qt.ArrowType.RightArrow)
        self.fold.setCheckable(True)
        self.fold.setAutoRaise(True)
        self.text = reading_field("Log of the training", fixed=True)
        self.text.setFixedHeight(20 * UNIT)
        self.text.hide()
        column(left(self.fold), self.text, on=self, spacing=UNIT // 2)
        self.fold.toggled.connect(self._set_open)

    def show_lines(self, lines: Sequence[str], total: int | None = None) -> None:
        """Show the last lines of so many that there have been (None: these); fewer than before: another log."""
        total = len(lines) if total is None else total
        if total < self._total or (total == self._total and total and lines[-1] != self._lines[-1]):
            self._written = 0
            self.text.clear()
        self._lines, self._total = list(lines), total
        self._write()

    def _write(self) -> None:
        if not self.fold.isChecked():
            return
        new = self._total - self._written
        if new:
            bar = self.text.verticalScrollBar()
            at_end = bar.value() >= bar.maximum()
            self.text.appendPlainText("\n".join(list(self._lines)[-new:]))
            self._written = self._total
            if at_end:
                bar.setValue(bar.maximum())

    def _set_open(self, is_open: bool) -> None:
        self.fold.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self.text.setVisible(is_open)
        self._write()

"""Keys drawn as the caps of a keyboard."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.theme import UNIT, current_theme

_BETWEEN = 4


def keys_of(sequence: QKeySequence) -> list[str]:
    """Split a shortcut into its keys, as they are written on keyboards: 'Ctrl', 'Shift', 'Z'."""
    text = sequence.toString(QKeySequence.SequenceFormat.NativeText)
    keys = []
    for chord in text.split(", "):
        head, plus, last = chord.rpartition("+")
        if plus and not last:  # the plus key itself
            head, last = head.removesuffix("+"), "+"
        keys += [*(key for key in head.split("+") if key), last]
    return [key for key in keys if key]


class KeyCaps(QWidget):
    """One or several combinations of keys; several are alternatives."""

    def __init__(self, combinations: list[list[str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._combinations = combinations
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.text())

    def text(self) -> str:
        """Return the keys in words."""
        return " or ".join("+".join(keys) for keys in self._combinations)

    def _pieces(self) -> list[tuple[str, bool]]:
        """Return texts, and for each whether it is a key."""
        pieces: list[tuple[str, bool]] = []
        for number, keys in enumerate(self._combinations):
            if number:
                pieces.append(("or", False))
            pieces += [(key, True) for key in keys]
        return pieces

    def _width(self, text: str, is_key: bool) -> int:
        width = self.fontMetrics().horizontalAdvance(text)
        return max(width + 2 * UNIT, 3 * UNIT) if is_key else width + UNIT // 2

    @override
    def sizeHint(self) -> QSize:
        pieces = self._pieces()
        width = sum(self._width(*piece) for piece in pieces) + _BETWEEN * max(len(pieces) - 1, 0)
        return QSize(width + 2, 3 * UNIT)

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = 1.0
        for text, is_key in self._pieces():
            width = self._width(text, is_key)
            box = QRectF(left, 1, width, self.height() - 3)
            if is_key:
                painter.setPen(QPen(theme.trough, 1))
                painter.setBrush(theme.trough)
                painter.drawRoundedRect(box.translated(0, 1.5), 4, 4)  # the edge below makes it a key
                painter.setBrush(theme.field)
                painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.setPen(theme.text if is_key else theme.faint_text)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
            left += width + _BETWEEN

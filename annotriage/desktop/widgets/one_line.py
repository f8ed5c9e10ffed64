"""Words in one line that are cut off where there is no room: no text may make the window wider than the screen."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.widgets.theme import UNIT

_LEAST = "9,999…"
"""What is seen of the words however narrow it gets: the number with which they begin."""
_RUN = 20
"""So many characters of a word stand together at least, where a long one has to go on in the next line."""


def breakable(text: str) -> str:
    """Let long words, such as paths and file names, go on in the next line: else they are as wide as the window."""
    words = text.split(" ")
    return " ".join(word if len(word) <= _RUN else _in_runs(word) for word in words)


def _in_runs(word: str) -> str:
    return "\u200b".join(word[start : start + _RUN] for start in range(0, len(word), _RUN))


def cut_off(metrics: QFontMetrics, text: str, room: int) -> str:
    """Return a text, or so much of its beginning as has room."""
    if metrics.horizontalAdvance(text) <= room:
        return text  # asked for exactly this room, Qt may cut for a part of a pixel
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)


class OneLineLabel(QLabel):
    """A label whose text is whole in its tool tip."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setToolTip(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    @property
    def is_whole(self) -> bool:
        """Whether there is room for all of the text."""
        return self.fontMetrics().horizontalAdvance(self.text()) <= self.contentsRect().width()

    @override
    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    @override
    def minimumSizeHint(self) -> QSize:
        least = self.fontMetrics().horizontalAdvance(_LEAST)
        return QSize(min(least, self.sizeHint().width()), super().minimumSizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area: QRect = self.contentsRect()
        words = cut_off(self.fontMetrics(), self.text(), area.width())
        self.style().drawItemText(
            painter, area, int(self.alignment()), self.palette(), self.isEnabled(), words, self.foregroundRole()
        )


def _least(button: QAbstractButton, whole: QSize) -> QSize:
    """Return the least size of a button that is `whole` with all its words: icon and first words are seen."""
    metrics = button.fontMetrics()
    beside = whole.width() - metrics.horizontalAdvance(button.text())
    return QSize(min(beside + metrics.horizontalAdvance(_LEAST), whole.width()), whole.height())


class OneLineButton(QPushButton):
    """A push button of which icon and first words are seen at least."""

    @override
    def minimumSizeHint(self) -> QSize:
        return _least(self, super().sizeHint())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionButton()
        self.initStyleOption(option)
        room = self.width() - self.sizeHint().width() + self.fontMetrics().horizontalAdvance(self.text())
        option.text = cut_off(self.fontMetrics(), self.text(), room)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)


class OneLineToolButton(QToolButton):
    """A flat button, no wider than `most` units, of which icon and first words are seen at least."""

    def __init__(self, most: int = 40, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = most * UNIT

    @override
    def sizeHint(self) -> QSize:
        whole = super().sizeHint()
        return QSize(min(whole.width(), self._most), whole.height())

    @override
    def minimumSizeHint(self) -> QSize:
        return _least(self, super().sizeHint())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionToolButton()
        self.initStyleOption(option)
        room = self.width() - super().sizeHint().width() + self.fontMetrics().horizontalAdvance(self.text())
        option.text = cut_off(self.fontMetrics(), self.text(), room)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)

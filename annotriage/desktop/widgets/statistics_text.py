"""Headings, sentences, cautions, and two things side by side: what the tabs' columns are made of."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.theme import UNIT, current_theme

_HEADING, _SUBHEADING = 18, 15
_NARROW = 110 * UNIT
"""Pixels below which two things stand one above the other."""


def heading(text: str, *, small: bool = False) -> QLabel:
    """Return a heading."""
    label = _label(text)
    font = QFont(label.font())
    font.setPixelSize(_SUBHEADING if small else _HEADING)
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    return label


def sentence(text: str) -> QLabel:
    """Return some sentences, to be marked and copied."""
    return _label(text)


def _label(text: str) -> QLabel:
    label = QLabel(text, wordWrap=True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    return label


class Caution(QWidget):
    """Why what is seen may mislead, on the colour of warnings and with their sign."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = _label(text)
        line = QHBoxLayout(self)
        line.setContentsMargins(UNIT + UNIT // 2, UNIT, UNIT, UNIT)
        line.setSpacing(UNIT)
        line.addWidget(IconLabel("warning", 16), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._words, 1)

    @property
    def text(self) -> str:
        """What it says."""
        return self._words.text()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current_theme().warning)
        painter.drawRoundedRect(self.rect(), 4, 4)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()


class SideBySide(QWidget):
    """Two things under their headings, such as 'As published' and 'As it should be read'; or stacked."""

    def __init__(
        self, left_title: str, left: QWidget, right_title: str, right: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(3 * UNIT)
        # Tables know how wide they must be; whatever else there is shares the room.
        self._needed = [getattr(each, "needed_width", _NARROW // 2) for each in (left, right)]
        for title, widget, needed in zip((left_title, right_title), (left, right), self._needed, strict=True):
            column = QVBoxLayout()
            column.setSpacing(UNIT)
            column.addWidget(heading(title, small=True))
            column.addWidget(widget, 1, Qt.AlignmentFlag(0))
            self._row.addLayout(column, needed)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < sum(self._needed) + self._row.spacing()
        wanted = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._row.direction() != wanted:
            self._row.setDirection(wanted)
            for place in range(2):  # one above the other, neither is given more than it needs
                self._row.setStretch(place, 0 if narrow else self._needed[place])


def as_published() -> str:
    """Return the heading above what the paper did."""
    return "As published"


def as_it_should_be_read() -> str:
    """Return the heading above what can be relied on."""
    return "As it should be read"

"""Small parts that the wizard's first pages share: a heading, plain words, and words with a sign before them."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QFont, QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QTabBar, QTabWidget, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.theme import UNIT


def heading(text: str) -> QLabel:
    """Return a page's heading."""
    label = QLabel(text)
    font = QFont(label.font())
    font.setPixelSize(18)
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    return label


def plain_text(text: str = "", *, faint: bool = False) -> QLabel:
    """Return words that wrap, can be copied and are never taken for markup."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(_as_tall_as_wide())
    if faint:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def caption_of(words: str, field: QWidget) -> QLabel:
    """Return the caption of a field, which its key leads to."""
    label = QLabel(words)
    label.setBuddy(field)
    # Qt measures "Table" with its letters set close, and draws them apart where one is underlined: the end is cut off.
    label.setMinimumWidth(label.sizeHint().width() + UNIT // 2)
    return label


def bold(label: QLabel) -> QLabel:
    """Make a label's words heavier, and return it."""
    font = QFont(label.font())
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    return label


def keep_room(widget: QWidget) -> None:
    """Let a widget keep its room while it is hidden, so that nothing moves when it comes."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


class RoomForLines(QLabel):
    """Words that come and go in room of so many lines, so that nothing around moves; whole in the tool tip."""

    def __init__(self, lines: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 2)

    def say(self, sentence: str) -> None:
        """Show a sentence, or nothing."""
        self.setText(sentence)
        self.setToolTip(sentence)


def _as_tall_as_wide() -> QSizePolicy:
    """Return the policy of words that wrap: as tall as their width makes them, and no taller."""
    policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    policy.setHeightForWidth(True)
    return policy


class ColumnArea(QScrollArea):
    """Scrolls up and down alone: what is inside is as wide as the area, and as tall as its words then are.

    Qt's own way asks for the height that wrapped words have at their narrowest, and leaves room below that is not
    needed, or cuts off what does not fit.

    Attributes
    ----------
    inside : QWidget
        Put a layout on it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.inside = QWidget()
        self.inside.installEventFilter(self)
        self.setWidget(self.inside)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.inside and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        layout = self.inside.layout()
        if layout is None:
            return
        width = self.viewport().width()
        tall = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
        self.inside.resize(width, max(tall, self.viewport().height()))


class RoomyTabs(QTabWidget):
    """Tabs tall enough for their words: Qt's own cut off what hangs below the line in those that are not chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabBar(_RoomyBar())


class _RoomyBar(QTabBar):
    @override
    def tabSizeHint(self, index: int) -> QSize:
        return super().tabSizeHint(index) + QSize(0, UNIT // 2)


class SignedText(QWidget):
    """Words with a sign before them."""

    def __init__(self, sign: str = "info", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = IconLabel(sign, 2 * UNIT + 4)
        self.label = plain_text()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(UNIT)
        line.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.label, 1)
        self.setSizePolicy(_as_tall_as_wide())

    def say(self, words: str, sign: str) -> None:
        """Show words and their sign."""
        self._sign.set_icon(sign)
        self.label.setText(words)

    def text(self) -> str:
        """Return the words."""
        return self.label.text()

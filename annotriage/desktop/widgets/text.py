"""Labels: headings, captions, words to copy, words with a sign before them, names that are shortened."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont, QFontDatabase, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.theme import UNIT, current_theme

_HEADING, _SUBHEADING = 18, 15


def text_label(
    text: str = "",
    *,
    wraps: bool = False,
    faint: bool = False,
    heavy: bool = False,
    copies: bool = False,
    size: int = 0,
) -> QLabel:
    """Return words that are never taken for markup; `copies`: they can be marked and copied; `size`: in pixels."""
    label = QLabel(text, wordWrap=wraps)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if copies:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if faint:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    if size:
        font = QFont(label.font())
        font.setPixelSize(size)
        label.setFont(font)
    return bold(label) if heavy else label


def heading(text: str, *, small: bool = False) -> QLabel:
    """Return the heading of a page, or of a part of it."""
    label = plain_text(text)
    font = QFont(label.font())
    font.setPixelSize(_SUBHEADING if small else _HEADING)
    label.setFont(font)
    return bold(label)


def plain_text(text: str = "", *, faint: bool = False) -> QLabel:
    """Return words that wrap, can be copied and are never taken for markup."""
    label = text_label(text, wraps=True, faint=faint, copies=True)
    label.setSizePolicy(_as_tall_as_wide())
    return label


def reading_field(name: str, *, fixed: bool = False) -> QPlainTextEdit:
    """Return a field of many lines to read and copy; `fixed`: letters as wide as each other, lines as they are."""
    field = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
    field.setAccessibleName(name)
    if fixed:
        field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        field.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    return field


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


def _as_tall_as_wide() -> QSizePolicy:
    """Return the policy of words that wrap: as tall as their width makes them, and no taller."""
    policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    policy.setHeightForWidth(True)
    return policy


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


class Caution(QWidget):
    """Why what is seen may mislead, on the colour of warnings and with their sign."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = plain_text(text)
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


class NameLabel(QLabel):
    """A name in one line, shortened where there is no room (in its middle, or as is said); whole in its tool tip."""

    def __init__(
        self, parent: QWidget | None = None, *, shortened: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle
    ) -> None:
        super().__init__(parent)
        self._mode = shortened
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_name(self, name: str) -> None:
        """Show a name."""
        self._whole = name
        self.setToolTip(name)
        self.setAccessibleName(name)
        self._shorten()

    def _shorten(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, self._mode, self.width()))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._shorten()

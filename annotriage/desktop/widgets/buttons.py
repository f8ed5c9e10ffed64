"""Buttons: with an icon and words, with an icon alone, the one that says what to do next, those below a dialog."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QIcon, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QStyle, QStyleOptionButton, QToolButton
from typing_extensions import override

from annotriage.desktop.widgets.icons import icon, tinted
from annotriage.desktop.widgets.theme import UNIT, current_theme

_ROUND = 4
_RING = 2
_DISABLED = 130
"""How much, of 255, is seen of the words of a button that cannot be pressed."""


def push_button(
    text: str, do: Callable[[], object] | None = None, *, sign: str = "", tip: str = "", name: str = ""
) -> QPushButton:
    """Return a button that Enter presses only while it has the focus, or once it is made the dialog's default.

    `sign` is the name of its icon; `name` is read aloud where its words do not say enough.
    """
    button = QPushButton(icon(sign), text) if sign else QPushButton(text)
    button.setAutoDefault(False)
    button.setToolTip(tip)
    button.setAccessibleName(name)
    if do is not None:
        button.clicked.connect(do)
    return button


def tool_button(sign: str, words: str, do: Callable[[], object] | None = None, *, name: str = "") -> QToolButton:
    """Return a flat button that is an icon; its words are its tool tip, and read aloud unless `name` says more."""
    button = QToolButton(autoRaise=True)
    button.setIcon(icon(sign))
    button.setToolTip(words)
    button.setAccessibleName(name or words)
    if do is not None:
        button.clicked.connect(do)
    return button


def without_icons(box: QDialogButtonBox) -> QDialogButtonBox:
    """Take the icons off a dialog's standard buttons: they are the style's own, and dark on dark."""
    for button in box.buttons():
        if box.standardButton(button) != QDialogButtonBox.StandardButton.NoButton:
            button.setIcon(QIcon())
    return box


def closing_buttons(*others: QPushButton) -> QDialogButtonBox:
    """Return a row of buttons with the one that closes, which Enter presses, and others on the other side."""
    box = without_icons(QDialogButtonBox(QDialogButtonBox.StandardButton.Close))
    box.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
    for button in others:
        box.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
    return box


class PrimaryButton(QPushButton):
    """A push button in the accent colour; at most one on a screen.

    It looks like a button of the screen's style in every other respect: keyboard, mouse and what is read aloud.
    """

    @override
    def sizeHint(self) -> QSize:
        text = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
        icon = 0 if self.icon().isNull() else self.iconSize().width() + UNIT
        return QSize(text.width() + icon + 4 * UNIT, super().sizeHint().height() + 2 * _RING)

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        theme = current_theme()
        enabled = self.isEnabled()
        face = QColor(theme.accent if enabled else theme.line)
        if enabled and self.isDown():
            face = face.darker(120)
        elif enabled and self.underMouse():
            face = face.lighter(112)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(_RING, _RING, -_RING, -_RING)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(face)
        painter.drawRoundedRect(box, _ROUND, _ROUND)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.on_accent, 1))
            painter.drawRoundedRect(box.adjusted(2.5, 2.5, -2.5, -2.5), _ROUND - 1, _ROUND - 1)
            painter.setPen(QPen(theme.text, 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _ROUND + 1, _ROUND + 1)
        ink = QColor(theme.on_accent if enabled else theme.text)
        ink.setAlpha(255 if enabled else _DISABLED)
        self._draw_label(painter, ink)

    def _draw_label(self, painter: QPainter, ink: QColor) -> None:
        text = self.text()
        width = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, text).width()
        area = self.rect()
        if not self.icon().isNull():
            side = self.iconSize().width()
            left = area.center().x() - (width + UNIT + side) // 2
            drawn = tinted(self.icon(), side, ink, ratio=self.devicePixelRatioF())
            painter.drawPixmap(left, area.center().y() - side // 2, drawn)
            area.setLeft(left + side + UNIT)
            area.setWidth(width + 1)
        painter.setPen(ink)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic, text)

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

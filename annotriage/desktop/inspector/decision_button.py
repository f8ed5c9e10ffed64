"""A button that shows a decision's badge, its words, its key, and whether it is the one that was made."""

from collections.abc import Mapping
from enum import Enum

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.gallery.image_marks import BADGE, decision_badge
from annotriage.desktop.widgets.one_line import cut_off
from annotriage.desktop.widgets.theme import UNIT, current_theme
from annotriage.triage.decision_words import decision_text, short_decision_text
from annotriage.triage.decisions import Decision
from annotriage.wording import images_text, number_text

KEYS = {Decision.EXPERT: "1", Decision.ROUTINE: "2", Decision.EXCLUDE: "3", Decision.UNDECIDED: "U"}
"""The keys that decide, in the order of the buttons."""
_CAP = 18
_MARK = 10
_AROUND = BADGE + _CAP + _MARK + 2 * UNIT
"""Pixels of a button's width beside its words: badge, tick, key, and what keeps them apart."""
_MANY = 999_999
"""As many images as a button has room to name, at its smallest."""
_ROUND = 4.0
_TICK = (QPointF(-5, 0), QPointF(-1.5, 4), QPointF(5, -4))
_DASH = QPointF(4, 0)


class Made(Enum):
    """How many of the images have the decision."""

    NONE = "none"
    SOME = "some"
    ALL = "all"


class DecisionButton(QAbstractButton):
    """Clicking it does not check it: it shows what was decided, which the window says."""

    def __init__(self, decision: Decision, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.decision = decision
        self._made = Made.NONE
        self._count = 1
        self.setText(decision_text(decision))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()

    @property
    def made(self) -> Made:
        """Whether all, some or none of the images have the decision."""
        return self._made

    def set_made(self, made: Made) -> None:
        """Show whether all, some or none of the images have the decision."""
        self._made = made
        self.setChecked(made is Made.ALL)
        self._name()

    def set_count(self, count: int) -> None:
        """Say for how many images the button decides."""
        self._count = count
        self._name()

    def _name(self) -> None:
        """Say aloud, and in the tip, what the button does."""
        does, key = self._long_words(), KEYS[self.decision]
        self.setToolTip(f"{does} (key {key})")
        words = f"{does}, key {key}"
        if self._made is Made.SOME:
            words = f"{words}, some of the images"
        self.setAccessibleName(words)
        self.update()

    def _long_words(self) -> str:
        if self._count <= 1:
            return self.text()
        return f"{self.text()} for {images_text(self._count)}"

    @override
    def nextCheckState(self) -> None:
        pass

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._words_width(self.text()) + _AROUND, self._height())

    @override
    def minimumSizeHint(self) -> QSize:
        least = max(self._words_width(words) for words in (short_decision_text(self.decision), number_text(_MANY)))
        return QSize(least + _AROUND, self._height())

    def _height(self) -> int:
        """Return the height of two lines, be there but one: buttons that grow would move under the mouse."""
        return max(4 * UNIT, 2 * self.fontMetrics().height() + UNIT // 2)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.45)
        made = self._made is Made.ALL
        edge = 2.0 if made else 1.0
        box = QRectF(self.rect()).adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2)
        pressed = self.isDown() or self.underMouse()
        painter.setPen(QPen(theme.accent if made else theme.trough, edge))
        painter.setBrush(theme.field if not pressed else (theme.trough if self.isDown() else theme.window))
        painter.drawRoundedRect(box, _ROUND, _ROUND)
        if self.hasFocus():
            painter.setPen(QPen(theme.text, 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), _ROUND - 2, _ROUND - 2)
        self._paint_badge(painter)
        right = self._paint_key(painter)
        left = round(UNIT * 0.5) + BADGE + UNIT // 2
        painter.setFont(self._bold() if made else self.font())
        painter.setPen(theme.text)
        words = [cut_off(QFontMetrics(painter.font()), line, right - left) for line in self.lines()]
        area = QRectF(left, 0, right - left + 1, self.height())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "\n".join(words))

    def _paint_badge(self, painter: QPainter) -> None:
        area = QRectF(UNIT * 0.5, (self.height() - BADGE) / 2, BADGE, BADGE)
        theme = current_theme()
        if self.decision is not Decision.UNDECIDED:
            painter.drawPixmap(area.topLeft(), decision_badge(self.decision, theme, self.devicePixelRatioF()))
            return
        painter.setPen(QPen(theme.faint_text, 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(area.adjusted(2, 2, -2, -2))

    def _paint_key(self, painter: QPainter) -> int:
        """Paint the key, and the tick of what was decided before it; return where they begin."""
        theme = current_theme()
        cap = QRectF(self.width() - _CAP - UNIT * 0.5, (self.height() - _CAP) / 2, _CAP, _CAP)
        painter.setPen(QPen(theme.trough, 1))
        painter.setBrush(theme.panel)
        painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setFont(self.font())
        painter.setPen(theme.text)
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, KEYS[self.decision])
        if self._made is Made.NONE:
            return int(cap.left()) - UNIT // 2
        mark = QRectF(cap.left() - _MARK, 0, _MARK, self.height())
        pen = QPen(QColor(theme.accent), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        middle = mark.center()
        if self._made is Made.ALL:
            painter.drawPolyline([middle + step for step in _TICK])
        else:
            painter.drawLine(middle - _DASH, middle + _DASH)
        return int(mark.left())

    def lines(self) -> list[str]:
        """Return the words that have room however often the decision is made: they do not change with it.

        The number of images is always whole: where there is no room beside the decision, it stands below it.
        """
        short = short_decision_text(self.decision)
        if self._count <= 1:
            return self._first_fitting([[self.text()], [short]])
        images, number = images_text(self._count), number_text(self._count)
        for_images, for_number = "for {images}", "for {number}"
        return self._first_fitting([
            [self._long_words()],
            [f"{short} for {images}"],
            [short, for_images.format(images=images)],
            [short, for_number.format(number=number)],
            [short, number],
        ])  # fmt: skip

    def _first_fitting(self, choices: list[list[str]]) -> list[str]:
        room = self.width() - _AROUND
        fitting = (lines for lines in choices if all(self._words_width(line) <= room for line in lines))
        return next(fitting, choices[-1])

    def _words_width(self, words: str) -> int:
        return QFontMetrics(self._bold()).horizontalAdvance(words) + 1

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.updateGeometry()
            self.update()
        super().changeEvent(event)


def show_decisions(buttons: Mapping[Decision, DecisionButton], decisions: set[Decision]) -> None:
    """Show on its button what was decided: one decision for all images, or several."""
    for decision, button in buttons.items():
        if decision not in decisions:
            button.set_made(Made.NONE)
        else:
            button.set_made(Made.ALL if len(decisions) == 1 else Made.SOME)

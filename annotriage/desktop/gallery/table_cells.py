"""Paint the lines of the table: text, a small image, a bar, a badge."""

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from annotriage.desktop.gallery.image_marks import (
    BAR_AND_WHISKER,
    decision_badge,
    paint_bar,
    paint_measured,
    paint_no_bar,
)
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.widgets.theme import UNIT, Theme, current_theme
from annotriage.triage.decision_words import decision_text
from annotriage.triage.decisions import Decision

if TYPE_CHECKING:
    from annotriage.desktop.gallery.thumbnails import ThumbnailLoader

ROW = 5 * UNIT + UNIT // 2
_THUMBNAIL = ROW - 6
_BADGE = 18
_NUMBER = 44
"""Pixels that a number of three decimals may take."""
_SHORTEST_BAR = 40
_DIMMED = 0.35
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft) | int(Qt.TextFlag.TextSingleLine)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight) | int(Qt.TextFlag.TextSingleLine)


class TableCells:
    """Paints lines of the table, without Qt's delegates and styles, which take three times as long."""

    def __init__(self, images: ImageModel, thumbnails: "ThumbnailLoader") -> None:
        self._images = images
        self._thumbnails = thumbnails

    def paint(
        self,
        painter: QPainter,
        lines: list[tuple[int, int, bool]],
        columns: list[tuple[int, int, int]],
        current: int,
    ) -> None:
        """Paint lines (line, upper edge, whether it is selected) in columns (place, left edge, width)."""
        if not columns:
            return
        theme = current_theme()
        left = min(at for _, at, _ in columns)
        width = max(at + wide for _, at, wide in columns) - left
        painter.setFont(_tabular(painter.font().key()))
        for line, top, selected in lines:
            if selected:
                painter.fillRect(left, top, width, ROW, _tint(theme.dark))
            painter.fillRect(left, top + ROW - 1, width, 1, theme.line)
            if line == current:
                painter.fillRect(left, top, width, 2, theme.accent)
                painter.fillRect(left, top + ROW - 2, width, 2, theme.accent)
            painter.setPen(theme.text)
            for place, at, wide in columns:
                area, column = QRect(at + UNIT, top, wide - 2 * UNIT, ROW), self._images.columns[place]
                match column.key:
                    case "image":
                        self._paint_image(painter, theme, area, line)
                    case "disagreement":
                        self._paint_disagreement(painter, theme, area, line)
                        painter.setPen(theme.text)
                    case "decision":
                        self._paint_decision(painter, theme, area, line)
                    case _:
                        flags = _RIGHT if column.on_the_right else _LEFT
                        _write(painter, area, flags, column.cell(self._images, line))

    def _paint_image(self, painter: QPainter, theme: Theme, area: QRect, line: int) -> None:
        image, ratio = self._images.image(line), painter.device().devicePixelRatioF()
        pixmap = self._thumbnails.pixmap(image, round(_THUMBNAIL * ratio))
        square = QRect(area.left(), area.top() + (ROW - _THUMBNAIL) // 2, _THUMBNAIL, _THUMBNAIL)
        painter.fillRect(square, theme.surround)
        if pixmap is not None:
            longer = max(pixmap.width(), pixmap.height())
            wide, high = _THUMBNAIL * pixmap.width() / longer, _THUMBNAIL * pixmap.height() / longer
            place = QRectF(square.left() + (_THUMBNAIL - wide) / 2, square.top() + (_THUMBNAIL - high) / 2, wide, high)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, longer != round(_THUMBNAIL * ratio))
            excluded = self._images.decision(line) is Decision.EXCLUDE
            painter.setOpacity(_DIMMED if excluded else 1.0)
            painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
            painter.setOpacity(1.0)
        _write(painter, area.adjusted(_THUMBNAIL + UNIT, 0, 0, 0), _LEFT, image.name)

    def _paint_disagreement(self, painter: QPainter, theme: Theme, area: QRect, line: int) -> None:
        disagreement = self._images.disagreement(line)
        number = QRect(area.left(), area.top(), min(_NUMBER, area.width()), area.height())
        bar = (
            number.right() + UNIT,
            area.center().y() - BAR_AND_WHISKER // 2 + 2,
            area.right() - number.right() - UNIT,
        )
        if disagreement is None:
            painter.setPen(theme.faint_text)
            _write(painter, number, _RIGHT, "···")
        else:
            _write(painter, number, _RIGHT, self._images.disagreement_text(line))
        if bar[2] < _SHORTEST_BAR:
            return
        if disagreement is None:
            paint_no_bar(painter, theme, bar)
        else:
            paint_bar(painter, theme, bar, disagreement, self._images.interval(line))
        if (measured := self._images.measured(line)) is not None:
            paint_measured(painter, theme, bar, measured, painter.device().devicePixelRatioF())

    def _paint_decision(self, painter: QPainter, theme: Theme, area: QRect, line: int) -> None:
        decision = self._images.decision(line)
        if decision is not Decision.UNDECIDED:
            badge = decision_badge(decision, theme, painter.device().devicePixelRatioF(), _BADGE)
            painter.drawPixmap(area.left(), area.top() + (area.height() - _BADGE) // 2, badge)
            text = area.adjusted(_BADGE + UNIT, 0, 0, 0)
            _write(painter, text, _LEFT, decision_text(decision))


def _write(painter: QPainter, area: QRect, flags: int, text: str) -> None:
    if text:
        painter.drawText(area, flags, _elided(painter.font().key(), text, area.width()))


@lru_cache(maxsize=4096)
def _elided(font: str, text: str, width: int) -> str:
    mode = Qt.TextElideMode.ElideMiddle if "." in text[-6:] else Qt.TextElideMode.ElideRight  # keep a file's number
    return _metrics(font).elidedText(text, mode, max(0, width))


@lru_cache(maxsize=4)
def _metrics(font: str) -> QFontMetrics:
    return QFontMetrics(_tabular(font))


@lru_cache(maxsize=4)
def _tabular(key: str) -> QFont:
    """Return a font with digits of equal width."""
    font = QFont()
    font.fromString(key)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


@lru_cache(maxsize=2)
def _tint(dark: bool) -> QColor:
    tint = QColor(current_theme().accent)
    tint.setAlpha(70)
    return tint

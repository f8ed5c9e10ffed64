"""Paint the cells of the table: text, a small image, a bar, a badge."""

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from annotriage.desktop.gallery.decision_badge import decision_badge
from annotriage.desktop.gallery.disagreement_bar import BAR_AND_WHISKER, paint_bar, paint_no_bar
from annotriage.desktop.gallery.table_header import NUMBERS
from annotriage.desktop.look.theme import UNIT, Theme, current_theme
from annotriage.desktop.review.image_model import Column, ImageModel, Index
from annotriage.triage.decisions import Decision

if TYPE_CHECKING:
    from annotriage.desktop.gallery.thumbnails import ThumbnailLoader

ROW = 5 * UNIT + UNIT // 2
_THUMBNAIL = ROW - 6
_BADGE = 18
_NUMBER = 34
"""Pixels that a number of two decimals may take."""
_SHORTEST_BAR = 40
_DIMMED = 0.35
_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine


class TableCells(QStyledItemDelegate):
    """Paints cells without Qt's styles, which take several times as long."""

    def __init__(self, images: ImageModel, thumbnails: "ThumbnailLoader", parent: QObject) -> None:
        super().__init__(parent)
        self._images = images
        self._thumbnails = thumbnails

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(10 * UNIT, ROW)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, line, column = current_theme(), index.row(), Column(index.column())
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.fillRect(area, theme.field)  # over the style's own colour of selected lines
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, _tint(theme.dark))
        painter.fillRect(area.left(), area.bottom(), area.width(), 1, theme.line)
        if line == self._current_line():
            painter.fillRect(area.left(), area.top(), area.width(), 2, theme.accent)
            painter.fillRect(area.left(), area.bottom() - 1, area.width(), 2, theme.accent)
        inside = area.adjusted(UNIT, 0, -UNIT, 0)
        painter.setPen(theme.text)
        painter.setFont(_tabular(option.font.key()))
        match column:
            case Column.IMAGE:
                self._paint_image(painter, theme, inside, line)
            case Column.DISAGREEMENT:
                self._paint_disagreement(painter, theme, inside, line)
            case Column.DECISION:
                self._paint_decision(painter, theme, inside, line)
            case _:
                side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
                _write(painter, inside, side, self._images.data(index))

    def _current_line(self) -> int:
        view = self.parent()
        return view.currentIndex().row() if isinstance(view, QAbstractItemView) else -1

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
        _write(painter, area.adjusted(_THUMBNAIL + UNIT, 0, 0, 0), Qt.AlignmentFlag.AlignLeft, image.name)

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
            _write(painter, number, Qt.AlignmentFlag.AlignRight, "···")
        else:
            _write(painter, number, Qt.AlignmentFlag.AlignRight, f"{disagreement:.2f}")
        if bar[2] < _SHORTEST_BAR:
            return
        if disagreement is None:
            paint_no_bar(painter, theme, bar)
        else:
            paint_bar(painter, theme, bar, disagreement, self._images.interval(line))

    def _paint_decision(self, painter: QPainter, theme: Theme, area: QRect, line: int) -> None:
        decision = self._images.decision(line)
        if decision is not Decision.UNDECIDED:
            badge = decision_badge(decision, theme, painter.device().devicePixelRatioF(), _BADGE)
            painter.drawPixmap(area.left(), area.top() + (area.height() - _BADGE) // 2, badge)
            text = area.adjusted(_BADGE + UNIT, 0, 0, 0)
            _write(painter, text, Qt.AlignmentFlag.AlignLeft, self._images.decision_text(decision))


def _write(painter: QPainter, area: QRect, side: Qt.AlignmentFlag, text: str) -> None:
    if text:
        fitting = _elided(painter.font().key(), text, area.width())
        painter.drawText(area, side | _MIDDLE, fitting)


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

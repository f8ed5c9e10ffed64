"""Paint the tiles of the grid, many at a time and fast: a hundred of them, sixty times a second."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QPainter, QPen, QPixmap, QStaticText

from annotriage.desktop.gallery.image_marks import (
    BAR_AND_WHISKER,
    decision_badge,
    paint_bar,
    paint_measured,
    paint_no_bar,
    review_marks,
)
from annotriage.desktop.settings import TILE_SIZES
from annotriage.desktop.widgets.theme import SMALLEST_TEXT, UNIT, current_theme
from annotriage.triage.decisions import Decision

_PAD = UNIT
_NOT_SCORED = "···"
_DIMMED = 0.35
_EDGE = 4
"""Pixels of the coloured edge of a decision."""
_NUMBER, _SMALL, _NAME = "number", "small", "name"
_MOST_TEXTS = 4096


@dataclass(slots=True)
class Tile:
    """What a tile shows."""

    x: int  # top left corner
    y: int  # top left corner
    name: str  # with its folder where that tells it from others
    rank: int  # 0: not known yet
    disagreement: float | None  # predicted, 0..1; None: not scored yet
    interval: tuple[float, float] | None  # of the predicted Dice
    decision: Decision
    pixmap: QPixmap | None  # None: it is on its way
    number: str = ""  # the same, written
    measured: float | None = None  # Dice of those who drew it, 0..1; None: fewer than two did
    drawn: tuple[str, ...] = ()  # The same in words, from long to short; empty: nobody drew it
    mark: str = ""  # A word in a corner of the picture; empty: none
    assignee: str = ""
    noted: bool = False  # whether there is a note
    selected: bool = False
    current: bool = False
    hovered: bool = False


class TilePainter:
    """Paints tiles of one size. Make a new one when the palette, the font or the screen changes."""

    def __init__(self, size: int, ratio: float = 1.0) -> None:
        self.size = max(TILE_SIZES[0], min(TILE_SIZES[1], size))  # logical pixels of the square in which the image lies
        self.ratio = ratio  # pixels of the screen per logical pixel
        self.pixels = round(self.size * ratio)
        self._theme = current_theme()
        self._small = _font(max(SMALLEST_TEXT, 12))
        self._number = _font(13, bold=True)
        self._small_metrics, number = QFontMetrics(self._small), QFontMetrics(self._number)
        self._number_width = number.horizontalAdvance("0.00")
        self._row = max(number.height(), self._small_metrics.height())
        self._text_y = _PAD + self.size + UNIT // 2
        self._bar_y = self._text_y + self._row + 2
        self._name_y = self._bar_y + BAR_AND_WHISKER + 1
        self.width = self.size + 2 * _PAD  # logical pixels of a tile
        self.height = self._name_y + self._small_metrics.height() + UNIT // 2  # logical pixels of a tile
        self._number_shift = number.ascent() - self._small_metrics.ascent()
        self._grounds: dict[tuple[bool, bool, bool], QPixmap] = {}
        # Laying out a text takes longer than painting a tile; numbers come back all the time.
        self._texts: dict[tuple[str, str], QStaticText] = {}

    def paint(self, painter: QPainter, tiles: list[Tile]) -> None:
        """Paint tiles; one kind of thing after the other, because changing pens and fonts costs time."""
        for tile in tiles:
            if tile.selected or tile.current or tile.hovered:
                painter.drawPixmap(tile.x, tile.y, self._ground(tile.selected, tile.current, tile.hovered))
        for tile in tiles:
            self._paint_image(painter, tile)
        for tile in tiles:
            area = (tile.x + _PAD, tile.y + self._bar_y, self.size)
            if tile.disagreement is None:
                paint_no_bar(painter, self._theme, area)
            else:
                paint_bar(painter, self._theme, area, tile.disagreement, tile.interval)
            if tile.measured is not None:
                paint_measured(painter, self._theme, area, tile.measured, self.ratio)
        self._paint_marks(painter, tiles)
        self._paint_drawn(painter, tiles)
        painter.setPen(self._theme.text)
        painter.setFont(self._number)
        for tile in tiles:
            if tile.disagreement is not None:
                right = tile.x + _PAD + self.size
                text = self._text(_NUMBER, tile.number)
                width = self._number_width if len(tile.number) == len("0.00") else round(text.size().width())
                painter.drawStaticText(right - width, tile.y + self._text_y, text)
        painter.setPen(self._theme.faint_text)
        painter.setFont(self._small)
        for tile in tiles:
            y = tile.y + self._text_y + self._number_shift
            if tile.rank:
                painter.drawStaticText(tile.x + _PAD, y, self._text(_SMALL, str(tile.rank)))
            if tile.disagreement is None:
                text = self._text(_SMALL, _NOT_SCORED)
                painter.drawStaticText(tile.x + _PAD + self.size - round(text.size().width()), y, text)
            painter.drawStaticText(tile.x + _PAD, tile.y + self._name_y, self._text(_NAME, tile.name))

    def _paint_image(self, painter: QPainter, tile: Tile) -> None:
        left, top, pixmap = tile.x + _PAD, tile.y + _PAD, tile.pixmap
        if pixmap is None:
            painter.fillRect(left, top, self.size, self.size, self._theme.tile)
        else:
            excluded = tile.decision is Decision.EXCLUDE
            if excluded:
                painter.fillRect(left, top, self.size, self.size, self._theme.surround)
                painter.setOpacity(_DIMMED)
            wide, high = pixmap.width(), pixmap.height()
            if max(wide, high) == self.pixels and self.ratio == 1.0:
                painter.drawPixmap(left + (self.size - wide) // 2, top + (self.size - high) // 2, pixmap)
            else:
                self._paint_scaled(painter, left, top, pixmap)
            if excluded:
                painter.setOpacity(1.0)
        if tile.noted or tile.assignee:
            marks = review_marks(tile.assignee, tile.noted, self._theme.dark, self.ratio)
            width, height = marks.deviceIndependentSize().toTuple()
            painter.drawPixmap(left + self.size - int(width) - 3, top + self.size - int(height) - 3, marks)
        if tile.decision is not Decision.UNDECIDED:
            # Beside the picture, not around it: no colour lies next to skin.
            painter.fillRect(left - _EDGE - 1, top, _EDGE, self.size, self._theme.edge(tile.decision))
            painter.drawPixmap(left + 3, top + 3, decision_badge(tile.decision, self._theme, self.ratio))

    def _paint_marks(self, painter: QPainter, tiles: list[Tile]) -> None:
        marked = [tile for tile in tiles if tile.mark]
        if not marked:
            return
        painter.setPen(self._theme.text)
        painter.setFont(self._small)
        for tile in marked:
            text = self._text(_SMALL, tile.mark)
            width, height = round(text.size().width()) + UNIT, round(text.size().height())
            left, top = tile.x + _PAD + self.size - width - 3, tile.y + _PAD + 3
            painter.fillRect(left, top, width, height, self._theme.warning)
            painter.drawStaticText(left + UNIT // 2, top, text)

    def _paint_drawn(self, painter: QPainter, tiles: list[Tile]) -> None:
        """Write at the lower edge of pictures what people drew, as much of it as there is room for."""
        drawn = [tile for tile in tiles if tile.drawn]
        if not drawn:
            return
        painter.setPen(self._theme.text)
        painter.setFont(self._small)
        for tile in drawn:
            room = self.size - 6 - UNIT
            if tile.noted or tile.assignee:
                marks = review_marks(tile.assignee, tile.noted, self._theme.dark, self.ratio)
                room -= int(marks.deviceIndependentSize().width()) + 3
            texts = (self._text(_SMALL, words) for words in tile.drawn)
            text = next((text for text in texts if text.size().width() <= room), None)
            if text is not None:
                width, height = round(text.size().width()) + UNIT, round(text.size().height())
                left, top = tile.x + _PAD + 3, tile.y + _PAD + self.size - height - 3
                painter.fillRect(left, top, width, height, self._theme.field)
                painter.drawStaticText(left + UNIT // 2, top, text)

    def _paint_scaled(self, painter: QPainter, left: int, top: int, pixmap: QPixmap) -> None:
        """Paint a thumbnail on a dense screen, or one of another size, which stands in for one on its way."""
        longer = max(pixmap.width(), pixmap.height())
        wide, high = self.size * pixmap.width() / longer, self.size * pixmap.height() / longer
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, longer != self.pixels)
        place = QRectF(left + (self.size - wide) / 2, top + (self.size - high) / 2, wide, high)
        painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))

    def _ground(self, selected: bool, current: bool, hovered: bool) -> QPixmap:
        """Return what lies behind a tile that is selected, current or under the mouse."""
        key = (selected, current, hovered)
        if key not in self._grounds:
            self._grounds[key] = self._new_ground(*key)
        return self._grounds[key]

    def _new_ground(self, selected: bool, current: bool, hovered: bool) -> QPixmap:
        theme = self._theme
        pixmap = QPixmap(round(self.width * self.ratio), round(self.height * self.ratio))
        pixmap.setDevicePixelRatio(self.ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = 3.0 if current else 1.5 if selected else 0.0
        area = QRectF(0, 0, self.width, self.height).adjusted(frame / 2, frame / 2, -frame / 2, -frame / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        if hovered:
            painter.setBrush(theme.tile)
            painter.drawRoundedRect(area, 4, 4)
        if selected:
            tint = QColor(theme.accent)
            tint.setAlpha(70)
            painter.setBrush(tint)
            painter.drawRoundedRect(area, 4, 4)
        if frame:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.accent if selected else theme.faint_text, frame))
            painter.drawRoundedRect(area, 4, 4)
        painter.end()
        return pixmap

    def _text(self, kind: str, text: str) -> QStaticText:
        """Return a text laid out: a number, what is small, or a name with its middle cut out."""
        laid_out = self._texts.get((kind, text))
        if laid_out is None:
            if len(self._texts) >= _MOST_TEXTS:
                self._texts.clear()
            shown = text
            if kind == _NAME:
                shown = self._elided(text)
            laid_out = _static(shown, self._number if kind == _NUMBER else self._small)
            self._texts[kind, text] = laid_out
        return laid_out

    def _elided(self, name: str) -> str:
        """Cut out of the middle of a name what has no room, and out of its folder's first."""
        metrics, middle = self._small_metrics, Qt.TextElideMode.ElideMiddle
        folder, _, short = name.rpartition("/")
        if not folder:
            return metrics.elidedText(short, middle, self.size)
        least = metrics.horizontalAdvance("a…b/")
        short = metrics.elidedText(short, middle, self.size - least)
        folder = metrics.elidedText(folder, middle, self.size - metrics.horizontalAdvance(f"/{short}"))
        return f"{folder}/{short}"


def _font(pixels: int, *, bold: bool = False) -> QFont:
    font = QGuiApplication.font()
    font.setPixelSize(pixels)
    font.setFeature(QFont.Tag("tnum"), 1)  # digits of equal width
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def _static(text: str, font: QFont) -> QStaticText:
    static = QStaticText(text)
    static.setTextFormat(Qt.TextFormat.PlainText)
    static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    static.prepare(font=font)
    return static

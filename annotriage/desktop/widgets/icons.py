"""The icons: line drawings in SVG, in the colours of the theme that shows now.

An icon costs nothing until it is painted, and follows the theme by itself: its engine looks at the theme whenever Qt
asks it for pixels.
"""

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from typing_extensions import override

from annotriage.desktop.widgets.theme import current_theme
from annotriage.resources_folder import resources_folder

if TYPE_CHECKING:
    from PySide6.QtSvg import QSvgRenderer

APPLICATION = "annotriage"
"""The one icon with colours of its own."""
_DISABLED = 0.38
"""How opaque the icon of something that cannot be used is."""
_PIXMAPS = 512
"""Pixmaps that are kept: every icon in two sizes and three states is far fewer."""


def icon(name: str) -> QIcon:
    """Return an icon by the name of its file.

    Parameters
    ----------
    name : str
        As in ``resources/icons``, without the ending.

    Raises
    ------
    ValueError
        There is none of that name.
    """
    _source(name)
    return QIcon(_LineEngine(name))


def pixmap(name: str, size: int, colour: QColor | None = None, *, ratio: float = 1.0) -> QPixmap:
    """Draw an icon of `size` logical pixels a side.

    Parameters
    ----------
    name : str
        As in `icon`.
    size : int
        Logical pixels a side.
    colour : QColor or None
        None: the text's.
    ratio : float
        Device pixels a logical one.
    """
    drawn = _drawn(name, round(size * ratio), (colour or current_theme().text).name(QColor.NameFormat.HexArgb))
    drawn = QPixmap(drawn)
    drawn.setDevicePixelRatio(ratio)
    return drawn


def tinted(source: QIcon, size: int, colour: QColor, *, ratio: float = 1.0) -> QPixmap:
    """Draw an icon in one colour, `size` logical pixels a side."""
    drawn = source.pixmap(QSize(size, size), ratio)
    painter = QPainter(drawn)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(drawn.rect(), colour)
    painter.end()
    return drawn


def application_icon() -> QIcon:
    """Return the program's own icon."""
    return icon(APPLICATION)


def icon_names() -> list[str]:
    """Return the names of all icons."""
    return sorted(path.stem for path in (resources_folder() / "icons").glob("*.svg"))


class _LineEngine(QIconEngine):
    """Draws one icon when it is asked to."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    @override
    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        colour = _colour(mode, state).name(QColor.NameFormat.HexArgb)
        return _drawn(self._name, min(size.width(), size.height()), colour)

    @override
    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        square = QRect(0, 0, side, side)
        square.moveCenter(rect.center())
        device = painter.device()
        ratio = device.devicePixelRatio() if device is not None else 1.0
        painter.drawPixmap(square, self.pixmap(QSize(side, side) * ratio, mode, state))

    @override
    def clone(self) -> QIconEngine:
        return _LineEngine(self._name)


def _colour(mode: QIcon.Mode, state: QIcon.State) -> QColor:
    theme = current_theme()
    if mode == QIcon.Mode.Selected:
        return theme.on_accent
    colour = QColor(theme.accent if state == QIcon.State.On else theme.text)
    if mode == QIcon.Mode.Disabled:
        colour.setAlphaF(_DISABLED)
    return colour


@cache
def _source(name: str) -> str:
    path = resources_folder() / "icons" / f"{name}.svg"
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        raise ValueError(f"there is no icon called {name}") from None


def _renderer(name: str, colour: QColor) -> "QSvgRenderer":
    from PySide6.QtSvg import QSvgRenderer

    # Qt's SVG knows no currentColor from outside, and no alpha in a colour: that goes on the painter.
    return QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour.name()).encode()))


@lru_cache(maxsize=_PIXMAPS)
def _drawn(name: str, pixels: int, colour: str) -> QPixmap:
    ink = QColor(colour)
    drawn = QPixmap(max(pixels, 1), max(pixels, 1))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setOpacity(ink.alphaF())
    _renderer(name, ink).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return drawn

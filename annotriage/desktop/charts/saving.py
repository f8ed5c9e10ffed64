"""A chart as a picture or a file, always on white: it goes into documents."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QImage, QPageSize, QPainter, QPdfWriter

from annotriage.desktop.widgets.theme import LIGHT, SMALLEST_TEXT, UNIT
from annotriage.errors import AnnotriageError
from annotriage.writing import write_whole

if TYPE_CHECKING:
    from annotriage.desktop.charts.legend import Legend
    from annotriage.desktop.charts.plot_view import PlotView

ENDINGS = (".png", ".svg", ".pdf")
FINE = 2
"""Pixels of a picture for one on the screen."""
_DPI = 96


class Sheet:
    """A chart with its title and legend, to be painted into whatever there is. It wears the light theme."""

    def __init__(self, title: str, legend: "Legend", view: "PlotView", font: QFont) -> None:
        self._title, self._legend, self._view = title, legend, view
        self._font = QFont(font)
        self._font.setPixelSize(SMALLEST_TEXT + 4)
        self._font.setBold(True)
        self.width = float(max(view.width(), 40 * UNIT))
        self._tall = float(max(view.height(), 24 * UNIT))
        self._titled = 3.0 * UNIT if title else 0.0
        self._signs = float(legend.heightForWidth(int(self.width))) if legend.signs else 0.0
        self.height = self._titled + self._signs + self._tall + UNIT

    def paint(self, painter: QPainter) -> None:
        """Paint it from 0, 0 on."""
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.fillRect(QRectF(0, 0, self.width, self.height), LIGHT.field)
        painter.setFont(self._font)
        painter.setPen(LIGHT.text)
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(UNIT, UNIT / 2, self.width - 2 * UNIT, self._titled), side, self._title)
        if self._signs:
            self._legend.paint(painter, UNIT, UNIT / 2 + self._titled, self.width - 2 * UNIT, LIGHT)
        scene = self._view.scene()
        items = [item for item in scene.items() if hasattr(item, "setExportMode")]
        for item in items:
            item.setExportMode(True, {"antialias": True, "resolutionScale": 1.0, "painter": painter})
        try:
            top = UNIT + self._titled + self._signs
            scene.render(painter, QRectF(0, top, self._view.width(), self._view.height()), self._view.sceneRect())
        finally:
            for item in items:
                item.setExportMode(False)

    def image(self) -> QImage:
        """Return it as a picture, twice as fine as the screen."""
        image = QImage(round(self.width * FINE), round(self.height * FINE), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(FINE)
        painter = QPainter(image)
        self.paint(painter)
        painter.end()
        return image

    def write(self, path: Path) -> None:
        """Write it as its ending says."""
        match path.suffix.lower():
            case ".png":
                data = self._png()
            case ".svg":
                data = self._svg()
            case ".pdf":
                data = self._pdf()
            case ending:
                words = "{path} ends in {ending}; a figure can be saved as {endings}."
                ending = ending or "nothing"
                raise AnnotriageError(words.format(path=path, ending=ending, endings=", ".join(ENDINGS)))
        write_whole(path, data)

    def _png(self) -> bytes:
        buffer = _buffer()
        self.image().save(buffer, "PNG")  # type: ignore[call-overload]  # which takes text, and no bytes
        return bytes(buffer.data().data())

    def _svg(self) -> bytes:
        from PySide6.QtSvg import QSvgGenerator

        buffer = _buffer()
        version = getattr(QSvgGenerator, "SvgVersion", None)
        # Of the newer kind what lies outside the axes is cut off.
        made = QSvgGenerator(version.Svg11) if version is not None else QSvgGenerator()
        made.setOutputDevice(buffer)
        made.setResolution(_DPI)
        made.setViewBox(QRectF(0, 0, self.width, self.height))
        made.setSize(QSizeF(self.width, self.height).toSize())
        made.setTitle(self._title)
        self._into(made)
        return bytes(buffer.data().data())

    def _pdf(self) -> bytes:
        buffer = _buffer()
        made = QPdfWriter(buffer)
        made.setResolution(_DPI)
        made.setTitle(self._title)
        points = QSizeF(self.width, self.height) * 72 / _DPI
        made.setPageSize(QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
        made.setPageMargins(QMarginsF())
        self._into(made)
        return bytes(buffer.data().data())

    def _into(self, device: object) -> None:
        painter = QPainter(device)  # type: ignore[call-overload]
        self.paint(painter)
        painter.end()


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    return buffer

"""A page to write on, in millimetres."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QTextLayout, QTextOption

from annotriage.desktop.widgets.theme import LIGHT

DOTS_PER_INCH = 1200
"""So fine that no rounding of letters' places is seen."""
_MM = DOTS_PER_INCH / 25.4
_LINE_SPACING = 1.25
_SOFT_HYPHENS = {0x00AD: None}


class Sheet:
    """Draws on a page; places and widths are in millimetres within its margins, text sizes in points.

    The painter draws on a device of `DOTS_PER_INCH`; sizes are millimetres within the margins.
    """

    def __init__(self, painter: QPainter, width: float, height: float) -> None:
        self.painter = painter
        self.width, self.height = width, height

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        width: float | None = None,
        points: float = 9.5,
        bold: bool = False,
        colour: QColor = LIGHT.text,
        most: int = 1,
        right: bool = False,
    ) -> float:
        """Write text below `y`, in lines of at most `width`; return where it ends.

        What does not fit into `most` lines ends in an ellipsis.
        """
        width = self.width - x if width is None else width
        font = make_font(points, bold=bold)
        metrics = QFontMetricsF(font)
        self.painter.setFont(font)
        self.painter.setPen(colour)
        for line in wrapped(text, font, width, most):
            left = x * _MM + (width * _MM - metrics.horizontalAdvance(line) if right else 0)
            self.painter.drawText(QPointF(left, y * _MM + metrics.ascent()), line)
            y += line_height(points)
        return y

    def rectangle(self, x: float, y: float, width: float, height: float, colour: QColor) -> None:
        """Fill a rectangle."""
        self.painter.fillRect(_box(x, y, width, height), colour)

    def line(self, x: float, y: float, to_x: float, to_y: float, colour: QColor, *, dashed: bool = False) -> None:
        """Draw a thin line."""
        pen = QPen(colour, (0.35 if dashed else 0.15) * _MM)
        if dashed:
            pen.setDashPattern([3, 2])
        self.painter.setPen(pen)
        self.painter.drawLine(QPointF(x * _MM, y * _MM), QPointF(to_x * _MM, to_y * _MM))

    def picture(self, x: float, y: float, width: float, height: float, image: QImage) -> None:
        """Draw an image as large as it fits, in the middle of a neutral rectangle."""
        box = _box(x, y, width, height)
        self.painter.fillRect(box, LIGHT.window)
        size = image.size().toSizeF().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(QPointF(0, 0), size)
        target.moveCenter(box.center())
        self.painter.drawImage(target, image)


def make_font(points: float, *, bold: bool = False) -> QFont:
    """Return the system's font at a size for a sheet."""
    font = QFont()
    font.setPixelSize(round(points * DOTS_PER_INCH / 72))
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


def line_height(points: float) -> float:
    """Return the distance of lines, in millimetres."""
    return points / 72 * 25.4 * _LINE_SPACING


def text_width(text: str, points: float) -> float:
    """Return the width of one line, in millimetres."""
    return QFontMetricsF(make_font(points)).horizontalAdvance(text) / _MM


def wrapped(text: str, font: QFont, width: float, most: int) -> list[str]:
    """Break text into at most `most` lines of `width` millimetres, within words where it must be."""
    metrics = QFontMetricsF(font)
    lines: list[str] = []
    for paragraph in text.translate(_SOFT_HYPHENS).splitlines() or [""]:
        lines += _paragraph(paragraph.strip(), font, width * _MM, most + 1 - len(lines))
        if len(lines) > most:
            break
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] = metrics.elidedText(lines[-1] + "\u2026" * 2, Qt.TextElideMode.ElideRight, width * _MM)
        lines[-1] = lines[-1].replace("\u2026\u2026", "\u2026")
    return lines


def _paragraph(text: str, font: QFont, width: float, most: int) -> list[str]:
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    lines: list[str] = []
    layout.beginLayout()
    while len(lines) < most and (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        lines.append(text[line.textStart() : line.textStart() + line.textLength()].rstrip())
    layout.endLayout()
    return lines or [""]


def _box(x: float, y: float, width: float, height: float) -> QRectF:
    return QRectF(x * _MM, y * _MM, width * _MM, height * _MM)

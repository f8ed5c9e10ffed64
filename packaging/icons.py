"""Icons of the three platforms, made from the SVG that the window shows.

    python packaging/icons.py FOLDER

writes annotriage.ico, annotriage.icns and annotriage-SIZE.png.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

ICO = (16, 20, 24, 32, 40, 48, 64, 128, 256)
ICNS = (16, 32, 64, 128, 256, 512, 1024)
PNG = (16, 24, 32, 48, 64, 128, 256, 512)


def picture(svg: Path, size: int) -> "Image":
    """Draw an SVG `size` pixels wide and high, each size anew."""
    from PIL import Image
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    drawn = QImage(size, size, QImage.Format.Format_RGBA8888)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer = QSvgRenderer(str(svg))
    if not renderer.isValid():
        raise ValueError(f"{svg} is no SVG.")
    renderer.render(painter)
    painter.end()
    return Image.frombuffer("RGBA", (size, size), bytes(drawn.constBits()), "raw", "RGBA", drawn.bytesPerLine(), 1)


def ico_file(svg: Path, path: Path) -> Path:
    """Write the icon of Windows."""
    pictures = [picture(svg, size) for size in ICO]
    pictures[-1].save(path, sizes=[(size, size) for size in ICO], append_images=pictures[:-1])
    return path


def icns_file(svg: Path, path: Path) -> Path:
    """Write the icon of macOS."""
    pictures = [picture(svg, size) for size in ICNS]
    pictures[-1].save(path, append_images=pictures[:-1])
    return path


def png_file(svg: Path, path: Path, size: int) -> Path:
    """Write an icon of Linux."""
    picture(svg, size).save(path)
    return path


def _main(folder: Path) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    svg = Path(__file__).resolve().parents[1] / "resources" / "icons" / "annotriage.svg"
    folder.mkdir(parents=True, exist_ok=True)
    ico_file(svg, folder / "annotriage.ico")
    icns_file(svg, folder / "annotriage.icns")
    for size in PNG:
        png_file(svg, folder / f"annotriage-{size}.png", size)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))

"""Small pictures for tests: a dark spot on skin, so dark or bright that the tiny model tells them apart."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def picture(brightness: float, *, height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    """Draw a skin of the brightness 0..1 with a darker spot in its middle; (H, W, 3) array of uint8."""
    y, x = np.mgrid[:height, :width]
    distance = np.hypot((y - height / 2) / height, (x - width / 2) / width)
    shade = np.where(distance < 0.2, 0.5, 1.0)[..., None] * np.array([1.0, 0.85, 0.75])
    return np.rint(255 * brightness * shade).astype(np.uint8)


def write_picture(path: Path, brightness: float, *, height: int = 48, width: int = 64) -> Path:
    """Write such a picture in the format of the path's ending and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture(brightness, height=height, width=width)).save(path)
    return path


def write_pictures(folder: Path, count: int, *, ending: str = ".png") -> list[Path]:
    """Write `count` pictures from dark to bright, named so that this is their natural order."""
    brightness = np.linspace(0.2, 0.9, count)
    return [write_picture(folder / f"{number}{ending}", value) for number, value in enumerate(brightness.tolist())]

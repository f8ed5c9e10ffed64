"""Image files of every kind that is read, for the tests of this room."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

KINDS: dict[str, tuple[str, str]] = {
    # what: (Pillow's format, mode)
    "jpeg": ("JPEG", "RGB"),
    "grey jpeg": ("JPEG", "L"),
    "cmyk jpeg": ("JPEG", "CMYK"),
    "png": ("PNG", "RGB"),
    "grey png": ("PNG", "L"),
    "black and white png": ("PNG", "1"),
    "palette png": ("PNG", "P"),
    "16-bit png": ("PNG", "I;16"),
    "grey png with alpha": ("PNG", "LA"),
    "png with alpha": ("PNG", "RGBA"),
    "tiff": ("TIFF", "RGB"),
    "16-bit tiff": ("TIFF", "I;16"),
    "cmyk tiff": ("TIFF", "CMYK"),
    "webp": ("WEBP", "RGB"),
    "webp with alpha": ("WEBP", "RGBA"),
    "bmp": ("BMP", "RGB"),
    "gif": ("GIF", "P"),
}


def gradient(height: int, width: int) -> np.ndarray:
    """Return (H, W, 3) uint8 in which every corner has a colour of its own and nothing is symmetric."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    y, x = y / max(1, height - 1), x / max(1, width - 1)
    return np.stack([255 * x, 255 * y, 255 * (1 - x) * (1 - y)], axis=-1).round().astype(np.uint8)


def in_mode(rgb: np.ndarray, mode: str) -> Image.Image:
    """Return the picture in one of Pillow's modes, opaque where the mode has alpha."""
    picture = Image.fromarray(rgb)
    if mode == "I;16":
        return Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    return picture.convert(mode)


def encoded(kind: str, height: int, width: int, **options: object) -> bytes:
    """Return the bytes of a file of this kind, one of `KINDS`."""
    name, mode = KINDS[kind]
    file = io.BytesIO()
    in_mode(gradient(height, width), mode).save(file, name, **options)
    return file.getvalue()


def refuse_to_open(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """Let the system refuse to open whatever has `part` in its path, as it does for others than root."""
    import os

    def refusing(real: Callable[..., object]) -> Callable[..., object]:
        def call(path: object, *arguments: object, **more: object) -> object:
            if isinstance(path, str | Path) and part in str(path):
                raise PermissionError(13, "Permission denied", str(path))
            return real(path, *arguments, **more)

        return call

    monkeypatch.setattr(os, "open", refusing(os.open))
    monkeypatch.setattr(os, "scandir", refusing(os.scandir))

"""Files as tools export them, written for a test, and what is read of them as pixels."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from annotriage.annotations.annotation import Annotation, ReadAnnotations
from annotriage.annotations.reading import read_annotations

Inside = NDArray[np.bool_]
SIZE = (60, 80)
STAR = [(20.3, 5.2), (70.8, 12.9), (61.5, 50.1), (33.3, 40.6), (10.9, 55.7)]
"""An outline with a dent, x, y."""


def written(path: Path, document: Any) -> Path:
    """Write a document as JSON, or a text as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def read(path: Path) -> ReadAnnotations:
    """Read a file that must be of a format."""
    found = read_annotations(path)
    assert found is not None
    return found


def only(path: Path) -> Annotation:
    """Read a file that must hold one annotation."""
    (annotation,) = read(path).annotations
    return annotation


def pixels(annotation: Annotation, label: str | None = None, size: tuple[int, int] = SIZE) -> Inside:
    """Return what an annotation marks with a label; None: with any."""
    inside = np.zeros(size, dtype=bool)
    for region in annotation.regions:
        if label is None or region.label == label:
            bitmap = region.shape.marked(size)
            height, width = bitmap.inside.shape
            part = inside[bitmap.top : bitmap.top + height, bitmap.left : bitmap.left + width]
            inside[bitmap.top : bitmap.top + height, bitmap.left : bitmap.left + width] = (
                part & ~bitmap.inside if region.erases else part | bitmap.inside
            )
    return inside


def png(mask: NDArray[Any], mode: str = "L", **how: Any) -> bytes:
    """Return a mask as the bytes of a PNG."""
    picture = Image.fromarray(np.asarray(mask, np.uint8))
    if mode == "P":
        picture.putpalette([0, 0, 0, 255, 255, 255])
    file = io.BytesIO()
    picture.convert(mode).save(file, "PNG", **how)
    return file.getvalue()


def in_base64(data: bytes) -> str:
    """Return bytes in base64."""
    return base64.b64encode(data).decode()


def some_mask(height: int = 20, width: int = 30, seed: int = 0) -> Inside:
    """Return a mask without any order in it."""
    return np.random.default_rng(seed).random((height, width)) > 0.6

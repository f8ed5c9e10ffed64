"""Exports of Label Studio as its versions write them, made for tests; and its packing of masks, written anew."""

import json
from itertools import count, groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotriage.annotations.annotation import Annotation, ReadAnnotations
from annotriage.annotations.marking import marked
from annotriage.annotations.reading import read_annotations

WIDTH, HEIGHT = 120, 90
_NUMBERS = count()
ADDRESS = "/data/local-files/?d=lesions/im_1.jpg"


def packed(values: NDArray[Any], bits: int = 8, lengths: tuple[int, ...] = (3, 4, 8, 16)) -> list[int]:
    """Pack numbers as thi.ng/rle-pack says: runs, and numbers one by one where they do not repeat."""
    written = f"{values.size:032b}{bits - 1:05b}" + "".join(f"{length - 1:04b}" for length in lengths)
    for repeated, part in _parts(values.ravel().tolist(), 1 << max(lengths)):
        choice = next(at for at, length in enumerate(lengths) if len(part) <= 1 << length)
        written += f"{repeated:b}{choice:02b}{len(part) - 1:0{lengths[choice]}b}"
        written += "".join(f"{value:0{bits}b}" for value in (part[:1] if repeated else part))
    written += "0" * (-len(written) % 8)
    return list(int(written, 2).to_bytes(len(written) // 8, "big"))


def _parts(values: list[int], most: int) -> list[tuple[bool, list[int]]]:
    parts: list[tuple[bool, list[int]]] = []
    for _, same in groupby(values):
        run = list(same)
        for at in range(0, len(run), most):
            piece = run[at : at + most]
            if len(piece) == 1 and parts and not parts[-1][0] and len(parts[-1][1]) < most:
                parts[-1][1].extend(piece)
            else:
                parts.append((len(piece) > 1, piece))
    return parts


def disc(x: float, y: float, radius: float, size: tuple[int, int] = (HEIGHT, WIDTH)) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[: size[0], : size[1]]
    inside: NDArray[np.bool_] = (columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 <= radius**2
    return inside


def rgba(alpha: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the pixels that Label Studio packs: red, green and blue are as alpha is."""
    return np.repeat(alpha.astype(np.uint8)[..., None], 4, axis=-1)


def region(kind: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a region; a kind that ends in ``labels`` is labelled ``lesion``."""
    labels = {kind: ["lesion"]} if kind.endswith("labels") else {}
    return {
        "id": f"r{next(_NUMBERS)}",
        "from_name": "control",
        "to_name": "image",
        "type": kind,
        "original_width": WIDTH,
        "original_height": HEIGHT,
        "image_rotation": 0,
        "origin": "manual",
        "value": {**labels, **value},
        **more,
    }


def brush(mask: NDArray[np.bool_], **more: Any) -> dict[str, Any]:
    value = {"format": "rle", "rle": packed(rgba(mask * 255))}
    return region("brushlabels", value, original_width=mask.shape[1], original_height=mask.shape[0]) | more


def polygon(points: Any, **value: Any) -> dict[str, Any]:
    return region("polygonlabels", {"points": points, "closed": True, **value})


SQUARE = [[10, 10], [50, 10], [50, 50], [10, 50]]
"""48 x 36 pixels."""


def annotation(*regions: dict[str, Any], by: Any = 2, **more: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "completed_by": by,
        "result": list(regions),
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-03-01T10:00:00.000000Z",
        "updated_at": "2026-03-01T10:00:00.000000Z",
        "lead_time": 12.5,
        **more,
    }


def task(*annotations: dict[str, Any], image: Any = ADDRESS, **more: Any) -> dict[str, Any]:
    made = {"id": 31, "annotations": list(annotations), "drafts": [], "predictions": [], "data": {"image": image}}
    return {**made, "file_upload": "5b2cc9c4-tasks.json", "meta": {}, "project": 2, **more}


def read(folder: Path, document: Any, name: str = "export.json") -> ReadAnnotations:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    found = read_annotations(path)
    assert found is not None
    return found


def mask_of(found: Annotation, size: tuple[int, int] | None = None) -> NDArray[np.bool_]:
    size = size or found.size or (HEIGHT, WIDTH)
    bitmap = marked(found.regions, size)
    whole = np.zeros(size, np.bool_)
    height, width = bitmap.inside.shape
    whole[bitmap.top : bitmap.top + height, bitmap.left : bitmap.left + width] = bitmap.inside
    return whole


def dice(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    return float(2 * (first & second).sum() / (first.sum() + second.sum()))

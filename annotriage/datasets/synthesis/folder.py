"""A folder of synthetic images, and a table of the truth about them."""

import contextlib
import csv
import io
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from annotriage.datasets.synthesis.drawing import Drawing, draw_lesion
from annotriage.datasets.synthesis.plan import Plan
from annotriage.errors import AnnotriageError

TRUTH = "truth.csv"
"""Name of the table."""

_MARK = b"Drawn by annotriage demo"
"""Begins the comment in each JPEG file, by which we know our own files again."""
_PLAN = tuple(Plan.__dataclass_fields__)
_COLUMNS = ("image", "dice_mean", "ambiguity", "ambiguous", *_PLAN)
_SPREAD = 1_000_003
"""Keeps the drawings of one folder's seed apart from those of the next."""


@dataclass(frozen=True, slots=True)
class DemoImage:
    """One image of the folder.

    Attributes
    ----------
    name : str
        Its file name.
    ambiguous : bool
        Whether it was drawn to be.
    ambiguity : float
        1 - the expected Dice between two people's masks, 0..1.
    features : Plan
        What it shows.
    """

    name: str
    ambiguous: bool
    ambiguity: float
    features: Plan


def write_demo_folder(
    folder: Path,
    count: int,
    seed: int = 0,
    *,
    size: tuple[int, int] = (384, 384),
    drawn: Callable[[], None] | None = None,
) -> list[DemoImage]:
    """Draw a folder of images, half of them ambiguous, and ``truth.csv``, which is a metrics table, too.

    Files of an earlier demo in the folder are replaced or deleted, all others left alone. A file that would come out
    the same is not touched.

    Parameters
    ----------
    folder : Path
        Made where it does not exist.
    count : int
        How many images, 1 or more; of an odd number, the ambiguous half is the larger.
    seed : int
        The same seed draws the same images, 0 or above.
    size : tuple of int
        Height and width in pixels.
    drawn : callable, optional
        Called after each image.

    Returns
    -------
    list of DemoImage
        In the order of their names.

    Raises
    ------
    AnnotriageError
        The folder cannot be written, or a file that is not ours is in the way. Nothing is written then.
    """
    names = [f"lesion_{number:0{max(3, len(str(count)))}}.jpg" for number in range(1, count + 1)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stale = _make_way(folder, set(names))
        ambiguous = np.random.default_rng(seed).permutation(np.arange(count) % 2 == 0)
        images = []
        for place, name in enumerate(names):
            drawing = draw_lesion(seed * _SPREAD + place, ambiguous=bool(ambiguous[place]), size=size)
            _write(folder / name, _jpeg(drawing, f" (seed {seed}, image {place + 1})"))
            images.append(DemoImage(name, drawing.features.ambiguous, drawing.ambiguity, drawing.features))
            if drawn is not None:
                drawn()
        for path in stale:
            path.unlink()
        _write(folder / TRUTH, _table(images))
    except OSError as error:
        raise AnnotriageError(
            f"The demo's images cannot be written to {folder} ({error.strerror}): name another folder."
        ) from None
    return images


def is_demo_truth(path: Path) -> bool:
    """Tell whether a file is the table that `write_demo_folder` wrote."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.readline(1000).rstrip(b"\n") == ",".join(_COLUMNS).encode()
    return False


def _make_way(folder: Path, names: set[str]) -> list[Path]:
    """Return our files of other names; refuse where a file of these names is not ours."""
    stale, foreign = [], []
    for path in sorted(folder.iterdir()):
        ours = _is_ours(path)
        if path.name in names and not ours:
            foreign.append(path.name)
        elif ours and path.name not in names:
            stale.append(path)
    truth = folder / TRUTH
    if truth.exists() and not is_demo_truth(truth):
        foreign.append(TRUTH)
    if foreign:
        raise AnnotriageError(
            f"{folder} has files that the demo did not draw and would overwrite ({', '.join(foreign[:3])}): name "
            "another folder."
        )
    return stale


def _is_ours(path: Path) -> bool:
    if path.suffix != ".jpg" or not path.is_file():
        return False
    with path.open("rb") as file:
        return _MARK in file.read(256)


def _jpeg(drawing: Drawing, which: str) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(drawing.rgb).save(buffer, "JPEG", quality=92, comment=_MARK + which.encode())
    return buffer.getvalue()


def _table(images: list[DemoImage]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for image in images:
        plan = asdict(image.features) | {"troubles": " ".join(image.features.troubles)}
        shown = [f"{value:.4f}" if isinstance(value, float) else value for value in (plan[key] for key in _PLAN)]
        row = [image.name, f"{1 - image.ambiguity:.4f}", f"{image.ambiguity:.4f}", int(image.ambiguous)]
        writer.writerow([*row, *(int(value) if isinstance(value, bool) else value for value in shown)])
    return text.getvalue().encode()


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; leave it where it holds this already, so that it counts as unchanged."""
    with contextlib.suppress(OSError):
        if path.read_bytes() == data:
            return
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise

"""What people drew, in whatever format, as mask files: a folder for each annotator, a PNG for each image."""

import io
import os
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from annotriage.agreement.mask import Mask, united
from annotriage.agreement.mask_set import ImageMasks, MaskRow, MaskSet, by_person, image_key
from annotriage.agreement.row_masks import label_for, mask_of
from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError
from annotriage.names import counted
from annotriage.parallel import ordered_map, usable_cores

if TYPE_CHECKING:
    import threading

_NO_FILE = re.compile(r'[<>:"|?*\x00-\x1f]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class PlannedMask:
    """One person's mask of one image that is to be written.

    Attributes
    ----------
    image : str
    rows : tuple of MaskRow
        Its pieces.
    below : Path
        Where it goes, below the folder.
    """

    image: str
    rows: tuple[MaskRow, ...]
    below: Path


@dataclass(frozen=True, slots=True)
class WrittenMask:
    """What came of one.

    Attributes
    ----------
    planned : PlannedMask
    problem : str
        Why it was not written; empty: it was.
    note : str
        What is in doubt about it; empty: nothing.
    marked : bool
        It marks anything.
    """

    planned: PlannedMask
    problem: str = ""
    note: str = ""
    marked: bool = True


def plan_masks(found: MaskSet, folder: Path) -> list[PlannedMask]:
    """Say what will be written, before anything is.

    Parameters
    ----------
    found : MaskSet
        Several rows of one person and image become one mask.
    folder : Path
        Where to; what lies there stays.

    Raises
    ------
    AnnotriageError
        There is nothing to write, or nobody says who drew, two masks would become one file, or a file is there already.
    """
    nobody = [row for image in found.images for row in image.rows if not row.annotator.strip()]
    planned = [PlannedMask(image.image, rows, _below(image, rows[0]))
               for image in found.images for rows in by_person(image.rows)]  # fmt: skip
    if not planned:
        raise AnnotriageError("There is nothing to convert: everything that was found is left out.")
    alone = len(nobody) == len(planned)
    if nobody and not (alone and all(len(image.rows) == 1 for image in found.images)):
        names = ", ".join(row.name for row in nobody[:3]) + (", ..." if nobody[3:] else "")
        raise AnnotriageError(
            f"Nothing says who drew {counted(len(nobody), 'masks')} ({names}), which need a folder of theirs: say with "
            "--pattern where the annotator stands."
        )
    places: defaultdict[str, list[PlannedMask]] = defaultdict(list)
    for each in planned:
        places[image_key(each.below.as_posix())].append(each)
    for alike in places.values():
        if len(alike) > 1:
            raise AnnotriageError(
                f"The images {' and '.join(each.image for each in alike[:2])} would both be written to "
                f"{folder / alike[0].below}: rename one of them first."
            )
    there = [each.below for each in planned if os.path.lexists(folder / each.below)]
    if there:
        raise AnnotriageError(
            f"{counted(len(there), 'files to be written are there already')} in {folder} ({there[0].as_posix()}"
            f"{', ...' if there[1:] else ''}): nothing was written. Name another folder."
        )
    return planned


def pattern_of(planned: Sequence[PlannedMask]) -> str:
    """Return the pattern by which the written masks are read without a question."""
    if all(len(each.below.parts) == 2 for each in planned):
        return "{annotator}/{image}.png"
    return r"(?P<annotator>[^/]+)/(?P<image>.+)\.png"  # with folders in the images' names


def write_masks(
    planned: Sequence[PlannedMask],
    folder: Path,
    *,
    label: str | None = None,
    threads: int | None = None,
    stop: "threading.Event | None" = None,
) -> Generator[WrittenMask, None, None]:
    """Write masks, 0 and 255. They appear in the folder together, at the end: half of them would pass for all.

    Parameters
    ----------
    planned : sequence of PlannedMask
    folder : Path
        Is made where it is not there.
    label : str or None
        What is marked where there are several labels: see `annotriage.agreement.row_masks.mask_of`.
    threads : int or None
        None: one a core.
    stop : threading.Event or None
        Once set, no further mask is begun, and nothing is written.

    Yields
    ------
    WrittenMask
        In the order planned; what cannot be read is left out, and says why.

    Raises
    ------
    AnnotriageError
        The disk is full, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # In the folder itself: so it is on the same disk, and its rights are those that files there have.
        staging = Path(tempfile.mkdtemp(prefix=".annotriage-", dir=folder))
        try:
            done = 0
            for written in ordered_map(
                lambda each: _written(each, staging, label), planned, threads=threads or usable_cores(), stop=stop
            ):
                done += 1
                yield written
            if done == len(planned):
                _move(staging, folder, planned)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise AnnotriageError(
            f"The masks cannot be written to {folder} ({error.strerror or error}); check the disk and its permissions."
        ) from None


def _written(planned: PlannedMask, staging: Path, label: str | None) -> WrittenMask:
    try:
        mask = _mask(planned.rows, label)
    except UnreadableImageError as error:
        return WrittenMask(planned, str(error))
    if mask.reaches:
        return WrittenMask(planned, "The size of its image is not known: name the folder of the images (--images).")
    from PIL import Image

    path = staging / planned.below
    path.parent.mkdir(parents=True, exist_ok=True)
    data = io.BytesIO()
    Image.fromarray(mask.whole().astype(np.uint8) * np.uint8(255)).save(data, "PNG", compress_level=3)
    path.write_bytes(data.getvalue())
    return WrittenMask(planned, note=mask.note, marked=bool(mask.inside.any()))


def _mask(rows: Sequence[MaskRow], label: str | None) -> Mask:
    masks = [mask_of(row, label_for(row, label, rows)) for row in rows]
    if len({mask.size for mask in masks}) > 1:
        told = ", ".join(f"{row.name} {mask.size[1]} × {mask.size[0]}"
                         for row, mask in zip(rows[:4], masks, strict=False))  # fmt: skip
        raise UnreadableImageError(f"Its pieces have different sizes ({told}).")
    return united(masks) if len(masks) > 1 else masks[0]


def _move(staging: Path, folder: Path, planned: Sequence[PlannedMask]) -> None:
    made = [each.below for each in planned if (staging / each.below).exists()]
    for below in made:
        if os.path.lexists(folder / below):
            raise FileExistsError(0, f"another program wrote {below.as_posix()} meanwhile")
    for below in made:
        (folder / below).parent.mkdir(parents=True, exist_ok=True)
        os.replace(staging / below, folder / below)


def _below(image: ImageMasks, row: MaskRow) -> Path:
    folders = [row.annotator] if row.annotator.strip() else []
    *inner, last = [part for part in image.image.replace("\\", "/").split("/") if part not in ("", ".", "..")] or ["_"]
    return Path(*(_plain(part) for part in (*folders, *inner)), f"{_plain(last)}.png")


def _plain(part: str) -> str:
    """Return a name that every system takes: what none may have stands as ``_``."""
    part = _NO_FILE.sub("_", part.replace("/", "_").replace("\\", "_")).strip().rstrip(". ")[:_LONGEST]
    return f"_{part}" if _DEVICE.match(part) or part.startswith(".") else part or "_"

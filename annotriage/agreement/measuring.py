"""Measure many images: read their masks, check them, compare them, in threads and in order."""

import os
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotriage.agreement.agreement import Agreement, measure_masks
from annotriage.agreement.label_choice import differ as labels_differ
from annotriage.agreement.mask import Mask, lies_across, united
from annotriage.agreement.mask_set import ImageMasks, MaskRow, MaskSet, by_person
from annotriage.agreement.row_masks import label_for, mask_of
from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError
from annotriage.parallel import ordered_map, usable_cores

if TYPE_CHECKING:
    import threading

    from annotriage.agreement.consensus_pictures import Pictures


@dataclass(frozen=True, slots=True)
class LoadedMasks:
    """What each person marked in one image, as far as it could be read, and what was wrong.

    Attributes
    ----------
    rows : tuple of MaskRow
        Where each came from: a person's first file, where several were united.
    masks : tuple of Mask
        One a person, all of one size, unless `differ`.
    problems : tuple of str
        A sentence each.
    differ : bool
        Their sizes differ, so that they cannot be compared.
    united : tuple of tuple of MaskRow
        The files of each person who has several, and whose mask is all of them together.
    """

    rows: tuple[MaskRow, ...]
    masks: tuple[Mask, ...]
    problems: tuple[str, ...]
    differ: bool = False
    united: tuple[tuple[MaskRow, ...], ...] = ()

    @property
    def empty(self) -> list[MaskRow]:
        """Those in which nothing is marked."""
        return [row for row, mask in zip(self.rows, self.masks, strict=True) if not mask.inside.any()]

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the image."""
        return self.masks[0].size

    def marked_part(self) -> NDArray[np.bool_]:
        """Return the part of the image in which anybody marked anything: (A, h, w) array of bool."""
        boxes = np.array([mask.box for mask in self.masks if mask.inside.size] or [(0, 0, 0, 0)])
        top, left = boxes[:, :2].min(axis=0).tolist()
        bottom, right = boxes[:, 2:].max(axis=0).tolist()
        return np.stack([mask.part((top, left, bottom, right)) for mask in self.masks])

    def whole(self) -> NDArray[np.bool_]:
        """Return the masks of the whole image: (A, H, W) array of bool."""
        return np.stack([mask.whole() for mask in self.masks])


@dataclass(frozen=True, slots=True)
class ImageAgreement:
    """What was measured of one image.

    Attributes
    ----------
    image : str
        Its name without ending.
    rows : tuple of MaskRow
        The masks that were compared, in the order of `agreement`.
    agreement : Agreement or None
        None where they could not be compared; `problems` says why.
    problems : tuple of str
        What is wrong with its masks, a sentence each.
    graded : int
        How many of the masks have soft edges and were cut at half of their brightest value.
    empty : tuple of MaskRow
        The masks in which nothing is marked.
    united : tuple of tuple of MaskRow
        The files of each person who has several, and whose mask is all of them together.
    drawn : bool
        The pictures that were asked for were written.
    reaches : bool
        The image's size is not known, only how far its outlines reach: what depends on it means nothing.
    """

    image: str
    rows: tuple[MaskRow, ...]
    agreement: Agreement | None
    problems: tuple[str, ...] = field(default=())
    graded: int = 0
    empty: tuple[MaskRow, ...] = ()
    united: tuple[tuple[MaskRow, ...], ...] = ()
    drawn: bool = False
    reaches: bool = False

    @property
    def error(self) -> str:
        """All problems as one text; empty where there are none."""
        return " ".join(self.problems)


def measure(
    found: MaskSet,
    *,
    with_distances: bool = True,
    resample: bool = False,
    label: str | None = None,
    pictures: "Pictures | None" = None,
    threads: int | None = None,
    stop: "threading.Event | None" = None,
) -> Generator[ImageAgreement, None, None]:
    """Measure the images of a set of masks, in natural order. Nothing that is wrong with one stops the others.

    Parameters
    ----------
    found : MaskSet
    with_distances : bool
        Whether to measure how far the outlines lie apart, which takes as long as all else.
    resample : bool
        Whether masks of one image that have different sizes are brought to that of the largest. They are said to be
        problems either way.
    label : str or None
        What is marked in masks of several labels: see `annotriage.agreement.mask_files.read_mask`.
    pictures : Pictures or None
        What else to write of each image.
    threads : int or None
        None: one a core.
    stop : threading.Event or None
        Once set, no further image is begun.

    Yields
    ------
    ImageAgreement
    """

    def of(image: ImageMasks) -> ImageAgreement:
        return measure_image(image, with_distances=with_distances, resample=resample, label=label, pictures=pictures)

    yield from ordered_map(of, found.images, threads=threads or usable_cores(), stop=stop)


def measure_image(
    image: ImageMasks,
    *,
    with_distances: bool = True,
    resample: bool = False,
    label: str | None = None,
    pictures: "Pictures | None" = None,
) -> ImageAgreement:
    """Measure one image; see `measure`."""
    loaded = load_masks(image.rows, resample=resample, label=label)
    problems = list(loaded.problems)
    graded = sum(mask.graded for mask in loaded.masks)
    if loaded.differ or len(loaded.masks) < 2:
        return ImageAgreement(
            image.image, loaded.rows, None, tuple(problems), graded, tuple(loaded.empty), loaded.united
        )
    agreement = measure_masks(loaded.marked_part(), loaded.size, with_distances=with_distances)
    problems += [
        f"The masks of {_who(loaded.rows, pair.first)} and {_who(loaded.rows, pair.second)} are the same, pixel by "
        "pixel: one may be a copy of the other."
        for pair in agreement.pairs
        if pair.same
    ]
    drawn = False
    if pictures is not None:
        try:
            pictures.write(image.image, loaded.whole())
            drawn = True
        except AnnotriageError as error:
            problems.append(str(error))
    return ImageAgreement(
        image.image,
        loaded.rows,
        agreement,
        tuple(problems),
        graded,
        tuple(loaded.empty),
        loaded.united,
        drawn,
        any(mask.reaches for mask in loaded.masks),
    )


def load_masks(rows: Sequence[MaskRow], *, resample: bool = False, label: str | None = None) -> LoadedMasks:
    """Read the masks of one image and check whether they can be compared.

    What cannot be read is left out, and a file that is named twice, or linked, counts once. Several masks of one person
    become one: nobody is compared with himself. Of several that do not say who drew them nothing is known: they may be
    pieces of one, and are left out.

    Parameters
    ----------
    rows : sequence of MaskRow
    resample : bool
        Whether masks of different sizes are brought to that of the largest.
    label : str or None
        What is marked in masks of several labels.
    """
    problems: list[str] = []
    read: list[tuple[MaskRow, Mask]] = []
    for row in _without_links(rows, problems):
        try:
            mask = mask_of(row, label_for(row, label, rows))
        except UnreadableImageError as error:
            problems.append(f"{row.name} cannot be read. {error}")
            continue
        read.append((row, mask))
        if mask.note:
            problems.append(f"{_called(row)} {mask.note}.")
        if mask.inside.size == mask.size[0] * mask.size[1] and mask.inside.all():
            problems.append(f"{_called(row)} marks every pixel: nobody may have drawn in it.")
    sizes = Counter(mask.size for _, mask in read)
    differ = len(sizes) > 1
    if differ:
        largest = max(sizes, key=lambda size: (size[0] * size[1], size))
        told = ", ".join(f"{row.name} {mask.size[1]} × {mask.size[0]}" for row, mask in read[:4])
        more = ", ..." if len(read) > 4 else ""
        if resample and any(lies_across(size, largest) for size in sizes):
            problems.append(
                f"Its masks have different sizes ({told}{more}), and some lie across the others, as if drawn before "
                "the photograph was turned (EXIF orientation): turn them by a quarter."
            )
        elif resample:
            height, width = largest
            stretched = any(abs(size[0] * width - size[1] * height) > 2 * max(largest) for size in sizes)
            part = ", stretched: right only where all show the same part of the image" if stretched else ""
            problems.append(f"Its masks have different sizes ({told}{more}): brought to {width} × {height}{part}.")
            read = [(row, mask.resized(largest)) for row, mask in read]
            differ = False
        else:
            problems.append(f"Its masks have different sizes ({told}{more}): compare them resampled, or mend them.")
    if label is None and labels_differ(name for _, mask in read for name in mask.labels):
        told = "; ".join(f"{' and '.join(mask.labels)} of {_called(row)}" for row, mask in read[:4] if mask.labels)
        problems.append(f"Its masks hold different labels ({told}), which are compared as one: choose a label.")
    united: list[tuple[MaskRow, ...]] = []
    if not differ:
        read = _united(read, united)
    unknown = [row for row, _ in read if not row.annotator.strip()]
    if len(unknown) > 1:
        names = ", ".join(row.name for row in unknown[:3]) + (", ..." if len(unknown) > 3 else "")
        problems.append(
            f"Nothing says who drew {len(unknown)} of its masks ({names}): they may be one person's; "
            "name the annotators."
        )
        read = [(row, mask) for row, mask in read if row.annotator.strip()]
    if len(read) == 1:
        who = read[0][0].annotator
        told = f"Only {who} drew it" if who else f"{read[0][0].name} is its only mask"
        problems.append(f"{told}: agreement needs two.")
    elif not read and not unknown:
        problems.append("It has no mask that can be read: agreement needs two.")
    rows_read, masks = tuple(row for row, _ in read), tuple(mask for _, mask in read)
    return LoadedMasks(rows_read, masks, tuple(problems), differ, tuple(united))


def _united(read: list[tuple[MaskRow, Mask]], told: list[tuple[MaskRow, ...]]) -> list[tuple[MaskRow, Mask]]:
    """Make one mask of all that one person drew, and note whose."""
    by_path = {id(row): mask for row, mask in read}
    result = []
    for rows in by_person(row for row, _ in read):
        masks = [by_path[id(row)] for row in rows]
        result.append((rows[0], masks[0] if len(rows) == 1 else united(masks)))
        if len(rows) > 1:
            told.append(rows)
    return result


def _without_links(rows: Sequence[MaskRow], problems: list[str]) -> list[MaskRow]:
    """Leave out what is another mask's file under a second name."""
    seen: dict[tuple[int, int, int], MaskRow] = {}
    kept = []
    for row in rows:
        try:
            status = os.stat(row.path)
        except OSError:  # reading it will say what is wrong
            kept.append(row)
            continue
        first = seen.setdefault((status.st_dev, status.st_ino, row.key[1]), row)
        if first is row:
            kept.append(row)
        else:
            problems.append(f"{_called(row)} is the same file as {_called(first)}: it counts once.")
    return kept


def _called(row: MaskRow) -> str:
    return f"{row.name} of {row.annotator}" if row.annotator else row.name


def _who(rows: Sequence[MaskRow], place: int) -> str:
    return rows[place].annotator or rows[place].name

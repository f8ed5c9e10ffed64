"""The masks that people drew of an image, where they lie beside it."""

import os
import threading
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from annotriage.agreement.mask_names import (
    MASK_ENDINGS,
    SEPARATORS,
    annotator_in,
    is_annotator_folder,
    is_mask_folder,
    says_mask,
    splits,
)
from annotriage.agreement.mask_set import MaskRow, MaskSet, by_person
from annotriage.agreement.masks_among import is_grey_png
from annotriage.agreement.row_masks import label_for
from annotriage.agreement.tool_exports import IMAGE_FOLDERS
from annotriage.images import UnreadableImageError, image_size, natural_key
from annotriage.names import stem_of
from annotriage.triage.mask_contours import bounded, contours

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from annotriage.images import ImageFile

__all__ = ["AnnotatorMasks", "Drawing", "DrawnMasks", "contours"]

_LAST = "\U0010ffff"
_MOST_DRAWN = 20
AnnotatorLines: TypeAlias = "tuple[str, Sequence[NDArray[np.float64]]]"
"""An annotator, and the lines drawn: (n, 2) points as (x, y), fractions 0..1 of the image's width and height."""


@dataclass(frozen=True, slots=True)
class DrawnMasks:
    """The masks of one image that were measured, and which of several labels was."""

    rows: tuple[MaskRow, ...]
    label: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What people drew of an image.

    Attributes
    ----------
    lines : list of AnnotatorLines
    differing : (H, W) array of float32, or None
        For each place the share of pairs of people of whom one marked it and the other did not, 0..1; consensus masks
        are left out. None: fewer than two people drew it.
    people : int
        How many these are.
    """

    lines: "list[AnnotatorLines]"
    differing: "NDArray[np.float32] | None" = None
    people: int = 0


class AnnotatorMasks:
    """The masks of the images of a folder. May be used by several threads.

    They are looked for in the image's own folder, in folders called ``masks`` and the like, and in folders called
    ``annotator_1`` and the like, which lie in or beside the image's folder or one between it and the opened one;
    within a folder of masks, further folders are annotators'. A mask is called like its image, with the annotator and
    words like ``mask`` and ``segmentation`` behind: ``a_bob.png``, ``a_segmentation.png``.

    In folders of any other name, which are people's then (``bob/a.png`` beside ``images/a.jpg``), only what has just
    the image's name and is a PNG in grey or with a palette is a mask.

    Each folder is listed once, when it is first needed; masks that come later are seen by another `AnnotatorMasks`.

    Parameters
    ----------
    folder : Path
        The opened folder.
    known : iterable of MaskRow
        Masks of which it is known whose they are, wherever they lie; those of images that have none of these are looked
        for as above.
    drawn : mapping of str to DrawnMasks
        The same of images by their names; `known` stands before it.
    """

    def __init__(
        self, folder: Path, known: "Iterable[MaskRow]" = (), drawn: "Mapping[str, DrawnMasks] | None" = None
    ) -> None:
        self._top = folder
        self._drawn = drawn or {}
        self._known: defaultdict[str, list[MaskRow]] = defaultdict(list)
        for row in known:
            if row.used:
                self._known[stem_of(row.image).casefold()].append(row)
        self._lock = threading.Lock()
        self._files: dict[Path, tuple[list[str], list[str]]] = {}
        self._folders: dict[Path, list[str]] = {}
        self._places: dict[Path, list[_Place]] = {}

    def of(self, image: "ImageFile") -> list[MaskRow]:
        """Return the masks of an image, by annotator; empty where there are none.

        Takes microseconds, but for the first image of a folder, which lists it (100,000 files: 0.3 s).
        """
        known = self._known.get(stem_of(image.name).casefold())
        if known:
            return sorted(known, key=lambda mask: natural_key(mask.annotator))
        if image.name in self._drawn:
            return list(self._drawn[image.name].rows)
        return self.masks_beside(image)

    def masks_beside(self, image: "ImageFile") -> list[MaskRow]:
        """Return the masks that are looked for, as if none were known."""
        with self._lock:
            found = {
                path: MaskRow(stem_of(image.name), annotator, path)
                for place in self._places_for(image.path.parent)
                for path, annotator in self._in(place, image)
            }
        return sorted(found.values(), key=lambda mask: (natural_key(mask.annotator), natural_key(mask.path.as_posix())))

    def all_beside(self, images: "Iterable[ImageFile]") -> "Iterator[tuple[ImageFile, list[MaskRow]]]":
        """Yield the images of the folder that have masks beside them, with these; all images must be given.

        Of a folder with nothing but images none is looked at: 100,000 take a few tenths of a second.
        """
        by_folder: defaultdict[Path, list[ImageFile]] = defaultdict(list)
        for image in images:
            by_folder[image.path.parent].append(image)
        for folder, group in by_folder.items():
            with self._lock:
                alone = all(place.folder == folder for place in self._places_for(folder))
                files = self._files_in(folder)[1]
            if alone and {image.path.name for image in group}.issuperset(files):
                continue
            for image in group:
                rows = self.masks_beside(image)
                if rows:
                    yield image, rows

    def lines_of(self, image: "ImageFile") -> "list[AnnotatorLines]":
        """Return who drew an image's masks, and their lines; where a mask cannot be read, the words say so.

        Twenty masks at most: more could not be told apart.
        """
        return self.drawing_of(image).lines

    def drawing_of(self, image: "ImageFile") -> "Drawing":
        """Return what people drew of an image, see `lines_of`, and where they differ."""
        from annotriage.agreement.consensus import disagreement_map
        from annotriage.agreement.finding import without_consensus

        lines: list[AnnotatorLines] = []
        marked: list[tuple[MaskRow, NDArray[np.bool_]]] = []
        label = self._drawn[image.name].label if image.name in self._drawn else None
        try:
            own = image_size(image.path)
        except UnreadableImageError:
            own = None
        size = None if own is None else bounded(own)
        for mask in (rows := self.of(image))[:_MOST_DRAWN]:
            annotator = mask.annotator or mask.name
            try:
                found = contours(mask, size, image=own, label=label_for(mask, label, rows))
            except UnreadableImageError as error:
                lines.append((f"{annotator}: the mask cannot be read. {error}", []))
                continue
            lines.append((f"{annotator} {found.note}" if found.note else annotator, found.lines))
            marked.append((mask, found.marked))
        people = {id(row) for row in without_consensus(MaskSet(row for row, _ in marked)).rows if row.used}
        masks = _of_people([each for each in marked if id(each[0]) in people])
        if len(masks) < 2 or len({mask.shape for mask in masks}) > 1:
            return Drawing(lines)
        return Drawing(lines, disagreement_map(np.stack(masks)), len(masks))

    def _places_for(self, folder: Path) -> "list[_Place]":
        if folder not in self._places:
            self._places[folder] = self._find_places(folder)
        return self._places[folder]

    def _find_places(self, folder: Path) -> "list[_Place]":
        places = {folder: _Place(folder, "", strict=True)}

        def add(path: Path, annotator: str, parts: tuple[str, ...], *, strict: bool, whole_names: bool = False) -> None:
            # images/sub/a.jpg may have its mask in masks/sub/, masks/images/sub/ or masks/.
            for at in range(len(parts) + 1):
                place = path.joinpath(*parts[at:])
                if self._is_there(place):
                    places.setdefault(place, _Place(place, annotator, strict=strict, whole_names=whole_names))

        for base in _and_above(folder, self._top):
            parts = folder.relative_to(base).parts
            # Beside a folder of another name lie other batches.
            people = base != self._top.parent or self._top.name.casefold() in IMAGE_FOLDERS
            for name in self._folders_in(base):
                if is_mask_folder(name):
                    add(base / name, "", parts, strict=False)
                    for annotator in self._folders_in(base / name):
                        add(base / name / annotator, annotator, parts, strict=False)
                elif is_annotator_folder(name):
                    add(base / name, name, parts, strict=True)
                elif people and name.casefold() not in IMAGE_FOLDERS and not folder.is_relative_to(base / name):
                    add(base / name, name, parts, strict=True, whole_names=True)
        return list(places.values())

    def _in(self, place: "_Place", image: "ImageFile") -> list[tuple[Path, str]]:
        """Return the masks of an image in one place, with their annotators."""
        keys, names = self._files_in(place.folder)
        own = stem_of(image.path.name).casefold()
        ranges = [(bisect_left(keys, own), bisect_right(keys, own))]
        ranges += [(bisect_left(keys, own + sign), bisect_left(keys, own + sign + _LAST)) for sign in SEPARATORS]
        masks = []
        for name in (names[at] for begin, end in ranges for at in range(begin, end)):
            rest = self._rest(stem_of(name), own, image.path.parent, beside=place.folder == image.path.parent)
            path = place.folder / name
            if rest is None or path == image.path or (place.strict and not _is_sure(path, rest, image.path)):
                continue
            if place.whole_names and (rest or is_grey_png(image.path)):
                continue
            masks.append((path, place.annotator or annotator_in(rest)))
        return masks

    def _rest(self, stem: str, own: str, images: Path, *, beside: bool) -> str | None:
        """Return what follows the image's stem in a mask's; None: it is a mask of an image with a longer name."""
        for begin, rest in [(stem, ""), *splits(stem)]:
            key = begin.casefold()
            if key == own:
                return rest
            if (rest or not beside) and self._has_image(images, key, own):
                return None
        return None

    def _has_image(self, folder: Path, key: str, own: str) -> bool:
        """Say whether a folder has an image of this stem, which begins like the image's `own`: `a_2.jpg` beside `a`."""
        keys, names = self._files_in(folder)
        found = names[bisect_left(keys, key) : bisect_right(keys, key)]
        if not found or (key.startswith(own) and says_mask(key[len(own) + 1 :])):
            return False
        return any(_ending(name) != ".png" or not is_grey_png(folder / name) for name in found)

    def _is_there(self, folder: Path) -> bool:
        keys, _ = self._files_in(folder)
        return bool(keys)

    def _files_in(self, folder: Path) -> tuple[list[str], list[str]]:
        """Return the stems, in small letters and in order, and the names of the files in a folder that may be masks."""
        if folder not in self._files:
            names = [name for name in _listed(folder, folders=False) if _ending(name) in MASK_ENDINGS]
            pairs = sorted((stem_of(name).casefold(), name) for name in names)
            self._files[folder] = ([key for key, _ in pairs], [name for _, name in pairs])
        return self._files[folder]

    def _folders_in(self, folder: Path) -> list[str]:
        if folder not in self._folders:
            self._folders[folder] = _listed(folder, folders=True)
        return self._folders[folder]


def _of_people(marked: "Sequence[tuple[MaskRow, NDArray[np.bool_]]]") -> "list[NDArray[np.bool_]]":
    """Return what each person marked, all of it together; of several that say no name nothing is known."""
    if sum(not row.annotator.strip() for row, _ in marked) > 1:
        marked = [(row, values) for row, values in marked if row.annotator.strip()]
    by_row = {id(row): values for row, values in marked}
    people = by_person(row for row, _ in marked)
    if len({values.shape for values in by_row.values()}) > 1:
        return []
    return [np.logical_or.reduce([by_row[id(row)] for row in rows]) for rows in people]


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder that may hold masks.

    `strict`: among other files, so that they must look like masks, too. `whole_names`: only what is called just like
    the image is one.
    """

    folder: Path
    annotator: str
    strict: bool
    whole_names: bool = False


def _is_sure(path: Path, rest: str, image: Path) -> bool:
    if says_mask(rest):
        return True
    if path.suffix.lower() != ".png" or not is_grey_png(path):
        return False
    return image.suffix.lower() != ".png" or (path.parent != image.parent and not is_grey_png(image))


def _and_above(folder: Path, top: Path) -> list[Path]:
    """Return a folder and those above it, up to the one that holds `top`."""
    if not folder.is_relative_to(top):
        return [folder]
    between = [folder, *folder.parents]
    return [each for each in between if each.is_relative_to(top)] + ([top.parent] if top.parent != top else [])


def _ending(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def _listed(folder: Path, *, folders: bool) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir() == folders]
    except OSError:  # not there, or not ours to look into: then it has no masks for us
        return []

"""Find masks and who drew them: folders of annotators, names with annotators in them, a pattern, a table."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from annotriage.agreement.mask_names import (
    MASK_ENDINGS,
    SEPARATORS,
    ima_name,
    is_annotator_folder,
    is_consensus,
    read_names,
    without_mask_words,
)
from annotriage.agreement.mask_set import MaskRow, MaskSet
from annotriage.agreement.name_pattern import NamePattern
from annotriage.agreement.table_of_masks import TABLE_ENDINGS, read_mask_table
from annotriage.errors import AnnotriageError
from annotriage.images import walk_images
from annotriage.images.natural_sorting import natural_sorted
from annotriage.names import stem_of, without_endings

CONSENSUS_NOTE = "a consensus of several, not one person's"
IMAGE_NOTE = "looks like the image itself, not like a mask"
NO_FIT_NOTE = "its name does not fit the pattern"

_IMAGE_FOLDERS = {"image", "images", "img", "imgs", "photo", "photos", "jpeg", "jpegimages", "originals"}
_PHOTOGRAPHS = {".jpg", ".jpeg", ".heic", ".webp"}


@dataclass(frozen=True, slots=True)
class _File:
    """A file that was found: `name` is its path below `top`, with ``/`` between its parts."""

    path: Path
    name: str
    top: Path


def find_masks(paths: Sequence[Path], pattern: str | None = None, *, keep_consensus: bool = False) -> MaskSet:
    """Find masks, their images and their annotators.

    Parameters
    ----------
    paths : sequence of Path
        - A folder an annotator, with a mask for each image: several such folders, or one that holds them.
        - A folder of masks whose names say image and annotator: ``ISIC_0000004_A04_T1_S2_54ea.png`` (IMA++),
          ``lesion_7_bob_mask.png``.
        - A table (CSV) with the columns image, annotator and mask.
        - Single masks.
    pattern : str or None
        How names are made, see `NamePattern`; None: the layout is found out.
    keep_consensus : bool
        Whether masks that are no person's count: those by ``ST`` and ``MV``, ``staple``, ``majority``, ...

    Returns
    -------
    MaskSet
        In natural order of the masks' names.

    Raises
    ------
    AnnotriageError
        Nothing is there, or no mask is found.
    """
    tables = [path for path in paths if path.suffix.lower() in TABLE_ENDINGS and path.is_file()]
    if tables and len(paths) > 1:
        raise AnnotriageError(f"Name {tables[0]} alone: a table lists all masks.")
    if tables:
        found = read_mask_table(tables[0])
    else:
        files, unread = _files(paths)
        if not files:
            raise AnnotriageError(f"There are no masks in {_listed(paths)}; name the folder that holds the mask files.")
        found = _by_pattern(files, NamePattern(pattern), paths) if pattern else _by_layout(files, paths)
        found = MaskSet([*found.rows, *unread], found.reading)
    if keep_consensus:
        return found
    rows = [
        replace(row, note=CONSENSUS_NOTE) if row.used and is_consensus(row.annotator) else row for row in found.rows
    ]
    return MaskSet(rows, found.reading)


def _files(paths: Sequence[Path]) -> tuple[list[_File], list[MaskRow]]:
    """Return what may be masks, and what is left out: folders that may not be opened, formats that are not read."""
    files: dict[Path, _File] = {}
    unread = []
    for path in paths:
        if path.is_dir():
            for image in walk_images(path):
                if image.path.suffix.lower() in MASK_ENDINGS or image.problem is None:
                    files.setdefault(image.path, _File(image.path, image.name, path))
                else:
                    unread.append(MaskRow("", "", image.path, image.problem.rstrip(".")))
        elif path.exists() or path.is_symlink():
            files.setdefault(path, _File(path, path.name, path.parent))
        else:
            raise AnnotriageError(f"There is no {path}: check its name.")
    by_path = {file.path.as_posix(): file for file in files.values()}
    return [by_path[path] for path in natural_sorted(by_path)], unread


def _by_pattern(files: Sequence[_File], pattern: NamePattern, paths: Sequence[Path]) -> MaskSet:
    names = _folder_names(paths) if len(paths) > 1 else {}
    if not pattern.has_annotator and not names:
        raise AnnotriageError(
            "The pattern does not say where the annotator stands: write {annotator} into it, or name a folder for each."
        )
    rows = []
    for file in files:
        found = pattern.read(file.name)
        if found is None:
            rows.append(MaskRow("", "", file.path, NO_FIT_NOTE))
        else:
            image, annotator = found
            rows.append(MaskRow(image, annotator or names.get(file.top, ""), file.path))
    if not any(row.used for row in rows):
        raise AnnotriageError(
            f"No mask fits the pattern {pattern.text}; the first one found is {files[0].name}. "
            "{image}_{annotator}.png is an example of a pattern."
        )
    return MaskSet(rows, _example(rows))


def _by_layout(files: Sequence[_File], paths: Sequence[Path]) -> MaskSet:
    folders = _annotator_folders(files, paths)
    if folders is not None:
        return _by_folder(files, folders)
    return _by_name(files)


def _by_folder(files: Sequence[_File], folders: dict[Path, str]) -> MaskSet:
    rows = []
    for file in files:
        top = next((folder for folder in (file.path, *file.path.parents) if folder in folders), None)
        if top is None:
            rows.append(MaskRow("", "", file.path, "lies beside the annotators' folders"))
        elif top.name.casefold() in _IMAGE_FOLDERS:
            rows.append(MaskRow("", "", file.path, IMAGE_NOTE))
        else:
            inner = file.path.relative_to(top).as_posix()
            rows.append(MaskRow(_image_in_folder(inner, folders[top]), folders[top], file.path))
    return MaskSet(rows, f"A folder for each annotator. {_example(rows)}")


def _by_name(files: Sequence[_File]) -> MaskSet:
    stems = [stem_of(file.path.name) for file in files]
    read = read_names(stems)
    drawn = {image.casefold() for image, annotator in read if annotator}
    rows = []
    for file, stem, (image, annotator) in zip(files, stems, read, strict=True):
        is_photograph = file.path.suffix.lower() in _PHOTOGRAPHS and stem == image and image.casefold() in drawn
        note = IMAGE_NOTE if is_photograph and not annotator else ""
        rows.append(MaskRow(image, annotator, file.path, note))
    return MaskSet(rows, _example(rows))


def _annotator_folders(files: Sequence[_File], paths: Sequence[Path]) -> dict[Path, str] | None:
    """Return the folders of annotators and their names; None: they have no folders of their own."""
    if all(path.is_dir() for path in paths) and len(paths) > 1:
        given = _folder_names(paths)
        if sum(ima_name(stem_of(file.name)) is not None for file in files) > len(files) / 2:
            return None
        return given
    if len(paths) > 1 or not paths[0].is_dir():
        parents = {file.path.parent for file in files}
        stems = Counter(stem_of(file.name).casefold() for file in files)
        return _folder_names(sorted(parents)) if len(parents) > 1 and max(stems.values()) > 1 else None
    top = paths[0]
    while True:  # the annotators' folders may lie deeper: data/masks/bob
        below = {file.path.relative_to(top).parts[0] for file in files}
        if len(below) != 1 or not (top / (only := next(iter(below)))).is_dir():
            break
        top = top / only
    inside: dict[str, set[str]] = defaultdict(set)
    for file in files:
        folder, *rest = file.path.relative_to(top).parts
        if rest:
            inside[folder].add(_image_in_folder("/".join(rest), folder).casefold())
    masks = {folder: images for folder, images in inside.items() if folder.casefold() not in _IMAGE_FOLDERS}
    if len(masks) < 2:
        return None
    often = Counter(image for images in masks.values() for image in images)
    if all(map(is_annotator_folder, masks)) or max(often.values()) > 1:
        return {top / folder: folder for folder in inside}
    return None


def _image_in_folder(name: str, annotator: str) -> str:
    """Return the image of a mask by its path below its annotator's folder, in which his name may stand again."""
    inner = PurePosixPath(name)
    stem = stem_of(inner.name)
    ima = ima_name(stem)
    image = ima[0] if ima is not None else without_mask_words(stem)
    if len(image) > len(annotator) and image.casefold().endswith(annotator.casefold()):
        before = image[: -len(annotator)]
        image = before.rstrip(SEPARATORS) if before[-1] in SEPARATORS else image
    return (inner.parent / (image or stem)).as_posix()


def _folder_names(paths: Sequence[Path]) -> dict[Path, str]:
    """Name folders by what tells them apart: ``bob`` and ``al`` for ``bob/masks`` and ``al/masks``."""
    parts = [Path(os.path.abspath(path)).parts for path in paths]
    for at in range(-1, -min(map(len, parts)) - 1, -1):
        names = [each[at] for each in parts]
        if len(set(names)) == len(set(parts)):
            return dict(zip(paths, names, strict=True))
    return {path: path.as_posix() for path in paths}


def _example(rows: Iterable[MaskRow]) -> str:
    row = next((row for row in rows if row.used), None)
    if row is None:
        return ""
    who = f"annotator {row.annotator}" if row.annotator else "no annotator named"
    return f"{without_endings(row.path.name)} was read as image {row.image}, {who}."


def _listed(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths[:3])) + (", ..." if len(paths) > 3 else "")

"""The files that may be masks, and what annotation tools exported; and what else lies there."""

import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annotriage.agreement.export_names import person_in, says_nobody
from annotriage.agreement.found_annotations import (
    find_annotations,
    holds_many,
    own_stem,
    read_all,
)
from annotriage.agreement.found_file import FoundFile
from annotriage.agreement.mask_names import MASK_ENDINGS
from annotriage.agreement.mask_set import MaskRow
from annotriage.agreement.packed_exports import called, holds_masks, unpacked
from annotriage.agreement.table_of_masks import TABLE_ENDINGS
from annotriage.agreement.tool_exports import AGAIN_NOTE, SIDE_FILES, logical_parts, notes_on
from annotriage.agreement.unread_formats import sentence_on_unread, unread_ending, why_unread
from annotriage.annotations.annotation import ReadAnnotations
from annotriage.annotations.reading import may_be_annotations
from annotriage.errors import AnnotriageError
from annotriage.images import walk_images
from annotriage.images.kinds import claims_to_be_image
from annotriage.images.natural_sorting import natural_sorted
from annotriage.unpacking.unpacking import is_archive

_NO_PICTURE = "is by its ending neither a picture nor of a format of annotations that is read"


@dataclass(slots=True)
class FoundFiles:
    """What lies where masks are looked for.

    Attributes
    ----------
    files : list of FoundFile
        Pictures and annotations, in natural order of their paths.
    unread : list of MaskRow
        Images of formats that masks do not have, files that are broken, and folders that may not be opened.
    remarks : list of str
        What else there is to say of what was found: a sentence each.
    several : bool
        Several folders, or files that stand for one, were chosen.
    """

    files: list[FoundFile]
    unread: list[MaskRow] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    several: bool = False


@dataclass(slots=True)
class _Looked:
    """What lies in what was chosen: paths, with their names below it, and what is said of it."""

    pictures: dict[Path, str] = field(default_factory=dict)
    exports: dict[Path, str] = field(default_factory=dict)
    others: dict[Path, str] = field(default_factory=dict)
    unread: list[MaskRow] = field(default_factory=list)


def find_files(paths: Sequence[Path]) -> FoundFiles:
    """List what may be masks, and read the annotations among it.

    Raises
    ------
    AnnotriageError
        A path does not exist, or nothing that is there is read.
    """
    looked = {path: _look_into(path) for path in dict.fromkeys(paths)}
    for each in looked.values():
        _leave_out_again(each)
    read = read_all([export for each in looked.values() for export in each.exports])
    sound = [path for path, each in looked.items() if not _holds_nothing(path, each, read)]
    several = len(looked) > 1 and bool(sound) and all(_stands_for_one(path, read) for path in sound)
    prefixes = {path: f"{name}/" for path, name in folder_names(list(looked)).items()} if several else {}
    if not several:
        prefixes = _below_common([path for path in looked if not _is_folder(path)])
    pictures: dict[Path, FoundFile] = {}
    exports: dict[Path, str] = {}
    unread: list[MaskRow] = []
    for path, each in looked.items():
        prefix = prefixes.get(path, "")
        for picture, below in each.pictures.items():
            pictures.setdefault(picture, FoundFile(picture, prefix + below, logical_parts(prefix + below)))
        for export, below in each.exports.items():
            # A file that stands for one has given its name to what comes before.
            exports.setdefault(export, prefix + (below if _is_folder(path) or not several else "annotations"))
        unread += each.unread
    found = find_annotations(read, exports)
    others = _by_ending([*(path for each in looked.values() for path in each.others), *found.unread])
    files = [*pictures.values(), *found.files]
    if not files:
        damaged = [f"{row.note}." for row in unread if row.broken]
        unread_alone = [f"{row.path} {row.note}." for row in unread if row.note == _NO_PICTURE]
        raise AnnotriageError(_why_nothing([*found.errors, *damaged, *unread_alone], others, _listed(paths)))
    remarks = [*found.remarks, *(why_unread(kind, names) for kind, names in others.items())]
    return FoundFiles(_in_order(files), [*unread, *found.broken], remarks, several)


def _look_into(path: Path) -> _Looked:
    looked = _Looked()
    if is_archive(path) and path.is_file():
        _look_into_archive(path, "", looked)
    elif path.is_dir():
        _look_through(path, "", looked)
    elif not (path.exists() or path.is_symlink()):
        raise AnnotriageError(f"There is no {path}: check its name.")
    elif may_be_annotations(path.name):
        looked.exports[path] = path.name
    elif unread_ending(path.name) is not None:
        looked.others[path] = path.name
    elif path.is_file() and path.suffix and not claims_to_be_image(path.suffix.lower()):
        looked.unread.append(MaskRow("", "", path, _NO_PICTURE))
    else:
        looked.pictures[path] = path.name
    return looked


def _look_through(folder: Path, prefix: str, looked: _Looked) -> None:
    """Take in what lies in a folder, and in the archives in it."""
    for image in walk_images(folder):
        if image.path.suffix.lower() in MASK_ENDINGS or image.problem is None:
            looked.pictures.setdefault(image.path, prefix + image.name)
        else:
            looked.unread.append(MaskRow("", "", image.path, image.problem.rstrip(".")))
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            below = prefix + path.relative_to(folder).as_posix()
            if may_be_annotations(name):
                looked.exports.setdefault(path, below)
            elif holds_masks(path):
                _look_into_archive(path, _folder_of(Path(below)), looked)
            elif unread_ending(name) is not None:
                looked.others.setdefault(path, below)


def _look_into_archive(archive: Path, prefix: str, looked: _Looked) -> None:
    """Take in what an archive holds; one that is damaged is told, and the rest is read."""
    try:
        _look_through(unpacked(archive), prefix, looked)
    except AnnotriageError as error:
        looked.unread.append(MaskRow("", "", archive, str(error).rstrip("."), broken=True))


def _folder_of(archive: Path) -> str:
    """Return as what folder an archive among others is read: called as whom its name says."""
    stem = called(archive).name
    return f"{archive.with_name(stem if says_nobody(stem) else person_in(stem)).as_posix()}/"


def _leave_out_again(looked: _Looked) -> None:
    """Take arrays out that show once more what pictures or other arrays of the same export show."""
    arrays = {path: below for path, below in looked.exports.items() if path.suffix.lower() == ".npy"}
    if not arrays:
        return
    notes = notes_on([*looked.pictures.values(), *arrays.values()])
    again = [path for path, below in arrays.items() if notes.get(below) == AGAIN_NOTE]
    for path in again:
        del looked.exports[path]
    looked.unread += [MaskRow("", "", path, AGAIN_NOTE) for path in again]


def _is_folder(path: Path) -> bool:
    return path.is_dir() or is_archive(path)


def _stands_for_one(path: Path, read: Mapping[Path, ReadAnnotations | AnnotriageError | None]) -> bool:
    """Say whether a path that was chosen is a person's by itself: a folder, an archive, a file of many images."""
    return _is_folder(path) or holds_many(read.get(path), path)


def _holds_nothing(path: Path, looked: _Looked, read: Mapping[Path, ReadAnnotations | AnnotriageError | None]) -> bool:
    """Say whether a file that was chosen cannot be read: it tells nothing of how the others are meant."""
    if any(row.path == path and row.broken for row in looked.unread):
        return True
    return not _is_folder(path) and not looked.pictures and not isinstance(read.get(path), ReadAnnotations)


def _below_common(files: Sequence[Path]) -> dict[Path, str]:
    """Return the folders of single files below the one that all of them have in common."""
    if not files:
        return {}
    above = Path(os.path.commonpath([path.absolute().parent for path in files]))
    folders = {path: path.absolute().parent.relative_to(above).as_posix() for path in files}
    return {path: "" if folder == "." else f"{folder}/" for path, folder in folders.items()}


def _in_order(files: Sequence[FoundFile]) -> list[FoundFile]:
    by_path: defaultdict[str, list[FoundFile]] = defaultdict(list)
    for file in files:
        by_path[file.path.as_posix()].append(file)
    return [file for path in natural_sorted(by_path) for file in by_path[path]]


def _why_nothing(errors: Sequence[str], others: Mapping[str, Sequence[str]], place: str) -> str:
    if errors:
        more = f" So it is with {len(errors) - 1:,} more." if errors[1:] else ""
        return errors[0] + more
    if others:
        return sentence_on_unread(others, place)
    return f"There are no masks in {place}; name the folder that holds the mask files."


def folder_names(paths: Sequence[Path]) -> dict[Path, str]:
    """Name folders, and files that stand for one, by what tells them apart.

    ``bob`` and ``al`` for ``bob/masks`` and ``al/masks``, ``bob/annotations.xml`` and ``al/annotations.xml``,
    ``bob.json`` and ``al.zip``.
    """
    parts = [_parts_of(path) for path in paths]
    for at in range(-1, -min(map(len, parts)) - 1, -1):
        names = [each[at] for each in parts]
        if len(set(names)) == len(set(parts)):
            return dict(zip(paths, names, strict=True))
    return {path: path.as_posix() for path in paths}


def _parts_of(path: Path) -> tuple[str, ...]:
    whole = Path(os.path.abspath(path))
    if whole.is_dir():
        return whole.parts
    stem = called(whole).name if is_archive(whole) else own_stem(whole.name)
    return whole.parent.parts if says_nobody(stem) else (*whole.parent.parts, person_in(stem))


def _by_ending(paths: Sequence[Path]) -> dict[str, list[str]]:
    """Return the names of files in formats that are not read, by ending, the most frequent first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        if path.name.casefold() not in SIDE_FILES and path.suffix.lower() not in TABLE_ENDINGS:
            found[unread_ending(path.name) or path.suffix.lower()].append(path.name)
    often = Counter({ending: len(names) for ending, names in found.items()})
    return {ending: found[ending] for ending, _ in often.most_common()}


def _listed(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths[:3])) + (", ..." if len(paths) > 3 else "")

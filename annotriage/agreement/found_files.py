"""The files that may be masks, what else was found, and what of it is no mask by its content."""

import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annotriage.agreement.mask_names import MASK_ENDINGS
from annotriage.agreement.mask_set import MaskRow
from annotriage.agreement.tool_exports import logical_parts
from annotriage.agreement.unread_formats import sentence_on_unread, unread_ending, why_unread
from annotriage.errors import AnnotriageError
from annotriage.images import walk_images
from annotriage.images.natural_sorting import natural_sorted


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that may be a mask.

    Attributes
    ----------
    path : Path
    name : str
        Its path below what was chosen, with ``/`` between its parts; where several folders were chosen, the chosen
        folder's name comes first.
    parts : tuple of str
        What of `name` may say image or annotator; see `logical_parts`.
    """

    path: Path
    name: str
    parts: tuple[str, ...]


@dataclass(slots=True)
class FoundFiles:
    """What lies where masks are looked for.

    Attributes
    ----------
    files : list of FoundFile
        In natural order of their paths.
    unread : list of MaskRow
        Images of formats that masks do not have, and folders that may not be opened.
    remarks : list of str
        A sentence on each kind of annotation that lies beside and is not read.
    several : bool
        Several folders were chosen.
    """

    files: list[FoundFile]
    unread: list[MaskRow] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    several: bool = False


def find_files(paths: Sequence[Path]) -> FoundFiles:
    """List what may be masks.

    Raises
    ------
    AnnotriageError
        A path does not exist, or nothing that is there is read.
    """
    several = len(paths) > 1 and all(path.is_dir() for path in paths)
    called = folder_names(paths) if several else {}
    files: dict[Path, FoundFile] = {}
    unread: list[MaskRow] = []
    for path in paths:
        if path.is_dir():
            for image in walk_images(path):
                if image.path.suffix.lower() in MASK_ENDINGS or image.problem is None:
                    name = f"{called[path]}/{image.name}" if several else image.name
                    files.setdefault(image.path, FoundFile(image.path, name, logical_parts(name)))
                else:
                    unread.append(MaskRow("", "", image.path, image.problem.rstrip(".")))
        elif not (path.exists() or path.is_symlink()):
            raise AnnotriageError(f"There is no {path}: check its name.")
    single = [path for path in paths if not path.is_dir() and unread_ending(path.name) is None]
    above = Path(os.path.commonpath([path.absolute().parent for path in single])) if single else Path()
    for path in single:
        name = path.absolute().relative_to(above).as_posix()
        files.setdefault(path, FoundFile(path, name, logical_parts(name)))
    others = _unread_formats(paths)
    if not files:
        if others:
            raise AnnotriageError(sentence_on_unread(others, _listed(paths)))
        raise AnnotriageError(f"There are no masks in {_listed(paths)}; name the folder that holds the mask files.")
    by_path = {file.path.as_posix(): file for file in files.values()}
    found = [by_path[path] for path in natural_sorted(by_path)]
    return FoundFiles(found, unread, [why_unread(kind, names) for kind, names in others.items()], several)


def folder_names(paths: Sequence[Path]) -> dict[Path, str]:
    """Name folders by what tells them apart: ``bob`` and ``al`` for ``bob/masks`` and ``al/masks``."""
    parts = [Path(os.path.abspath(path)).parts for path in paths]
    for at in range(-1, -min(map(len, parts)) - 1, -1):
        names = [each[at] for each in parts]
        if len(set(names)) == len(set(parts)):
            return dict(zip(paths, names, strict=True))
    return {path: path.as_posix() for path in paths}


def _unread_formats(paths: Sequence[Path]) -> dict[str, list[str]]:
    """Return the names of annotations in formats that are not read, by ending."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        if path.is_dir():
            for _, folders, names in os.walk(path):
                folders[:] = sorted(each for each in folders if not each.startswith("."))
                for name in sorted(names):
                    if (ending := unread_ending(name)) is not None:
                        found[ending].append(name)
        elif (ending := unread_ending(path.name)) is not None:
            found[ending].append(path.name)
    often = Counter({ending: len(names) for ending, names in found.items()})
    return {ending: found[ending] for ending, _ in often.most_common()}


def _listed(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths[:3])) + (", ..." if len(paths) > 3 else "")

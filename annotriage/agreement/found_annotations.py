"""What annotation tools exported, among the files that were found: who drew which image, as far as the files say it.

An outline in a file counts as a mask in a folder that is called like the file: ``bob.json`` is read as ``bob/im_1``,
``bob/annotations.xml`` as well. So what the files do not say is read, or asked, as it is of masks.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from annotriage.agreement.export_names import person_in, says_nobody
from annotriage.agreement.found_file import FoundFile
from annotriage.agreement.mask_names import SEPARATORS, annotator_in
from annotriage.agreement.mask_set import MaskRow, image_key
from annotriage.agreement.name_signs import Sign, sign_of
from annotriage.agreement.tool_exports import logical_parts
from annotriage.annotations.annotation import Annotation, NothingDrawnError, ReadAnnotations
from annotriage.annotations.formats import listed
from annotriage.annotations.reading import read_annotations
from annotriage.errors import AnnotriageError
from annotriage.names import counted, key_of, stem_of
from annotriage.parallel import ordered_map, usable_cores

_MOST_REMARKS = 5
_FOLDERS = {"ann", "annotation", "annotations", "json", "jsons", "export", "exports"}
"""Folders in which tools put every export: they tell nobody's, unless they lie among others, as Ann's beside Bob's."""
_PACKED = (".gz",)


@dataclass(slots=True)
class FoundAnnotations:
    """What is in files of annotations.

    Attributes
    ----------
    files : list of FoundFile
        One for each annotation; of those without an annotator, who drew it is to be read.
    broken : list of MaskRow
        Files that cannot be read, with the reason.
    unread : list of Path
        Files that are of no format that is read.
    remarks : list of str
    errors : list of str
        Whole sentences on the broken ones.
    """

    files: list[FoundFile] = field(default_factory=list)
    broken: list[MaskRow] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def read_all(paths: Sequence[Path]) -> dict[Path, ReadAnnotations | AnnotriageError | None]:
    """Read files; see `read_annotations`."""

    def read(path: Path) -> ReadAnnotations | AnnotriageError | None:
        try:
            return read_annotations(path)
        except AnnotriageError as error:
            return error

    return dict(zip(paths, ordered_map(read, paths, threads=usable_cores()), strict=True))


def holds_many(read: ReadAnnotations | AnnotriageError | None, path: Path) -> bool:
    """Say whether a file stands for a person or a batch, and not for one image after which it is called."""
    return isinstance(read, ReadAnnotations) and not _is_of_one_image(read.annotations, path)


def own_stem(name: str) -> str:
    """Return a file's name without the ending of its format, and without that of an image before it."""
    lower = name.lower().removesuffix(_PACKED[0])
    endings = [ending for each in listed.FORMATS for ending in each.endings if lower.endswith(ending)]
    longest = max((len(ending) for ending in endings), default=0)
    return stem_of(name[: len(lower) - longest] or name)


def find_annotations(
    read: Mapping[Path, ReadAnnotations | AnnotriageError | None], names: Mapping[Path, str]
) -> FoundAnnotations:
    """Put together what files hold.

    Parameters
    ----------
    read : mapping of Path
        As `read_all` returns it.
    names : mapping of Path to str
        What the files are called below what was chosen, with ``/`` between the parts.
    """
    found = FoundAnnotations()
    whole: dict[Path, ReadAnnotations] = {}
    for path, each in read.items():
        if isinstance(each, AnnotriageError):
            found.errors.append(str(each))
            why = str(each).removeprefix(f"{path} ").rstrip(".")
            found.broken.append(MaskRow("", "", path, why, broken=not isinstance(each, NothingDrawnError)))
        elif each is None:
            found.unread.append(path)
        else:
            whole[path] = each
    found.remarks = _remarks(whole.values())
    images = _image_names(whole.values())
    nobody = _drawn_by_all_alike(whole)
    if nobody:
        found.remarks.append(
            f"Each of several files says that {nobody} drew all of it: their folders or names tell who."
        )
    kinds = _folders_of_a_kind(names[path] for path in whole)
    for path, each in whole.items():
        alone = _is_of_one_image(each.annotations, path)
        single = len({key_of(annotation.image) for annotation in each.annotations}) == 1
        for annotation in each.annotations:
            known = replace(annotation, annotator="") if nobody else annotation
            image = images[path, annotation.place]
            file = _as_file(path, names[path], known, image, alone=alone, single=single, kinds=kinds)
            found.files.append(replace(file, format=each.format))
    return found


def _as_file(
    path: Path,
    name: str,
    annotation: Annotation,
    image: str,
    *,
    alone: bool,
    single: bool,
    kinds: Collection[str] = (),
) -> FoundFile:
    """Return an annotation as a mask that lies in a folder, by which it is read who drew it.

    `alone`: the file is called after its only image; `single`: it has only one; `kinds`: paths of folders that tell
    nobody's.
    """
    folder, _, last = name.rpartition("/")
    stem = own_stem(last)
    folders = [each for each, above in _with_above(folder) if f"{above}/{each}" not in kinds]
    if alone:
        inner = "/".join([*folders, stem])
        return FoundFile(path, inner, logical_parts(inner), annotation)
    beside = _beside_image(stem, stem_of(image)) if single else None
    who = annotation.annotator or beside or ""
    person = [] if says_nobody(stem) or beside is not None else [person_in(stem)]
    inner = "/".join([*folders, *person, image])
    parts = (*logical_parts("/".join([*folders, *person, "x"]))[:-1], stem_of(image))
    return FoundFile(path, inner, parts, annotation, image, who)


def _with_above(folder: str) -> Iterable[tuple[str, str]]:
    """Yield each folder of a path, and the path to it."""
    above = ""
    for each in filter(None, folder.split("/")):
        yield each, above
        above = f"{above}/{each}"


def _folders_of_a_kind(names: Iterable[str]) -> set[str]:
    """Return the paths of folders that only say what kind of files they hold."""
    beside: defaultdict[str, set[str]] = defaultdict(set)
    for name in names:
        for each, above in _with_above(name.rpartition("/")[0]):
            beside[above].add(each)
    return {
        f"{above}/{each}"
        for above, folders in beside.items()
        if all(each.casefold() in _FOLDERS for each in folders)
        for each in folders
    }


def _beside_image(stem: str, image: str) -> str | None:
    """Return who stands in a file's name beside its image, ``im_1_bob`` or ``bob_im_1``; None: no image does."""
    key, wanted = stem.casefold(), image.casefold()
    if key == wanted:
        return ""
    if not wanted:
        return None
    if key.startswith(wanted) and key[len(wanted)] in SEPARATORS:
        return annotator_in(stem[len(image) + 1 :])
    if key.endswith(wanted) and key[-len(wanted) - 1] in SEPARATORS:
        return annotator_in(stem[: -len(image) - 1])
    return None


def _is_of_one_image(annotations: Sequence[Annotation], path: Path) -> bool:
    """Say whether a file is called after the only image that it is of."""
    keys = {key_of(each.image) for each in annotations}
    return keys == {key_of(own_stem(path.name))} and not any(each.annotator for each in annotations)


def _image_names(read: Iterable[ReadAnnotations]) -> dict[tuple[Path, int], str]:
    """Call images by their names alone, unless one file has two of a name in several folders."""
    folders: defaultdict[tuple[Path, str, str], set[str]] = defaultdict(set)
    every = [annotation for each in read for annotation in each.annotations]
    for each in every:
        folders[each.path, each.annotator, key_of(each.image)].add(image_key(each.image))
    apart = {key for (_, _, key), names in folders.items() if len(names) > 1}
    return {
        (each.path, each.place): each.image if key_of(each.image) in apart else stem_of(each.image) for each in every
    }


def _drawn_by_all_alike(read: Mapping[Path, ReadAnnotations]) -> str:
    """Return the one who is named in all of several files that have images in common: the exporter, no annotator."""
    named = {each.annotator for file in read.values() for each in file.annotations if not each.note}
    if len(named) != 1 or "" in named or len(read) < 2:
        return ""
    drawn = Counter(
        key for file in read.values() for key in {key_of(each.image) for each in file.annotations if not each.note}
    )
    whose = _telling_names(list(read))
    same_kind = len({file.format for file in read.values()}) == 1
    tells = len(whose) > 1 and sign_of(whose) in (Sign.PERSON, Sign.NAME)
    return named.pop() if tells and same_kind and max(drawn.values(), default=0) > 1 else ""


def _telling_names(paths: Sequence[Path]) -> set[str]:
    """Return what tells the places of files apart: the folders that differ, else the files' names."""
    folders = {path: [each for each in path.parent.parts if each.casefold() not in _FOLDERS] for path in paths}
    if len(set(map(tuple, folders.values()))) > 1:
        return {parts[-1] for parts in folders.values() if parts}
    return {person_in(stem) for path in paths if not says_nobody(stem := own_stem(path.name))}


def _remarks(read: Iterable[ReadAnnotations]) -> list[str]:
    unused: Counter[str] = Counter()
    said: dict[str, None] = {}
    for each in read:
        unused.update(each.unused)
        said.update(dict.fromkeys(each.remarks))
    remarks = list(said)[:_MOST_REMARKS]
    if len(said) > _MOST_REMARKS:
        remarks.append(f"And {counted(len(said) - _MOST_REMARKS, 'remarks')} more of this kind.")
    if unused:
        remarks.append(f"Not used: {'; '.join(counted(number, what) for what, number in unused.most_common())}.")
    return remarks

"""Who drew what, by the folders in which masks lie: a folder for each annotator, or a folder for each image."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from annotriage.agreement.found_file import FoundFile
from annotriage.agreement.mask_names import (
    SEPARATORS,
    ima_name,
    is_consensus,
    is_mask_folder,
    is_mask_word,
    without_mask_words,
)
from annotriage.agreement.mask_set import MaskRow, image_key
from annotriage.agreement.name_pattern import NamePattern
from annotriage.agreement.name_reading import coming_to, people_in_names
from annotriage.agreement.name_signs import Sign, sign_of
from annotriage.agreement.readings import Reading, UnclearMasksError
from annotriage.errors import AnnotriageError
from annotriage.names import counted, stem_of

BESIDE_NOTE = "lies beside the annotators' folders"
_FEW_PEOPLE = 20
"""Who has more masks than this in common with few others is no annotator of one image."""


def read_by_folder(files: Sequence[FoundFile], *, several: bool) -> tuple[list[MaskRow], str] | None:
    """Read annotators, or images, in folders.

    Parameters
    ----------
    files : sequence of FoundFile
    several : bool
        The first part of each name is a folder that was chosen by itself.

    Returns
    -------
    (list of MaskRow, str) or None
        The rows, and what folders are, in a sentence. None: folders say nothing, names are to be read.

    Raises
    ------
    UnclearMasksError
        Folders and names allow several readings.
    """
    base = 0 if several else _common(files)
    ends = [file.parts[base:] for file in files]
    deep = [_without_constant(end) for end in ends if len(end) > 1]
    folders = {end[0] for end in deep}
    if not deep or (len(folders) < 2 and not several):
        return None
    if sum(ima_name(end[-1]) is not None for end in deep) > len(deep) / 2:
        return None
    level, other = _level_of_people(deep)
    if level and not other:
        return _by_level(files, base, level), "A folder for each image."
    people = sign_of(folder for folder in folders if not is_consensus(folder))
    images: dict[str, set[str]] = defaultdict(set)
    for end in deep:
        images[end[0]].add(image_key(_image_in_folder("/".join(end[1:]), end[0])))
    often = Counter(image for each in images.values() for image in each)
    recurring = max(often.values()) > 1
    certain = not other and (level == 0 or people is Sign.PERSON)
    if not recurring and not certain and not other:
        if not several or people_in_names(files) or people not in (Sign.NAME, Sign.OTHER):
            return None
        certain = True
    if not certain and not other:
        certain = _are_people(people, deep, several=several, images=len(often))
    if not certain:
        raise UnclearMasksError(_readings(files, base, several=several))
    return _by_annotator(files, base), "A folder for each annotator."


def _common(files: Sequence[FoundFile]) -> int:
    """Return how many folders all files have in common: the annotators' may lie deeper, data/masks/bob."""
    base = 0
    while all(len(file.parts) > base + 1 for file in files) and len({file.parts[base] for file in files}) == 1:
        base += 1
    return base


def _without_constant(end: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out what says neither image nor annotator: bob/case_1/mask, bob/masks/a."""
    inner = [part for part in end[1:-1] if not is_mask_folder(part)]
    last = [] if inner and is_mask_word(end[-1]) else [end[-1]]
    return (end[0], *inner, *last)


def _level_of_people(ends: Sequence[tuple[str, ...]]) -> tuple[int | None, bool]:
    """Return which part of the paths is the annotator's, None: none is; and whether another may be it as well."""
    depth = Counter(len(end) for end in ends).most_common(1)[0][0]
    if any(len(end) != depth for end in ends):
        return None, False
    levels = [[without_mask_words(end[level]) for end in ends] for level in range(depth)]
    signs = [sign_of(name for name in names if not is_consensus(name)) for names in levels]
    found = [level for level, sign in enumerate(signs) if sign is Sign.PERSON]
    if not found:
        return None, False
    return found[0], len(found) > 1 or (found[0] > 0 and signs[0] is Sign.NAME)


def _are_people(folders: Sign, deep: Sequence[tuple[str, ...]], *, several: bool, images: int) -> bool:
    """Say whether folders in which the same names recur are annotators' for sure."""
    names = sign_of({without_mask_words(end[-1]) for end in deep})
    number = len({end[0] for end in deep})
    match folders:
        case Sign.PERSON | Sign.NAME:
            return names is not Sign.PERSON
        case Sign.OTHER:
            return names is Sign.IMAGE or number <= _FEW_PEOPLE < images or (several and images > number)
    return False


def _by_level(files: Sequence[FoundFile], base: int, level: int) -> list[MaskRow]:
    rows = []
    for file in files:
        end = file.parts[base:]
        if len(end) < 2:
            rows.append(file.row("", "", "lies beside the images' folders"))
            continue
        parts = _without_constant(end)
        image = "/".join(part for place, part in enumerate(parts) if place != level)
        rows.append(file.row(image, without_mask_words(parts[level])))
    return rows


def _by_annotator(files: Sequence[FoundFile], base: int) -> list[MaskRow]:
    rows = []
    raw: dict[tuple[str, str], set[str]] = defaultdict(set)
    plain = []
    for file in files:
        end = file.parts[base:]
        if len(end) < 2:
            rows.append(file.row("", "", BESIDE_NOTE))
            plain.append("")
            continue
        inner = "/".join(_without_constant(end)[1:])
        row = file.row(_image_in_folder(inner, end[0]), end[0])
        plain.append(file.image or "/".join(end[1:]))
        raw[row.annotator, image_key(row.image)].add(image_key(plain[-1]))
        rows.append(row)
    # Names are not cleaned until two of one person's become one.
    return [
        replace(row, image=whole) if row.used and len(raw[row.annotator, image_key(row.image)]) > 1 else row
        for row, whole in zip(rows, plain, strict=True)
    ]


def _image_in_folder(name: str, annotator: str) -> str:
    """Return the image of a mask by its path below its annotator's folder, in which his name may stand again."""
    inner = PurePosixPath(name)
    stem = inner.name
    ima = ima_name(stem)
    image = ima[0] if ima is not None else without_mask_words(stem)
    if len(image) > len(annotator) and image.casefold().endswith(annotator.casefold()):
        before = image[: -len(annotator)]
        image = before.rstrip(SEPARATORS) if before[-1] in SEPARATORS else image
    return (inner.parent / (image or stem)).as_posix()


def _readings(files: Sequence[FoundFile], base: int, *, several: bool) -> list[Reading]:
    """Return what folders may be, the likeliest first."""
    deep = [file for file in files if len(file.parts) > base + 1]
    ends = [_without_constant(file.parts[base:]) for file in deep]
    example, end = deep[0], ends[0]
    folder, inner = end[0], "/".join(map(without_mask_words, end[1:]))
    as_people = Reading(
        f"folders are annotators, {coming_to((_image_in_folder('/'.join(e[1:]), e[0]), e[0]) for e in ends)}; "
        f"{example.name} is {folder}'s mask of image {inner}.",
        _pattern(example, folder, "{annotator}", end[-1], "{image}"),
    )
    readings = [as_people]
    if all(len(each) == 2 for each in ends) and len({without_mask_words(each[1]) for each in ends}) > 1:
        as_images = Reading(
            f"folders are images, {coming_to((e[0], without_mask_words(e[1])) for e in ends)}; "
            f"{example.name} is {inner}'s mask of image {folder}.",
            _pattern(example, folder, "{image}", end[-1], "{annotator}"),
        )
        readings.insert(0 if sign_of(e[0] for e in ends) is Sign.IMAGE else 1, as_images)
    if people_in_names(deep):
        readings.insert(0, Reading("folders are parts of the images' names, and the names say who drew.",
                                   "(?P<image>.+)_(?P<annotator>[^_/]+)"))  # fmt: skip
    alone = f"folders are parts of the images' names, {counted(len(deep), 'images')}, all by one person"
    readings.append(Reading(f"{alone}. Then name one folder for each person who drew.", None))
    return readings


def _pattern(example: FoundFile, folder: str, folder_is: str, last: str, last_is: str) -> str:
    """Return the pattern of a file's path: what stands for image and annotator, the rest as it is written."""
    *folders, name = example.name.split("/")
    stem = stem_of(name)
    at = folders.index(folder) if folder in folders else len(folders) - 1
    cleaned = without_mask_words(last)
    parts = [*folders[:at], folder_is, *folders[at + 1 :]]
    if last == stem or last not in folders[at + 1 :]:
        stem = stem.replace(cleaned, last_is, 1) if cleaned in stem else last_is
    else:
        parts[folders.index(last, at + 1)] = last_is
    pattern = "/".join((*parts, stem))
    try:
        NamePattern(pattern)
    except AnnotriageError:
        return f"{folder_is}/{last_is}"
    return pattern

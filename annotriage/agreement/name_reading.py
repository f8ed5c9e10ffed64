"""Who drew what, by the names of masks alone."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import product

from annotriage.agreement.found_file import FoundFile
from annotriage.agreement.mask_names import (
    SEPARATORS,
    ima_name,
    is_consensus,
    mask_word_in,
    read_names,
    splits,
    without_mask_words,
)
from annotriage.agreement.mask_set import MaskRow, image_key
from annotriage.agreement.name_pattern import NamePattern
from annotriage.agreement.name_signs import Sign, sign_of
from annotriage.agreement.readings import Reading, UnclearMasksError
from annotriage.agreement.tool_exports import label_studio_name, label_studio_patterns
from annotriage.errors import AnnotriageError
from annotriage.names import counted

Read = list[tuple[str, str]]


def read_by_name(files: Sequence[FoundFile], photographs: Collection[str] = ()) -> list[MaskRow]:
    """Read images and annotators in names.

    Parameters
    ----------
    files : sequence of FoundFile
    photographs : collection of str
        Stems, in small letters, of the photographs that lie among them: so images are called.

    Raises
    ------
    UnclearMasksError
        The names allow several readings.
    """
    stems = [file.parts[-1] for file in files]
    studio = {place: named for place, stem in enumerate(stems) if (named := label_studio_name(stem)) is not None}
    _ask_for_label(files, studio)
    others = [place for place in range(len(stems)) if place not in studio]
    names = [stems[place] for place in others]
    read = read_names(names)
    if not _is_clear(names, read, photographs):
        pieces, turned = _without_last(names), _annotator_first(names)
        if sign_of(_people(pieces)) is Sign.PERSON or _are_pieces(names, pieces):
            read = pieces
        elif sign_of(_people(turned)) is Sign.PERSON:
            read = turned
        elif readings := _readings(names, read):
            raise UnclearMasksError(readings)
        else:
            read = [(without_mask_words(name), "") for name in names]
    found = {place: (task, user) for place, (task, user, _) in studio.items()} | dict(
        zip(others, _apart(names, read), strict=True)
    )
    rows = [file.row(*found[place]) for place, file in enumerate(files)]
    return _with_folders(files, rows)


def people_in_names(files: Sequence[FoundFile]) -> bool:
    """Say whether the names say for sure who drew what."""
    names = [file.parts[-1] for file in files]
    read = read_names(names)
    return any(annotator for _, annotator in read) and _is_clear(names, read, ())


def coming_to(rows: Iterable[tuple[str, str]]) -> str:
    """Say what (image, annotator) come to: '6 images by 2 annotators'."""
    rows = list(rows)
    images = len({image_key(image) for image, _ in rows})
    people = len({annotator for _, annotator in rows if annotator})
    by = f" by {counted(people, 'annotators')}" if people else ""
    return f"{counted(images, 'images')}{by}"


def checked(pattern: str, names: Sequence[str], read: Read) -> str | None:
    """Return a pattern if it reads all names so; None: it does not."""
    try:
        expression = NamePattern(pattern)
    except AnnotriageError:  # a name with braces in it
        return None
    return pattern if all(expression.read(name) == each for name, each in zip(names, read, strict=True)) else None


def _is_clear(names: Sequence[str], read: Read, photographs: Collection[str]) -> bool:
    """Say whether what was read as annotators are people for sure, or nobody was."""
    sure = [each for name, each in zip(names, read, strict=True) if ima_name(name) is None and each[1]]
    people = _people(sure)
    if not people:
        return True
    match sign_of(people):
        case Sign.PERSON:
            return True
        case Sign.NAME:
            images = {image for image, _ in sure if image.casefold() not in photographs}
            reversed_too = sign_of(images) is Sign.NAME and all(len(image) > 1 for image in images)
            return all(len(name) > 1 for name in people) and not (images and reversed_too)
    return False


def _people(read: Iterable[tuple[str, str]]) -> set[str]:
    return {annotator for _, annotator in read if annotator and not is_consensus(annotator)}


def _without_last(names: Sequence[str]) -> Read:
    """Read names whose last part numbers the pieces of a mask: ``im_1_bob_0``."""
    cut = [splits(without_mask_words(name)) for name in names]
    if not all(each and each[0][1].isalnum() for each in cut):
        return [(name, "") for name in names]
    shorter = [each[0][0] for each in cut]
    return read_names(shorter) if len(set(shorter)) < len(set(names)) else [(name, "") for name in names]


def _are_pieces(names: Sequence[str], read: Read) -> bool:
    """Say whether last parts number pieces for sure: names of images, of several people each, and 0, 1, ... of each."""
    numbers: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for name, each in zip(names, read, strict=True):
        numbers[each].append(name[len(name.rstrip("0123456789")) :])
    counted_on = (sorted(map(int, each)) if all(each) else [] for each in numbers.values())
    return (
        sign_of(_people(read)) is Sign.NAME
        and sign_of(image for image, _ in read) is Sign.IMAGE
        and all(len(person) > 1 for person in _people(read))
        and _two_people(read)
        and all(each and each in (list(range(len(each))), list(range(1, len(each) + 1))) for each in counted_on)
    )


def _readings(names: Sequence[str], read: Read) -> list[Reading]:
    """Return all ways to read names, the likeliest first; empty where by none of them two people drew one image."""
    found: list[tuple[Read, str | None]] = []
    pieces = _without_last(names)
    if sign_of(_people(pieces)) is Sign.NAME:
        found.append((pieces, _pattern(names, pieces, "{image}{0}{annotator}{1}*")))
    found.append((read, _pattern(names, read, "{image}{0}{annotator}")))
    turned = _annotator_first(names)
    found.append((turned, _pattern(names, turned, "{annotator}{0}{image}")))
    readings = []
    for each, pattern in found:
        if pattern is None or not _two_people(each):
            continue
        example = next(place for place, (_, annotator) in enumerate(each) if annotator)
        image, annotator = each[example]
        words = f"{coming_to(each)}; {names[example]} is {annotator}'s mask of image {image}"
        if len(each) > len(set(each)):
            words += ", one of several pieces"
        readings.append(Reading(f"{words}.", pattern))
    if not readings:
        return []
    alone = f"{counted(len(set(names)), 'images')}, all by one person; {names[0]} is a mask of image {names[0]}"
    readings.append(Reading(f"{alone}. Then name one folder for each person who drew.", None))
    return readings


def _annotator_first(names: Sequence[str]) -> Read:
    """Read what stands before the first separator as the annotator."""
    cuts = [splits(without_mask_words(name)) for name in names]
    return [(cut[-1][1], cut[-1][0]) if cut else (name, "") for name, cut in zip(names, cuts, strict=True)]


def _two_people(read: Read) -> bool:
    """Say whether any image has masks by two people."""
    drawn: dict[str, set[str]] = defaultdict(set)
    for image, annotator in read:
        if annotator:
            drawn[image_key(image)].add(annotator)
    return any(len(people) > 1 for people in drawn.values())


def _pattern(names: Sequence[str], read: Read, form: str) -> str | None:
    """Return a pattern of a form, with separators in the places {0} and {1}, by which all names are read so."""
    word = mask_word_in(names[0])
    for first, second in product(SEPARATORS, SEPARATORS if "{1}" in form else "_"):
        tried = [form]
        for sign in SEPARATORS if word else "":
            tried += [f"{form}{sign}{word}", form.replace("{0}", f"{{0}}{word}{sign}"), f"{word}{sign}{form}"]
        for each in tried:
            pattern = each.replace("{0}", first).replace("{1}", second)
            if checked(pattern, names, read) is not None:
                return pattern
    return None


def _ask_for_label(files: Sequence[FoundFile], studio: dict[int, tuple[str, str, str]]) -> None:
    labels = Counter(label for _, _, label in studio.values())
    if len(labels) < 2:
        return
    patterns = label_studio_patterns(list(labels))
    raise UnclearMasksError(
        [
            Reading(
                f"the masks of the label {label} alone: "
                + coming_to((image, annotator) for image, annotator, each in studio.values() if each == label)
                + ".",
                patterns[label],
            )
            for label, _ in labels.most_common()
        ]
    )


def _apart(names: Sequence[str], read: Read) -> Read:
    """Undo what brought two names to one where nobody is named: two images never become one."""
    raw: dict[str, set[str]] = defaultdict(set)
    for name, (image, annotator) in zip(names, read, strict=True):
        if not annotator:
            raw[image_key(image)].add(image_key(name))
    return [
        (name, "") if not annotator and len(raw[image_key(image)]) > 1 else (image.removesuffix(" -"), annotator)
        for name, (image, annotator) in zip(names, read, strict=True)
    ]


def _with_folders(files: Sequence[FoundFile], rows: list[MaskRow]) -> list[MaskRow]:
    """Keep folders in the images' names where equal names lie in several of them."""
    if len({file.parts[:-1] for file in files}) < 2:
        return rows
    folders: dict[tuple[str, str], set[str]] = defaultdict(set)

    def key(row: MaskRow) -> tuple[str, str]:
        return image_key(row.image), image_key(row.annotator)

    for file, row in zip(files, rows, strict=True):
        folders[key(row)].add("/".join(file.parts[:-1]))
    if all(len(each) < 2 for each in folders.values()):
        return rows
    return [replace(row, image="/".join((*file.parts[:-1], row.image))) for file, row in zip(files, rows, strict=True)]

"""Find masks and who drew them: folders of annotators, names with annotators in them, a pattern, a table."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from annotriage.agreement.drawn_once import drawn_once
from annotriage.agreement.file_people import people_in_files
from annotriage.agreement.folder_reading import read_by_folder
from annotriage.agreement.found_file import FoundFile
from annotriage.agreement.found_files import FoundFiles, find_files
from annotriage.agreement.image_sizes import with_sizes
from annotriage.agreement.mask_names import is_consensus, is_reference
from annotriage.agreement.mask_set import MaskRow, MaskSet, RowKey
from annotriage.agreement.name_pattern import NamePattern
from annotriage.agreement.name_reading import read_by_name
from annotriage.agreement.photographs import Photographs
from annotriage.agreement.photographs_among import photographs_among
from annotriage.agreement.readings import UnclearMasksError
from annotriage.agreement.table_of_masks import OTHER_TABLES, TABLE_ENDINGS, lists_masks, read_mask_table
from annotriage.agreement.tool_exports import AGAIN_NOTE, IMAGE_NOTE, KINDS, image_in_stem, notes_on
from annotriage.annotations.encoded import MaskFile
from annotriage.annotations.reading import is_annotations, may_be_annotations
from annotriage.errors import AnnotriageError
from annotriage.names import counted, stem_of, without_endings
from annotriage.tables.sheets import file_and_sheet

CONSENSUS_NOTE = "a consensus of several, not one person's"
NO_FIT_NOTE = "its name does not fit the pattern"
_PHOTOGRAPHS = {".jpg", ".jpeg", ".heic", ".webp"}


def find_masks(
    paths: Sequence[Path],
    pattern: str | None = None,
    *,
    keep_consensus: bool = False,
    images: Sequence[Path] = (),
) -> MaskSet:
    """Find masks and annotations, their images and their annotators.

    Parameters
    ----------
    paths : sequence of Path
        - A folder an annotator, with a mask for each image: several such folders, or one that holds them.
        - A folder an image, with a mask for each annotator, where its name says so: ``case_001/reader_2.png``.
        - A folder of masks whose names say image and annotator: ``ISIC_0000004_A04_T1_S2_54ea.png`` (IMA++),
          ``lesion_7_bob_mask.png``, or which Label Studio, CVAT, labelme or Supervisely exported.
        - Exports of annotation tools, in files or folders of them, also packed (ZIP): see
          `annotriage.annotations.formats.listed`. Who drew is what the file says, else its folder or name, as of masks.
        - A table (CSV) with the columns image, annotator and mask.
        - Single masks.
    pattern : str or None
        How names are made, see `NamePattern`; None: the layout is found out.
    keep_consensus : bool
        Whether masks that are no person's count: those by ``ST`` and ``MV``, ``staple``, ``majority``,
        and, beside two people or more, ``ground_truth``, ``gt``, ``gold``, ``reference``.
    images : sequence of Path
        Folders of the photographs, which say how large the images are of which an export does not.

    Returns
    -------
    MaskSet
        In natural order of the masks' names. Photographs, by what they hold, and other pictures that annotation tools
        write beside masks are left out, as is what shows the same outlines again.

    Raises
    ------
    UnclearMasksError
        The names allow several readings; it names them, and the pattern of each.
    AnnotriageError
        Nothing is there, or no mask is found.
    """
    tables = [path for path in paths if _is_table(file_and_sheet(path)[0])]
    if tables and len(paths) > 1:
        listing = next((path for path in tables if lists_masks(path)), None)
        if listing is not None:
            raise AnnotriageError(f"Name {listing} alone: a table lists all masks.")
        tables = []  # notes, or a table of something else, among the masks
    if tables:
        found, remarks = read_mask_table(tables[0]), []
    else:
        files = find_files(paths)
        found = _by_pattern(files, NamePattern(pattern)) if pattern else _by_layout(files)
        found, remarks = MaskSet([*found.rows, *files.unread], found.reading), files.remarks
    masks = [row.path for row in found.rows if row.used and row.annotation is None]
    sized, more = with_sizes(found.rows, Photographs(images, masks))
    found = MaskSet(sized, found.reading, [*found.remarks, *remarks, *more])
    return found if keep_consensus else without_consensus(found)


def without_consensus(found: MaskSet) -> MaskSet:
    """Leave out the masks that are no person's, as their annotators' names tell."""
    no_person = _no_people({row.annotator for row in found.rows if row.used})
    rows = [replace(row, note=CONSENSUS_NOTE) if row.used and row.annotator in no_person else row for row in found.rows]
    return MaskSet(rows, found.reading, found.remarks)


def _is_table(file: Path) -> bool:
    if file.suffix.lower() not in (*TABLE_ENDINGS, *OTHER_TABLES) or not file.is_file():
        return False
    return not may_be_annotations(file.name) or not is_annotations(file)


def _no_people(annotators: set[str]) -> set[str]:
    """Return those who are a consensus; a reference is one unless that leaves nobody to compare: then it is a rater."""
    agreed = {each for each in annotators if is_consensus(each)}
    references = {each for each in annotators if is_reference(each)}
    people = {each.casefold() for each in annotators - agreed - references if each.strip()}
    return agreed | references if len(people) > 1 else agreed


def _by_pattern(found: FoundFiles, pattern: NamePattern) -> MaskSet:
    if not pattern.has_annotator and not found.several:
        raise AnnotriageError(
            "The pattern does not say where the annotator stands: write {annotator} into it, or name a folder for each."
        )
    rows = []
    held = _held_by_exports(found)
    for file in found.files:
        folder, inner = file.name.split("/", 1) if found.several else ("", file.name)
        read = pattern.read(inner) or (pattern.read(file.name) if found.several else None)
        if file.annotator:
            rows.append(file.row("", ""))
        elif file.path in held:
            rows.append(file.row("", "", AGAIN_NOTE))
        elif read is None:
            rows.append(file.row("", "", NO_FIT_NOTE))
        else:
            image, annotator = read
            rows.append(file.row(image, annotator or folder))
    if not any(row.used for row in rows):
        raise AnnotriageError(
            f"No mask fits the pattern {pattern.text}; the first one found is {found.files[0].name}. "
            "{image}_{annotator}.png is an example of a pattern."
        )
    photographs = photographs_among(
        [file for file, row in zip(found.files, rows, strict=True) if row.used and file.annotation is None]
    )
    rows = [
        file.row("", "", IMAGE_NOTE) if file in photographs else row
        for file, row in zip(found.files, rows, strict=True)
    ]
    return MaskSet(drawn_once(found.files, rows), _example(rows))


def _by_layout(found: FoundFiles) -> MaskSet:
    pictures = [file for file in found.files if file.annotation is None]
    notes = notes_on([file.name for file in pictures])
    held = _held_by_exports(found)
    notes |= {file.name: AGAIN_NOTE for file in pictures if file.path in held}
    photographs = photographs_among([file for file in pictures if file.name not in notes])
    notes |= {file.name: IMAGE_NOTE for file in photographs}
    rest = [file for file in pictures if file.name not in notes]
    notes |= {file.name: IMAGE_NOTE for file in _called_like_photographs(rest)}
    masks = _without_kinds([file for file in rest if file.name not in notes], pictures)
    if not masks and len(pictures) == len(found.files):
        raise AnnotriageError(
            f"There are no masks among {counted(len(found.files), 'files')}: {found.files[0].name} "
            f"{notes[found.files[0].name]}. {' '.join([*found.remarks, 'Name the folder that holds the mask files.'])}"
        )
    called = {stem_of(file.name).casefold() for file in pictures if notes.get(file.name) == IMAGE_NOTE}
    exports = [file for file in found.files if file.annotation is not None]
    again = notes_on([file.name for file in found.files])
    notes |= {file.name: AGAIN_NOTE for file in exports if again.get(file.name) == AGAIN_NOTE}
    unknown = [*masks, *(file for file in exports if not file.annotator and file.name not in notes)]
    rows, folders = _read(unknown, called, several=found.several)
    if any(not row.annotator for row in rows):
        known = [file for file in exports if file.annotator and file.name not in notes]
        rows = _read_beside(unknown, known, several=found.several) or rows
    # Kinds of export are taken off names that are read: the file is still the same.
    read = {_key(file): row for file, row in zip(unknown, rows, strict=True)}
    read |= {_key(file): file.row("", "") for file in exports if file.annotator}
    all_rows = [read.get(_key(file)) or file.row("", "", notes[file.name]) for file in found.files]
    once = drawn_once(found.files, all_rows)
    return MaskSet(once, " ".join(filter(None, (folders, _example(once)))))


def _held_by_exports(found: FoundFiles) -> set[Path]:
    """Return the masks that annotations name as theirs: each is read once."""
    drawn = [file.annotation.regions for file in found.files if file.annotation is not None]
    return {each.shape.path for regions in drawn for each in regions if isinstance(each.shape, MaskFile)}


def _read(files: Sequence[FoundFile], photographs: Collection[str], *, several: bool) -> tuple[list[MaskRow], str]:
    """Read images and annotators in folders, or in names; of annotations that say their image, no name tells more."""
    by_folder = read_by_folder(files, several=several) if files else None
    if by_folder is not None:
        rows, words = by_folder
        inner = people_in_files(files, rows)
        if inner is not None:
            return inner, "A file for each annotator."
        said = "A file or a folder for each annotator." if any(file.image for file in files) else words
        return rows, said
    by_name = [file for file in files if not file.image]
    read = dict(zip(map(_key, by_name), read_by_name(by_name, photographs) if by_name else [], strict=True))
    return [read.get(_key(file)) or file.row("", "") for file in files], ""


def _read_beside(unknown: Sequence[FoundFile], known: Sequence[FoundFile], *, several: bool) -> list[MaskRow] | None:
    """Read who drew what no file says in folders beside those of which files do; None: they do not tell either."""
    try:
        read = read_by_folder([*unknown, *known], several=several) if known else None
    except UnclearMasksError:
        return None
    rows = read[0][: len(unknown)] if read is not None else []
    return rows if rows and all(row.annotator for row in rows) else None


def _key(file: FoundFile) -> RowKey:
    return file.path, file.annotation.place if file.annotation is not None else 0


def _without_kinds(masks: Sequence[FoundFile], files: Sequence[FoundFile]) -> list[FoundFile]:
    """Take the kind of export off names where all kinds of it lie together."""
    if not any(file.parts[-1].casefold().endswith(KINDS) for file in masks):
        return list(masks)
    beside: defaultdict[Path, set[str]] = defaultdict(set)
    for file in files:
        beside[file.path.parent].add(file.parts[-1])
    return [
        file
        if (stem := image_in_stem(file.parts[-1], beside[file.path.parent])) == file.parts[-1]
        else replace(file, parts=(*file.parts[:-1], stem))
        for file in masks
    ]


def _called_like_photographs(files: Sequence[FoundFile]) -> list[FoundFile]:
    """Return JPEGs and the like that are called as masks beside them call their image."""
    suspects = [file for file in files if file.path.suffix.lower() in _PHOTOGRAPHS]
    if not suspects or len(suspects) == len(files):
        return []
    others = {
        (file.path.parent, stem_of(file.name).casefold())
        for file in files
        if file.path.suffix.lower() not in _PHOTOGRAPHS
    }
    begun = {(folder, stem[:at]) for folder, stem in others for at in range(1, len(stem)) if stem[at] in "_-. "}
    return [file for file in suspects if (file.path.parent, stem_of(file.name).casefold()) in begun]


def _example(rows: Iterable[MaskRow]) -> str:
    row = next((row for row in rows if row.used), None)
    if row is None:
        return ""
    who = f"annotator {row.annotator}" if row.annotator else "no annotator named"
    return f"{without_endings(row.name)} was read as image {row.image}, {who}."

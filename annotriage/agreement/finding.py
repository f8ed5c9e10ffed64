"""Find masks and who drew them: folders of annotators, names with annotators in them, a pattern, a table."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from annotriage.agreement.folder_reading import read_by_folder
from annotriage.agreement.found_files import FoundFile, FoundFiles, find_files
from annotriage.agreement.mask_names import is_consensus, is_reference
from annotriage.agreement.mask_set import MaskRow, MaskSet
from annotriage.agreement.name_pattern import NamePattern
from annotriage.agreement.name_reading import read_by_name
from annotriage.agreement.photographs_among import photographs_among
from annotriage.agreement.table_of_masks import OTHER_TABLES, TABLE_ENDINGS, read_mask_table
from annotriage.agreement.tool_exports import IMAGE_NOTE, KINDS, image_in_stem, notes_on
from annotriage.errors import AnnotriageError
from annotriage.names import counted, stem_of, without_endings
from annotriage.tables.sheets import file_and_sheet

CONSENSUS_NOTE = "a consensus of several, not one person's"
NO_FIT_NOTE = "its name does not fit the pattern"
_PHOTOGRAPHS = {".jpg", ".jpeg", ".heic", ".webp"}


def find_masks(paths: Sequence[Path], pattern: str | None = None, *, keep_consensus: bool = False) -> MaskSet:
    """Find masks, their images and their annotators.

    Parameters
    ----------
    paths : sequence of Path
        - A folder an annotator, with a mask for each image: several such folders, or one that holds them.
        - A folder an image, with a mask for each annotator, where its name says so: ``case_001/reader_2.png``.
        - A folder of masks whose names say image and annotator: ``ISIC_0000004_A04_T1_S2_54ea.png`` (IMA++),
          ``lesion_7_bob_mask.png``, or which Label Studio, CVAT, labelme or Supervisely exported.
        - A table (CSV) with the columns image, annotator and mask.
        - Single masks.
    pattern : str or None
        How names are made, see `NamePattern`; None: the layout is found out.
    keep_consensus : bool
        Whether masks that are no person's count: those by ``ST`` and ``MV``, ``staple``, ``majority``,
        and, beside two people or more, ``ground_truth``, ``gt``, ``gold``, ``reference``.

    Returns
    -------
    MaskSet
        In natural order of the masks' names. Photographs, by what they hold, and other pictures that annotation tools
        write beside masks are left out.

    Raises
    ------
    UnclearMasksError
        The names allow several readings; it names them, and the pattern of each.
    AnnotriageError
        Nothing is there, or no mask is found.
    """
    tables = [path for path in paths if _is_table(file_and_sheet(path)[0])]
    if tables and len(paths) > 1:
        raise AnnotriageError(f"Name {tables[0]} alone: a table lists all masks.")
    if tables:
        found = read_mask_table(tables[0])
    else:
        files = find_files(paths)
        found = _by_pattern(files, NamePattern(pattern)) if pattern else _by_layout(files)
        found = MaskSet([*found.rows, *files.unread], found.reading, files.remarks)
    return found if keep_consensus else without_consensus(found)


def without_consensus(found: MaskSet) -> MaskSet:
    """Leave out the masks that are no person's, as their annotators' names tell."""
    no_person = _no_people({row.annotator for row in found.rows if row.used})
    rows = [replace(row, note=CONSENSUS_NOTE) if row.used and row.annotator in no_person else row for row in found.rows]
    return MaskSet(rows, found.reading, found.remarks)


def _is_table(file: Path) -> bool:
    return file.suffix.lower() in (*TABLE_ENDINGS, *OTHER_TABLES) and file.is_file()


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
    for file in found.files:
        folder, inner = file.name.split("/", 1) if found.several else ("", file.name)
        read = pattern.read(inner) or (pattern.read(file.name) if found.several else None)
        if read is None:
            rows.append(MaskRow("", "", file.path, NO_FIT_NOTE))
        else:
            image, annotator = read
            rows.append(MaskRow(image, annotator or folder, file.path))
    if not any(row.used for row in rows):
        raise AnnotriageError(
            f"No mask fits the pattern {pattern.text}; the first one found is {found.files[0].name}. "
            "{image}_{annotator}.png is an example of a pattern."
        )
    fitting = [file for file, row in zip(found.files, rows, strict=True) if row.used]
    photographs = {file.path for file in photographs_among(fitting)}
    rows = [MaskRow("", "", row.path, IMAGE_NOTE) if row.path in photographs else row for row in rows]
    return MaskSet(rows, _example(rows))


def _by_layout(found: FoundFiles) -> MaskSet:
    notes = notes_on([file.name for file in found.files])
    photographs = photographs_among([file for file in found.files if file.name not in notes])
    notes |= {file.name: IMAGE_NOTE for file in photographs}
    rest = [file for file in found.files if file.name not in notes]
    notes |= {file.name: IMAGE_NOTE for file in _called_like_photographs(rest)}
    masks = _without_kinds([file for file in rest if file.name not in notes], found.files)
    if not masks:
        raise AnnotriageError(
            f"There are no masks among {counted(len(found.files), 'files')}: {found.files[0].name} "
            f"{notes[found.files[0].name]}. {' '.join([*found.remarks, 'Name the folder that holds the mask files.'])}"
        )
    called = {stem_of(file.name).casefold() for file in found.files if notes.get(file.name) == IMAGE_NOTE}
    by_folder = read_by_folder(masks, several=found.several)
    rows, folders = by_folder if by_folder is not None else (read_by_name(masks, called), "")
    read = {row.path: row for row in rows}
    all_rows = [read.get(file.path) or MaskRow("", "", file.path, notes[file.name]) for file in found.files]
    return MaskSet(all_rows, " ".join(filter(None, (folders, _example(all_rows)))))


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
    return f"{without_endings(row.path.name)} was read as image {row.image}, {who}."

"""Exports whose folders are no people's after all: ``coco/bob.json`` and ``coco/alice.json`` are not one person's."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from annotriage.agreement.found_file import FoundFile
from annotriage.agreement.mask_set import MaskRow, image_key
from annotriage.agreement.name_reading import coming_to
from annotriage.agreement.name_signs import Sign, sign_of
from annotriage.agreement.readings import Reading, UnclearMasksError


def people_in_files(files: Sequence[FoundFile], rows: Sequence[MaskRow]) -> list[MaskRow] | None:
    """Read the names of files as people, where folders were, and each would have several files of one image.

    Parameters
    ----------
    files : sequence of FoundFile
    rows : sequence of MaskRow
        As folders were read.

    Returns
    -------
    list of MaskRow or None
        None: the folders are people.

    Raises
    ------
    UnclearMasksError
        The files' names may be people's, or those of batches that have images in common.
    """
    inner: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for file, row in zip(files, rows, strict=True):
        if file.image and row.used and len(file.parts) > 2 and file.parts[-2] != row.annotator:
            inner[image_key(row.image), image_key(row.annotator), file.format].add(file.parts[-2])
    names = {name for each in inner.values() if len(each) > 1 for name in each}
    if not names:
        return None
    turned = [
        replace(row, annotator=file.parts[-2]) if file.image and len(file.parts) > 1 else row
        for file, row in zip(files, rows, strict=True)
    ]
    if sign_of(names) in (Sign.PERSON, Sign.NAME):
        return turned
    name, who = next((file.name, row) for file, row in zip(files, rows, strict=True) if file.image and row.used)
    depth = name.count("/") - 2
    raise UnclearMasksError(
        [
            Reading(f"folders are annotators, {_coming_to(rows)}; {name} is {who.annotator}'s.",
                    "/".join(["{annotator}", *["*"] * (depth + 1), "{image}"])),
            Reading(f"files are annotators, {_coming_to(turned)}.",
                    "/".join([*["*"] * (depth + 1), "{annotator}", "{image}"])),
        ]
    )  # fmt: skip


def _coming_to(rows: Sequence[MaskRow]) -> str:
    return coming_to((row.image, row.annotator) for row in rows if row.used)

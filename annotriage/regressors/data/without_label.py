"""Images without an agreement label, and expert masks, of several folders: names apart, none silently another's."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from annotriage.agreement.masks_among import images_and_masks
from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile, find_images
from annotriage.names import stem_of
from annotriage.tables import Problem

MASK_ENDING = re.compile(r"(_segmentation|_mask|_seg|_lesion)$", re.IGNORECASE)


def unlabelled_images(
    found: Sequence[ImageFile],
    further: Sequence[Path],
    labelled: Sequence[str],
    named: set[str],
    groups: Mapping[str, str],
) -> tuple[dict[str, Path], list[Problem]]:
    """Return the images without a label that may be learned from, by name, and what was not used.

    Names of images of further folders begin with the folder's. Images that share a patient or lesion with a labelled
    one would let the lesion maps, and the teachers, see that patient beforehand. Of several images of one name it is
    not known whose mask is whose.
    """
    problems = []
    candidates = [(file.name, file) for file in found if file.problem is None]
    for folder in further:
        more, lying = images_and_masks(find_images(folder))
        unreadable = [f"{folder.name}/{file.name}" for file in more if file.problem is not None]
        there = [(f"{folder.name}/{file.name}", file) for file in more if file.problem is None]
        in_table = [name for name, file in there if stem_of(file.name) in named]
        candidates += there
        for what, names in (
            (f"masks among the images of {folder}, left out", [file.name for file in lying]),
            (f"images of {folder} that cannot be read", unreadable),
            (f"images of {folder} that the labels name too; labels go with the first folder, so not used", in_table),
        ):
            problems += [Problem(what, names)] if names else []
    mine = {*labelled}
    together = {groups[stem] for stem in mine if stem in groups}
    stems = Counter(stem_of(file.name) for _, file in candidates)
    others: dict[str, Path] = {}
    twice: list[str] = []
    for name, file in candidates:
        stem = stem_of(file.name)
        if stem in mine or stem in named or groups.get(stem, "") in together:
            continue
        if stems[stem] == 1:
            others[name] = file.path
        else:
            twice.append(str(file.path))
    if twice:
        what = "images without a label whose name another image has; none of them is used"
        problems.append(Problem(what, twice))
    return others, problems


def masks_by_stem(folders: Sequence[Path]) -> tuple[dict[str, Path], list[str]]:
    """Find masks by the stem of their image; stems of which there are several masks are told and have none."""
    several: dict[str, list[Path]] = {}
    for folder in folders:
        for stem, paths in _mask_files(folder).items():
            several.setdefault(stem, []).extend(paths)
    twice = [stem for stem, paths in several.items() if len(paths) > 1]
    return {stem: paths[0] for stem, paths in several.items() if len(paths) == 1}, twice


def mask_paths(folders: Path | Sequence[Path]) -> dict[str, Path]:
    """Find the masks below folders by the stem of their image; images that have several masks are left out.

    Raises
    ------
    AnnotriageError
        One of them has none.
    """
    return masks_by_stem([folders] if isinstance(folders, Path) else folders)[0]


def _mask_files(folder: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for file in find_images(folder):
        if file.problem is None:
            found.setdefault(MASK_ENDING.sub("", stem_of(file.name)), []).append(file.path)
    if not found:
        raise AnnotriageError(
            f"There are no masks in {folder}. Give the folder that holds files like ISIC_0000000_segmentation.png."
        )
    return found

"""Find the image of each label."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from annotriage.datasets.labels import Label, LabelTable, agree
from annotriage.datasets.name_hints import name_hints, readings
from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile
from annotriage.names import key_of, posix, same_letters, stem_of, without_endings
from annotriage.tables import Problem

WITHOUT_LABEL = "images without a label"


@dataclass(frozen=True, slots=True)
class Matched:
    """Images and their labels.

    Attributes
    ----------
    images : list of ImageFile
        Labelled images that look readable, in the table's order.
    labels : list of Label
        The label of each. No two have the same `stem`: where two folders hold images of one name, it begins with the
        folder.
    problems : list of Problem
        What was left out: the table's own problems first, then what has no partner.
    """

    images: list[ImageFile]
    labels: list[Label]
    problems: list[Problem]


def match_labels(table: LabelTable, images: Sequence[ImageFile]) -> Matched:
    """Find the image of each label: by the full name, else regardless of case, by the end of the path, by the stem.

    A label that could mean two images gets none, and an image that two labels contradict each other about gets
    neither: both are named in the problems.

    Parameters
    ----------
    table : LabelTable
        The labels.
    images : sequence of ImageFile
        What `annotriage.images.find_images` found.

    Returns
    -------
    Matched

    Raises
    ------
    AnnotriageError
        Not one label has an image.
    """
    left_out: dict[str, list[str]] = {}
    by_image: dict[int, list[Label]] = defaultdict(list)
    labels = table.rows
    for label, candidates in zip(labels, places_of([label.image for label in labels], images), strict=True):
        if not candidates:
            left_out.setdefault("labels without an image", []).append(label.image)
        elif len(candidates) > 1:
            left_out.setdefault("labels that could mean several images", []).append(label.image)
        else:
            by_image[candidates[0]].append(label)
    pairs: list[tuple[ImageFile, Label]] = []
    repeated: list[str] = []
    for place, several in by_image.items():
        names = [label.image for label in several]
        if not agree(several):
            left_out.setdefault("labels that contradict another of the same image; none is used", []).extend(names)
        elif images[place].problem is not None:
            left_out.setdefault("labelled images that cannot be read", []).append(images[place].name)
        else:
            pairs.append((images[place], several[0]))
            repeated += names[1:]
    used = {image.name for image, _ in pairs} | {images[place].name for place in by_image}
    without = [image.name for image in images if image.name not in used and image.problem is None]
    hints = name_hints(left_out.get("labels without an image", []), without)
    if without:
        left_out[WITHOUT_LABEL] = without
    if repeated:
        hints.append(Problem("labels that repeat another; one of each is used", repeated, remark=True))
    problems = [*table.problems, *(Problem(what, names) for what, names in left_out.items()), *hints]
    if not pairs:
        told = "; ".join(map(str, problems))
        raise AnnotriageError(
            f"No label of {table.path} has an image that can be read: {told or 'there are no images'}."
        )
    return Matched([image for image, _ in pairs], _unique_stems(pairs), problems)


_WAYS: tuple[Callable[[str], list[str]], ...] = (
    lambda name: [name],
    lambda name: [same_letters(name)],
    lambda name: [same_letters(without_endings(name))],  # sub/a, where another folder holds an `a` as well
    lambda name: _ends(name),
    lambda name: [key_of(name)],
)
"""What names are compared by, the most exact first."""


def places_of(names: Sequence[str], images: Sequence[ImageFile]) -> list[list[int]]:
    """Return the places of the images that each name can mean, by the most exact comparison that finds any.

    Parameters
    ----------
    names : sequence of str
        As a table or a tool writes them: with or without folders and endings.
    images : sequence of ImageFile

    Returns
    -------
    list of list of int
        For each name; empty: no image is called so. Several: it could mean each of them.
    """
    found: dict[int, list[int]] = {}
    taken: set[int] = set()
    for way in _WAYS:
        by_key: dict[str, list[int]] = defaultdict(list)
        for place, image in enumerate(images):
            for key in way(image.name):
                by_key[key].append(place)
        for row, name in enumerate(names):
            if row in found:
                continue
            written = [key for each in (name, *readings(name)) for key in way(each)]
            places = next((by_key[key] for key in written if key in by_key), [])
            if stem_of(name) != name:
                # `a.png` is not the image of `a.jpg` where that has a label of its own; a bare `a` may be.
                places = [place for place in places if place not in taken]
            if places:
                found[row] = places
        taken.update(places[0] for places in found.values() if len(places) == 1)
    return [found.get(row, []) for row in range(len(names))]


def _ends(name: str) -> list[str]:
    """Return the ends of a path that still name a folder, the longest first: tables may be rooted elsewhere."""
    parts = same_letters(without_endings(posix(name))).split("/")
    return ["/".join(parts[start:]) for start in range(len(parts) - 1)]


def _unique_stems(pairs: Sequence[tuple[ImageFile, Label]]) -> list[Label]:
    count: dict[str, int] = defaultdict(int)
    for image, _ in pairs:
        count[stem_of(image.name).casefold()] += 1
    keys = [stem_of(i.name) if count[stem_of(i.name).casefold()] == 1 else without_endings(i.name) for i, _ in pairs]
    if len({key.casefold() for key in keys}) < len(keys):  # a.jpg and a.png in one folder
        keys = [image.name for image, _ in pairs]
    return [replace(label, stem=key) for key, (_, label) in zip(keys, pairs, strict=True)]

"""Measure what people drew: masks read image by image, in threads; and tables of pairs."""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from annotriage.agreement.mask_names import ima_kind, is_consensus
from annotriage.agreement.mask_set import ImageMasks, MaskSet, image_key
from annotriage.agreement.measuring import LoadedMasks, load_masks
from annotriage.agreement.overlaps import dice_table, overlaps
from annotriage.agreement.pairs_table import IMAGE_COLUMNS, MEASURES
from annotriage.agreement.people.drawn import Drawn, DrawnMask, DrawnPair
from annotriage.agreement.people.mask_facts import SKILL_COLUMNS, TOOL_COLUMNS, KnownFacts
from annotriage.agreement.people.outline_measures import measure_outline
from annotriage.annotations.annotation import is_unnamed
from annotriage.errors import AnnotriageError
from annotriage.names import counted, stem_of
from annotriage.parallel import ordered_map, usable_cores
from annotriage.tables import Table, read_table, says_nothing, united_numbers

if TYPE_CHECKING:
    import threading


@dataclass(frozen=True, slots=True)
class ImageDrawn:
    """What people drew of one image.

    Attributes
    ----------
    masks : tuple of DrawnMask
    pairs : tuple of DrawnPair
    unnamed : int
        Masks of which nobody knows who drew them.
    alone : bool
        Fewer than two people's masks could be read.
    differ : bool
        Their sizes differ, so that they cannot be compared.
    same : int
        Pairs that are the same, pixel by pixel.
    """

    masks: tuple[DrawnMask, ...] = ()
    pairs: tuple[DrawnPair, ...] = ()
    unnamed: int = 0
    alone: bool = False
    differ: bool = False
    same: int = 0


@dataclass(slots=True)
class Gathering:
    """Takes image by image in, and says at its end what was left out."""

    facts: KnownFacts
    drawn: Drawn = field(default_factory=Drawn)
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, image: ImageDrawn) -> None:
        """Take one image in."""
        self.drawn.masks += image.masks
        self.drawn.pairs += image.pairs
        self._counts["images"] += 1
        self._counts["unnamed"] += image.unnamed
        self._counts["alone"] += image.alone
        self._counts["differ"] += image.differ
        self._counts["same"] += image.same

    def done(self) -> Drawn:
        """Return all of it."""
        drawn, count = self.drawn, self._counts
        drawn = _one_name_each(drawn)
        drawn.source = f"{counted(len(drawn.masks), 'masks')} of {counted(count['images'], 'images')}"
        told = [
            (count["alone"], "images have only one person's mask, with which nothing can be compared."),
            (count["differ"], "images have masks of different sizes: left out (see annotriage agree)."),
            (count["unnamed"], "masks have no annotator's name: left out."),
            (count["same"], "pairs of masks are the same, pixel by pixel: one may be a copy of the other."),
            (
                sum(not mask.area for mask in drawn.masks),
                "masks have nothing marked: no size or border to compare, only agreement.",
            ),
        ]
        drawn.remarks = [*self.facts.remarks, *(counted(number, words) for number, words in told if number)]
        return drawn


def measure_people(
    found: MaskSet,
    facts: KnownFacts,
    *,
    resample: bool = False,
    label: str | None = None,
    threads: int | None = None,
    stop: "threading.Event | None" = None,
) -> Generator[ImageDrawn, None, None]:
    """Measure what people drew, image by image, in natural order; `Gathering` puts it together.

    Parameters
    ----------
    found : MaskSet
    facts : KnownFacts
    resample, label, threads, stop
        As in `annotriage.agreement.measuring.measure`.

    Yields
    ------
    ImageDrawn
    """

    def of(image: ImageMasks) -> ImageDrawn:
        return drawn_of(image.image, load_masks(image.rows, resample=resample, label=label), facts)

    yield from ordered_map(of, found.images, threads=threads or usable_cores(), stop=stop)


def drawn_of(image: str, loaded: LoadedMasks, facts: KnownFacts) -> ImageDrawn:
    """Measure one image."""
    named = [place for place, row in enumerate(loaded.rows) if row.annotator.strip() and not is_unnamed(row.annotator)]
    unnamed = len(loaded.rows) - len(named)
    if loaded.differ or len(named) < 2:
        return ImageDrawn(unnamed=unnamed, alone=not loaded.differ, differ=loaded.differ)
    parts = loaded.marked_part()[named]
    areas = parts.sum(axis=(1, 2))
    middle = float(np.median(areas[areas > 0])) if areas.any() else 1.0
    several = {rows[0]: rows for rows in loaded.united}
    masks = []
    for place, part in zip(named, parts, strict=True):
        row = loaded.rows[place]
        known = facts.of_person(several.get(row, (row,)))
        outline = measure_outline(part, middle)
        masks.append(DrawnMask(image, row.annotator.strip(), outline.area, outline.raggedness, known.tool, known.skill,
                               known.finished))  # fmt: skip
    counts = overlaps(parts)
    dice = dice_table(counts)
    pairs, same = [], 0
    for at, first in enumerate(masks):
        for beyond, second in enumerate(masks[at + 1 :], at + 1):
            pairs.append(DrawnPair(image, first.person, second.person, float(dice[at, beyond]),
                                   (first.tool, second.tool), (first.skill, second.skill)))  # fmt: skip
            same += bool(first.area == second.area == counts[at, beyond] > 0)
    return ImageDrawn(tuple(masks), tuple(pairs), unnamed, same=same)


def read_pairs(path: Path, *, keep_consensus: bool = False) -> Drawn:
    """Read a table of pairs, as `annotriage agree --pairs` and IMA++ write it.

    Parameters
    ----------
    path : Path
        With the columns ``image`` (or ``img_id``), ``annotator1``, ``annotator2``, ``dice`` (or ``dice_score``);
        ``tool1``, ``tool2``, ``skill_level1``, ``skill_level2`` where there are any, else names of masks may say them.
    keep_consensus : bool
        Whether pairs count of which one is no person's: ``ST`` and ``MV``.

    Raises
    ------
    AnnotriageError
        The file cannot be read, lacks a column, or has no pair of people.
    """
    table = read_table(path, [IMAGE_COLUMNS, ("annotator1",), ("annotator2",)])
    table.refuse_problems()
    image_at = table.need("the image", *IMAGE_COLUMNS)
    people_at = [table.need("the annotators", f"annotator{which}") for which in (1, 2)]
    dice_at = table.need("the pair's Dice", *MEASURES["dice"])
    one_person = united_numbers(cells[at] for cells in table.rows for at in people_at)
    kinds = [_kinds(table, which) for which in (1, 2)]
    drawn = Drawn(has_masks=False)
    left: Counter[str] = Counter()
    for cells in table.rows:
        people = [one_person.read(cells[at]) for at in people_at]
        if not keep_consensus and any(is_consensus(name) for name in people):
            left["consensus"] += 1
            continue
        dice = table.number(cells, dice_at)
        if any(says_nothing(name) or is_unnamed(name) for name in people) or not cells[image_at]:
            left["unnamed"] += 1
        elif dice is None or not 0 <= dice <= 1:
            left["dice"] += 1
        else:
            (tool, skill), (other_tool, other_skill) = (of_one.of(cells) for of_one in kinds)
            drawn.pairs.append(DrawnPair(stem_of(cells[image_at]), people[0], people[1], dice,
                                         (tool, other_tool), (skill, other_skill)))  # fmt: skip
    if not any(not pair.same_person for pair in drawn.pairs):
        raise AnnotriageError(f"{path} has no pair of masks that two people drew: nobody can be compared.")
    drawn = _one_name_each(drawn)
    images = len({pair.image for pair in drawn.pairs})
    drawn.source = f"{counted(len(drawn.pairs), 'pairs of masks')} of {counted(images, 'images')}"
    told = [
        (left["consensus"], "pairs with a consensus, which is no person's mask, are left out."),
        (left["unnamed"], "pairs have no annotator's name: left out."),
        (left["dice"], "pairs have no Dice of 0 to 1: left out."),
    ]
    drawn.remarks = [*one_person.remarks("annotator"), *(counted(many, words) for many, words in told if many)]
    return drawn


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Where a table of pairs says tool and skill of one of the two masks, or names the mask."""

    tool: int | None
    skill: int | None
    mask: int | None

    def of(self, cells: list[str]) -> tuple[str, str]:
        """Return tool and skill."""
        tool, skill = ("" if at is None or says_nothing(cells[at]) else cells[at] for at in (self.tool, self.skill))
        if tool and skill:
            return tool, skill
        named = (None if self.mask is None else ima_kind(stem_of(cells[self.mask]))) or ("", "")
        return tool or named[0], skill or named[1]


def _kinds(table: Table, which: int) -> _Kinds:
    tool, skill = (
        next((at for name in names if (at := table.find(f"{name}{which}")) is not None), None)
        for names in (TOOL_COLUMNS, SKILL_COLUMNS)
    )
    return _Kinds(tool, skill, table.find(f"mask{which}"))


def _one_name_each(drawn: Drawn) -> Drawn:
    """Let names that differ in capitals only be one person, as everywhere."""
    first: dict[str, str] = {}
    names = {name: first.setdefault(image_key(name), name) for name in drawn.people()}
    return drawn if all(name == kept for name, kept in names.items()) else drawn.renamed(names)

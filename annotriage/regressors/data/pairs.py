"""Pairs of people who drew an image, with tools and skills: what ways of drawing are learned from."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotriage.agreement.people.measuring_people import read_pairs
from annotriage.errors import AnnotriageError
from annotriage.measures.ways import way_of_pair
from annotriage.names import counted

EXPERTS, WITH_NOVICE, UNKNOWN = range(3)
"""Of the two people of a pair: both are experts, one or both are novices, nothing (or something else) is said."""
_SKILLS = {"s1": "expert", "expert": "expert", "s2": "novice", "novice": "novice"}


@dataclass(frozen=True, slots=True, eq=False)
class PairTable:
    """P pairs of masks of one image, whose tools are known.

    Attributes
    ----------
    stems : tuple of str
        (P,) the image of each.
    ways : ndarray
        (P,) keys of `annotriage.measures.ways.WAYS`.
    skills : ndarray
        (P,) `EXPERTS`, `WITH_NOVICE` or `UNKNOWN`.
    dice : ndarray
        (P,) 0..1.
    same : ndarray
        (P,) whether one person drew both: that says something of tools, and nothing of how far people agree.
    sha256 : str
        Of what is used of the file.
    source : str
        How many there are, in words.
    remarks : tuple of str
        What of the file is not used, counted: a sentence each.
    """

    stems: tuple[str, ...]
    ways: NDArray[np.str_]
    skills: NDArray[np.intp]
    dice: NDArray[np.float64]
    same: NDArray[np.bool_]
    sha256: str
    source: str
    remarks: tuple[str, ...]

    def rows(self, stems: list[str]) -> NDArray[np.intp]:
        """Return (P,) the place of each pair's image in a list of stems; -1: it is not there."""
        place = {stem.casefold(): k for k, stem in enumerate(stems)}
        return np.array([place.get(stem.casefold(), -1) for stem in self.stems], np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """P pairs of labelled images.

    Attributes
    ----------
    row : ndarray
        (P,) which labelled image.
    way : ndarray
        (P,) which way of drawing.
    skill : ndarray
        (P,) as in `PairTable`.
    dice : ndarray
        (P,) 0..1.
    """

    row: NDArray[np.intp]
    way: NDArray[np.intp]
    skill: NDArray[np.intp]
    dice: NDArray[np.float64]

    def taken(self, which: NDArray[np.bool_]) -> "Pairs":
        """Return some of them."""
        return Pairs(self.row[which], self.way[which], self.skill[which], self.dice[which])

    def among(self, rows: list[int]) -> "Pairs":
        """Return those of some images, whose rows are counted from 0 then."""
        place = np.full(max(int(self.row.max(initial=-1)), *rows) + 1, -1, np.intp)
        place[rows] = np.arange(len(rows))
        kept = place[self.row] >= 0
        return Pairs(place[self.row[kept]], self.way[kept], self.skill[kept], self.dice[kept])

    def by_way(self, images: int, ways: int) -> NDArray[np.float64]:
        """Return (images, ways) mean Dice of the pairs of an image that were drawn so; NaN: it has none."""
        place = self.row * ways + self.way
        count = np.bincount(place, minlength=images * ways)
        total = np.bincount(place, self.dice, minlength=images * ways)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan).reshape(images, ways)


def read_pair_table(path: Path) -> PairTable:
    """Read a table of pairs for a training, as IMA++ and `annotriage agree --pairs` write it.

    Raises
    ------
    AnnotriageError
        The file cannot be read, lacks a column, or says of no pair of two people with which tools they drew.
    """
    drawn = read_pairs(path)
    left: Counter[str] = Counter()
    kept = []
    for pair in drawn.pairs:
        way = way_of_pair(*pair.tools)
        if not all(pair.tools):
            left["do not say with which tools they were drawn: not used"] += 1
        elif way is None:
            left[f"were drawn with other tools ({' + '.join(sorted(pair.tools))} the first): not used"] += 1
        else:
            kept.append((pair, way))
    remarks = (*drawn.remarks, *(f"{counted(many, 'pairs of masks')} {words}." for words, many in left.items()))
    if alone := sum(pair.same_person for pair, _ in kept):
        remarks += (f"{counted(alone, 'pairs of masks')} of one person alone tell what the tools do, no more.",)
    if alone == len(kept):
        raise AnnotriageError(
            f"{path} does not say of one pair of two people with which tools they drew, so that no way of drawing can "
            "be learned from it. It needs the columns tool1 and tool2 (by hand: T1 or hand, flood fill: T2 or fill, "
            f"automatic and corrected: T3 or corrected), or names of masks that say it. {' '.join(remarks)}"
        )
    return PairTable(
        stems=tuple(pair.image for pair, _ in kept),
        ways=np.array([way for _, way in kept]),
        skills=np.array([_skill(*pair.skills) for pair, _ in kept], np.intp),
        dice=np.array([pair.dice for pair, _ in kept], np.float64),
        same=np.array([pair.same_person for pair, _ in kept]),
        sha256=hashlib.sha256(repr(kept).encode()).hexdigest(),
        source=f"{counted(len(kept), 'pairs of masks')} of {counted(len({p.image for p, _ in kept}), 'images')}",
        remarks=remarks,
    )


def _skill(first: str, second: str) -> int:
    known = {_SKILLS.get(each.strip().casefold()) for each in (first, second)}
    if "novice" in known:
        return WITH_NOVICE
    return EXPERTS if known == {"expert"} else UNKNOWN

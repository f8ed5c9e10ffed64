"""Groups compared by pairs of masks in place of images: each pair's Dice beside the tools with which it was drawn.

An image that three people drew with three tools is one mixture in a table of images, and three kinds in one of pairs.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from annotriage.agreement.people.drawn import DrawnPair
from annotriage.agreement.people.measuring_people import read_pairs
from annotriage.comparison.adjusting import adjusted_for
from annotriage.comparison.adjusting_results import Adjusted
from annotriage.comparison.groupings import MISSING, Grouping
from annotriage.names import counted, key_of


@dataclass(frozen=True, eq=False)
class PairTable:
    """Pairs of masks by two people.

    Attributes
    ----------
    path : Path
    pairs : list of DrawnPair
    remarks : list of str
        What was not used, counted.
    """

    path: Path
    pairs: list[DrawnPair]
    remarks: list[str]

    @classmethod
    def read(cls, path: Path) -> "PairTable":
        """Read a table of pairs, as `annotriage agree --pairs` and IMA++ write it.

        Raises
        ------
        AnnotriageError
            As for `annotriage.agreement.people.measuring_people.read_pairs`.
        """
        drawn = read_pairs(path)
        pairs = [pair for pair in drawn.pairs if not pair.same_person]
        own = len(drawn.pairs) - len(pairs)
        remarks = [*drawn.remarks, *([counted(own, "pairs are one person's with itself: left out.")] if own else [])]
        return cls(path, pairs, remarks)

    def mean_dice(self) -> dict[str, float]:
        """Return each image's mean Dice."""
        values: defaultdict[str, list[float]] = defaultdict(list)
        for pair in self.pairs:
            values[pair.image].append(pair.dice)
        return {image: float(np.mean(dice)) for image, dice in values.items()}

    def grouping(self, stems: Sequence[str], by: str) -> Grouping:
        """Group images by all tools, skills, or the number of people of their pairs."""
        met: defaultdict[str, set[str]] = defaultdict(set)
        unknown: set[str] = set()
        for pair in self.pairs:
            said = {"tool": pair.tools, "skill": pair.skills}.get(by, (pair.first, pair.second))
            met[key_of(pair.image)] |= set(said)
            if not all(said):
                unknown.add(key_of(pair.image))
        groups = []
        for key in map(key_of, stems):
            kinds = set() if key in unknown else met.get(key, set())
            said_of = str(len(kinds)) if by == "annotators" else " + ".join(sorted(kinds))
            groups.append(said_of if kinds else MISSING)
        from annotriage.images import natural_key

        order = sorted(set(groups) - {MISSING}, key=natural_key)
        return Grouping(by, f"{by} of {self.path}", groups, order)


def compare_pairs(
    table: PairTable,
    grouping: Grouping,
    stems: Sequence[str],
    names: Sequence[str],
    factors: Mapping[str, Grouping],
    clusters: Sequence[str] | None,
) -> tuple[Adjusted | None, list[str]]:
    """Compare groups of images by the pairs of masks, and say what was not used.

    Parameters
    ----------
    table : PairTable
    grouping : Grouping
        The group of each of N images.
    stems : sequence of str
        The N images.
    names : sequence of str
        The groups that are compared.
    factors : mapping of str to Grouping
        What is allowed for, of the N images. Tool and skill are those of the pair.
    clusters : sequence of str, optional
        The lesion or patient of the N images.
    """
    place = {key_of(stem): at for at, stem in enumerate(stems)}
    pairs = [(pair, place[key_of(pair.image)]) for pair in table.pairs if key_of(pair.image) in place]
    remarks = [f"Of the pairs: {remark}" for remark in table.remarks]
    other = len(table.pairs) - len(pairs)
    if other:
        remarks.append(f"Of the pairs: {counted(other, 'pairs are of images without a label: left out.')}")
    of_pair: Mapping[str, Callable[[DrawnPair], str]] = {
        "tool": lambda pair: pair.tool_kind,
        "skill": lambda pair: pair.skill_kind,
    }

    def values(factor: str, known: Grouping) -> list[str]:
        kind = of_pair.get(factor)
        return [(kind(pair) or MISSING) if kind else known.groups[at] for pair, at in pairs]

    found = adjusted_for(
        [grouping.groups[at] for _, at in pairs],
        names,
        np.array([pair.dice for pair, _ in pairs], np.float64),
        {factor: Grouping(factor, known.source, values(factor, known), []) for factor, known in factors.items()},
        clusters=None if clusters is None else [clusters[at] for _, at in pairs],
        images=[stems[at] for _, at in pairs],
    )
    return found, remarks

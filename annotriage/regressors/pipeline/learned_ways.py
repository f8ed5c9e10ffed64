"""The ways of drawing that a run answers for: what is known of each, its intervals, and what the card says of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.measures.intervals import ConformalFactors, conformal_factors, too_few_sentence
from annotriage.measures.kinds import kind_measures
from annotriage.measures.ways import MIXED, WAYS
from annotriage.model_file import KindMetrics, WayOfDrawing
from annotriage.names import counted
from annotriage.regressors.data.pairs import Pairs, PairTable
from annotriage.regressors.data.run_data import RunData
from annotriage.regressors.pipeline.tool_model import ToolModel, fit_tool_model

FEWEST_PAIRS = 20
"""Pairs below which a way of drawing is not answered for."""
FEWEST_MEASURED = 10
"""Test images of a way below which the card says nothing of its errors."""

Floats = NDArray[np.float32]


@dataclass(slots=True, eq=False)
class LearnedWays:
    """K ways of drawing: mixed, those in which images at hand were drawn, and those that only other images tell of.

    Attributes
    ----------
    keys : list of str
        (K,) see `annotriage.measures.ways.WAYS`.
    own : ndarray
        (N, K) float32, of each row of the data: its Dice, and the mean Dice of its pairs that were drawn so; NaN where
        there is none, and always for the last `derived` ways.
    kinds : list of str
        (N,) the way in which all pairs of a row were drawn; mixed where they differ or nothing is known.
    learned : Pairs
        Of the images learned from, by row of the data and way at hand, 0 being the first after mixed.
    derived : int
        How many of the last ways no image at hand was drawn in.
    tools : ToolModel or None
        What the tools do, by way after mixed; None where there is no derived way.
    pairs, images : list of int
        (K,) how many were learned from.
    alone : list of int
        (K,) of pairs that one person drew alone, where a derived way has no others.
    """

    keys: list[str]
    own: Floats
    kinds: list[str]
    learned: Pairs
    derived: int
    tools: ToolModel | None
    pairs: list[int]
    images: list[int]
    alone: list[int]

    @property
    def at_hand(self) -> list[str]:
        """Ways besides mixed in which images at hand were drawn."""
        return self.keys[1 : len(self.keys) - self.derived]

    def with_derived(self, by_way: NDArray[np.floating]) -> Floats:
        """Add to answers (N, K - derived, 2) those for ways that no image at hand was drawn in.

        The expected error of these is that of mixed.
        """
        if self.tools is None or not self.derived:
            return by_way.astype(np.float32)
        count = len(self.at_hand)
        dice = np.clip(by_way[:, 1:, 0].astype(np.float64), 0, 1)
        told = self.tools.answers(dice, list(range(count)), list(range(count, count + self.derived)))
        spread = np.repeat(by_way[:, :1, 1], self.derived, 1)
        return np.concatenate([by_way, np.stack([told, spread], 2)], 1).astype(np.float32)

    def factors(self, rows: list[int], by_way: NDArray[np.floating]) -> list[ConformalFactors]:
        """Measure how far each way's intervals reach, on rows that (n, K, 2) answers had not met.

        Each way by its own images (Mondrian conformal prediction; Vovk, Gammerman, Shafer 2005, section 4.5), with the
        finite-sample rank of `conformal_factors`. Ways without such an image have the factors of mixed.
        """
        found: list[ConformalFactors] = []
        for way in range(len(self.keys)):
            true = self.own[rows, way]
            has = ~np.isnan(true)
            if way and not has.any():
                found.append(ConformalFactors(found[0].below, found[0].above, found[0].level, 0))
            else:
                said = np.clip(by_way[has, way, 0], 0, 1)
                found.append(conformal_factors(true[has], said, by_way[has, way, 1]))
        return found

    def card(
        self, factors: list[ConformalFactors], rows: list[int], ends: NDArray[np.floating], dice: NDArray[np.floating]
    ) -> list[WayOfDrawing]:
        """Describe the ways for a model's card, with their errors on rows that nothing was learned from.

        Parameters
        ----------
        factors : list of ConformalFactors
        rows : list of int
            T test rows.
        ends : ndarray
            (T, K, 3) predicted Dice, clamped, and the ends of its interval.
        dice : ndarray
            (T,) true mean Dice.
        """
        return [
            WayOfDrawing(
                key=key,
                words=WAYS[key],
                pairs=self.pairs[way],
                images=self.images[way],
                below=factors[way].below,
                above=factors[way].above,
                metrics=self._metrics(way, rows, ends, dice),
                note=self._note(way, factors),
            )
            for way, key in enumerate(self.keys)
        ]

    def _metrics(
        self, way: int, rows: list[int], ends: NDArray[np.floating], dice: NDArray[np.floating]
    ) -> KindMetrics | None:
        mine = np.array([not way or self.kinds[row] == self.keys[way] for row in rows], bool)
        if mine.sum() < FEWEST_MEASURED:
            return None
        found = kind_measures(dice[mine], *(ends[mine, way, k] for k in range(3)))
        return KindMetrics(**found.as_dict())

    def _note(self, way: int, factors: list[ConformalFactors]) -> str:
        if way >= len(self.keys) - self.derived:
            rests = counted(self.pairs[way], "pairs of masks")
            if self.alone[way]:
                gain = self.tools.alone if self.tools else 0.0
                rests += (
                    " that one person drew alone, less what one person agrees more with themselves than two do with "
                    f"each other in other ways ({gain:.2f} on the logit)"
                )
            return (
                f"No image at hand was drawn so. It rests on {rests}, of other images, and on what the model says of "
                "the other ways; the interval is as wide as for all ways together. How good it is was not measured."
            )
        if way and not factors[way].images:
            return "No image that was kept apart was drawn so; the interval reaches as far as for all ways together."
        return too_few_sentence(factors[way].images, factors[way].level) if way else ""


def learned_ways(data: RunData, learned: list[int], untouched: list[int], *, far: bool) -> LearnedWays:
    """Find the ways of drawing that can be learned.

    Parameters
    ----------
    data : RunData
        With or without pairs.
    learned : list of int
        Rows with a label that are learned from.
    untouched : list of int
        Rows that nothing may be learned from: pairs of theirs, and of their patients and lesions, are left out.
    far : bool
        Whether ways that no image at hand was drawn in are answered for as well, which needs teachers.
    """
    dice = data.targets[:, :1].astype(np.float32)
    table = data.pairs
    if table is None:
        return only_mixed(dice, len(learned))
    row = table.rows(data.stems)
    row[np.isin(row, data.unlabelled)] = -1
    usable, mine = _usable(data, table, row, untouched), np.isin(row, learned) & ~table.same
    drawn = np.isin(row, data.labelled) & ~table.same
    order = [key for key in WAYS if key != MIXED]
    hand = [key for key in order if (mine & (table.ways == key)).sum() >= FEWEST_PAIRS]
    if not hand:
        return only_mixed(dice, len(learned))
    derived = [key for key in order if far and key not in hand and (usable & (table.ways == key)).sum() >= FEWEST_PAIRS]
    keys = [*hand, *derived]
    place = np.array([keys.index(way) if way in keys else -1 for way in table.ways.tolist()], np.intp)
    pairs = Pairs(row, place, table.skills, table.dice)
    at_hand = drawn & (place >= 0) & (place < len(hand))
    own = pairs.taken(at_hand).by_way(len(dice), len(hand)).astype(np.float32)
    kinds: list[str | None] = [None] * len(dice)
    for k in np.flatnonzero(drawn).tolist():
        way, before = str(table.ways[k]), kinds[int(row[k])]
        kinds[int(row[k])] = way if before in (None, way) else MIXED
    tools = None
    if derived:
        which = usable & (place >= 0)
        image = np.unique(np.array([stem.casefold() for stem in table.stems]), return_inverse=True)[1]
        tools = fit_tool_model(image[which], place[which], table.dice[which], table.same[which], len(keys))
    here = [mine & (place == k) for k in range(len(hand))]
    there = [usable & (place == k) for k in range(len(hand), len(keys))]
    return LearnedWays(
        keys=[MIXED, *keys],
        own=np.column_stack([dice, own, np.full((len(dice), len(derived)), np.nan, np.float32)]),
        kinds=[kind or MIXED for kind in kinds],
        learned=pairs.taken(mine & (place >= 0) & (place < len(hand))),
        derived=len(derived),
        tools=tools,
        pairs=[int((mine & (place >= 0)).sum()), *(int(which.sum()) for which in (*here, *there))],
        images=[len(learned), *(len({*row[which].tolist()}) for which in here), *([0] * len(derived))],
        alone=[0] * (1 + len(hand))
        + [int(table.same[which].sum()) if table.same[which].all() else 0 for which in there],
    )


def only_mixed(dice: Floats, images: int) -> LearnedWays:
    """Return what is known without pairs: the Dice (N, 1) of all rows, and how many of them are learned from."""
    none = np.zeros(0, np.intp)
    pairs = Pairs(none, none, none, np.zeros(0))
    return LearnedWays([MIXED], dice, [MIXED] * len(dice), pairs, 0, None, [0], [images], [0])


def _usable(data: RunData, table: PairTable, row: NDArray[np.intp], untouched: list[int]) -> NDArray[np.bool_]:
    """Return of which pairs anything may be learned."""
    stems = {data.stems[k] for k in untouched}
    groups = {data.groups[stem] for stem in stems if stem in data.groups}
    others = np.array([data.groups.get(stem, "") not in groups for stem in table.stems])
    found: NDArray[np.bool_] = ~np.isin(row, untouched) & others
    return found

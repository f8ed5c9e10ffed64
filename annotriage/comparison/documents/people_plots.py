"""The figures of the people of a team."""

from collections.abc import Sequence

import numpy as np

from annotriage.comparison.documents.people_words import as_shown, interval
from annotriage.comparison.explained.plot import Intervals, Level, Plot
from annotriage.comparison.people.results import PairAgreement, QuantityEffects
from annotriage.names import counted


def effects_plot(each: QuantityEffects) -> Plot:
    """Draw how far each person lies from the mean of the others."""
    quantity = each.quantity
    told = [effect for effect in each.effects if effect.told]
    centres, lows, highs = (
        [as_shown(quantity, getattr(effect.difference, name)) for effect in told] for name in ("value", "low", "high")
    )
    labels = [
        f"{effect.person}: {interval(quantity, effect.difference)}, {counted(effect.images, 'images')}"
        for effect in told
    ]
    unit = f"{quantity.title}, difference from the others" + (", %" if quantity.in_percent else "")
    parts = (Level("no difference", 0.0, vertical=True), Intervals([effect.person for effect in told], centres, lows,
                                                                   highs, labels))  # fmt: skip
    return Plot(parts, unit, x_range=_across(lows, highs), height=_rows_height(len(told)))


def pairs_plot(pairs: Sequence[PairAgreement]) -> Plot:
    """Draw by how much each two people agree more or less than their images lead to expect."""
    centres, lows, highs = ([getattr(pair.excess, name) for pair in pairs] for name in ("value", "low", "high"))
    names = [f"{pair.first} and {pair.second}" for pair in pairs]
    labels = [
        f"{name}: Dice {pair.dice:.3f} on {counted(pair.images, 'images')}"
        for name, pair in zip(names, pairs, strict=True)
    ]
    parts = (Level("as expected", 0.0, vertical=True), Intervals(names, centres, lows, highs, labels))
    return Plot(parts, "difference from the expected Dice", x_range=_across(lows, highs),
                height=_rows_height(len(pairs)))  # fmt: skip


def _rows_height(count: int) -> int:
    """Return the pixels of a figure with so many rows, of which a team may have many."""
    return 110 + 32 * count


def _across(lows: Sequence[float], highs: Sequence[float]) -> tuple[float, float]:
    """Return a range that holds all intervals, and 0."""
    low, high = min(0.0, float(np.min(lows))), max(0.0, float(np.max(highs)))
    room = 0.06 * max(high - low, 1e-3)
    return low - room, high + room

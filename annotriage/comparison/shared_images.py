"""What it costs that runs draw their test images from the same ones: Nadeau and Bengio's correction."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.pairing import RunTable

Floats = NDArray[np.float64]


def ratio_tested(table: RunTable) -> float | None:
    """Return how many test images a run has for each that it learned from, on average.

    None where runs do not say it, or where all have the same split: the correction is for splits drawn anew.
    """
    if len(table.splits) > 1 and any(table.splits) and len({*table.splits}) == 1:
        return None
    images = [row[0].images for row in table.runs]
    ratios = [len(each.names) / each.learned for each in images if each is not None and each.learned]
    return float(np.mean(ratios)) if ratios and len(ratios) == len(images) else None


def wider(rows: int, ratio: float) -> float:
    """Return how many times as large the variance of a mean over runs is, as they share images."""
    return 1 + rows * ratio


def shares_in_common(table: RunTable) -> tuple[float, float | None] | None:
    """Return the mean share that two runs have in common of their test images, and of those they learned from.

    None where fewer than two runs know their images; the second is None where they do not name what they learned from.
    """
    images = [row[0].images for row in table.runs if row[0].images is not None]
    if len(images) < 2:
        return None
    tested = _in_common([set(each.names) for each in images])
    learned = [set(each.known_names) for each in images]
    return tested, _in_common(learned) if all(learned) else None


def _in_common(sets: list[set[str]]) -> float:
    return float(np.mean([len(a & b) / min(len(a), len(b)) for a, b in combinations(sets, 2)]))

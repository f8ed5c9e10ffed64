"""How often a comparison of groups says what is not so: 1,000 made-up tables for each line.

What is measured: the share of tables in which a difference is told that does not exist, where the drawing tool goes
along with the group and where it does not; and the share of 95 % intervals that hold the true difference, where
patients have several images each. Targets: adjusted, differences in at most 7 % of tables and intervals that hold the
truth in at least 92 %; chance alone leaves 5 % and 95 % within 1.4 points.
"""

import numpy as np

from annotriage.comparison.adjusting import Adjusted, adjusted_for
from annotriage.comparison.adjusting_results import Effect
from tests.benchmarks.common import Options, say, verdict
from tests.comparison.made_groups import NAMES, MadeTable, made_table

NAME = "diagnosis"
TABLES = 1000
MOST_FALSE, FEWEST_HELD = 0.07, 0.92
WAYS = (
    "plain, images independent",
    "plain",
    "plain, by ranks",
    "within strata",
    "within strata, by ranks",
    "regression",
)
CASES = {
    "300 images, tools alike": {"confounded": False},
    "120 images of 25 patients, tools alike": {"images": 120, "patients": 25, "confounded": False},
    "300 images, tool goes along with group": {},
    "60 images, tool goes along with group": {"images": 60},
    "300 images of 100 patients, tool goes along with group": {"patients": 100},
    "120 images of 25 patients, tool goes along with group": {"images": 120, "patients": 25},
    "300 images of 60 patients of both groups, tool goes along": {"patients": 60, "of_patients": False},
}


def measure(options: Options) -> bool:
    """Print both shares; return whether targets are met. ``--images`` sets the number of tables."""
    tables, most, least = options.images or TABLES, 0.0, 1.0
    for title, case in CASES.items():
        say(NAME, f"{title}, {tables:,} tables without a difference: told by")
        told = _false(tables, case)
        for way, share in told.items():
            say(NAME, f"  {way}: {share:.1%}")
        most = max(most, *(told[way] for way in WAYS[3:]))
    for title, case in CASES.items():
        held = _held(tables, case)
        say(NAME, f"{title}, a true difference of -0.05: in the interval by")
        for way, share in held.items():
            say(NAME, f"  {way}: {share:.1%}")
        least = min(least, held["within strata"], held["regression"])
    met = verdict(NAME, most <= MOST_FALSE, f"adjusted, false differences in at most {MOST_FALSE:.0%} of tables")
    title = f"adjusted, intervals hold the truth in {FEWEST_HELD:.0%} or more"
    return verdict(NAME, least >= FEWEST_HELD, title) and met


def _found(table: MadeTable) -> Adjusted:
    found = adjusted_for(table.groups, NAMES, table.dice, {"tool": table.tool}, clusters=table.patients)
    assert found is not None
    return found


def _effects(found: Adjusted) -> dict[str, Effect]:
    strata = found.strata
    assert strata is not None
    of_way = (found.independent or found.plain, found.plain, found.plain_deltas, strata.effects, strata.deltas,
              found.adjusted)  # fmt: skip
    return {way: effects[0] for way, effects in zip(WAYS, of_way, strict=True) if effects}


def _false(tables: int, case: dict[str, object]) -> dict[str, float]:
    told: dict[str, list[bool]] = {way: [] for way in WAYS}
    for seed in range(tables):
        for way, effect in _effects(_found(made_table(seed, **case))).items():  # type: ignore[arg-type]
            told[way].append(effect.p < 0.05)
    return {way: float(np.mean(each)) for way, each in told.items()}


def _held(tables: int, case: dict[str, object]) -> dict[str, float]:
    held: dict[str, list[bool]] = {way: [] for way in WAYS if "ranks" not in way}
    for seed in range(tables):
        for way, effect in _effects(_found(made_table(seed, effect=0.05, **case))).items():  # type: ignore[arg-type]
            if way in held:
                held[way].append(effect.low <= -0.05 <= effect.high)
    return {way: float(np.mean(each)) for way, each in held.items()}

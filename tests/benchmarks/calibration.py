"""A calibration to a team, and the alarm of its intervals: what they bring, and how often they are wrong.

- teams: of the 835 labelled images that the folds of `training/runs/folds` predicted without having met them, so many
  are drawn as a team measured (all together, or of pairs that drew in one way) and calibrated to; the error and the
  share of intervals that hold are measured on the rest, before and after. `on`: how many calibrations were shown to
  help and would be switched on. Target: after it, intervals hold 88 % or more; where the team is as the mixture, at
  most 5 of 100 are shown to lessen the error.
- alarms: 1,000 streams of 200 measured images each. Without a shift, with intervals of known and of estimated ends (30,
  64 and 120 images): how many ever raise an alarm. Target: at most 5 %. With a shift, by which 15 to 40 % lie outside:
  how many do, and after how many images (median).

Measured with 30 draws a size on two cores that others kept busy: the error fell from 0.052 to 0.038 (both corrected, 30
images), from 0.157 to 0.150 (by hand and flood fill, 60) and from 0.107 to 0.100 (flood fill and corrected, 120), and
stayed (0.057, both by hand, 60) or rose by 0.001 to 0.002 (all together) where there was nothing to gain: of these at
most 3 of 100 would be switched on. Intervals held 88 to 95 % after. False alarms: 1.2 to 1.9 %. Of teams of which 30 %
lie outside, 49, 85 and 97 % are found where intervals rest on 30, 64 and 120 images, after 23 to 30 images.
"""

from functools import partial

import numpy as np
from scipy.stats import norm

from tests.benchmarks.common import CHECKOUT, SHARED_DATA, Options, say, verdict

NAME = "calibration"
SIZES = (30, 60, 120, 240)
DRAWS = 60
STREAMS, LONG = 1000, 200
LEAST_HELD, MOST_FALSE = 0.88, 0.05


def measure(options: Options) -> bool:
    """Print all figures; return whether the targets were met."""
    return all([*_teams(options.images or DRAWS), *_alarms()])


def _teams(draws: int) -> list[bool]:
    from annotriage.measures.calibrating import Answer, fit_calibration
    from annotriage.measures.intervals import inside

    images, true, said = _predicted()
    chance = np.random.default_rng(0)
    held, lessened = [], 0
    for way, rows in _kinds(images).items():
        for size in (size for size in SIZES if size <= 0.75 * len(rows)):
            found = []
            for _ in range(draws):
                order = chance.permutation(rows)
                learned, rest = order[:size], order[size:]
                answer, other = (
                    Answer(said[part, 0], np.maximum(np.ptp(said[part, 1:], axis=1) / 2, 1e-3), said[part, 1:])
                    for part in (learned, rest)
                )
                fit = fit_calibration(true[learned], {"mixed": answer}, model="0" * 16, now="mixed")
                after = fit.calibration.applied(other.dice, other.spread)
                found.append(
                    (
                        *(np.abs(each[:, 0] - true[rest]).mean() for each in (said[rest], after)),
                        *(inside(true[rest], each[:, 1], each[:, 2]).mean() for each in (said[rest], after)),
                        fit.lessens,
                        fit.helps,
                    )
                )
            before, then, held_before, held_after, lessens, helps = np.mean(found, axis=0)
            say(
                NAME,
                f"{way}, {size} of {len(rows)} images: MAE {before:.3f} before, {then:.3f} after; intervals hold "
                f"{held_before:.1%} before, {held_after:.1%} after; on: {helps:.0%}",
            )
            held.append(held_after)
            lessened = max(lessened, lessens if way == "all" else 0)
    return [
        verdict(NAME, min(held) >= LEAST_HELD, f"calibrated intervals hold {LEAST_HELD:.0%} or more"),
        verdict(
            NAME, lessened <= MOST_FALSE, f"not shown to lessen an error that it does not, but in {MOST_FALSE:.0%}"
        ),
    ]


def _predicted() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return names of images, (N,) true Dice, and (N, 3) what was predicted by a network that had not met them."""
    from annotriage.runs.files import RunFiles
    from annotriage.runs.predictions import read_predictions

    names, true, said = [], [], []
    for folder in sorted((CHECKOUT / "training" / "runs" / "folds" / "bundled").iterdir()):
        found = read_predictions(RunFiles(folder))
        if found is None:
            continue
        rows = found.rows("test")
        names += [found.names[row] for row in rows]
        true.append(found.dice[rows])
        said.append(np.column_stack([np.clip(found.predicted[rows], 0, 1), found.lower[rows], found.upper[rows]]))
    return names, np.concatenate(true), np.concatenate(said)


def _kinds(images: list[str]) -> dict[str, np.ndarray]:
    """Return the rows of all images, and of those whose pairs all drew in one way, by the way."""
    from annotriage.agreement.pairs_table import dice_by_way
    from annotriage.measures.ways import WAYS
    from annotriage.names import key_of

    ways: dict[str, set[str]] = {}
    for way, drawn in dice_by_way(SHARED_DATA / "ima" / "pairwise_metrics.csv").items():
        for image in drawn:
            ways.setdefault(key_of(image), set()).add(way)
    kinds = {"all": np.arange(len(images))}
    for way in WAYS:
        rows = np.flatnonzero([ways.get(key_of(image)) == {way} for image in images])
        if len(rows) >= 1.3 * SIZES[0]:
            kinds[way] = rows
    return kinds


def _alarms() -> list[bool]:
    false = [_fired(images, 0.1) for images in (None, 30, 64, 120)]
    for images in (None, 30, 64, 120):
        for outside in (0.15, 0.2, 0.3, 0.4):
            _fired(images, outside)
    return [verdict(NAME, max(false) <= MOST_FALSE, f"false alarms in at most {MOST_FALSE:.0%} of streams")]


def _fired(images: int | None, outside: float) -> float:
    from annotriage.measures.coverage_alarm import coverage_alarm
    from annotriage.measures.intervals import conformal_factors

    chance = np.random.default_rng(1)
    wider = norm.isf(0.05) / norm.isf(outside / 2)
    alarm = partial(coverage_alarm, images=images)
    found = []
    for _ in range(STREAMS):
        below = above = float(norm.isf(0.05))
        if images is not None:
            factors = conformal_factors(np.zeros(images), chance.standard_normal(images), np.ones(images))
            below, above = factors.above, factors.below
        off = wider * chance.standard_normal(LONG)
        found.append(alarm((off < -below) | (off > above)).fired_at)
    fired = [each for each in found if each is not None]
    ends = "known ends" if images is None else f"ends from {images} images"
    after = f", after {np.median(fired):.0f} images" if fired else ""
    what = "without a shift" if outside == 0.1 else f"{outside:.0%} outside"
    say(NAME, f"{STREAMS:,} streams, {ends}, {what}: {len(fired) / STREAMS:.1%} alarm{after}")
    return len(fired) / STREAMS

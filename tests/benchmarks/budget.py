"""What a budget of images brings: contentious ones found by each way of spending it, and what a control sample tells.

On the 835 labelled images of the real data, each predicted by a network that had not met it (the folds' runs in
`training/runs`); contentious is a Dice below 0.7.

- expected: how many contentious images the predictions lead to expect among the first of the ranking, with the 95 %
  interval, beside how many there are; and how many of random folders of 200 images have their number in the interval.
  Target 90 % of them.
- found: for budgets of 5, 10 and 20 %, by the most contentious alone, at places of the slider towards the most
  different, and with a control sample of 5, 10 and 20 %. No target.
- control: over 500 draws of the control sample, how often the 95 % interval of what the ranking misses holds it, and
  how wide it is. Target 90 % at least.
- speed: 100,000 made images of 64 features, 1,000 and 20,000 of them chosen. No target.

Different images need the model's features: where the bundled model has none, that part is left out, and it is said.
"""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotriage.measures.diverse import diverse
from annotriage.measures.expected import chances, expected_count, shared_error
from annotriage.measures.outcome import triage_outcome
from annotriage.measures.thresholds import CONTENTIOUS_BELOW
from tests.benchmarks.common import CHECKOUT, Options, real_images, say, verdict

NAME = "budget"
FOLDS = CHECKOUT / "training" / "runs" / "folds"
BUDGETS, PLACES, CONTROLS = (0.05, 0.1, 0.2), (0.25, 0.5, 0.75, 1.0), (0.05, 0.1, 0.2)
FOLDERS, OF_A_FOLDER, DRAWS = 400, 200, 500
INTERVAL_IMAGES = 167


def measure(options: Options) -> bool:
    """Print all figures; return whether the targets were met."""
    import pandas as pd

    tables = sorted(FOLDS.glob("*/fold-*/predictions.csv.gz"))
    if not tables:
        say(NAME, f"left out: there are no predictions in {FOLDS}")
        return True
    runs = pd.concat([pd.read_csv(path) for path in tables])
    runs = runs[runs.split == "test"].drop_duplicates("image").sort_values("image")
    dice = runs.dice.to_numpy()
    predicted = runs.predicted_dice.clip(0, 1).to_numpy()
    ends = runs[["lower", "upper"]].to_numpy()
    contentious = dice < CONTENTIOUS_BELOW
    say(NAME, f"{len(runs)} images, {int(contentious.sum())} of them contentious")
    met = [_expected(predicted, ends, contentious), _control(predicted, ends, dice)]
    _found(runs.image.tolist(), predicted, contentious)
    _speed(options.images or 100_000)
    return all(met)


def _expected(predicted: NDArray[np.float64], ends: NDArray[np.float64], contentious: NDArray[np.bool_]) -> bool:
    each = chances(predicted, *ends.T)
    error = shared_error(INTERVAL_IMAGES)
    order = np.argsort(predicted, kind="stable")
    for share in (*BUDGETS, 0.5, 1.0):
        first = order[: round(share * len(order))]
        said = expected_count(each[first], error)
        say(NAME, f"expected of the first {len(first)}: {said.words}; there are {int(contentious[first].sum())}")
    draws, held = np.random.default_rng(0), 0
    for _ in range(FOLDERS):
        folder = draws.choice(len(order), OF_A_FOLDER, replace=False)
        first = folder[np.argsort(predicted[folder], kind="stable")][: OF_A_FOLDER // 5]
        said = expected_count(each[first], error)
        held += said.low <= int(contentious[first].sum()) <= said.high
    say(NAME, f"of {FOLDERS} random folders of {OF_A_FOLDER}, {held / FOLDERS:.0%} have it within the 95 % interval")
    return verdict(NAME, held / FOLDERS >= 0.9, "at least 90 % of folders within the interval")


def _found(names: Sequence[str], predicted: NDArray[np.float64], contentious: NDArray[np.bool_]) -> None:
    worth, draws = 1 - predicted, np.random.default_rng(0)
    features, why = _features(names)
    order = np.argsort(predicted, kind="stable")
    for share in BUDGETS:
        count = round(share * len(names))
        top = int(contentious[order[:count]].sum())
        parts = [f"top {top}"]
        for control in CONTROLS:
            drawn = round(control * count)
            rest = order[count - drawn :]
            by_chance = [contentious[draws.choice(rest, drawn, replace=False)].sum() for _ in range(DRAWS)]
            found = contentious[order[: count - drawn]].sum() + np.mean(by_chance)
            parts.append(f"with {control:.0%} control {found:.1f}")
        if features is not None:
            for place in PLACES:
                chosen = diverse(worth, features, count, place)
                near = _mean_nearest(features, chosen)
                parts.append(f"diverse {place:g} {int(contentious[chosen].sum())} (nearest {near:.2f})")
        say(NAME, f"{count} images ({share:.0%}), contentious found: {', '.join(parts)}")
    if features is None:
        say(NAME, f"diverse: left out, {why}")


def _mean_nearest(features: NDArray[np.float32], chosen: NDArray[np.intp]) -> float:
    """Return how far, on average, chosen images are from the nearest other one that is chosen."""
    from scipy.spatial.distance import cdist

    apart = cdist(features[chosen], features[chosen])
    np.fill_diagonal(apart, np.inf)
    return float(apart.min(axis=1).mean())


def _features(names: Sequence[str]) -> tuple[NDArray[np.float32] | None, str]:
    """Return the (N, F) features that the bundled model gives of the images; None, and why there are none."""
    from annotriage.model_file import ModelLibrary
    from annotriage.scoring.scorer import Scorer

    model = ModelLibrary().default()
    if model.card.features is None:
        return None, f"as the model {model.card.name} {model.card.version} gives no features"
    by_name = {path.name: path for path in real_images()}
    missing = [name for name in names if name not in by_name]
    if missing:
        return None, f"as {len(missing)} of the images are not there"
    paths = [by_name[name] for name in names]
    found = [prediction.features for prediction in Scorer(model).score(paths)]
    if any(one is None for one in found):
        return None, "as some images could not be read"
    return np.stack([one for one in found if one is not None]), ""


def _control(predicted: NDArray[np.float64], ends: NDArray[np.float64], dice: NDArray[np.float64]) -> bool:
    order = np.argsort(predicted, kind="stable")
    met, draws = [], np.random.default_rng(0)
    for control in CONTROLS:
        count = round(0.2 * len(order))
        drawn = round(control * count)
        front = np.zeros(len(order), np.bool_)
        front[order[: count - drawn]] = True
        held, widths, recalls = 0, [], []
        for _ in range(DRAWS):
            sample = np.zeros(len(order), np.bool_)
            sample[draws.choice(np.flatnonzero(~front), drawn, replace=False)] = True
            known = np.where(front | sample, dice, np.nan)
            said = triage_outcome(predicted, *ends.T, known, front, control=sample)
            if said.missed is None or said.found is None:
                continue
            unseen = int((dice[~front & ~sample] < CONTENTIOUS_BELOW).sum())
            held += said.missed.low <= unseen <= said.missed.high
            widths.append(said.missed.high - said.missed.low)
            recalls.append(said.found.high - said.found.low)
        share = held / max(len(widths), 1)
        say(
            NAME,
            f"control of {drawn} of {count}: the interval of what is missed holds it in {share:.0%} of {len(widths)} "
            f"draws; it is {np.median(widths):.0f} images wide, that of the share found {np.median(recalls):.2f}",
        )
        met.append(share >= 0.9)
    return verdict(NAME, all(met), "the interval of what is missed holds it in at least 90 % of draws")


def _speed(images: int) -> None:
    draws = np.random.default_rng(0)
    features = draws.standard_normal((images, 8)) @ draws.standard_normal((8, 64))
    features += 0.3 * draws.standard_normal((images, 64))
    worth = draws.beta(1.2, 5, images)
    for count in (1000, images // 5):
        begun, computing = time.perf_counter(), time.process_time()
        diverse(worth, features, count, 0.5)
        say(
            NAME,
            f"{count:,} of {images:,} chosen in {time.perf_counter() - begun:.1f} s, "
            f"{time.process_time() - computing:.1f} s of them computing",
        )

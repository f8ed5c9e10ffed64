"""One call that compares models by their finished runs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.analysis import analyse, kruskal_standardised, standardised
from annotriage.comparison.cross_validation import CrossValidation, cross_validation
from annotriage.comparison.distributions import about_t_tests, distribution
from annotriage.comparison.libraries import need_libraries, versions
from annotriage.comparison.pairing import RunTable, paired
from annotriage.comparison.paper import paper_model
from annotriage.comparison.results import Analysis, Comparison, Distribution, ModelLine, TriageQuality
from annotriage.comparison.run_types import METRICS, Run
from annotriage.comparison.runs import read_runs
from annotriage.comparison.shared_images import ratio_tested
from annotriage.comparison.triage_quality import triage_quality
from annotriage.errors import AnnotriageError

FEWEST_RUNS = 3
FEWEST_IMAGES = 10
ROPES = {"mse": 0.002, "mae": 0.005}
"""Differences below these make no difference in practice: half a hundredth of Dice, and about the same as an MSE."""

Floats = NDArray[np.float64]


def compare(
    runs: Sequence[Run | Path],
    metric: str = "mse",
    *,
    chosen: str | None = None,
    rope: float | None = None,
    contentious_below: float = 0.7,
    seed: int = 0,
) -> Comparison:
    """Compare models.

    Parameters
    ----------
    runs : sequence of Run or Path
        Runs, run folders, folders of these, or tables of runs.
    metric : {"mse", "mae"}
        What the tests are on; Table 2 has both.
    chosen : str, optional
        Seed or number of the run that Table 2 shows; the first when left out.
    rope : float, optional
        Differences smaller than this make no difference in practice; `ROPES` when left out.
    contentious_below : float
        Images whose true Dice is below this count as contentious.
    seed : int
        Of bootstrap and Bayesian draws.

    Returns
    -------
    Comparison

    Raises
    ------
    AnnotriageError
        The runs do not belong together, are damaged, or the statistics libraries are missing.
    """
    if metric not in METRICS:
        raise AnnotriageError(f"There is no metric {metric}; choose one of {', '.join(METRICS)}.")
    if rope is not None and rope <= 0:
        raise AnnotriageError(f"The region of practical equivalence must be above 0; {rope:g} is not.")
    need_libraries()
    read = read_runs([each for each in runs if not isinstance(each, Run)])
    table = paired([*read, *(each for each in runs if isinstance(each, Run))])
    row = _chosen_row(table, chosen)
    values = table.values(metric)
    rope = ROPES[metric] if rope is None else rope
    notes = list(_notes(table))
    over_runs = _over_runs(table, values, rope, seed, notes)
    over_images = _over_images(table, metric, rope, seed, notes)
    dice = _labels(table)
    differences = [pair.shapiro for pair in over_runs.pairs if pair.shapiro] if over_runs else []
    raw = {name: table.values(name) for name in METRICS}
    enough = len(table.keys) >= FEWEST_RUNS
    return Comparison(
        metric=metric,
        models=table.models,
        chosen=table.keys[row],
        table=tuple(_line(table, row, column) for column in range(len(table.models))),
        mean_mse=_mean(each.mean_mse for runs in table.runs for each in runs),
        median_mae=_mean(each.median_mae for runs in table.runs for each in runs),
        chosen_mean_mse=_mean(each.mean_mse for each in table.runs[row]),
        chosen_median_mae=_mean(each.median_mae for each in table.runs[row]),
        dice=dice,
        t_tests=about_t_tests(dice.shapiro if dice else None, differences),
        raw=raw,
        standardised={name: standardised(each) for name, each in raw.items()} if enough else {},
        run_distributions=tuple(
            distribution(f"{metric.upper()}, {m}", v) for m, v in zip(table.models, values.T, strict=True)
        )
        if enough
        else (),
        published=kruskal_standardised(values) if over_runs else None,
        over_runs=over_runs,
        over_images=over_images,
        triage=_triage(table, contentious_below),
        cross_validated=_cross_validated(table, seed),
        notes=tuple(notes),
        versions=versions(),
    )


def _cross_validated(table: RunTable, seed: int) -> tuple[CrossValidation, ...]:
    found = [
        cross_validation(model, [row[column].images for row in table.runs], seed)
        for column, model in enumerate(table.models)
    ]
    return tuple(each for each in found if each is not None)


def _notes(table: RunTable) -> list[str]:
    notes = []
    if not any(table.splits):
        notes.append("The runs do not say which split they had: runs of the same number are taken to share theirs.")
    elif len(set(table.splits)) == 1 and len(table.keys) > 1:
        notes.append("All runs have the same split: what is seen holds for these test images, not for others.")
    return notes


def _chosen_row(table: RunTable, chosen: str | None) -> int:
    if chosen is None:
        return 0
    if chosen not in table.keys:
        raise AnnotriageError(f"There is no run {chosen}; there are {', '.join(table.keys)}.")
    return table.keys.index(chosen)


def _line(table: RunTable, row: int, column: int) -> ModelLine:
    run = table.runs[row][column]
    mse, mae = (table.values(metric)[:, column] for metric in METRICS)
    several = len(mse) > 1
    return ModelLine(
        model=run.model,
        runs=len(mse),
        mse=run.mse,
        mse_sd=run.mse_sd,
        mae=run.mae,
        mae_sd=run.mae_sd,
        mse_mean=float(mse.mean()),
        mse_runs_sd=float(mse.std(ddof=1)) if several else None,
        mae_mean=float(mae.mean()),
        mae_runs_sd=float(mae.std(ddof=1)) if several else None,
        paper=paper_model(run.backbone or run.model),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _over_runs(table: RunTable, values: Floats, rope: float, seed: int, notes: list[str]) -> Analysis | None:
    if len(table.models) < 2:
        notes.append(f"There is one model only ({table.models[0]}): nothing to test it against.")
        return None
    if len(table.keys) < FEWEST_RUNS:
        count = "one run" if len(table.keys) == 1 else f"{len(table.keys)} runs"
        notes.append(
            f"There is only {count} of each model: whether they would differ when trained anew cannot be tested with "
            f"fewer than {FEWEST_RUNS}, and hardly with fewer than 10."
        )
        return None
    groups = list(table.splits) if all(table.splits) else None
    return analyse(
        values, table.models, "runs", rope, rows=table.keys, groups=groups, ratio=ratio_tested(table), seed=seed
    )


def _over_images(table: RunTable, metric: str, rope: float, seed: int, notes: list[str]) -> Analysis | None:
    if any(run.images is None for row in table.runs for run in row):
        notes.append("Not all runs have their predictions image by image: no tests over images, no triage quality.")
        return None
    if len(table.models) < 2:
        return None
    sums: dict[str, Floats] = defaultdict(lambda: np.zeros(len(table.models)))
    counts: dict[str, int] = defaultdict(int)
    for row in table.runs:
        errors = np.stack([run.images.errors(metric) for run in row if run.images is not None], 1)
        images = row[0].images
        for name, each in zip(images.names if images else (), errors, strict=True):
            sums[name] += each
            counts[name] += 1
    if len(sums) < FEWEST_IMAGES:
        notes.append(f"There are only {len(sums)} test images: no tests over images.")
        return None
    values = np.array([sums[name] / counts[name] for name in sums])
    return analyse(values, table.models, "images", rope, rows=tuple(sums), seed=seed)


def _labels(table: RunTable) -> Distribution | None:
    """Dice of all labelled images that the runs know: of each test image once, or of one run's whole table."""
    seen: dict[str, float] = {}
    for row in table.runs:
        images = row[0].images
        if images is None:
            continue
        if len(images.known):
            names = (*images.names, *images.known_names) if images.known_names else ()
            return distribution("Dice of all labelled images", np.concatenate([images.dice, images.known]), names)
        seen.update(zip(images.names, images.dice.tolist(), strict=True))
    values = np.array(list(seen.values()))
    return distribution("Dice of the test images", values, tuple(seen)) if len(seen) > 1 else None


def _triage(table: RunTable, below: float) -> tuple[TriageQuality, ...]:
    found = []
    for column, model in enumerate(table.models):
        tested = [row[column].images for row in table.runs]
        known = [images for images in tested if images is not None]
        if known:
            found.append(triage_quality(model, known, below))
    return tuple(found)

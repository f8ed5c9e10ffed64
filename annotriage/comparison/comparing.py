"""One call that compares models by their finished runs."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.against_guess import AgainstGuess, against_guess
from annotriage.comparison.analysis import analyse
from annotriage.comparison.by_way import WayErrors, errors_by_way
from annotriage.comparison.cross_validation import CrossValidation, cross_validation
from annotriage.comparison.distributions import about_t_tests, distribution
from annotriage.comparison.libraries import need_libraries, versions
from annotriage.comparison.pairing import RunTable, paired
from annotriage.comparison.paper import paper_model
from annotriage.comparison.results import Analysis, Comparison, Distribution, ModelLine, TriageQuality
from annotriage.comparison.run_types import METRICS, ImageErrors, Run
from annotriage.comparison.runs import read_runs
from annotriage.comparison.shared_images import ratio_tested
from annotriage.comparison.statistical_tests import listed
from annotriage.comparison.statistical_tests.compared import Compared
from annotriage.comparison.statistical_tests.kruskal import kruskal_raw
from annotriage.comparison.statistical_tests.kruskal_published import kruskal_standardised, standardised
from annotriage.comparison.triage_quality import triage_quality
from annotriage.errors import AnnotriageError
from annotriage.measures.thresholds import CONTENTIOUS_BELOW
from annotriage.names import counted

FEWEST_RUNS = 3
FEWEST_IMAGES = 10
ROPES = {"mse": 0.002, "mae": 0.005}
"""Mean differences below these make no difference in practice: half a hundredth of Dice, and about that as an MSE."""

Floats = NDArray[np.float64]


def compare(
    runs: Sequence[Run | Path | str] | RunTable | Path | str,
    metric: str = "mse",
    *,
    chosen: str | None = None,
    rope: float | None = None,
    contentious_below: float = CONTENTIOUS_BELOW,
    seed: int = 0,
) -> Comparison:
    """Compare models.

    Parameters
    ----------
    runs : sequence of Run, Path or str
        Runs, run folders, folders of these, or tables of runs; a path alone is one of them. Runs that are paired
        already are taken as they are.
    metric : {"mse", "mae"}
        What the tests are on; Table 2 has both.
    chosen : str, optional
        Seed or number of the run that Table 2 shows; the first when left out.
    rope : float, optional
        Mean differences smaller than this make no difference in practice; `ROPES` when left out.
    contentious_below : float
        Images whose true Dice is below this count as contentious.
    seed : int
        Of the bootstrap that measures a cross-validation.

    Returns
    -------
    Comparison

    Raises
    ------
    AnnotriageError
        The runs do not belong together, are damaged, or the statistics libraries are missing.
    TypeError
        What is given is neither a run nor a path.
    """
    if metric not in METRICS:
        raise AnnotriageError(f"There is no metric {metric}; choose one of {', '.join(METRICS)}.")
    if rope is not None and rope <= 0:
        raise AnnotriageError(f"The region of practical equivalence must be above 0; {rope:g} is not.")
    need_libraries()
    table = runs if isinstance(runs, RunTable) else paired(_given(runs))
    row = _chosen_row(table, chosen)
    values = table.values(metric)
    rope = ROPES[metric] if rope is None else rope
    notes = list(_notes(table))
    over_runs = _explained(_over_runs(table, values, rope, notes), table, metric)
    over_images = _explained(_over_images(table, metric, rope, notes), table, metric)
    guessed = _against_guess(table, metric)
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
        t_tests=about_t_tests(
            dice.shapiro if dice else None, differences, compared=bool(over_runs or over_images), guessed=bool(guessed)
        ),
        raw=raw,
        standardised={name: standardised(each) for name, each in raw.items()} if enough else {},
        run_distributions=tuple(
            distribution(f"{metric.upper()}, {m}", v) for m, v in zip(table.models, values.T, strict=True)
        )
        if enough
        else (),
        published=kruskal_standardised(values) if over_runs else None,
        table_3={name: (kruskal_standardised(each), kruskal_raw(each, table.unit)) for name, each in raw.items()}
        if over_runs
        else {},
        over_runs=over_runs,
        over_images=over_images,
        against_guess=guessed,
        unit=table.unit,
        triage=_triage(table, contentious_below),
        cross_validated=_cross_validated(table, seed),
        by_way=_by_way(table, contentious_below),
        notes=tuple(notes),
        versions=versions(),
        runs=table,
    )


def _explained(found: Analysis | None, table: RunTable, metric: str) -> Analysis | None:
    """Put all tests that apply into words, and check what they take for granted."""
    if found is None:
        return None
    compared = Compared(found, table, metric)
    told = (test(compared) for test in listed.MODEL_TESTS)
    return replace(found, explained=tuple(each for each in told if each is not None))


def _given(runs: Sequence[Run | Path | str] | Path | str) -> list[Run]:
    each = [runs] if isinstance(runs, str | Path) else list(runs)
    for one in each:
        if not isinstance(one, Run | Path | str):
            raise TypeError(
                f"compare() takes runs, or paths (pathlib.Path or str) of run folders and tables; {one!r} is of type "
                f"{type(one).__name__}."
            )
    read = read_runs([Path(one) for one in each if not isinstance(one, Run)])
    return [*read, *(one for one in each if isinstance(one, Run))]


def _cross_validated(table: RunTable, seed: int) -> tuple[CrossValidation, ...]:
    found = [
        cross_validation(model, [row[column].images for row in table.runs], seed)
        for column, model in enumerate(table.models)
    ]
    return tuple(each for each in found if each is not None)


def _by_way(table: RunTable, below: float) -> tuple[WayErrors, ...]:
    return tuple(
        line
        for column, model in enumerate(table.models)
        for line in errors_by_way(model, [row[column].images for row in table.runs], below)
    )


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


def _groups(table: RunTable) -> list[str] | None:
    return list(table.splits) if all(table.splits) else None


def _over_runs(table: RunTable, values: Floats, rope: float, notes: list[str]) -> Analysis | None:
    if len(table.models) < 2:
        notes.append(f"There is one model only ({table.models[0]}): there is no other to test it against.")
        return None
    if len(table.keys) < FEWEST_RUNS:
        notes.append(
            f"Only {counted(len(table.keys), table.unit)} of each model: whether they would differ when trained anew "
            f"cannot be tested with fewer than {FEWEST_RUNS}, and hardly with fewer than 10."
        )
        return None
    return analyse(
        values, table.models, table.unit, rope, rows=table.keys, groups=_groups(table), ratio=ratio_tested(table)
    )


def _by_image(table: RunTable, of: Callable[[ImageErrors], Floats]) -> tuple[tuple[str, ...], Floats] | None:
    """Return the test images, and (N, K) of what runs say of them, mean over those that tested it; None: not known."""
    sums: dict[str, Floats] = defaultdict(lambda: np.zeros(len(table.models)))
    counts: dict[str, int] = defaultdict(int)
    for row in table.runs:
        known = [run.images for run in row if run.images is not None]
        if len(known) < len(row):
            return None
        for name, each in zip(known[0].names, np.stack([of(images) for images in known], 1), strict=True):
            sums[name] += each
            counts[name] += 1
    return tuple(sums), np.array([sums[name] / counts[name] for name in sums])


def _over_images(table: RunTable, metric: str, rope: float, notes: list[str]) -> Analysis | None:
    found = _by_image(table, lambda images: images.errors(metric))
    if found is None:
        notes.append("Not all runs have their predictions image by image: no tests over images, no triage quality.")
        return None
    names, values = found
    if len(names) < FEWEST_IMAGES:
        notes.append(f"Only {counted(len(names), 'test images')}: no tests over images.")
        return None
    return analyse(values, table.models, "images", rope, rows=names) if len(table.models) > 1 else None


def _against_guess(table: RunTable, metric: str) -> tuple[AgainstGuess, ...]:
    """Test each model against the guess that looks at no image: over runs, and over images, as far as that can be.

    Runs of one split are tested on the same images, and say nothing of others: then the test over images comes first.
    """
    name = "mean_mse" if metric == "mse" else "median_mae"
    guesses = np.array([[getattr(run, name) for run in row] for row in table.runs], np.float64)  # NaN where unknown
    tested: list[AgainstGuess] = []
    if len(table.keys) >= FEWEST_RUNS and np.isfinite(guesses).all():
        values = table.values(metric)
        tested += against_guess(table.models, values, guesses, table.unit, _groups(table), ratio_tested(table))
    errors = _by_image(table, lambda images: images.errors(metric))
    guessed = _by_image(table, lambda images: images.baseline(metric))
    if errors is not None and guessed is not None and len(errors[0]) >= FEWEST_IMAGES:
        over_images = against_guess(table.models, errors[1], guessed[1], "images")
        one_split = all(table.splits) and len(set(table.splits)) == 1
        tested = [*over_images, *tested] if one_split else [*tested, *over_images]
    return tuple(tested)


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

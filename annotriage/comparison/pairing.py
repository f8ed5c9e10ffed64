"""Bring runs to a rectangle in which the models of one row share data and split, or say why that cannot be."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.run_types import METRICS, Run
from annotriage.errors import AnnotriageError
from annotriage.images.natural_order import natural_key
from annotriage.names import counted
from annotriage.tables import some


@dataclass(frozen=True, slots=True)
class RunTable:
    """Runs brought to a rectangle: a row a run, a column a model.

    Attributes
    ----------
    models : tuple of str
        K names.
    keys : tuple of str
        N runs, by seed or by the number that the table gives.
    runs : tuple of tuple of Run
        (N, K).
    splits : tuple of str
        N digests of the runs' splits; empty texts where they are not known.
    """

    models: tuple[str, ...]
    keys: tuple[str, ...]
    runs: tuple[tuple[Run, ...], ...]
    splits: tuple[str, ...]

    @property
    def unit(self) -> str:
        """What a row is: "folds" where all are parts of a cross-validation, else "runs"."""
        return "folds" if all(run.fold is not None for row in self.runs for run in row) else "runs"

    def values(self, metric: str) -> NDArray[np.float64]:
        """Return (N, K) of ``mse`` or ``mae``."""
        return np.array([[getattr(run, metric) for run in row] for row in self.runs], np.float64)


def paired(runs: Sequence[Run]) -> RunTable:
    """Check runs and pair them: one row of the result holds one run of each model, on the same split.

    Raises
    ------
    AnnotriageError
        There is no run; a model's runs have all the same error; or models differ in number of runs, data or split.
    """
    if not runs:
        raise AnnotriageError("There are no runs to compare: name run folders, or a table of runs.")
    by_model: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_model[run.model].append(run)
    _check_data(runs)
    _check_numbers(by_model)
    _check_repeats(by_model)
    _check_constant(by_model)
    rows = _rows(by_model)
    table = RunTable(
        models=tuple(by_model),
        keys=tuple(row[0].run or str(place) for place, row in enumerate(rows, 1)),
        runs=tuple(rows),
        splits=tuple(row[0].split for row in rows),
    )
    for row in table.runs:
        _check_images(row)
    return table


def _check_data(runs: Sequence[Run]) -> None:
    first = next((run for run in runs if run.data), None)
    other = next((run for run in runs if first and run.data and run.data != first.data), None)
    if first and other:
        raise AnnotriageError(
            f"The runs learned from different tables of labels ({first.source} and {other.source}): compare runs of "
            "the same data only."
        )


def _check_numbers(by_model: dict[str, list[Run]]) -> None:
    counts = {model: len(runs) for model, runs in by_model.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{model} {count}" for model, count in counts.items())
        raise AnnotriageError(
            f"The models have unequal numbers of runs ({told}): paired tests need as many of each. Leave runs out, or "
            "train the ones that are missing."
        )


def _check_repeats(by_model: dict[str, list[Run]]) -> None:
    for model, runs in by_model.items():
        often = Counter((run.run, run.split) for run in runs if run.run)
        twice = [key for (key, _), count in often.items() if count > 1]
        if twice:
            raise AnnotriageError(
                f"Run {twice[0]} of {model} is given twice. Name each run once; if they are different models, give "
                "them different names in their recipes."
            )


def _check_constant(by_model: dict[str, list[Run]]) -> None:
    for model, runs in by_model.items():
        for metric in METRICS:
            values = [getattr(run, metric) for run in runs]
            if len(values) > 2 and np.ptp(values) == 0:
                raise AnnotriageError(
                    f"All {counted(len(values), 'runs')} of {model} have the same {metric.upper()}, "
                    f"{values[0]:g}: errors that never change cannot be tested. Check that the runs were really "
                    f"trained anew."
                )


def _rows(by_model: dict[str, list[Run]]) -> list[tuple[Run, ...]]:
    """Pair by split and, within a split, in the order of the runs' numbers."""

    def key(run: Run) -> str:
        return run.split or run.run

    models = list(by_model)
    if all(not run.split and not run.run for runs in by_model.values() for run in runs):
        return list(zip(*by_model.values(), strict=True))
    ordered = {
        model: sorted(runs, key=lambda run: (natural_key(run.run), run.split)) for model, runs in by_model.items()
    }
    counts = {model: Counter(map(key, runs)) for model, runs in ordered.items()}
    for model in models[1:]:
        if counts[model] != counts[models[0]]:
            lacking = [run for run in ordered[models[0]] if counts[model][key(run)] < counts[models[0]][key(run)]]
            names = [run.run or run.source.name for run in lacking]
            alone = f"runs {some(names)} have" if len(names) > 1 else f"run {some(names)} has"
            raise AnnotriageError(
                f"Runs of {models[0]} and {model} have different splits or numbers ({alone} no partner): models can be "
                "compared only on the same test images. Train them with the same seeds, or by `annotriage experiment`."
            )
    waiting: dict[str, dict[str, list[Run]]] = {model: defaultdict(list) for model in models}
    for model in models:
        for run in ordered[model]:
            waiting[model][key(run)].append(run)
    return [tuple(waiting[model][key(run)].pop(0) for model in models) for run in ordered[models[0]]]


def _check_images(row: Sequence[Run]) -> None:
    """All models of a row must have been tested on the same images, of which the same is true."""
    known = [run for run in row if run.images is not None]
    for run in known[1:]:
        first, this = known[0].images, run.images
        if first is None or this is None:
            continue
        if first.names != this.names or not np.allclose(first.dice, this.dice, atol=1e-5):
            raise AnnotriageError(
                f"{known[0].name} and {run.name} were tested on different images or labels: models can be compared "
                "only on the same test images."
            )

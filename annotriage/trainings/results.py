"""What a training has brought: its finished runs, read from their folders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from annotriage.comparison.run_types import ImageErrors, Run
from annotriage.comparison.verdict import Difference, judge_against_guessing
from annotriage.errors import AnnotriageError
from annotriage.measures.thresholds import INTERVAL_LEVEL
from annotriage.names import stem_of
from annotriage.runs.files import ExperimentFiles, RunFiles, is_fold
from annotriage.runs.notes import known_values, read_recipe
from annotriage.runs.predictions import Predictions, read_predictions
from annotriage.trainings.training import FILE

if TYPE_CHECKING:
    from annotriage.model_file import LibraryEntry, ModelFile, ModelLibrary


@dataclass(frozen=True, slots=True, eq=False)
class FinishedRun:
    """One finished run.

    Attributes
    ----------
    run : Run
        Its errors; `Run.images` is there.
    images : ImageErrors
        Of its test images.
    validation_mae : float or None
        MAE on the images that the training was chosen by; None: not known.
    validation_guess : float or None
        MAE there of always predicting the median of the images learned from.
    split, recipe : mapping
        As its files hold them.
    file : Path or None
        Its model file; None: it has none.
    """

    run: Run
    images: ImageErrors
    validation_mae: float | None
    validation_guess: float | None
    split: Mapping[str, Any]
    recipe: Mapping[str, Any]
    file: Path | None

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.run.source


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What came of a training.

    Attributes
    ----------
    folder : Path
    title : str
        How the training is called.
    runs : list of FinishedRun
        The one with the smallest validation error beside a guess's first.
    problems : list of str
        A sentence for each run that should be finished but cannot be read.
    unfinished : int
        Runs that were planned and are not finished.
    pictures : Path or None
        The folder of the images it learned from; None: not known.
    clinical : Path or None
        The metadata that say which images are of one patient.
    columns : tuple of str
        Columns that were chosen by hand, each ``ROLE=COLUMN``.
    sentence : str
        What the training itself has to say, as why it failed; may be empty.
    """

    folder: Path
    title: str
    runs: list[FinishedRun]
    problems: list[str]
    unfinished: int
    pictures: Path | None
    clinical: Path | None
    sentence: str
    columns: tuple[str, ...] = ()


def read_results(folder: Path) -> Results:
    """Read the finished runs of an experiment's folder, or one run's own folder.

    Raises
    ------
    AnnotriageError
        There is no such folder.
    """
    if not folder.is_dir():
        raise AnnotriageError(f"The training {folder} is not there any more; it was moved or deleted.")
    said = known_values(folder / FILE)
    files = ExperimentFiles(folder)
    single = RunFiles(folder).is_measured
    begun = [RunFiles(folder)] if single else files.runs
    runs, problems = [], []
    for each in begun:
        if not each.is_measured:
            continue
        try:
            runs.append(_read(each))
        except AnnotriageError as error:
            problems.append(str(error))
    planned = 1 if single else max(files.planned, len(begun))
    return Results(
        folder=folder,
        title=str(said.get("title") or folder.name),
        runs=sorted(runs, key=_by_validation),
        problems=problems,
        unfinished=max(planned - len(runs) - len(problems), 0),
        pictures=_path(said.get("images")),
        clinical=_path(said.get("clinical")),
        sentence=str(said.get("sentence") or ""),
        columns=tuple(map(str, said.get("columns") or ())),
    )


def _read(files: RunFiles) -> FinishedRun:
    from annotriage.comparison.runs import read_run

    run, predictions = read_run(files.folder), read_predictions(files)
    if run.images is None or predictions is None:
        raise AnnotriageError(
            f"The run in {files.folder} has no predictions.csv, so its errors cannot be looked at. Bring the file "
            "back, or train the run again."
        )
    error, guess = _validation(predictions)
    recipe, split = read_recipe(files.recipe), known_values(files.split)
    return FinishedRun(run, run.images, error, guess, split, recipe, files.model)


def _validation(found: Predictions) -> tuple[float | None, float | None]:
    """Return the MAE on the validation images, and there of the median of the images learned from."""
    rows, learned = found.rows("validation"), found.dice[found.rows("train")]
    if not len(rows):
        return None, None
    true = found.dice[rows]
    guess = float(np.abs(true - np.median(learned)).mean()) if len(learned) else None
    return float(np.abs(true - np.clip(found.predicted[rows], 0, 1)).mean()), guess


def _by_validation(run: FinishedRun) -> tuple[float, str]:
    """Sort by the validation error beside a guess's: by itself it hangs on which images a run kept apart."""
    error, guess = run.validation_mae, run.validation_guess
    if error is None:
        return np.inf, str(run.folder)
    return (error / guess if guess else error), str(run.folder)


def cross_validated(results: Results) -> list[tuple[str, int, float, float]]:
    """Measure each model of a whole cross-validation on all images, each by the fold that had it left out.

    Returns
    -------
    list of tuple
        Model, images, MAE and the MAE of a guess; empty where there is none, or folds are missing.
    """
    if results.unfinished or results.problems or not all(is_fold(run.folder) for run in results.runs):
        return []
    found = []
    for model in sorted({run.folder.parent.name for run in results.runs}):
        runs = [run for run in results.runs if run.folder.parent.name == model]
        errors = np.concatenate([run.images.absolute for run in runs])
        guesses = np.concatenate([run.images.baseline("mae") for run in runs])
        found.append((model, len(errors), float(errors.mean()), float(guesses.mean())))
    return found


def _path(text: object) -> Path | None:
    return Path(text) if isinstance(text, str) and text else None


@dataclass(frozen=True, slots=True, eq=False)
class PreparedRun:
    """A run with all that is shown of it.

    Attributes
    ----------
    run : FinishedRun
    model : ModelFile or None
        None: its file is missing or damaged.
    problem : str
        Why there is no model; may be empty.
    level : float
        Share of the images that its intervals are meant to hold.
    entries : list of LibraryEntry
        The library's models.
    guess : Difference
        Beside always guessing the median.
    groups : mapping of str to str or None
        Which images are of one patient; None: not known.
    """

    run: FinishedRun
    model: "ModelFile | None"
    problem: str
    level: float
    entries: "list[LibraryEntry]"
    guess: Difference
    groups: Mapping[str, str] | None


def prepare(run: FinishedRun, results: Results, library: "ModelLibrary") -> PreparedRun:
    """Read all that is shown of a run; takes most of a second at the first call."""
    # What figures need of it as well, in whichever thread this is.
    import scipy.stats  # noqa: F401

    from annotriage.model_file import open_model_file

    model, problem = None, ""
    try:
        if run.file is None:
            problem = (
                f"There is no model file in {run.folder}: it was moved or deleted. Train the run again to get one."
            )
        else:
            model = open_model_file(run.file)
    except AnnotriageError as error:
        problem = str(error)
    groups = groups_of(run, results.clinical, results.columns)
    images = run.images
    return PreparedRun(
        run=run,
        model=model,
        problem=problem,
        level=INTERVAL_LEVEL if model is None else model.card.interval.level,
        entries=library.list(),
        guess=judge_against_guessing(
            images.dice, images.predicted, images.known, groups=group_keys(images.names, groups)
        ),
        groups=groups,
    )


def group_keys(names: Sequence[str], groups: Mapping[str, str] | None) -> list[str] | None:
    """Return the patient or lesion of each image; of whom it is not known, each is of one of its own."""
    return None if groups is None else [groups.get(stem := stem_of(name)) or f"alone: {stem}" for name in names]


def groups_of(run: FinishedRun, clinical: Path | None, columns: Sequence[str] = ()) -> Mapping[str, str] | None:
    """Read which of a run's images are of one patient or lesion; None: not known, or nobody kept them together."""
    from annotriage.datasets.clinical import read_groups
    from annotriage.datasets.columns import CLINICAL, chosen_columns

    if clinical is None or not run.split.get("grouped_by"):
        return None
    try:
        chosen = {role: column for role, column in chosen_columns(columns).items() if role in CLINICAL}
        return read_groups(clinical, chosen)
    except AnnotriageError:
        return None

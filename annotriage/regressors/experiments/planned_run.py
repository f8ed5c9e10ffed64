"""One run of an experiment: its recipe and folder, and checks that data and splits are those of the other runs."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from annotriage.datasets.columns import chosen_columns
from annotriage.datasets.labels import read_labels
from annotriage.errors import AnnotriageError
from annotriage.names import counted
from annotriage.regressors.data.data_paths import DataPaths
from annotriage.regressors.data.pairs import read_pair_table
from annotriage.regressors.recipes.recipe import Recipe
from annotriage.runs.files import PARTS, RunFiles
from annotriage.runs.notes import lists_of_names, read_note


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One run of the grid.

    Attributes
    ----------
    model : str
        Name of its recipe.
    number : int
        1 for the first; also its seed, and that of its split; or the fold that it is tested on.
    recipe : Path
        The recipe with these seeds, or of this fold.
    folder : Path
        Where it is trained.
    unit : {"run", "fold"}
        What is counted.
    """

    model: str
    number: int
    recipe: Path
    folder: Path
    unit: str = "run"

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"{self.model}, {self.unit} {self.number}"

    @property
    def files(self) -> RunFiles:
        """Where its files lie."""
        return RunFiles(self.folder)

    @property
    def finished(self) -> bool:
        """Whether its results are there, the model file among them."""
        return self.files.is_finished


def recipe_of_run(recipe: Recipe, number: int, folds: int | None) -> Recipe:
    """Return the recipe of one run, with seeds of its own, or with its fold where there are folds."""
    if folds is not None:
        return recipe.model_copy(update={"split": recipe.split.model_copy(update={"folds": folds, "fold": number})})
    split = recipe.split.model_copy(update={"seed": number})
    return recipe.model_copy(update={"seed": number, "split": split})


def check_data(out: Path, data: DataPaths) -> None:
    """Refuse an experiment to be gone on with on other labels or pairs, before hours of training."""
    table = read_labels(data.labels, columns=chosen_columns(list(data.columns)))
    pairs = "" if data.pairs is None else read_pair_table(data.pairs).sha256
    for run in map(RunFiles, sorted(out.glob("*/*"))):
        if not run.split.is_file():
            continue
        try:
            note = read_note(run.split)
        except AnnotriageError:
            continue  # `annotriage train` says what is wrong with it
        if note.get("pairs_sha256", pairs) != pairs:
            raise AnnotriageError(
                f"The run in {run.folder} learned from another table of pairs, or from none. Give the one that it "
                "had (--pairs), or choose another folder with --out."
            )
        if note.get("table_sha256") != table.sha256:
            raise AnnotriageError(
                f"The run in {run.folder} learned from other labels than {data.labels}. Bring them back as they "
                "were, or choose another folder with --out."
            )


def refuse_other_images(run: PlannedRun, runs: Sequence[PlannedRun]) -> None:
    """End a run that has other images than the same run of other models: they could not be compared."""
    own = _split_of(run)
    for other in runs:
        there = _split_of(other) if other.number == run.number and other is not run else {}
        if there and own and there != own:
            before, now = ({stem for part in each.values() for stem in part} for each in (there, own))
            changed = sorted(before ^ now)
            if not any(run.files.checkpoints.glob("*")):
                shutil.rmtree(run.folder, ignore_errors=True)  # it was made of what is there now, and begins anew
            raise AnnotriageError(
                f"{run.name} cannot be compared with {other.name}: {counted(len(changed), 'labelled images have')} "
                f"gone or come since (first {', '.join(changed[:1])}). Bring the images back as they were and go on, "
                f"or start anew in another folder."
            )


def _split_of(run: PlannedRun) -> dict[str, list[str]]:
    """Return which images a run trains, validates and tests on; empty where it has not begun."""
    try:
        return lists_of_names(run.files.split, read_note(run.files.split), PARTS)
    except AnnotriageError:
        return {}


def remove_unstarted_run(folder: Path) -> None:
    """Remove the folder of a run that was killed before it had written its recipe: it cannot be resumed."""
    run = RunFiles(folder)
    if folder.is_dir() and not run.recipe.exists():
        before = {run.work, run.checkpoints, run.split, run.versions, run.problems}
        there = list(folder.iterdir())
        if there and all(file in before or file.name.endswith(".part") for file in there):
            shutil.rmtree(folder)

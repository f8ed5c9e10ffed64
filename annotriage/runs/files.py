"""Names and places of a run's files, and of those of an experiment."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from annotriage.errors import AnnotriageError
from annotriage.runs.notes import read_note, read_recipe

PARTS = ("train", "validation", "test")
"""Of a split, as split.json and predictions.csv call them."""
FIRST_MASK_STAGE, MASK_STAGE = "masks-first", "masks"
"""What events, the curve and the checkpoints call the stages that learn outlines: of all folders, then of the own."""
FINISHED = "finished.pt"
"""Weights of a stage that is done, in its folder of the checkpoints."""
WITHOUT_MODEL = "without_model"
"""Key of metrics.json while the model file is not written yet: such a run is measured, and not finished."""
UNITS = ("run", "fold")
"""What the runs of an experiment are; so their folders are called."""
RUN_FILES = ("metrics.json", "recipe.toml", "split.json", "versions.json", "predictions.csv", "predictions.csv.gz")
"""What of a run's folder is read once it is finished."""
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The files of one training run; none needs to exist.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    @property
    def recipe(self) -> Path:
        """The recipe as resolved; written last when a run begins, so that a folder that has one can be resumed."""
        return self.folder / "recipe.toml"

    @property
    def versions(self) -> Path:
        """Versions of what took part, seed, device."""
        return self.folder / "versions.json"

    @property
    def split(self) -> Path:
        """Stems of the images of each of `PARTS`, and by what they were split."""
        return self.folder / "split.json"

    @property
    def problems(self) -> Path:
        """What was left out, and why."""
        return self.folder / "problems.json"

    @property
    def curve(self) -> Path:
        """A line an epoch; see `annotriage.runs.curve`."""
        return self.folder / "curve.csv"

    @property
    def predictions(self) -> Path:
        """A line a labelled image; see `annotriage.runs.predictions`. Gzipped where only that is there."""
        plain = self.folder / "predictions.csv"
        zipped = plain.with_suffix(".csv.gz")
        return zipped if zipped.is_file() and not plain.is_file() else plain

    @property
    def metrics(self) -> Path:
        """Errors on the test images."""
        return self.folder / "metrics.json"

    @property
    def teachers(self) -> Path:
        """How good the teachers of a distillation are."""
        return self.folder / "teachers.json"

    @property
    def checkpoints(self) -> Path:
        """Weights by stage."""
        return self.folder / "checkpoints"

    def stage_weights(self, stage: str) -> Path:
        """Return where the weights of a stage that is done lie."""
        return self.checkpoints / stage / FINISHED

    def teacher_predictions(self, teacher: str) -> Path:
        """Return where the predictions of a teacher lie."""
        return self.checkpoints / f"{teacher}-answers.npz"

    @property
    def work(self) -> Path:
        """Decoded pixels and masks while the run lasts."""
        return self.folder / "work"

    @property
    def model(self) -> Path | None:
        """The model file: that of the recipe's name, else the first there is; None: there is none."""
        others = sorted(self.folder.glob("*.onnx"))
        try:
            own = self.folder / f"{read_recipe(self.recipe).get('name', '')}.onnx"
        except AnnotriageError:
            return others[0] if others else None
        return own if own.is_file() else others[0] if others else None

    @property
    def has_begun(self) -> bool:
        """Whether a run has begun here: it can be gone on with, or is finished."""
        return self.recipe.is_file() or self.is_measured

    @property
    def is_measured(self) -> bool:
        """Whether its errors on the test images are there; the model file may be missing."""
        return self.metrics.is_file()

    @property
    def is_finished(self) -> bool:
        """Whether its results are there, the model file among them.

        One whose metrics are damaged counts as such: whoever reads the results says what is wrong with them.
        """
        try:
            return self.is_measured and not read_note(self.metrics).get(WITHOUT_MODEL)
        except (AnnotriageError, OSError):
            return True


@dataclass(frozen=True, slots=True)
class ExperimentFiles:
    """The files of an experiment: its recipes, and its runs in ``NAME/run-03`` or ``NAME/fold-03``.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    @property
    def recipes(self) -> Path:
        """The folder of the recipes."""
        return self.folder / "recipes"

    def recipe(self, model: str) -> Path:
        """Return where the recipe that all runs of a model come from lies, of a training."""
        return self.recipes / f"{model}.toml"

    def run_recipe(self, model: str, number: int, unit: str = "run") -> Path:
        """Return where the recipe of one run lies; its log lies beside it."""
        return self.recipes / f"{model}-{unit}-{number:02d}.toml"

    def run_log(self, model: str, number: int, unit: str = "run") -> Path:
        """Return where the messages of a run's process lie."""
        return log_of(self.run_recipe(model, number, unit))

    def run(self, model: str, number: int, unit: str = "run") -> RunFiles:
        """Return the files of one run."""
        return RunFiles(self.folder / model / f"{unit}-{number:02d}")

    @property
    def planned(self) -> int:
        """How many runs have a recipe."""
        return sum(1 for unit in UNITS for _ in self.recipes.glob(f"*-{unit}-*.toml"))

    @property
    def runs(self) -> list[RunFiles]:
        """The runs that have begun, by name."""
        there = (each for unit in UNITS for each in self.folder.glob(f"*/{unit}-*"))
        found = [RunFiles(each) for each in there if each.is_dir() and not each.parent.name.startswith(".")]
        return sorted((each for each in found if each.has_begun), key=lambda each: each.folder)


def log_of(recipe: Path) -> Path:
    """Return where the messages of the process of a run with this recipe lie."""
    return recipe.with_suffix(".log")


def is_fold(folder: Path) -> bool:
    """Return whether a run's folder is called as the fold of a cross-validation."""
    return folder.name.startswith("fold-")


def find_runs(folder: Path, *, strict: bool = True, deepest: int = _DEEPEST) -> Iterator[RunFiles]:
    """Find the runs that have begun in a folder and below it, by name; nothing is looked for inside a run.

    Parameters
    ----------
    folder : Path
    strict : bool
        Follow links to folders, each folder once, and let no folder that cannot be read pass; else leave both out.
    deepest : int
        How far below.

    Raises
    ------
    AnnotriageError
        A folder cannot be read.
    """
    yield from _find_runs(folder, strict, deepest, set())


def _find_runs(folder: Path, strict: bool, deepest: int, seen: set[Path]) -> Iterator[RunFiles]:
    if strict:
        real = folder.resolve()
        if real in seen:
            return
        seen.add(real)
    run = RunFiles(folder)
    if run.has_begun:
        yield run
        return
    if not deepest:
        return
    try:
        inside = sorted(each for each in folder.iterdir() if not each.name.startswith(".") and each.is_dir())
    except OSError as error:  # of another user, or gone meanwhile
        if strict:
            raise AnnotriageError(f"The folder {folder} cannot be read ({error.strerror}).") from None
        return
    for below in inside:
        if strict or not below.is_symlink():
            yield from _find_runs(below, strict, deepest - 1, seen)

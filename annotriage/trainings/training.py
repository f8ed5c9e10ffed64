"""A training on the disk: a folder that holds an experiment, what was wanted, and what became of it."""

import json
import threading
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.regressors.data.data_paths import DataPaths
from annotriage.runs.files import ExperimentFiles
from annotriage.runs.notes import known_values
from annotriage.runs.states import State
from annotriage.trainings.plan import TrainingPlan
from annotriage.user_folder import user_folder
from annotriage.writing import write_whole

if TYPE_CHECKING:
    from annotriage.regressors.experiments.experiment import Experiment

FILE = "training.json"
_WRITING = threading.Lock()
"""What a training does and how it is called come from different threads."""


@dataclass(frozen=True, slots=True)
class Training:
    """A training as its file describes it.

    Attributes
    ----------
    folder : Path
        The experiment's folder.
    title : str
        How the person calls it; at first its models and its folder of images.
    created : datetime
    data : DataPaths
        What all runs learn from.
    models : tuple of str
        Names of the recipes, each in ``recipes/NAME.toml``.
    runs : int
        Runs of each.
    device : str
    seconds : float or None
        How long all runs were thought to take.
    state : State
    sentence : str
        Why it failed, or what else there is to say; may be empty.
    folds : bool
        Whether the runs are the folds of a cross-validation.
    """

    folder: Path
    title: str
    created: datetime
    data: DataPaths
    models: tuple[str, ...] = ()
    runs: int = 1
    device: str = "auto"
    seconds: float | None = None
    state: State = State.STOPPED
    sentence: str = ""
    folds: bool = False

    @property
    def unit(self) -> str:
        """What its runs are: ``run`` or ``fold``; so their files are called, too."""
        return "fold" if self.folds else "run"

    def recipe_file(self, model: str) -> Path:
        """Return where the recipe of a model lies."""
        return ExperimentFiles(self.folder).recipe(model)

    def experiment(self) -> "Experiment":
        """Plan the runs; reads the labels.

        Raises
        ------
        AnnotriageError
            Recipes or labels cannot be read, or the labels are not those that the runs began with.
        """
        from annotriage.regressors.experiments.experiment import plan

        recipes = [str(self.recipe_file(model)) for model in self.models]
        return plan(recipes, self.runs, self.folder, self.data, self.device, folds=self.folds)

    def plan(self) -> TrainingPlan:
        """Return the plan that it was made from, for another training like it.

        Raises
        ------
        AnnotriageError
            A recipe cannot be read.
        """
        from annotriage.regressors.recipes.recipe import load_recipe

        data = self.data
        return TrainingPlan(
            images=data.images,
            labels=data.labels,
            clinical=data.clinical,
            masks=data.masks,
            columns=data.columns,
            recipes=tuple(load_recipe(self.recipe_file(model)) for model in self.models),
            runs=self.runs,
            device=self.device,
            seconds=self.seconds,
            folds=self.folds,
            pairs=data.pairs,
            further_images=data.further_images,
            further_folders_of_masks=data.further_masks,
        )

    def noted(self, state: State, sentence: str = "") -> "Training":
        """Write down what became of it, and return it so.

        Raises
        ------
        AnnotriageError
            It cannot be written.
        """
        with _WRITING:
            title = str(known_values(self.folder / FILE).get("title", self.title))  # it may be called otherwise by now
            changed = replace(self, state=state, sentence=sentence, title=title)
            changed.write()
        return changed

    def renamed(self, title: str) -> "Training":
        """Write down how it is called from now on, and return it so; its folder stays where it is.

        Raises
        ------
        AnnotriageError
            It cannot be read or written.
        """
        with _WRITING:
            changed = replace(read_training(self.folder), title=title)
            changed.write()
        return changed

    def write(self) -> None:
        """Write its file whole.

        Raises
        ------
        AnnotriageError
            It cannot be written.
        """
        data = {
            name: str(value) if isinstance(value, Path) else [*map(str, value)] if isinstance(value, tuple) else value
            for name, value in asdict(self.data).items()
        }
        values = {
            "title": self.title,
            "created": self.created.isoformat(timespec="seconds"),
            **data,
            "recipes": self.models,
            "runs": self.runs,
            "folds": self.folds,
            "device": self.device,
            "seconds": self.seconds,
            "state": self.state,
            "sentence": self.sentence,
        }
        write_whole(self.folder / FILE, (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode())


def trainings_folder() -> Path:
    """Return where the trainings lie; it need not exist yet."""
    return user_folder() / "trainings"


def create_training(plan: TrainingPlan, title: str = "") -> Training:
    """Make the folder of a new training and write down what is wanted.

    Raises
    ------
    AnnotriageError
        It cannot be written.
    ValueError
        Images, labels or recipes are not chosen yet.
    """
    from annotriage.regressors.recipes.recipe import recipe_toml

    if plan.images is None or plan.labels is None or not plan.recipes:
        raise ValueError("the plan is not complete")
    now = datetime.now().replace(microsecond=0)
    models = tuple(recipe.name for recipe in plan.recipes)
    folder = _new_folder(f"{now:%Y-%m-%d} {'+'.join(models)}"[:80])
    clinical, masks, pairs = (
        None if path is None else path.resolve() for path in (plan.clinical, plan.masks, plan.pairs)
    )
    more_images, more_masks = (
        tuple(path.resolve() for path in paths) for paths in (plan.further_images, plan.further_folders_of_masks)
    )
    data = DataPaths(
        plan.images.resolve(),
        plan.labels.resolve(),
        clinical,
        masks,
        tuple(plan.columns),
        more_images,
        more_masks,
        pairs,
    )
    training = Training(
        folder, title or _new_title(models, plan.images), now, data, models, plan.runs, plan.device, plan.seconds,
        State.QUEUED, folds=plan.folds,
    )  # fmt: skip
    for recipe in plan.recipes:
        write_whole(training.recipe_file(recipe.name), recipe_toml(recipe).encode())
    training.write()
    return training


def _new_title(models: tuple[str, ...], images: Path) -> str:
    """Return how a training is called at first: as no other one is."""
    taken = {str(known_values(file).get("title")) for file in trainings_folder().glob(f"*/{FILE}")}
    title = f"{', '.join(models)}: {images.resolve().name}"
    names = (title if number == 1 else f"{title} ({number})" for number in count(1))
    return next(name for name in names if name not in taken)


def _new_folder(name: str) -> Path:
    root = trainings_folder()
    number = 1
    while True:
        folder = root / (name if number == 1 else f"{name} ({number})")
        try:
            ExperimentFiles(folder).recipes.mkdir(parents=True)
        except FileExistsError:
            number += 1
        except OSError as error:
            raise AnnotriageError(
                f"The folder {folder} cannot be made ({error.strerror}); check the disk and its permissions."
            ) from None
        else:
            return folder


def read_training(folder: Path) -> Training:
    """Read what a training's folder says of it.

    Raises
    ------
    AnnotriageError
        Its file is missing or damaged.
    """
    file = folder / FILE
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return Training(
            folder=folder,
            title=str(values["title"]),
            created=datetime.fromisoformat(values["created"]),
            data=DataPaths(
                Path(values["images"]),
                Path(values["labels"]),
                _path(values.get("clinical")),
                _path(values.get("masks")),
                tuple(map(str, values.get("columns", ()))),
                tuple(map(Path, values.get("further_images", ()))),
                tuple(map(Path, values.get("further_masks", ()))),
                _path(values.get("pairs")),
            ),
            models=tuple(map(str, values["recipes"])),
            runs=int(values["runs"]),
            device=str(values.get("device", "auto")),
            seconds=None if values.get("seconds") is None else float(values["seconds"]),
            state=State(values["state"]),
            sentence=str(values.get("sentence", "")),
            folds=bool(values.get("folds", False)),
        )
    except OSError as error:
        raise AnnotriageError(f"{file} cannot be read ({error.strerror}).") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise AnnotriageError(
            f"{file} is damaged. What was trained is still in {folder}; throw the training away if it is not needed."
        ) from None


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)

"""All trainings: which there are, and what came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotriage.errors import AnnotriageError
from annotriage.names import counted
from annotriage.runs.states import State
from annotriage.trainings.lock import with_current_state
from annotriage.trainings.progress import read_progress
from annotriage.trainings.training import Training, read_training, trainings_folder
from annotriage.trainings.trash import ThrownAway, list_thrown_away, remove_old, trash_of


@dataclass(frozen=True, slots=True)
class DamagedTraining:
    """A folder among the trainings that does not say what it is.

    Attributes
    ----------
    folder : Path
    sentence : str
        What is wrong with it.
    """

    folder: Path
    sentence: str


def list_trainings(mine: Mapping[Path, State] | None = None) -> list[Training | DamagedTraining]:
    """Read all trainings, the newest first.

    A training that says it is at work, but that nobody works on, has lost its window: it is returned as stopped.

    Parameters
    ----------
    mine : mapping of Path to State, optional
        What this window knows of the trainings that it works on.
    """
    found: list[Training | DamagedTraining] = []
    root = trainings_folder()
    remove_old(root)
    folders = [each for each in root.iterdir() if each.is_dir() and each != trash_of(root)] if root.is_dir() else []
    for folder in folders:
        try:
            found.append(with_current_state(read_training(folder), mine or {}))
        except AnnotriageError as error:
            found.append(DamagedTraining(folder, str(error)))
    return sorted(found, key=_age, reverse=True)


def _age(entry: Training | DamagedTraining) -> tuple[float, str]:
    return (entry.created.timestamp() if isinstance(entry, Training) else 0.0, entry.folder.name)


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A training in the list.

    Attributes
    ----------
    entry : Training or DamagedTraining
    done, runs : int
        Runs that are done, of how many.
    model : str
        Of the best run; empty: none is done.
    mae, median_mae : float or None
        Mean error of the best run on its test images, and what predicting the median gives there.
    """

    entry: Training | DamagedTraining
    done: int = 0
    runs: int = 0
    model: str = ""
    mae: float | None = None
    median_mae: float | None = None

    @property
    def folder(self) -> Path:
        """The training's folder."""
        return self.entry.folder

    @property
    def training(self) -> Training | None:
        """The training; None: it is damaged."""
        return self.entry if isinstance(self.entry, Training) else None

    @property
    def state(self) -> State | None:
        """What it is doing; None: it is damaged."""
        return self.entry.state if isinstance(self.entry, Training) else None


def read_rows(mine: Mapping[Path, State] | None = None) -> list[TrainingRow]:
    """Read all trainings and what came of them, the newest first; for a thread.

    Parameters
    ----------
    mine : mapping of Path to State, optional
        What this window works on.
    """
    return [_row(entry) for entry in list_trainings(mine)]


def _row(entry: Training | DamagedTraining) -> TrainingRow:
    if isinstance(entry, DamagedTraining):
        return TrainingRow(entry)
    live = read_progress(entry)
    best = live.best
    if best is None:
        return TrainingRow(entry, 0, len(live.runs))
    return TrainingRow(entry, len(live.finished), len(live.runs), best.model, best.mae, best.test_median_mae)


def find_training(name: str) -> Training | DamagedTraining:
    """Find a training by its title, the name of its folder, or the path of its folder.

    Raises
    ------
    AnnotriageError
        There is none, or there are several.
    """
    _check_named(name)
    entries = list_trainings()
    found = [entry for entry in entries if _is_called(name, entry)]
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        raise AnnotriageError(
            f"{counted(len(found), 'trainings are')} called {name}. Name the one you mean by its folder: "
            f"{_some([entry.folder.name for entry in found])}."
        )
    if not entries:
        raise AnnotriageError(f"There is no training called {name}: nothing was trained in the window yet.")
    raise AnnotriageError(
        f"There is no training called {name}. There are: {_some([entry.folder.name for entry in entries])}."
    )


def find_thrown_away(name: str) -> ThrownAway:
    """Find what was thrown away by its title or the name of its folder; of several the last one.

    Raises
    ------
    AnnotriageError
        There is none.
    """
    _check_named(name)
    kept = list_thrown_away()
    found = next((each for each in kept if name in (each.folder.name, each.place.name)), None)
    found = found or next((each for each in kept if each.title.casefold() == name.casefold()), None)
    if found is None:
        there = _some([each.folder.name for each in kept])
        raise AnnotriageError(
            f"No training called {name} was thrown away. There are: {there}."
            if kept
            else f"No training called {name} can be brought back: none was thrown away in the last weeks."
        )
    return found


def _check_named(name: str) -> None:
    """Refuse an empty name: what is damaged has no title, and would be taken for the one that is meant."""
    if not name.strip():
        raise AnnotriageError("The name is empty: give a training's title, or its folder's name as the list has it.")


def _is_called(name: str, entry: Training | DamagedTraining) -> bool:
    title = entry.title.casefold() if isinstance(entry, Training) else ""
    return name == entry.folder.name or name.casefold() == title or Path(name).absolute() == entry.folder


def _some(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")

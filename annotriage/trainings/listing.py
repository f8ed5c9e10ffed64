"""The lines of the list of trainings, read from the disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from annotriage.runs.states import State
from annotriage.trainings.library import DamagedTraining, list_trainings
from annotriage.trainings.progress import read_progress
from annotriage.trainings.training import Training


@dataclass(frozen=True, slots=True)
class Row:
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


def read_rows(mine: Mapping[Path, State]) -> list[Row]:
    """Read all trainings and what came of them, the newest first; for a thread.

    Parameters
    ----------
    mine : mapping of Path to State
        What this window works on.
    """
    return [_row(entry) for entry in list_trainings(mine)]


def _row(entry: Training | DamagedTraining) -> Row:
    if isinstance(entry, DamagedTraining):
        return Row(entry)
    live = read_progress(entry)
    best = live.best
    if best is None:
        return Row(entry, 0, len(live.runs))
    return Row(entry, len(live.finished), len(live.runs), best.model, best.mae, best.test_median_mae)

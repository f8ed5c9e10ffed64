"""What a folder or a table holds of finished runs, and what is wrong with the others. No Qt."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from annotriage.comparison.run_types import Run

_DEEPEST = 6
"""Folders below the chosen one: whoever drops a whole disk is not to wait for it."""
UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A run that cannot take part.

    Attributes
    ----------
    path : Path
    why : str
        A sentence, or `UNFINISHED`.
    """

    path: Path
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A folder or table that was added.

    Attributes
    ----------
    path : Path
    runs : tuple of Run
        Those that are finished and whole.
    left_out : tuple of LeftOut
    """

    path: Path
    runs: "tuple[Run, ...]"
    left_out: tuple[LeftOut, ...] = ()

    def models(self) -> "dict[str, list[Run]]":
        """Return its runs by model."""
        found: dict[str, list[Run]] = defaultdict(list)
        for run in self.runs:
            found[run.model].append(run)
        return dict(found)


def read_source(path: Path, stop: threading.Event | None = None) -> Source:
    """Read whatever runs a path holds. For a thread.

    Parameters
    ----------
    path : Path
        A run folder, a folder that holds run folders at any depth, or a table of runs.
    stop : Event or None
        Once set, no more is read.
    """
    from annotriage.comparison.run_tables import read_run_table
    from annotriage.comparison.runs import read_run

    if not path.is_dir():
        try:
            return Source(path, tuple(read_run_table(path)))
        except AnnotriageError as error:
            return Source(path, (), (LeftOut(path, str(error)),))
    runs: list[Run] = []
    left_out = []
    for folder, finished in _run_folders(path, _DEEPEST):
        if stop is not None and stop.is_set():
            break
        if not finished:
            left_out.append(LeftOut(folder, UNFINISHED))
            continue
        try:
            runs.append(read_run(folder))
        except AnnotriageError as error:
            left_out.append(LeftOut(folder, str(error)))
    return Source(path, tuple(runs), tuple(left_out))


def _run_folders(folder: Path, deep: int) -> Iterator[tuple[Path, bool]]:
    """Yield run folders, and whether each is finished."""
    if (folder / "metrics.json").is_file():
        yield folder, True
    elif (folder / "recipe.toml").is_file():
        yield folder, False
    elif deep:
        try:
            below = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
        except OSError:  # of another user, or gone meanwhile
            return
        for each in below:
            if not each.is_symlink():
                yield from _run_folders(each, deep - 1)


def without_partners(runs: "Iterable[Run]") -> "list[Run]":
    """Return the runs whose split, or number, not every model has: paired tests must leave them out."""
    by_model: dict[str, dict[str, list[Run]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        by_model[run.model][run.split or run.run].append(run)
    lacking = []
    for mine in by_model.values():
        for key, some in mine.items():
            least = min(len(others.get(key, ())) for others in by_model.values())
            lacking += some[least:]
    return lacking

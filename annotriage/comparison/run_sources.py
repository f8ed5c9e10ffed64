"""What a folder or a table holds of finished runs, and what is wrong with the others. No Qt."""

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.runs.files import RunFiles, find_runs

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def read_source(path: Path, stop: threading.Event | None = None, only: "Iterable[Path] | None" = None) -> Source:
    """Read whatever runs a path holds. For a thread.

    Parameters
    ----------
    path : Path
        A run folder, a folder that holds run folders at any depth, or a table of runs.
    stop : Event or None
        Once set, no more is read.
    only : iterable of Path, optional
        The run folders below `path` that are wanted; all when left out.
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
    wanted = find_runs(path, strict=False, deepest=_DEEPEST)
    if only is not None:
        wanted = (run for run in map(RunFiles, only) if run.has_begun)
    for run in wanted:
        if stop is not None and stop.is_set():
            break
        if not run.is_measured:
            left_out.append(LeftOut(run.folder, UNFINISHED))
            continue
        try:
            runs.append(read_run(run.folder))
        except AnnotriageError as error:
            left_out.append(LeftOut(run.folder, str(error)))
    return Source(path, tuple(runs), tuple(left_out))


def together(paths: "Iterable[Path]") -> dict[Path, list[Path]]:
    """Put run folders of one training or experiment together.

    Returns
    -------
    dict of Path to list of Path
        What to read, and the run folders wanted of it; an empty list: all that it holds.
    """
    given = list(dict.fromkeys(paths))
    runs = [path for path in given if RunFiles(path).has_begun]
    found: dict[Path, list[Path]] = {}
    for path in given:
        if path not in runs:
            found[path] = []
            continue
        # A training has its runs side by side, an experiment below one folder for each model.
        near = [other for other in runs if path.parent == other.parent]
        far = [other for other in runs if path.parent.parent == other.parent.parent]
        top = path.parent.parent if len(far) > len(near) else path.parent if len(near) > 1 else path
        found.setdefault(top, []).append(path)
    return {top: [] if wanted == [top] else wanted for top, wanted in found.items()}


def of_other_data(runs: "Iterable[Run]", ticked: "Iterable[Run]") -> "list[Run]":
    """Return the runs that learned from other labels than those that are ticked, or than most of their own."""
    given = [run for run in runs if run.data]
    known = Counter(run.data for run in ticked if run.data) or Counter(run.data for run in given)
    if not known:
        return []
    kept = known.most_common(1)[0][0]
    return [run for run in given if run.data != kept]


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

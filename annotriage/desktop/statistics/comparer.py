"""Comparing runs in a thread, one comparison at a time."""

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from annotriage.desktop.background import Job
from annotriage.desktop.gc_control import considerate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.comparison.documents.evidence import Evidence
    from annotriage.comparison.run_types import Run


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What is to be compared, and how; without a `chosen` run, Table 2 shows the first."""

    runs: "Sequence[Run]"
    metric: str
    chosen: str | None
    paper: bool


class Comparer(QObject):
    """Compares, and keeps what was found until other runs are compared; the last wish wins.

    `found` sends the Evidence, or None where there are no runs; `failed` why nothing came of it.
    """

    found = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._next: Wanted | None = None
        self._known: dict[tuple[str, str | None], Evidence] = {}
        self._runs: tuple[int, ...] = ()

    @property
    def busy(self) -> bool:
        """Whether something is being compared."""
        return self._job is not None

    def compare(self, wanted: Wanted) -> None:
        """Compare; if something is being compared, after it."""
        runs = tuple(id(run) for run in wanted.runs)
        if runs != self._runs:
            self._runs = runs
            self._known.clear()
        if self._job is not None:
            self._next = wanted
            return
        known = self._known.get((wanted.metric, wanted.chosen))
        if not wanted.runs or known is not None:
            self.found.emit(known)
            return

        def work() -> "Evidence":
            from annotriage.comparison.documents.evidence import gather

            with considerate():
                return gather(wanted.runs, wanted.metric, paper=wanted.paper, chosen=wanted.chosen)

        self._job = Job(work, lambda found: self._on_found(runs, found), self._on_failed)

    def forget(self) -> None:
        """Drop what is being compared."""
        if self._job is not None:
            self._job.forget()
        self._job = self._next = None

    def _on_found(self, runs: tuple[int, ...], found: "Evidence") -> None:
        self._job = None
        if runs == self._runs:
            gc.freeze()  # runs stay a while, and hold no circles: a search through 300 of them takes 0.2 s
            self._known[found.found.metric, found.found.chosen] = found
        if not self._go_on():
            self.found.emit(found)

    def _on_failed(self, sentence: str) -> None:
        self._job = None
        if not self._go_on():
            self.failed.emit(sentence)

    def _go_on(self) -> bool:
        if self._next is None:
            return False
        wanted, self._next = self._next, None
        self.compare(wanted)
        return True

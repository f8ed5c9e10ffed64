"""The runs of a training, a line each: what each is doing and what came out."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from annotriage.desktop.training.line_table import LineTable
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.run_words import run_name, run_state_text
from annotriage.wording import decimal_text

if TYPE_CHECKING:
    from annotriage.trainings.progress import RunProgress

_TITLES = {
    "Run": "",
    "State": "",
    "Validation": "Mean error on the validation images, at the best epoch",
    "Test": "Mean error on the test images",
}


class RunTable(LineTable):
    """Lists runs; the selected one is shown in the curves."""

    chosen = Signal(int)
    """The place of the run that a person chose."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Runs", _TITLES, numbers=2, tall=3 * UNIT, parent=parent)
        self.setMinimumWidth(44 * UNIT)
        self.itemSelectionChanged.connect(self._tell)

    def show_runs(
        self, runs: "list[RunProgress]", selected: "RunProgress | None", under_way: "RunProgress | None" = None
    ) -> None:
        """Show runs as they are now, one of them perhaps under way."""
        lines = [
            (
                run_name(run),
                run_state_text(run, next_one=run is under_way),
                decimal_text(None if run.best is None else run.best.validation_mae),
                decimal_text(run.mae),
            )
            for run in runs
        ]
        self.show_lines(lines, runs.index(selected) if selected is not None and selected in runs else None)

    def _tell(self) -> None:
        if self.currentRow() >= 0:
            self.chosen.emit(self.currentRow())

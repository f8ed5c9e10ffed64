"""Measure the labels from people's masks, and say where the table was saved."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from annotriage.desktop.agreement.dialog import AgreementDialog


class MeasuringDialog(AgreementDialog):
    """The dialog that measures agreement, for the wizard."""

    table_saved = Signal(Path)

    def __init__(self, folder: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(folder, parent)
        self.setWindowFlag(Qt.WindowType.Window)
        self._table: Path | None = None
        self.results.saved.connect(self._tell)

    @override
    def save(self, path: Path) -> None:
        self._table = path
        super().save(path)

    def _tell(self) -> None:
        if self._table is not None:
            self.table_saved.emit(self._table)

"""The names of the library's models, and what is done to its files."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.model_file import LibraryEntry, ModelLibrary


class ModelList(QListWidget):
    """Each model with its name and what it is: the program's or the user's, the default, in use, damaged."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[LibraryEntry] = []
        self.setAccessibleName("Models")
        self.setFixedWidth(30 * UNIT)
        self.setSpacing(2)
        self.setWordWrap(True)

    def entries(self) -> "list[LibraryEntry]":
        """Return the models that are listed."""
        return list(self._entries)

    def entry(self) -> "LibraryEntry | None":
        """Return the model that is selected."""
        line = self.currentRow()
        return self._entries[line] if 0 <= line < len(self._entries) else None

    def show_entries(self, entries: "Sequence[LibraryEntry]", *, current: str | None, select: str | None) -> None:
        """List models.

        Parameters
        ----------
        entries : sequence of LibraryEntry
        current : str or None
            The name of the one that is in use.
        select : str or None
            The name of the one to select; None: the default.
        """
        self.blockSignals(True)
        self.clear()
        self._entries = list(entries)
        for line, entry in enumerate(self._entries):
            sign = "warning" if entry.problem is not None else "default" if entry.default else "model"
            self.addItem(QListWidgetItem(icon(sign), self._text(entry, current)))
            if (entry.default if select is None else entry.name == select) and self.currentRow() < 0:
                self.setCurrentRow(line)
        if self.currentRow() < 0:
            self.setCurrentRow(0)
        self.blockSignals(False)

    def _text(self, entry: "LibraryEntry", current: str | None) -> str:
        facts = ["ships with Annotriage" if entry.bundled else "your own"]
        if entry.problem is not None:
            facts = ["cannot be used"]
        if entry.default:
            facts.append("the default")
        if entry.name == current:
            facts.append("in use here")
        return f"{entry.name}\n{', '.join(facts)}"


def import_unless_taken(library: "ModelLibrary", path: Path, *, replace: bool) -> "LibraryEntry | str":
    """Import a model file; where its name is another model's, return that name and do nothing.

    Raises
    ------
    AnnotriageError
        The file cannot be used, or the library cannot be written.
    """
    from annotriage.model_file import open_model_file

    if not replace:
        model = open_model_file(path)
        for entry in library.list():
            if not entry.bundled and entry.name.casefold() == model.card.name.casefold():
                if entry.card is None or open_model_file(entry.path).sha256 != model.sha256:
                    return entry.name
    return library.import_model(path, replace=replace)

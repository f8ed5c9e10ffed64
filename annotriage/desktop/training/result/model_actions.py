"""What to do with a new model: install it under a name, make it the default, export it, read its card."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QTextBrowser,
    QWidget,
)

from annotriage.desktop.background import Job
from annotriage.desktop.dialogs.model_card import card_html
from annotriage.desktop.widgets.buttons import PrimaryButton, closing_buttons, push_button
from annotriage.desktop.widgets.layout import STRETCH, buttons, column, grow
from annotriage.desktop.widgets.question_bar import QuestionBar
from annotriage.desktop.widgets.text import RoomForLines
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.installing import (
    LONGEST_NAME,
    export,
    free_name,
    install,
    installed_as,
    name_is_valid,
)

if TYPE_CHECKING:
    from annotriage.desktop.navigator import Navigator
    from annotriage.model_file import LibraryEntry, ModelFile, ModelLibrary


class ModelActions(QWidget):
    """A row of buttons for one model file, and a line that says what came of them."""

    throw_away_wanted = Signal()

    def __init__(self, library: "ModelLibrary", navigator: "Navigator", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._navigator = navigator
        self._model: ModelFile | None = None
        self._entries: list[LibraryEntry] = []
        self._installed: LibraryEntry | None = None
        self._busy = False
        self._worse = ""
        self._then: Callable[..., None] = lambda _: None
        self.bar = QuestionBar()
        self.name = QLineEdit()
        self._label = QLabel("&Name")
        self._install = PrimaryButton("&Install")
        self._default = PrimaryButton("Make it the &default")
        self._export = push_button("&Export…", self._choose_target, sign="export")
        self._card = push_button(
            "&Card",
            self.show_card,
            sign="info",
            tip="What the model says of itself: data, errors, what it is for",
        )
        self._throw = push_button(
            "&Throw away",
            self.throw_away_wanted.emit,
            sign="remove",
            tip="Throw this training away; a model that was installed stays",
        )
        self._hint = RoomForLines()
        self._lay_out()
        self._connect()
        self.show_model(None, [])

    def show_model(self, model: "ModelFile | None", entries: "list[LibraryEntry]", problem: str = "") -> None:
        """Offer what can be done with a model."""
        self._model, self._entries, self._worse = model, entries, ""
        self._installed = None if model is None else installed_as(model, entries)
        if problem:
            self.bar.say(problem)
        else:
            self.bar.clear()
        if self._installed is not None:
            self.name.setText(self._installed.name)
        elif model is not None:
            self.name.setText(free_name(model.card.name, [entry.name for entry in entries]))
        else:
            self.name.clear()
        self._enable()

    @property
    def hint(self) -> str:
        """What is wrong with the name, or what became of the model."""
        return self._hint.text()

    def install(self, *, replace: bool = False) -> None:
        """Put the model into the library under the name that stands there; asks where another model has it."""
        model, name = self._model, self.name.text().strip()
        if model is not None and name_is_valid(name):
            self._do(lambda: install(self._library, model, name, replace=replace), self._on_installed)

    def warn_of_default(self, sentence: str) -> None:
        """Ask, with this sentence, before the model becomes the one in use; empty: nothing speaks against it."""
        self._worse = sentence

    def make_default(self, *, sure: bool = False) -> None:
        """Let the installed model be the one that is used where none is named; asks where it is a worse one."""
        if self._installed is None:
            return
        if self._worse and not sure:
            self.bar.ask(
                self._worse,
                "Make it the default",
                "Keep the one in use",
                lambda: self.make_default(sure=True),
            )
        else:
            name = self._installed.name
            self._do(lambda: self._library.set_default(name), lambda _: self._on_default(name))

    def export_to(self, target: Path) -> None:
        """Write the model's file to a place."""
        model, name = self._model, self.name.text().strip()
        if model is not None:
            chosen = name if name_is_valid(name) else model.card.name
            self._do(lambda: export(model, chosen, target), self._on_exported)

    def show_card(self) -> None:
        """Show what the model says of itself."""
        if self._model is None:
            return
        dialog = QDialog(self)
        dialog.setWindowTitle(f"The card of {self._model.card.name}")
        dialog.resize(70 * UNIT, 80 * UNIT)
        page = QTextBrowser()
        page.setAccessibleName("The model's card")
        page.document().setDocumentMargin(2 * UNIT)
        page.setHtml(card_html(self._model.card, bundled=False))
        closing = closing_buttons()
        closing.rejected.connect(dialog.reject)
        column(grow(page), closing, on=dialog, margins=UNIT)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # Building

    def _lay_out(self) -> None:
        self._label.setBuddy(self.name)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setAccessibleName("Name of the model in the library")
        self.name.setMinimumWidth(14 * UNIT)
        self.name.setMaximumWidth(36 * UNIT)
        self._install.setToolTip("Put the model into the library, so that folders can be scored with it")
        self._default.setToolTip("Let it be the model in use, wherever none is named")
        line = buttons(
            self._label, grow(self.name, 100), self._install, self._default, self._export, self._card, STRETCH,
            self._throw,
        )  # fmt: skip
        column(self.bar, line, self._hint, on=self)

    def _connect(self) -> None:
        self.name.textChanged.connect(self._enable)
        self.name.returnPressed.connect(self._install.click)
        self._install.clicked.connect(lambda: self.install())
        self._default.clicked.connect(lambda: self.make_default())
        QShortcut(QKeySequence.StandardKey.Save, self, self._export.click)

    def _enable(self) -> None:
        name, model = self.name.text().strip(), self._model
        there = self._installed is not None and self._installed.name == name
        valid = name_is_valid(name) if name else False
        usable = model is not None and not self._busy
        self.name.setEnabled(usable)
        self._install.setEnabled(usable and valid and not there)
        self._default.setEnabled(
            there and not self._busy and self._installed is not None and not self._installed.default
        )
        # One after the other, in one place.
        had_focus = self._install.hasFocus()
        self._install.setVisible(not there)
        self._default.setVisible(there)
        if had_focus and there:
            self._default.setFocus()
        self._export.setEnabled(usable)
        self._card.setEnabled(model is not None)
        self._throw.setEnabled(not self._busy)
        self._hint.say("" if model is None else self._hint_of(name, valid=valid, there=there))

    def _hint_of(self, name: str, *, valid: bool, there: bool) -> str:
        if not name:
            return "Give the model a name."
        if not valid:
            return (
                "A name has letters, digits, - _ and . only, and begins with a letter or a digit; some names, like "
                "con, no system can write."
            )
        if there:
            default = self._installed is not None and self._installed.default
            if default:
                return f"It is installed as {name}, and the model in use."
            return f"It is installed as {name}."
        taken = next((entry for entry in self._entries if entry.name.casefold() == name.casefold()), None)
        if taken is not None and taken.bundled:
            return f"A model that ships with Annotriage is called {taken.name}."
        if taken is not None:
            return f"The library holds another model called {taken.name}; you will be asked."
        return ""

    # What is done

    def _do(self, work: Callable[[], object], done: Callable[..., None]) -> None:
        if self._busy:
            return
        self._busy = True
        self._then = done
        self.bar.clear()
        self._enable()
        Job(work, self._finish, self._fail)

    def _finish(self, result: object) -> None:
        self._busy = False
        self._then(result)
        self._enable()

    def _fail(self, sentence: str) -> None:
        self._busy = False
        self.bar.say(sentence)
        self._enable()

    def _on_installed(self, entry: "LibraryEntry | str") -> None:
        if isinstance(entry, str):
            self.bar.ask(
                f"The library holds another model called {entry}.",
                "Replace it",
                "Keep it",
                lambda: self.install(replace=True),
            )
            return
        self._entries = [each for each in self._entries if each.name.casefold() != entry.name.casefold()] + [entry]
        self._installed = entry
        self.name.setText(entry.name)
        self._navigator.model_installed.emit(entry.name)

    def _on_default(self, name: str) -> None:
        from dataclasses import replace

        self._entries = [replace(entry, default=entry.name == name) for entry in self._entries]
        self._installed = next((entry for entry in self._entries if entry.name == name), None)
        self._navigator.default_model_changed.emit(name)

    def _choose_target(self) -> None:
        name = self.name.text().strip() or "model"
        found, _ = QFileDialog.getSaveFileName(self, "Export the model", f"{name}.onnx", "Model files (*.onnx)")
        if found:
            target = Path(found)
            self.export_to(target if target.suffix.lower() == ".onnx" else target.with_name(f"{target.name}.onnx"))

    def _on_exported(self, path: Path) -> None:
        self.bar.say(f"The model is written to {path}.", problem=False)

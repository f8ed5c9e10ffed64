"""The models to choose from: their cards, import, removal, and which one is used."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QProgressBar,
    QPushButton,
    QTextBrowser,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.dialogs.model_card import entry_html
from annotriage.desktop.dialogs.model_list import ModelList, import_unless_taken
from annotriage.desktop.dropped import dropped_paths
from annotriage.desktop.widgets.buttons import PrimaryButton, push_button
from annotriage.desktop.widgets.layout import STRETCH, buttons, column, grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.question_bar import QuestionBar
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from annotriage.model_file import LibraryEntry, ModelLibrary


class ModelsDialog(QDialog):
    """Lists the library's models with their cards.

    Everything that touches files runs in a thread, one thing at a time. `current` is the name of the model that the
    open folder is scored by; None: no folder is open.
    """

    model_chosen = Signal(str)
    removed = Signal(str)
    library_changed = Signal()

    def __init__(
        self, current: str | None = None, library: "ModelLibrary | None" = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._current = current
        self._select: str | None = current
        self._busy = False
        self._then: Callable[..., None] = lambda _: None
        self._later: deque[tuple[Callable[[], object], Callable[..., None], str]] = deque()
        self.setWindowTitle("Models – Annotriage")
        self.setAcceptDrops(True)
        self.resize(112 * UNIT, 82 * UNIT)
        self._bar = QuestionBar()
        self._waiting = named(QProgressBar(), "waiting")
        self._waiting.setRange(0, 0)
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._list = named(ModelList(), "list")
        self._list.currentItemChanged.connect(self._show_card)
        self._card = QTextBrowser()
        self._card.setAccessibleName("The model's card")
        self._card.document().setDocumentMargin(2 * UNIT)
        self._card.setOpenExternalLinks(True)
        self._lay_out()
        self.reload()

    # What it offers

    def reload(self) -> None:
        """List the library anew."""
        self._do(lambda: self._lib().list(), self._show_list, "Reading the models …")

    def import_file(self, path: Path, *, replace: bool = False) -> None:
        """Try a model file out and copy it into the library; asks where its name is taken."""
        self._do(
            lambda: import_unless_taken(self._lib(), path, replace=replace),
            lambda result: self._imported(path, result),
            f"Trying out {path.name} …",
        )

    def set_current(self, name: str | None) -> None:
        """Note which model the open folder is scored by now; None: no folder is open."""
        self._current = name
        self._show_list(self._list.entries())

    # Its parts

    def _lay_out(self) -> None:
        self._import = push_button(
            "&Import a model…", self._choose_file, sign="import", tip="Or drop an .onnx file here."
        )
        self._remove = push_button("&Remove", self._ask_removal, sign="remove")
        self._default = push_button("Make it the &default", self._make_default, sign="default")
        self._use = PrimaryButton("&Use for this folder")
        self._use.clicked.connect(self._choose)
        close = QPushButton("Close", default=True)
        close.clicked.connect(self.reject)
        column(
            self._bar,
            grow(row(column(grow(self._list), self._import), grow(self._card))),
            self._waiting,
            buttons(self._remove, self._default, STRETCH, self._use, close),
            on=self,
            spacing=2 * UNIT,
            margins=2 * UNIT,
        )

    def _show_list(self, entries: "list[LibraryEntry]") -> None:
        self._list.show_entries(entries, current=self._current, select=self._select or self._current)
        self._show_card()

    def _show_card(self) -> None:
        entry = self._list.entry()
        if entry is not None:
            self._select = entry.name
            self._card.setHtml(entry_html(entry))
        elif not self._busy:
            self._card.setHtml("<p>There is no model yet. Import one, or drop its file here.</p>")
        self._enable()

    def _enable(self) -> None:
        entry = self._list.entry()
        usable = entry is not None and entry.problem is None and not self._busy
        self._use.setVisible(self._current is not None)
        self._use.setEnabled(usable and entry is not None and entry.name != self._current)
        self._default.setEnabled(usable and entry is not None and not entry.default)
        self._remove.setEnabled(entry is not None and not entry.bundled and not self._busy)
        self._import.setEnabled(not self._busy)
        self._waiting.setVisible(self._busy)

    # What is done

    def _choose(self) -> None:
        entry = self._list.entry()
        if entry is not None:
            self.model_chosen.emit(entry.name)
            self.set_current(entry.name)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Import a model", "", "Model files (*.onnx);;All files (*)")
        if name:
            self.import_file(Path(name))

    def _imported(self, path: Path, entry: "LibraryEntry | str") -> None:
        if isinstance(entry, str):
            self._bar.ask(
                f"The library holds another model called {entry}.",
                "Replace it",
                "Keep it",
                lambda: self.import_file(path, replace=True),
            )
            return
        self._select = entry.name
        self._bar.say(f"{entry.name} was imported.", problem=False)
        self._changed()

    def _ask_removal(self) -> None:
        entry = self._list.entry()
        if entry is None:
            return
        name = entry.name
        self._bar.ask(
            f"Delete the model {name}? Its file is deleted from the library; decisions stay.",
            "Delete it",
            "Keep it",
            lambda: self._do(
                lambda: self._lib().remove(name),
                lambda _: self._on_removed(name),
                f"Deleting {name} …",
            ),
        )

    def _on_removed(self, name: str) -> None:
        self._select = None
        self.removed.emit(name)
        self._changed()

    def _make_default(self) -> None:
        entry = self._list.entry()
        if entry is not None:
            name = entry.name
            self._do(
                lambda: self._lib().set_default(name),
                lambda _: self._changed(),
                f"Choosing {name} …",
            )

    def _changed(self) -> None:
        self.library_changed.emit()
        self.reload()

    def _do(self, work: Callable[[], object], done: Callable[..., None], doing: str) -> None:
        """Do something in a thread, after what is being done already."""
        if self._busy:
            self._later.append((work, done, doing))
            return
        self._busy = True
        self._waiting.setFormat(doing)
        self._waiting.setAccessibleName(doing)
        self._then = done
        self._enable()
        Job(work, self._finish, self._fail)

    def _finish(self, result: object) -> None:
        self._busy = False
        self._then(result)
        self._go_on()

    def _fail(self, sentence: str) -> None:
        self._busy = False
        self._bar.say(sentence)
        self._go_on()

    def _go_on(self) -> None:
        self._enable()
        if self._later and not self._busy:
            self._do(*self._later.popleft())

    def _lib(self) -> "ModelLibrary":
        if self._library is None:
            from annotriage.model_file import ModelLibrary

            self._library = ModelLibrary()
        return self._library

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        files = dropped_paths(event.mimeData())
        if files:
            event.acceptProposedAction()
        for file in files:
            self.import_file(file)

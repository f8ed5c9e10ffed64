"""A field for a file or a folder to read, which also takes what is dropped on it."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget
from typing_extensions import override

from annotriage.desktop.dropped import dropped_paths
from annotriage.desktop.sheet_question import with_sheet
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.theme import UNIT

TABLES = "*.csv *.tsv *.txt *.xlsx *.xlsm"
_WAIT_MS = 500
"""How long nobody must have typed before what stands there is read."""


class SourceField(QWidget):
    """A path to type, to choose or to drop.

    Parameters
    ----------
    caption : str
        What it is, for dialogs and screen readers.
    file_filter : str
        Endings of the files to choose from, as in a file dialog; empty: no button for a file.
    folder : bool
        Whether a folder may be chosen.
    parent : QWidget or None

    Signals
    -------
    chosen
        Another path stands there, and nobody is typing any more.
    """

    chosen = Signal()

    def __init__(
        self, caption: str, file_filter: str = "", *, folder: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._caption, self._filter, self._folder = caption, file_filter, folder
        self._last: Path | None = None
        self.line = QLineEdit()
        self.line.setAccessibleName(caption)
        self.line.setClearButtonEnabled(True)
        self.line.setAcceptDrops(False)  # the field takes a dropped file as a path, not as an address
        self._later = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._later.timeout.connect(self._tell)
        self.line.textChanged.connect(lambda: self._later.start())
        self.line.editingFinished.connect(self._tell)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(UNIT)
        self._layout.addWidget(self.line, 1)
        if file_filter:
            self._add_button("table", "File…", "Choose a file: {what}", self._ask_file)
        if folder:
            self._add_button("open-folder", "Folder…", "Choose a folder: {what}", self.ask_folder)
        self.setAcceptDrops(True)
        self.setFocusProxy(self.line)

    @property
    def path(self) -> Path | None:
        """What stands there; None: nothing."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    def show_path(self, path: Path | None) -> None:
        """Let a path stand there, and tell of it where it is another."""
        self.line.setText("" if path is None else str(path))
        self._tell()

    def add(self, button: QPushButton) -> None:
        """Put a further button at the end."""
        self._layout.addWidget(button)

    def _add_button(self, sign: str, text: str, name: str, do: object) -> None:
        button = QPushButton(icon(sign), text)
        button.setAutoDefault(False)
        button.setAccessibleName(name.format(what=self._caption))
        button.clicked.connect(do)
        self._layout.addWidget(button)

    def _tell(self) -> None:
        self._later.stop()
        if self.path != self._last:
            self._last = self.path
            self.chosen.emit()

    def _ask_file(self) -> None:
        found, _ = QFileDialog.getOpenFileName(
            self, self._caption, str(self.path or ""), self._filter + ";;" + "All files (*)"
        )
        if found:
            self._show_table(Path(found))

    def _show_table(self, path: Path) -> None:
        chosen = with_sheet(self, path)
        if chosen is not None:
            self.show_path(chosen)

    def ask_folder(self) -> None:
        """Let the person choose a folder."""
        found = QFileDialog.getExistingDirectory(self, self._caption, str(self.path or ""))
        if found:
            self.show_path(Path(found))

    def take(self, paths: Sequence[Path]) -> bool:
        """Take the first of these in that is of the right kind; return whether there was one."""
        for path in paths:
            if self._folder and path.is_dir():
                self.show_path(path)
                return True
            if self._filter and path.is_file():
                self._show_table(path)
                return True
        return False

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        if self.take(dropped_paths(event.mimeData())):
            event.acceptProposedAction()

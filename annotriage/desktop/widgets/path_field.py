"""Fields for a path: to type, to choose in a dialog, and, of what is to be read, to drop."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget
from typing_extensions import override

from annotriage.desktop.dropped import dropped_paths
from annotriage.desktop.sheet_question import with_sheet
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import grow, row
from annotriage.desktop.widgets.named import named

TABLES = "*.csv *.tsv *.txt *.xlsx *.xlsm"
_WAIT_MS = 500
"""How long nobody must have typed before what stands there is read."""


class _PathLine(QWidget):
    """A line with a path, and buttons behind it; `changed` tells of another path, whoever put it there."""

    changed = Signal()

    def __init__(self, caption: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = caption
        self.line = named(QLineEdit(), "line")
        self.line.setAccessibleName(caption)
        self.line.setPlaceholderText(hint)
        self.line.textChanged.connect(self.changed)
        self._layout = row(grow(self.line), on=self)
        self.setFocusProxy(self.line)

    @property
    def path(self) -> Path | None:
        """What stands there; None: nothing."""
        text = self.line.text().strip().replace("\0", "")
        return Path(text).expanduser() if text else None

    def show_path(self, path: Path | None) -> None:
        """Let a path stand there."""
        self.line.setText("" if path is None else str(path))

    def add(self, button: QPushButton) -> None:
        """Put a further button at the end."""
        self._layout.addWidget(button)

    def _folder(self) -> Path | None:
        found = QFileDialog.getExistingDirectory(self, self._caption, str(self.path or ""))
        return Path(found) if found else None

    def _file(self, file_filter: str) -> Path | None:
        found, _ = QFileDialog.getOpenFileName(self, self._caption, str(self.path or ""), file_filter)
        return with_sheet(self, Path(found)) if found else None


class PathField(_PathLine):
    """A path to write or to read, and one button to choose it; `chosen` tells that the person typed or chose one."""

    chosen = Signal()

    def __init__(self, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(caption, parent=parent)
        self._ask: Callable[[], Path | None] = self._folder
        self.add(push_button("Choose…", self._choose, name=f"Choose: {caption}"))
        self.line.textEdited.connect(self.chosen)

    def ask_for_file(self, file_filter: str) -> None:
        """Let the button choose a file to write."""
        self._ask = lambda: self._file_to_write(file_filter)

    def ask_to_open(self, file_filter: str) -> None:
        """Let the button choose a file to read."""
        self._ask = lambda: self._file(file_filter)

    def ask_for_folder(self) -> None:
        """Let the button choose a folder."""
        self._ask = self._folder

    def _file_to_write(self, file_filter: str) -> Path | None:
        # Whether an existing file is to be replaced is said beside the field, for typed paths as well.
        options = QFileDialog.Option.DontConfirmOverwrite
        found, _ = QFileDialog.getSaveFileName(self, self._caption, str(self.path or ""), file_filter, options=options)
        return Path(found) if found else None

    def _choose(self) -> None:
        path = self._ask()
        if path is not None:
            self.show_path(path)
            self.chosen.emit()


class SourceField(_PathLine):
    """A file or a folder to read, which can be dropped on the field, too.

    `chosen` tells that another path stands there, and that nobody is typing any more. `file_filter` holds the endings
    of the files to choose from, as in a file dialog; empty: no button for a file.
    """

    chosen = Signal()

    def __init__(
        self,
        caption: str,
        file_filter: str = "",
        *,
        folder: bool = False,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(caption, hint, parent)
        self._filter, self._is_folder = file_filter, folder
        self._last: Path | None = None
        self.line.setClearButtonEnabled(True)
        self.line.setAcceptDrops(False)  # the field takes a dropped file as a path, not as an address
        self._later = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._later.timeout.connect(self._tell)
        self.line.textChanged.connect(lambda: self._later.start())
        self.line.editingFinished.connect(self._tell)
        if file_filter:
            self.add(push_button("File…", self._ask_file, sign="table", name=f"Choose a file: {caption}"))
        if folder:
            self.add(push_button("Folder…", self.ask_folder, sign="open-folder", name=f"Choose a folder: {caption}"))
        self.setAcceptDrops(True)

    @override
    def show_path(self, path: Path | None) -> None:
        super().show_path(path)
        self._tell()

    def _tell(self) -> None:
        self._later.stop()
        if self.path != self._last:
            self._last = self.path
            self.chosen.emit()

    def _ask_file(self) -> None:
        found = self._file(f"{self._filter};;All files (*)")
        if found is not None:
            self.show_path(found)

    def ask_folder(self) -> None:
        """Let the person choose a folder."""
        found = self._folder()
        if found is not None:
            self.show_path(found)

    def take(self, paths: Sequence[Path]) -> bool:
        """Take the first of these in that is of the right kind; return whether there was one."""
        for path in paths:
            if self._is_folder and path.is_dir():
                self.show_path(path)
                return True
            if self._filter and path.is_file():
                chosen = with_sheet(self, path)
                if chosen is not None:
                    self.show_path(chosen)
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

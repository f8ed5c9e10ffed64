"""A field for a path, with a button to choose it."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from annotriage.desktop.sheet_question import with_sheet
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.theme import UNIT


class PathField(QWidget):
    """A path to type or to choose.

    Parameters
    ----------
    caption : str
        What the path is, for the dialog and for screen readers.
    parent : QWidget or None

    Signals
    -------
    changed
        Another path stands there, whoever put it there.
    chosen
        The person typed or chose one.
    """

    changed = Signal()
    chosen = Signal()

    def __init__(self, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = caption
        self._filter: str | None = None
        self._opens = False
        self._line = named(QLineEdit(), "line")
        self._line.setAccessibleName(caption)
        self._button = QPushButton("Choose…")
        self._button.setAutoDefault(False)
        self._button.setAccessibleName(f"Choose: {caption}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addWidget(self._line, 1)
        layout.addWidget(self._button)
        self._line.textChanged.connect(self.changed)
        self._line.textEdited.connect(self.chosen)
        self._button.clicked.connect(self._choose)
        self.setFocusProxy(self._line)

    @property
    def path(self) -> Path | None:
        """What stands there; None: nothing."""
        text = self._line.text().strip()
        return Path(text).expanduser() if text else None

    def show_path(self, path: Path) -> None:
        """Let a path stand there."""
        self._line.setText(str(path))

    def ask_for_file(self, file_filter: str) -> None:
        """Let the button choose a file to write."""
        self._filter, self._opens = file_filter, False

    def ask_to_open(self, file_filter: str) -> None:
        """Let the button choose a file to read."""
        self._filter, self._opens = file_filter, True

    def ask_for_folder(self) -> None:
        """Let the button choose a folder."""
        self._filter = None

    def _choose(self) -> None:
        start = str(self.path or "")
        if self._filter is None:
            found = QFileDialog.getExistingDirectory(self, self._caption, start)
        elif self._opens:
            found, _ = QFileDialog.getOpenFileName(self, self._caption, start, self._filter)
        else:
            # Whether an existing file is to be replaced is said beside the field, for typed paths as well.
            options = QFileDialog.Option.DontConfirmOverwrite
            found, _ = QFileDialog.getSaveFileName(self, self._caption, start, self._filter, options=options)
        path = with_sheet(self, Path(found)) if found and self._opens else Path(found) if found else None
        if path is not None:
            self.show_path(path)
            self.chosen.emit()

"""The form of the Diagnosis tab: which labels, which clinical data, grouped by what; remembered."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget
from typing_extensions import override

from annotriage.comparison.explained.diagnosis_question import GROUPINGS, Question
from annotriage.comparison.explained.diagnosis_words import grouping_text
from annotriage.desktop.dropped import dropped_paths
from annotriage.desktop.settings import Settings
from annotriage.desktop.sheet_question import with_sheet
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence

_TYPING_MS = 500
"""How long a path must rest before it is read."""


class SourceField(QWidget):
    """A path to type, to choose, or to drop.

    Signals
    -------
    changed
        Another path stands there.

    Parameters
    ----------
    caption : str
        What the path is.
    folders : bool
        Whether it may be a folder, too.
    hint : str
        What stands there while it is empty.
    """

    changed = Signal()

    def __init__(self, caption: str, hint: str, *, folders: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = caption
        self.line = _Line()
        self.line.dropped.connect(self.take)
        self.line.setPlaceholderText(hint)
        self.line.setAccessibleName(caption)
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self.changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(UNIT)
        row.addWidget(self.line, 1)
        row.addWidget(self._button("File…", self._ask_file))
        if folders:
            row.addWidget(self._button("Folder…", self._ask_folder))
        self.setFocusProxy(self.line)

    @property
    def path(self) -> Path | None:
        """What stands there; None: nothing."""
        text = self.line.text().strip().replace("\0", "")
        return Path(text).expanduser() if text else None

    def show_path(self, path: Path | None) -> None:
        """Let a path stand there."""
        self.line.setText("" if path is None else str(path))

    def _button(self, words: str, do: object) -> QPushButton:
        button = QPushButton(words)
        button.setAutoDefault(False)
        button.setAccessibleName(f"{self._caption}: {words}")
        button.clicked.connect(do)
        return button

    def _ask_file(self) -> None:
        kinds = "Tables and JSON (*.csv *.tsv *.txt *.xlsx *.xlsm *.json);;All files (*)"
        found, _ = QFileDialog.getOpenFileName(self, self._caption, str(self.path or ""), kinds)
        if found:
            self.take(Path(found))

    def take(self, path: Path) -> None:
        """Let a file that was chosen or dropped stand there, of a workbook one sheet."""
        chosen = with_sheet(self, path)
        if chosen is not None:
            self.show_path(chosen)

    def _ask_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self, self._caption, str(self.path or ""))
        if found:
            self.show_path(Path(found))


class _Line(QLineEdit):
    """A line into which a file can be dropped.

    Signals
    -------
    dropped : Path
    """

    dropped = Signal(Path)

    @override
    def dragEnterEvent(self, arg__1: QDragEnterEvent) -> None:
        if dropped_paths(arg__1.mimeData()):
            arg__1.acceptProposedAction()
        else:
            super().dragEnterEvent(arg__1)

    @override
    def dropEvent(self, arg__1: QDropEvent) -> None:
        paths = dropped_paths(arg__1.mimeData())
        if paths:
            arg__1.acceptProposedAction()
            self.dropped.emit(paths[0])
        else:
            super().dropEvent(arg__1)


class DiagnosisSources(QWidget):
    """Labels, clinical data, masks, and what to group by.

    Signals
    -------
    changed
        Another question is asked; a moment after the last key.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.labels = SourceField("Labels", "Table with an image and its mean Dice in each line")
        self.clinical = SourceField(
            "Clinical data", "The ISIC Archive's table, or its folder of JSON files", folders=True
        )
        self.masks = SourceField("Masks", "Table with a line a mask, for tool and skill")
        self.by = QComboBox()
        self.by.setAccessibleName("Compare by")
        self.by.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._timer = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._lay_out()
        self._fill(())
        self._recall()
        for field in (self.labels, self.clinical, self.masks):
            field.changed.connect(self._timer.start)
        self.by.currentIndexChanged.connect(self._timer.stop)
        self.by.currentIndexChanged.connect(self._tell)
        self._timer.timeout.connect(self._tell)

    @property
    def question(self) -> Question:
        """What is asked."""
        return Question(self.labels.path, self.clinical.path, self.masks.path, self.by.currentData())

    def ask(self, question: Question) -> None:
        """Let a question stand there; `changed` follows at once."""
        for field, path in zip(self._fields().values(), (question.labels, question.clinical, question.masks),
                               strict=True):  # fmt: skip
            field.blockSignals(True)
            field.show_path(path)
            field.blockSignals(False)
        self.by.blockSignals(True)
        self._choose(question.by)
        self.by.blockSignals(False)
        self._timer.stop()
        self._tell()

    def show_columns(self, columns: "Sequence[str]") -> None:
        """Offer further columns to group by; what is chosen stays."""
        chosen = self.by.currentData()
        self.by.blockSignals(True)
        self._fill(columns)
        self._choose(chosen)
        self.by.blockSignals(False)

    def _choose(self, by: str) -> None:
        place = self.by.findData(by)
        if place < 0:
            self.by.addItem(grouping_text(by), by)
            place = self.by.count() - 1
        self.by.setCurrentIndex(place)

    def _fill(self, columns: "Sequence[str]") -> None:
        self.by.clear()
        for by in (*GROUPINGS, *columns):
            self.by.addItem(grouping_text(by), by)
        if columns:
            self.by.insertSeparator(len(GROUPINGS))

    def _fields(self) -> dict[str, SourceField]:
        return {"labels": self.labels, "clinical": self.clinical, "masks": self.masks}

    def _recall(self) -> None:
        kept = Settings()
        for name, field in self._fields().items():
            field.show_path(kept.diagnosis_source(name))
        self._choose(kept.diagnosis_by or GROUPINGS[0])

    def _tell(self) -> None:
        kept = Settings()
        for name, field in self._fields().items():
            kept.set_diagnosis_source(name, field.path)
        kept.diagnosis_by = str(self.by.currentData())
        self.changed.emit()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * UNIT)
        grid.setVerticalSpacing(UNIT)
        grid.setColumnStretch(1, 1)
        rows = (
            ("&Labels", self.labels),
            ("&Clinical data", self.clinical),
            ("&Masks", self.masks),
            ("Compare &by", self.by),
        )
        for row, (words, field) in enumerate(rows):
            label = QLabel(words)
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            left = Qt.AlignmentFlag.AlignLeft if field is self.by else Qt.AlignmentFlag(0)
            grid.addWidget(field, row, 1, left)

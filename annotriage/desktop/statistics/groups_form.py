"""The form of the Diagnosis tab: which labels, which clinical data, grouped by what; remembered."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QWidget
from typing_extensions import override

from annotriage.comparison.documents.groups import grouping_text
from annotriage.comparison.documents.groups_question import GROUPINGS, Question
from annotriage.desktop.dropped import dropped_paths
from annotriage.desktop.sheet_question import with_sheet
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import form, grow, row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.desktop.settings import Settings

_TYPING_MS = 500
"""How long a path must rest before it is read."""


class SourceField(QWidget):
    """A path to type, to choose, or to drop; it may be a folder, too."""

    changed = Signal()

    def __init__(self, caption: str, hint: str, *, folders: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = caption
        self.line = _Line(placeholderText=hint, clearButtonEnabled=True)
        self.line.setAccessibleName(caption)
        self.line.dropped.connect(self.take)
        self.line.textChanged.connect(self.changed)
        file = push_button("File…", self._ask_file, name=f"{caption}: File…")
        folder = push_button("Folder…", self._ask_folder, name=f"{caption}: Folder…") if folders else None
        row(grow(self.line), file, folder, on=self)
        self.setFocusProxy(self.line)

    @property
    def path(self) -> Path | None:
        """What stands there; None: nothing."""
        text = self.line.text().strip().replace("\0", "")
        return Path(text).expanduser() if text else None

    def show_path(self, path: Path | None) -> None:
        """Let a path stand there."""
        self.line.setText("" if path is None else str(path))

    def take(self, path: Path) -> None:
        """Let a file that was chosen or dropped stand there, of a workbook one sheet."""
        chosen = with_sheet(self, path)
        if chosen is not None:
            self.show_path(chosen)

    def _ask_file(self) -> None:
        kinds = "Tables and JSON (*.csv *.tsv *.txt *.xlsx *.xlsm *.json);;All files (*)"
        found, _ = QFileDialog.getOpenFileName(self, self._caption, str(self.path or ""), kinds)
        if found:
            self.take(Path(found))

    def _ask_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self, self._caption, str(self.path or ""))
        if found:
            self.show_path(Path(found))


class _Line(QLineEdit):
    """A line into which a file can be dropped."""

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


class GroupsForm(QWidget):
    """Labels, clinical data, masks, and what to group by; `changed` comes a moment after the last key."""

    changed = Signal()

    def __init__(self, settings: "Settings", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kept = settings
        self.labels = SourceField("Labels", "Table with an image and its mean Dice in each line")
        self.clinical = SourceField(
            "Clinical data", "The ISIC Archive's table, or its folder of JSON files", folders=True
        )
        self.masks = SourceField("Masks", "Table with a line a mask, for tool and skill")
        self.by = QComboBox()
        self.by.setAccessibleName("Compare by")
        self.by.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._timer = QTimer(self, interval=_TYPING_MS, singleShot=True)
        form(
            ("&Labels", self.labels),
            ("&Clinical data", self.clinical),
            ("&Masks", self.masks),
            ("Compare &by", self.by),
            on=self,
        )
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
        kept = self._kept
        for name, field in self._fields().items():
            field.show_path(kept.diagnosis_source(name))
        self._choose(kept.diagnosis_by or GROUPINGS[0])

    def _tell(self) -> None:
        kept = self._kept
        for name, field in self._fields().items():
            kept.set_diagnosis_source(name, field.path)
        kept.diagnosis_by = str(self.by.currentData())
        self.changed.emit()

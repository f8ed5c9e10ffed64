"""The form of the Diagnosis tab: which labels, which clinical data, grouped by what, adjusted for what; remembered."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from annotriage.comparison.adjusting_results import FACTORS
from annotriage.comparison.documents.groups import grouping_text
from annotriage.comparison.documents.groups_question import GROUPINGS, Question
from annotriage.desktop.widgets.layout import STRETCH, form, row
from annotriage.desktop.widgets.path_field import TABLES, SourceField
from annotriage.desktop.widgets.text import caption_of
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.desktop.settings import Settings

_FILES = f"Tables and JSON ({TABLES} *.json)"
_BOXES = {
    "tool": "tools",
    "skill": "skills",
    "annotators": "number of annotators",
    "patient": "patient",
}
_TYPING_MS = 500
"""How long a path must rest before it is read."""


class GroupsForm(QWidget):
    """Labels, clinical data, masks, pairs, what to group by and to allow for; `changed` comes after the last key."""

    changed = Signal()

    def __init__(self, settings: "Settings", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kept = settings
        self.labels = SourceField("Labels", _FILES, hint="Table with an image and its mean Dice in each line")
        self.clinical = SourceField(
            "Clinical data", _FILES, folder=True, hint="The ISIC Archive's table, or its folder of JSON files"
        )
        self.masks = SourceField("Masks", _FILES, hint="Table with a line a mask, for tool and skill")
        self.pairs = SourceField("Pairs", _FILES, hint="Table with a line a pair of masks, to compare pair by pair")
        self.adjust = {factor: QCheckBox(words) for factor, words in _BOXES.items()}
        for factor, box in self.adjust.items():
            box.setObjectName(f"adjust-{factor}")
            box.setToolTip(f"Allow for {FACTORS[factor]}, where the files say it")
            box.setAccessibleName(f"Adjusted for: {box.text()}")
        self.by = QComboBox()
        self.by.setAccessibleName("Compare by")
        self.by.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._timer = QTimer(self, interval=_TYPING_MS, singleShot=True)
        form(
            ("&Labels", self.labels),
            ("&Clinical data", self.clinical),
            ("&Masks", self.masks),
            ("&Pairs", self.pairs),
            (caption_of("Compare &by", self.by), row(self.by, STRETCH)),
            ("Adjusted for", row(*self.adjust.values(), STRETCH, spacing=2 * UNIT)),
            on=self,
        )
        self._fill(())
        self._recall()
        for field in self._fields().values():
            field.changed.connect(self._timer.start)
        for box in self.adjust.values():
            box.toggled.connect(self._timer.start)
        self.by.currentIndexChanged.connect(self._timer.stop)
        self.by.currentIndexChanged.connect(self._tell)
        self._timer.timeout.connect(self._tell)

    @property
    def question(self) -> Question:
        """What is asked."""
        adjust = tuple(factor for factor, box in self.adjust.items() if box.isChecked())
        return Question(
            self.labels.path, self.clinical.path, self.masks.path, self.by.currentData(), self.pairs.path, adjust
        )

    def ask(self, question: Question) -> None:
        """Let a question stand there; `changed` follows at once."""
        paths = (question.labels, question.clinical, question.masks, question.pairs)
        for field, path in zip(self._fields().values(), paths, strict=True):
            field.blockSignals(True)
            field.show_path(path)
            field.blockSignals(False)
        for factor, box in self.adjust.items():
            box.blockSignals(True)
            box.setChecked(factor in question.adjust)
            box.blockSignals(False)
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
        return {"labels": self.labels, "clinical": self.clinical, "masks": self.masks, "pairs": self.pairs}

    def _recall(self) -> None:
        kept = self._kept
        for name, field in self._fields().items():
            field.show_path(kept.diagnosis_source(name))
        self._choose(kept.diagnosis_by or GROUPINGS[0])
        for factor, box in self.adjust.items():
            box.setChecked(factor in kept.diagnosis_adjust)

    def _tell(self) -> None:
        kept = self._kept
        for name, field in self._fields().items():
            kept.set_diagnosis_source(name, field.path)
        kept.diagnosis_by = str(self.by.currentData())
        kept.diagnosis_adjust = [factor for factor, box in self.adjust.items() if box.isChecked()]
        self.changed.emit()

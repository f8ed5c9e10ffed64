"""Which column of a table is which: what was recognised, and boxes to correct it."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from annotriage.datasets.columns import CONFIDENT, ColumnMapping
from annotriage.desktop.widgets.layout import grid
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import NameLabel
from annotriage.desktop.widgets.theme import UNIT


def label_roles() -> dict[str, tuple[str, str]]:
    """Return the roles of the table of agreement: what each is called, and what it is."""
    return {
        "image": ("Image", "The column with the images’ names"),
        "dice": ("Mean Dice", "The column with the mean Dice between people, 0 to 1"),
        "count": ("People (optional)", "The column with how many people drew the image"),
    }


def group_roles() -> dict[str, tuple[str, str]]:
    """Return the roles of clinical metadata: what each is called, and what it is."""
    told = "images with the same one stay on one side of the split"
    return {
        "clinical_image": ("Image", "The column of the metadata with the images’ names"),
        "patient_id": ("Patient", f"The column with the patients’ ids: {told}"),
        "lesion_id": ("Lesion", f"The column with the lesions’ ids: {told}"),
    }


class ColumnChoice(QWidget):
    """A box for each role."""

    chosen = Signal()

    def __init__(
        self, roles: Mapping[str, tuple[str, str]], needed: Sequence[str] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._mapping = ColumnMapping()
        self._needed = needed
        self.boxes: dict[str, QComboBox] = {}
        self._reasons: dict[str, NameLabel] = {}
        places = grid(on=self, spacing=(2 * UNIT, 2))
        for place, (role, (caption, told)) in enumerate(roles.items()):
            box = QComboBox()
            box.setAccessibleName(told)
            box.setToolTip(told)
            box.setMinimumContentsLength(8)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.activated.connect(self._on_chosen)
            label = QLabel(caption)
            label.setBuddy(box)
            # One line: nothing below may move.
            reason = named(NameLabel(shortened=Qt.TextElideMode.ElideRight), f"{role}-reason")
            reason.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            reason.setMinimumHeight(reason.fontMetrics().lineSpacing())
            for row, widget in enumerate((label, box, reason)):
                places.addWidget(widget, row, place)
            places.setColumnStretch(place, 1)
            self.boxes[role], self._reasons[role] = box, reason
        self.show_mapping(self._mapping)

    def show_mapping(self, mapping: ColumnMapping, chosen: Mapping[str, str] | None = None) -> None:
        """Show what was recognised, and on top of it what was chosen before."""
        self._mapping = mapping
        for role, box in self.boxes.items():
            box.clear()
            if role in self._needed:
                box.addItem("choose…", "")
            elif mapping.column(role) is None:  # what is recognised is read: it can be another, but not none
                box.addItem("none", "")
            for column in dict.fromkeys(mapping.header):
                if column:
                    box.addItem(column, column)
            column = (chosen or {}).get(role) or mapping.column(role) or ""
            box.setCurrentIndex(max(box.findData(column), 0))
            box.setEnabled(bool(mapping.header))
        self._show_reasons()

    def choices(self) -> dict[str, str]:
        """Return role to column where it is another than the one that was recognised."""
        picked = {role: str(box.currentData() or "") for role, box in self.boxes.items()}
        return {role: column for role, column in picked.items() if column and column != self._mapping.column(role)}

    def lacking(self) -> str:
        """Return the first needed role that has no column; empty: none."""
        return next((role for role in self._needed if not self.boxes[role].currentData()), "")

    def _on_chosen(self) -> None:
        self._show_reasons()
        self.chosen.emit()

    def _show_reasons(self) -> None:
        for role, label in self._reasons.items():
            guess = self._mapping.guess(role)
            column = self.boxes[role].currentData()
            if guess is not None and column == guess.column and guess.confidence >= CONFIDENT:
                words = f"recognised: {guess.reason}"
            elif guess is not None and column == guess.column:
                words = f"chosen by you: {guess.reason}"
            elif column:
                words = "chosen by you"
            elif guess is not None:
                words = f"maybe {guess.column}: {guess.reason}"
            else:
                words = "not recognised" if self._mapping.header and role in self._needed else ""
            label.set_name(words)

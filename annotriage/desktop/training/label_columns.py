"""Which column of the table is which: what was recognised, and boxes to correct it."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QWidget

from annotriage.datasets.columns import CONFIDENT, ColumnMapping
from annotriage.desktop.look.theme import UNIT

ROLES = ("image", "dice", "count")
NEEDED = ("image", "dice")


class ColumnChoice(QWidget):
    """A box for each role.

    Signals
    -------
    chosen
        The person chose another column.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mapping = ColumnMapping()
        captions = {
            "image": (self.tr("Image"), self.tr("The column with the images’ names")),
            "dice": (self.tr("Mean Dice"), self.tr("The column with the mean Dice between people, 0 to 1")),
            "count": (self.tr("People (optional)"), self.tr("The column with how many people drew the image")),
        }
        self.boxes: dict[str, QComboBox] = {}
        self._reasons: dict[str, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * UNIT)
        grid.setVerticalSpacing(2)
        for place, role in enumerate(ROLES):
            caption, told = captions[role]
            box = QComboBox()
            box.setAccessibleName(told)
            box.setToolTip(told)
            box.setMinimumContentsLength(8)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.activated.connect(self._on_chosen)
            label = QLabel(caption)
            label.setBuddy(box)
            reason = QLabel()
            reason.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            reason.setWordWrap(True)
            policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            policy.setHeightForWidth(True)
            reason.setSizePolicy(policy)
            for row, widget in enumerate((label, box, reason)):
                grid.addWidget(widget, row, place)
            grid.setColumnStretch(place, 1)
            self.boxes[role], self._reasons[role] = box, reason
        self.show_mapping(self._mapping)

    def show_mapping(self, mapping: ColumnMapping, chosen: Mapping[str, str] | None = None) -> None:
        """Show what was recognised, and on top of it what was chosen before."""
        self._mapping = mapping
        for role, box in self.boxes.items():
            box.clear()
            box.addItem(self.tr("choose…") if role in NEEDED else self.tr("none"), "")
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
        """Return the first role without which nothing can be read: ``image``, ``dice``; empty: none."""
        return next((role for role in NEEDED if not self.boxes[role].currentData()), "")

    def _on_chosen(self) -> None:
        self._show_reasons()
        self.chosen.emit()

    def _show_reasons(self) -> None:
        for role, label in self._reasons.items():
            guess = self._mapping.guess(role)
            column = self.boxes[role].currentData()
            if guess is not None and column == guess.column:
                words = self.tr("recognised: {why}").format(why=guess.reason) if guess.confidence >= CONFIDENT else ""
            elif column:
                words = self.tr("chosen by you")
            elif guess is not None:
                words = self.tr("maybe {column}: {why}").format(column=guess.column, why=guess.reason)
            else:
                words = self.tr("not recognised") if self._mapping.header and role in NEEDED else ""
            label.setText(words)

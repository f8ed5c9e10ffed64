"""What to train in its plain form: a recipe to begin with, networks, runs, image size, device."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette, QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from annotriage.desktop.training.recipe.backbones import BackboneRow
from annotriage.desktop.widgets.areas import ColumnArea
from annotriage.desktop.widgets.text import SignedText, caption_of, plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.regressors.backbones.registry import BACKBONES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.trainings.presets import Preset
    from annotriage.trainings.recipe_draft import RecipeDraft

SIZES = (96, 128, 160, 192, 224, 256, 320, 384, 448, 512)
MOST_RUNS = 100
_FOLDS = 5


class RecipeChoice(ColumnArea):
    """The fields that most people need."""

    preset_chosen = Signal(str)
    name_edited = Signal(str)
    size_chosen = Signal(int)
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presets: Sequence[Preset] = ()
        self._current = ""
        self.preset = QComboBox()
        self.preset.activated.connect(lambda: self.preset_chosen.emit(str(self.preset.currentData())))
        self._words = plain_text(faint=True)
        self.name = QLineEdit()
        self.name.textEdited.connect(self.name_edited)
        self._name_note = plain_text(faint=True)
        self._name_problem = SignedText("warning")
        self.rows = {name: BackboneRow(name) for name in BACKBONES}
        self.runs = QSpinBox()
        self.runs.setRange(1, MOST_RUNS)
        self.runs.setMinimumWidth(9 * UNIT)
        self.runs.valueChanged.connect(self.changed)
        self.splits = QComboBox()
        self.splits.setAccessibleName("How the images are split")
        self.splits.addItem("each on a split of its own: shows how much is chance", False)
        self.splits.addItem("cross-validation: each tested on another part, every image once", True)
        self.splits.activated.connect(self._on_splits)
        self.pixels = QComboBox()
        self.pixels.setAccessibleName("Image size in pixels")
        self.pixels.activated.connect(lambda: self.size_chosen.emit(int(self.pixels.currentData())))
        self.device = QComboBox()
        self.device.setMinimumContentsLength(16)
        self.device.activated.connect(self.changed)
        self._lay_out()
        self.show_devices((), "auto")

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(2 * UNIT)
        form.setVerticalSpacing(UNIT)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        networks = QWidget()
        rows = QVBoxLayout(networks)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        for row in self.rows.values():
            rows.addWidget(row)
        beginning = QVBoxLayout()
        beginning.setSpacing(UNIT // 2)
        beginning.addWidget(self.preset)
        beginning.addWidget(self._words)
        naming = QVBoxLayout()
        naming.setSpacing(UNIT // 2)
        naming.addWidget(self.name)
        naming.addWidget(self._name_note)
        naming.addWidget(self._name_problem)
        runs = QHBoxLayout()
        runs.setSpacing(UNIT)
        runs.addWidget(self.runs)
        runs.addWidget(self.splits, 1)
        pixels = QLabel("pixels a side; smaller is quicker, larger sees finer borders")
        sizes = QHBoxLayout()
        sizes.setSpacing(UNIT)
        sizes.addWidget(self.pixels)
        sizes.addWidget(pixels, 1)
        devices = QHBoxLayout()
        devices.addWidget(self.device)
        devices.addStretch(1)
        pixels.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._row(form, "&Recipe", beginning, self.preset)
        self._row(form, "&Name", naming, self.name)
        self._row(form, "Networks", networks, next(iter(self.rows.values())).box)
        self._row(form, "R&uns of each", runs, self.runs)
        self._row(form, "&Image size", sizes, self.pixels)
        self._row(form, "&Device", devices, self.device)
        column = QVBoxLayout(self.inside)
        column.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        column.addLayout(form)
        for row in self.rows.values():  # last: what is found while somebody clicks must not move what is above
            column.addWidget(row.below)
        column.addStretch(1)

    @property
    def cross_validates(self) -> bool:
        """Whether the runs are the folds of a cross-validation."""
        return bool(self.splits.currentData())

    def show_runs(self, runs: int, folds: bool) -> None:
        """Show how many runs there are, and how they split the images; nothing is told of it."""
        self.runs.blockSignals(True)
        self.splits.setCurrentIndex(self.splits.findData(folds))
        self.runs.setMinimum(2 if folds else 1)
        self.runs.setValue(runs)
        self.runs.blockSignals(False)

    def _on_splits(self) -> None:
        folds = self.cross_validates
        self.show_runs(_FOLDS if folds and self.runs.value() < 2 else self.runs.value(), folds)
        self.changed.emit()

    def _row(
        self, form: QFormLayout, caption: str, field: "QWidget | QHBoxLayout | QVBoxLayout", buddy: QWidget
    ) -> None:
        form.addRow(caption_of(caption, buddy), field)

    def show_presets(self, presets: "Sequence[Preset]", current: str, *, masks_lack: str) -> None:
        """List the recipes to begin with; what learns from masks cannot be chosen where they lack something."""
        self._presets = presets
        self.preset.clear()
        for preset in presets:
            if preset.own and not any(each.own for each in presets[: presets.index(preset)]):
                self.preset.insertSeparator(self.preset.count())
            locked = preset.key == "bundled" and bool(masks_lack)
            title = "{title} ({what}: see Labels)" if locked else "{title}"
            self.preset.addItem(title.format(title=preset.title, what=masks_lack), preset.key)
            model = self.preset.model()
            if locked and isinstance(model, QStandardItemModel):
                model.item(self.preset.count() - 1).setEnabled(False)
        self.show_preset(current)

    def show_preset(self, current: str) -> None:
        """Show which one the values are of; empty: of none, as they were edited or loaded."""
        place = self.preset.findData(current) if current else -1
        self.preset.setCurrentIndex(place)
        self.preset.setPlaceholderText("Your own")
        self._current = current
        self.show_changes([])

    def show_changes(self, changes: "Sequence[str]") -> None:
        """Say what is another now than in the recipe to begin with."""
        words = next((preset.words for preset in self._presets if preset.key == self._current), "")
        words = words or "A recipe of your own; the next tab has every setting."
        if changes:
            words += f" Changed since: {', '.join(changes)}."
        self._words.setText(words)

    def show_draft(self, draft: "RecipeDraft", name_problem: str) -> None:
        """Show a draft's values."""
        name = str(draft.values.get("name", ""))
        if self.name.text() != name:
            self.name.setText(name)
        self._name_problem.setVisible(bool(name_problem))
        self._name_problem.say(name_problem, "warning")
        becomes = [draft.name_for(backbone) for backbone in draft.backbones]
        self._name_note.setVisible(becomes not in ([], [name]) and not name_problem)
        self._name_note.setText(f"Called {', '.join(becomes)}")
        for backbone, row in self.rows.items():
            row.show_choice(backbone in draft.backbones, draft.why_not(backbone))
        size = draft.values.get("image_size")
        self.pixels.clear()
        sizes = sorted({*SIZES, size}) if isinstance(size, int) else list(SIZES)
        for each in sizes:
            self.pixels.addItem(str(each), each)
        self.pixels.setCurrentIndex(self.pixels.findData(size))

    def show_devices(self, devices: "Sequence[tuple[str, str]]", current: str) -> None:
        """List what there is to compute on, name and words."""
        self.device.clear()
        self.device.addItem("The fastest there is", "auto")
        for name, words in devices or (("cpu", "Processor"),):
            self.device.addItem(words[:1].upper() + words[1:], name)
        if self.device.findData(current) < 0:
            self.device.addItem(current, current)
        self.device.setCurrentIndex(self.device.findData(current))

"""What to train in its plain form: a recipe to begin with, networks, runs, image size, device."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from annotriage.desktop.training.recipe.backbones import BackboneRow
from annotriage.desktop.widgets.areas import ColumnArea
from annotriage.desktop.widgets.layout import STRETCH, column, form, grow, panel, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import SignedText, caption_of, plain_text, text_label
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
    changed = Signal()
    """Runs or device did."""

    def __init__(self, draft: "RecipeDraft", parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._draft = draft
        self._presets: Sequence[Preset] = ()
        self.preset = QComboBox()
        self.preset.setPlaceholderText("Your own")
        self.preset.activated.connect(lambda: self.preset_chosen.emit(str(self.preset.currentData())))
        self._words = named(plain_text(faint=True), "words")
        self.name = QLineEdit()
        self.name.textEdited.connect(lambda name: draft.set_value(("name",), name))
        self._name_note = named(plain_text(faint=True), "name-note")
        self._name_problem = named(SignedText("warning"), "name-problem")
        self.rows = {name: BackboneRow(name) for name in BACKBONES}
        for each in self.rows.values():
            each.toggled.connect(draft.use)
            each.random_wanted.connect(draft.start_from_random)
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
        self.pixels.activated.connect(lambda: draft.set_value(("image_size",), int(self.pixels.currentData())))
        self.device = QComboBox()
        self.device.setMinimumContentsLength(16)
        self.device.activated.connect(self.changed)
        self._lay_out()
        self.show_devices((), "auto")

    def _lay_out(self) -> None:
        pixels = text_label("pixels a side; smaller is quicker, larger sees finer borders", faint=True)
        fields: tuple[tuple[str, QLayout | QWidget, QWidget], ...] = (
            ("&Recipe", column(self.preset, self._words, spacing=UNIT // 2), self.preset),
            ("&Name", column(self.name, self._name_note, self._name_problem, spacing=UNIT // 2), self.name),
            ("Networks", panel(column(*self.rows.values(), spacing=0)), next(iter(self.rows.values())).box),
            ("R&uns of each", row(self.runs, grow(self.splits)), self.runs),
            ("&Image size", row(self.pixels, grow(pixels)), self.pixels),
            ("&Device", row(self.device, STRETCH), self.device),
        )
        choices = form(*[(caption_of(caption, buddy), field) for caption, field, buddy in fields])
        # Last, as what is found while somebody clicks must not move what is above.
        below = [each.below for each in self.rows.values()]
        column(choices, *below, STRETCH, on=self.inside, margins=UNIT)

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

    def show_presets(self, presets: "Sequence[Preset]", *, masks_lack: str) -> None:
        """List the recipes to begin with; what learns from masks cannot be chosen where they lack something."""
        self._presets = presets
        self.preset.clear()
        for preset in presets:
            if preset.own and not any(each.own for each in presets[: presets.index(preset)]):
                self.preset.insertSeparator(self.preset.count())
            locked = preset.key == "bundled" and bool(masks_lack)
            self.preset.addItem(f"{preset.title} ({masks_lack}: see Labels)" if locked else preset.title, preset.key)
            model = self.preset.model()
            if locked and isinstance(model, QStandardItemModel):
                model.item(self.preset.count() - 1).setEnabled(False)
        self._show_preset()

    def _show_preset(self) -> None:
        draft = self._draft
        self.preset.setCurrentIndex(self.preset.findData(draft.preset) if draft.preset else -1)
        words = next((preset.words for preset in self._presets if preset.key == draft.preset), "")
        words = words or "A recipe of your own; the next tab has every setting."
        if changes := draft.changes():
            words += f" Changed since: {', '.join(changes)}."
        self._words.setText(words)

    def refresh(self) -> None:
        """Show the draft."""
        draft = self._draft
        self._show_preset()
        name = str(draft.values.get("name", ""))
        if self.name.text() != name:
            self.name.setText(name)
        problem = draft.problems.get(("name",), "")
        self._name_problem.setVisible(bool(problem))
        self._name_problem.say(f"The name {problem}.", "warning")
        becomes = [draft.name_for(backbone) for backbone in draft.backbones]
        self._name_note.setVisible(becomes not in ([], [name]) and not problem)
        self._name_note.setText(f"Called {', '.join(becomes)}")
        for backbone, each in self.rows.items():
            each.show_choice(backbone in draft.backbones, draft.why_not(backbone))
        size = draft.values.get("image_size")
        self.pixels.clear()
        for pixels in sorted({*SIZES, size}) if isinstance(size, int) else SIZES:
            self.pixels.addItem(str(pixels), pixels)
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

"""The networks to choose from, each with what it is like, what it costs here, and where its weights are."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QSizePolicy,
    QWidget,
)

from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import STRETCH, column, grid, panel, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import SignedText, text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.regressors.backbones.registry import BACKBONES
from annotriage.trainings.recipe_draft import weights_words
from annotriage.wording import duration_text, rate_text

if TYPE_CHECKING:
    from annotriage.trainings.cost import Cost


class BackboneRow(QWidget):
    """One network."""

    toggled = Signal(str, bool)
    random_wanted = Signal(str)
    look_wanted = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        known = BACKBONES[name]
        self.box = QCheckBox(known.title)
        self.box.setAccessibleDescription(known.words)
        self.box.toggled.connect(lambda wanted: self.toggled.emit(name, wanted))
        self._words = named(text_label(known.words, faint=True), f"{name}-words")
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.cost, self.weights = QLabel(), text_label(faint=True)
        for label in (self.cost, self.weights):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._file = ""
        self.trouble = SignedText("warning")
        self.random = push_button("Start from random weights", lambda: self.random_wanted.emit(name))
        self.again = push_button("Look again", lambda: self.look_wanted.emit(name), sign="refresh")
        self._folder = push_button("Open the folder", self._open_folder, sign="open-folder")
        self.copy = push_button("Copy the path", lambda: QGuiApplication.clipboard().setText(self._file), sign="copy")
        self._ways = panel(row(self.random, self._folder, self.copy, self.again, STRETCH))
        # For a place where it moves nothing when it comes.
        self.below = panel(column(self.trouble, self._ways, spacing=UNIT // 2))
        told = row(self._words, margins=(3 * UNIT, 0, 0, 0))
        grid((self.box, self.cost), (told, self.weights), on=self, spacing=(2 * UNIT, 0), margins=(0, UNIT // 2),
             stretch=0)  # fmt: skip
        for label in (self.cost, self.weights):  # what is measured comes late, and must move nothing under the mouse
            label.setMinimumHeight(label.fontMetrics().height())
        for widget in (self.trouble, self._ways, self.below):
            widget.hide()

    def show_choice(self, wanted: bool, why_not: str) -> None:
        """Show whether it is wanted, and why it cannot be."""
        self.box.blockSignals(True)
        self.box.setChecked(wanted)
        self.box.blockSignals(False)
        self.box.setEnabled(wanted or not why_not)
        self._words.setText(why_not or BACKBONES[self.name].words)
        self._words.setToolTip(self._words.text())

    def show_cost(self, cost: "Cost | None", problem: str, *, measuring: bool, from_imagenet: bool) -> None:
        """Show what is known of it: its cost, a sentence why that is not known, or that it is being measured."""
        self._file = cost.weights_file if cost is not None else ""
        unreachable = cost is not None and cost.weights == "unreachable"
        self.weights.setText(weights_words(cost.weights) if cost is not None and not unreachable else "")
        self.weights.setToolTip(cost.weights_sentence if cost is not None else "")
        if not self.box.isChecked():
            self.cost.setText("")
            self.weights.setText("")
        elif cost is not None:
            self.cost.setToolTip(cost.left_out)
            time, rate = duration_text(cost.seconds), rate_text(cost.images_per_second)
            self.cost.setText(f"about {time} a run, at most; {rate}")
        else:
            self.cost.setText("measuring…" if measuring else "" if problem else "not measured yet")
        trouble = ""
        if self.box.isChecked() and unreachable and cost is not None:
            trouble = cost.weights_sentence or weights_words("unreachable")
        elif self.box.isChecked() and problem and not measuring:
            trouble = f"What {BACKBONES[self.name].title} costs could not be measured: {problem}"
        self.trouble.setVisible(bool(trouble))
        if trouble:
            self.trouble.say(trouble, "warning")
        self._ways.setVisible(bool(trouble))
        self.below.setVisible(bool(trouble))
        self.random.setVisible(from_imagenet and bool(trouble))
        self._folder.setVisible(unreachable and bool(self._file))
        self.copy.setVisible(unreachable and bool(self._file))

    def _open_folder(self) -> None:
        folder = Path(self._file).parent
        while not folder.is_dir() and folder != folder.parent:
            folder = folder.parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

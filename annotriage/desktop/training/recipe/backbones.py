"""The networks to choose from, each with what it is like, what it costs here, and where its weights are."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.text import SignedText
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.recipe_words import backbone_words, weights_words
from annotriage.wording import duration_text, rate_text

if TYPE_CHECKING:
    from annotriage.desktop.training.recipe.cost import Cost


class BackboneRow(QWidget):
    """One network."""

    toggled = Signal(str, bool)
    random_wanted = Signal(str)
    look_wanted = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        known = backbone_words(name)
        self.box = QCheckBox(known.title)
        self.box.setAccessibleDescription(known.words)
        self.box.toggled.connect(lambda wanted: self.toggled.emit(name, wanted))
        self._words = QLabel(known.words)
        self._words.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.cost = QLabel()
        self.cost.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.weights = QLabel()
        self.weights.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.weights.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.trouble = SignedText("warning")
        self.random = QPushButton("Start from random weights")
        self.again = QPushButton(icon("refresh"), "Look again")
        self._folder = QPushButton(icon("open-folder"), "Open the folder")
        self._copy = QPushButton(icon("copy"), "Copy the path")
        self._file = ""
        self.random.clicked.connect(lambda: self.random_wanted.emit(name))
        self.again.clicked.connect(lambda: self.look_wanted.emit(name))
        self._folder.clicked.connect(self._open_folder)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._file))
        self._ways = QWidget()
        self.below = QWidget()
        self._lay_out()

    def _lay_out(self) -> None:
        ways = QHBoxLayout(self._ways)
        ways.setContentsMargins(0, 0, 0, 0)
        ways.setSpacing(UNIT)
        for button in (self.random, self._folder, self._copy, self.again):
            button.setAutoDefault(False)
            ways.addWidget(button)
        ways.addStretch(1)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * UNIT)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        indented = QHBoxLayout()
        indented.setContentsMargins(3 * UNIT, 0, 0, 0)
        indented.addWidget(self._words)
        grid.addWidget(self.box, 0, 0)
        grid.addLayout(indented, 1, 0)
        grid.addWidget(self.cost, 0, 1)
        grid.addWidget(self.weights, 1, 1)
        below = QVBoxLayout(self.below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(UNIT // 2)
        below.addWidget(self.trouble)
        below.addWidget(self._ways)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, UNIT // 2, 0, UNIT // 2)
        column.setSpacing(UNIT // 2)
        column.addLayout(grid)
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
        self._words.setText(why_not or backbone_words(self.name).words)
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
            words = "about {time} a run, at most; {rate}"
            self.cost.setToolTip(cost.left_out)
            self.cost.setText(words.format(time=duration_text(cost.seconds), rate=rate_text(cost.images_per_second)))
        else:
            self.cost.setText("measuring…" if measuring else "" if problem else "not measured yet")
        trouble = ""
        if self.box.isChecked() and unreachable and cost is not None:
            trouble = cost.weights_sentence or weights_words("unreachable")
        elif self.box.isChecked() and problem and not measuring:
            trouble = f"What {backbone_words(self.name).title} costs could not be measured: {problem}"
        self.trouble.setVisible(bool(trouble))
        if trouble:
            self.trouble.say(trouble, "warning")
        self._ways.setVisible(bool(trouble))
        self.below.setVisible(bool(trouble))
        self.random.setVisible(from_imagenet and bool(trouble))
        self._folder.setVisible(unreachable and bool(self._file))
        self._copy.setVisible(unreachable and bool(self._file))

    def _open_folder(self) -> None:
        folder = Path(self._file).parent
        while not folder.is_dir() and folder != folder.parent:
            folder = folder.parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

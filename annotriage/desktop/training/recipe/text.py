"""A recipe as the TOML that it becomes: to read, to copy, to save, and to load another."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError
from annotriage.trainings.presets import save_own, write_recipe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.regressors.recipes.recipe import Recipe


class RecipeText(QWidget):
    """Shows recipes as text, one at a time."""

    loaded = Signal(object)
    saved = Signal(object)
    said = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipes: list[Recipe] = []
        self.which = QComboBox()
        self.which.setAccessibleName("Which recipe")
        self.which.currentIndexChanged.connect(self._show)
        self._which_label = QLabel("&Recipe")
        self._which_label.setBuddy(self.which)
        self.edit = QPlainTextEdit(readOnly=True)
        self.edit.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.edit.setTabChangesFocus(True)
        self.edit.setAccessibleName("The recipe as TOML")
        self.copy_button = QPushButton(icon("copy"), "&Copy")
        self.own_button = QPushButton(icon("check"), "&Keep among my recipes")
        self.save_button = QPushButton(icon("export"), "&Save as…")
        self.load_button = QPushButton(icon("import"), "&Load…")
        self.copy_button.clicked.connect(self.copy)
        self.own_button.clicked.connect(self.keep)
        self.save_button.clicked.connect(self._ask_save)
        self.load_button.clicked.connect(self._ask_load)
        above = QHBoxLayout()
        above.setSpacing(UNIT)
        above.addWidget(self._which_label)
        above.addWidget(self.which, 1)
        below = QHBoxLayout()
        below.setSpacing(UNIT)
        for button in (self.copy_button, self.own_button, self.save_button, self.load_button):
            button.setAutoDefault(False)
            below.addWidget(button)
        below.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        column.setSpacing(UNIT)
        column.addLayout(above)
        column.addWidget(self.edit, 1)
        column.addLayout(below)

    @property
    def recipe(self) -> "Recipe | None":
        """What is shown."""
        place = self.which.currentIndex()
        return self._recipes[place] if 0 <= place < len(self._recipes) else None

    def show_recipes(self, recipes: "Sequence[Recipe]", problem: str = "") -> None:
        """Show these, or why there is none."""
        shown = self.recipe.backbone if self.recipe is not None else ""
        self._recipes = list(recipes)
        self.which.blockSignals(True)
        self.which.clear()
        self.which.addItems([recipe.name for recipe in self._recipes])
        place = next((place for place, recipe in enumerate(self._recipes) if recipe.backbone == shown), 0)
        self.which.setCurrentIndex(place if self._recipes else -1)
        self.which.blockSignals(False)
        several = len(self._recipes) > 1
        self.which.setVisible(several)
        self._which_label.setVisible(several)
        for button in (self.copy_button, self.own_button, self.save_button):
            button.setEnabled(bool(self._recipes))
        self.edit.setPlaceholderText(problem)
        self._show()

    def copy(self) -> None:
        """Put the text on the clipboard."""
        QGuiApplication.clipboard().setText(self.edit.toPlainText())
        self.said.emit("The recipe was copied.")

    def keep(self) -> None:
        """Save it among the user's own recipes, under its name."""
        recipe = self.recipe
        if recipe is None:
            return
        try:
            path = save_own(recipe, recipe.name)
        except AnnotriageError as error:
            self.said.emit(str(error))
        else:
            self.said.emit(f"Kept among your recipes as {path.stem}.")
            self.saved.emit(path)

    def save(self, path: Path) -> None:
        """Write it anywhere."""
        recipe = self.recipe
        if recipe is None:
            return
        try:
            write_recipe(recipe, path)
        except AnnotriageError as error:
            self.said.emit(str(error))
        else:
            self.said.emit(f"The recipe was saved as {path.name}.")

    def load(self, path: Path) -> None:
        """Take another recipe."""
        from annotriage.regressors.recipes.recipe import load_recipe

        try:
            recipe = load_recipe(path)
        except AnnotriageError as error:
            self.said.emit(str(error))
        else:
            self.said.emit(f"{path.name} was loaded.")
            self.loaded.emit(recipe)

    def _show(self) -> None:
        from annotriage.regressors.recipes.recipe import recipe_toml

        text = recipe_toml(self.recipe) if self.recipe is not None else ""
        if text != self.edit.toPlainText():
            self.edit.setPlainText(text)

    def _ask_save(self) -> None:
        name = f"{self.recipe.name}.toml" if self.recipe is not None else ""
        found, _ = QFileDialog.getSaveFileName(self, "Save the recipe", name, "Recipes (*.toml)")
        if found:
            path = Path(found)
            self.save(path if path.suffix.lower() == ".toml" else path.with_name(f"{path.name}.toml"))

    def _ask_load(self) -> None:
        found, _ = QFileDialog.getOpenFileName(self, "Load a recipe", "", "Recipes (*.toml)")
        if found:
            self.load(Path(found))

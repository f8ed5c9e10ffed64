"""A recipe as the TOML that it becomes: to read, to copy, to save, and to load another."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLabel,
    QPlainTextEdit,
    QWidget,
)

from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import STRETCH, column, grow, row
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError
from annotriage.trainings.presets import save_own, write_recipe

if TYPE_CHECKING:
    from annotriage.regressors.recipes.recipe import Recipe
    from annotriage.trainings.recipe_draft import RecipeDraft


class RecipeText(QWidget):
    """Shows recipes as text, one at a time."""

    saved = Signal(object)
    """It was saved among the user's own, at this path."""
    said = Signal(str)
    """What came of it."""

    def __init__(self, draft: "RecipeDraft", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
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
        self.copy_button = push_button("&Copy", self.copy, sign="copy")
        self.own_button = push_button("&Keep among my recipes", self.keep, sign="check")
        self.save_button = push_button("&Save as…", self._ask_save, sign="export")
        load = push_button("&Load…", self._ask_load, sign="import")
        above = row(self._which_label, grow(self.which))
        below = row(self.copy_button, self.own_button, self.save_button, load, STRETCH)
        column(above, grow(self.edit), below, on=self, margins=UNIT)

    @property
    def recipe(self) -> "Recipe | None":
        """What is shown."""
        shown = self.which.currentData()
        return next((recipe for recipe in self._draft.recipes() if recipe.backbone == shown), None)

    def refresh(self, problem: str) -> None:
        """Show the draft's recipes, or why there is none."""
        shown, recipes = self.which.currentData(), self._draft.recipes()
        self.which.blockSignals(True)
        self.which.clear()
        for recipe in recipes:
            self.which.addItem(recipe.name, recipe.backbone)
        self.which.setCurrentIndex(max(self.which.findData(shown), 0 if recipes else -1))
        self.which.blockSignals(False)
        several = len(recipes) > 1
        self.which.setVisible(several)
        self._which_label.setVisible(several)
        for button in (self.copy_button, self.own_button, self.save_button):
            button.setEnabled(bool(recipes))
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
            self._draft.take(recipe)

    def _show(self) -> None:
        from annotriage.regressors.recipes.recipe import recipe_toml

        recipe = self.recipe
        text = "" if recipe is None else recipe_toml(recipe)
        if text != self.edit.toPlainText():
            self.edit.setPlainText(text)

    def _ask_save(self) -> None:
        recipe = self.recipe
        name = "" if recipe is None else f"{recipe.name}.toml"
        found, _ = QFileDialog.getSaveFileName(self, "Save the recipe", name, "Recipes (*.toml)")
        if found:
            path = Path(found)
            self.save(path if path.suffix.lower() == ".toml" else path.with_name(f"{path.name}.toml"))

    def _ask_load(self) -> None:
        found, _ = QFileDialog.getOpenFileName(self, "Load a recipe", "", "Recipes (*.toml)")
        if found:
            self.load(Path(found))

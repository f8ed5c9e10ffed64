"""Recipes of one's own are kept, copied and loaded."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotriage.desktop.training.recipe.editor import ModelEditor
from annotriage.desktop.widgets.text import SignedText
from annotriage.regressors.recipes.recipe import load_recipe, recipe_toml
from annotriage.trainings.plan import TrainingPlan
from annotriage.trainings.presets import quick_recipe, recipes_folder, save_own
from tests.desktop.finding import find
from tests.desktop.training.recipe.fake_estimate import Make, editor


def choose(each: ModelEditor, key: str) -> None:
    """Choose a recipe to begin with."""
    box = each.choice.preset
    box.setCurrentIndex(box.findData(key))
    box.activated.emit(box.currentIndex())


def test_a_recipe_is_kept_and_chosen_again(make: Make, plan: TrainingPlan) -> None:
    page = make(plan)
    each = editor(page)
    each.choice.name.textEdited.emit("mine")
    each.draft.set_value(("fit", "epochs"), 77)
    each.tabs.setCurrentWidget(each.text)
    each.text.own_button.click()
    assert "Kept among your recipes as mine" in find(each, "total", SignedText).text()
    assert load_recipe(recipes_folder() / "mine.toml").fit.epochs == 77
    choose(each, "quick")
    assert plan.recipes[0].fit.epochs == 3
    box = each.choice.preset
    box.setCurrentIndex(box.findText("mine"))
    box.activated.emit(box.currentIndex())
    assert plan.recipes[0].fit.epochs == 77


def test_a_kept_recipe_that_is_broken_says_so(make: Make, plan: TrainingPlan) -> None:
    save_own(quick_recipe(), "broken").write_text("name = 3")
    page = make(plan)
    each = editor(page)
    choose(each, str(recipes_folder() / "broken.toml"))
    assert "has values that are not allowed" in find(each, "total", SignedText).text()
    assert plan.recipes[0].name == "paper-resnet18"
    assert each.choice.preset.currentData() == "paper"


def test_text_is_copied_saved_and_loaded(make: Make, plan: TrainingPlan, tmp_path: Path) -> None:
    page = make(plan)
    each = editor(page)
    each.tabs.setCurrentWidget(each.text)
    assert each.text.edit.toPlainText() == recipe_toml(plan.recipes[0])
    each.text.copy_button.click()
    assert QGuiApplication.clipboard().text() == recipe_toml(plan.recipes[0])
    each.text.save(tmp_path / "a.toml")
    assert load_recipe(tmp_path / "a.toml") == plan.recipes[0]
    each.text.save(tmp_path / "no" / "a.toml")
    assert "cannot be written" in find(each, "total", SignedText).text()
    (tmp_path / "b.toml").write_text('name = "b"\nbackbone = "vit_b_32"\n[fit]\nepochs = 4')
    each.text.load(tmp_path / "b.toml")
    assert (plan.recipes[0].name, plan.recipes[0].fit.epochs) == ("b", 4)
    assert each.choice.rows["vit_b_32"].box.isChecked()
    assert not each.choice.rows["resnet18"].box.isChecked()
    (tmp_path / "c.toml").write_text('name = "b"\nepochs = 4')
    each.text.load(tmp_path / "c.toml")
    assert "not allowed" in find(each, "total", SignedText).text()
    assert plan.recipes[0].name == "b"


def test_the_text_of_each_network(make: Make, plan: TrainingPlan) -> None:
    page = make(plan)
    each = editor(page)
    each.choice.rows["vit_b_32"].box.click()
    each.tabs.setCurrentWidget(each.text)
    each.text.which.setCurrentIndex(1)
    assert 'backbone = "vit_b_32"' in each.text.edit.toPlainText()
    each.draft.set_value(("fit", "epochs"), 0)
    assert each.text.edit.toPlainText() == ""
    assert "Fit › epochs: must be 1 or more" in each.text.edit.placeholderText()
    assert not each.text.save_button.isEnabled()


def test_everything_is_reached_by_tab(qtbot: QtBot, make: Make, plan: TrainingPlan) -> None:
    page = make(plan)
    page.activateWindow()
    each = editor(page)
    each.choice.preset.setFocus()
    qtbot.waitUntil(each.choice.preset.hasFocus)
    met = set()
    for _ in range(20):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        met.add(QApplication.focusWidget())
    choice = each.choice
    assert {choice.name, choice.runs, choice.pixels, choice.device, *(row.box for row in choice.rows.values())} <= met

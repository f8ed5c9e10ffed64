"""Networks are chosen, with torch and without."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from annotriage.desktop.training.recipe.page import WithoutTorch
from annotriage.desktop.widgets.text import SignedText
from annotriage.regressors.recipes.recipe import load_recipe
from annotriage.trainings.plan import TrainingPlan
from annotriage.version import install_command
from tests.desktop.finding import find
from tests.desktop.training.recipe.fake_estimate import Make, editor


def test_a_light_install_says_how_to_get_the_rest(qtbot: QtBot, make: Make, plan: TrainingPlan) -> None:
    page = make(plan, lacking=("torch", "lightning"))
    assert "cannot train" in page.missing()
    assert isinstance(page, WithoutTorch)
    assert "torch and others missing" in page.said.text()
    qtbot.keyClick(page.copy, Qt.Key.Key_Space)
    assert QGuiApplication.clipboard().text() == install_command("train")
    page.enter()
    page.leave()


def test_a_light_package_names_the_full_one(qtbot: QtBot) -> None:
    shown = WithoutTorch(["torch"], frozen=True)
    qtbot.addWidget(shown)
    shown.show()
    assert "install the full package" in shown.said.text()
    assert not shown.command.isVisible()
    assert not shown.copy.isVisible()


def test_it_begins_with_the_papers_recipe(make: Make, plan: TrainingPlan) -> None:
    page = make(plan)
    assert page.missing() == ""
    assert [recipe.model_dump() for recipe in plan.recipes] == [load_recipe("paper").model_dump()]
    assert plan.seconds is None


def test_several_networks_get_names_of_their_own(make: Make, plan: TrainingPlan) -> None:
    page = make(plan)
    choice = editor(page).choice
    choice.rows["vit_b_32"].box.click()
    choice.runs.setValue(10)
    assert [(recipe.name, recipe.backbone) for recipe in plan.recipes] == [
        ("paper-resnet18", "resnet18"),
        ("paper-vit_b_32", "vit_b_32"),
    ]
    assert plan.runs == 10
    assert find(choice, "name-note", QLabel).text() == "Called paper-resnet18, paper-vit_b_32"
    assert "20 runs (2 networks × 10)" in find(page, "total", SignedText).text()
    choice.rows["resnet18"].box.click()
    assert [recipe.name for recipe in plan.recipes] == ["paper-vit_b_32"]
    choice.rows["vit_b_32"].box.click()
    assert page.missing() == "Choose at least one network."
    assert plan.recipes == ()


def test_the_bundled_recipe_needs_masks(make: Make, plan: TrainingPlan, tmp_path: Path) -> None:
    page = make(plan)
    box = editor(page).choice.preset
    place = box.findData("bundled")
    assert not box.model().item(place).isEnabled()
    assert "needs expert masks" in box.itemText(place)
    plan.masks = tmp_path
    page.enter()
    assert box.model().item(place).isEnabled()
    box.setCurrentIndex(place)
    box.activated.emit(place)
    assert page.missing() == ""
    assert plan.recipes[0].name == "like-bundled"
    assert plan.recipes[0].mask_stage is not None
    row = editor(page).choice.rows["vit_b_32"]
    assert not row.box.isEnabled()
    assert find(row, "vit_b_32-words", QLabel).text() == "cannot outline lesions, as this recipe asks"
    editor(page).draft.set_value(("backbone",), "vit_b_32")
    assert page.missing() == "ViT-B/32 cannot outline lesions, as this recipe asks."
    editor(page).draft.set_value(("backbone",), "resnet18")
    plan.further_masks = 19
    page.enter()
    assert "there are only 19 images of these; at least 20 are needed" in page.missing()
    assert not box.model().item(place).isEnabled()
    assert "needs masks of more images without a label" in box.itemText(place)
    plan.further_masks = 20
    page.enter()
    assert page.missing() == ""
    plan.masks = None
    page.enter()
    assert "choose their folder on the page Labels" in page.missing()


def test_name_and_image_size_are_chosen(qtbot: QtBot, make: Make, plan: TrainingPlan) -> None:
    page = make(plan)
    choice = editor(page).choice
    choice.name.selectAll()
    qtbot.keyClicks(choice.name, "my study")
    assert page.missing() == "Name: has a character that is not allowed there."
    assert plan.recipes == ()
    assert find(choice, "name-problem").isVisible()
    choice.name.selectAll()
    qtbot.keyClicks(choice.name, "my-study")
    choice.pixels.setFocus()
    qtbot.keyClick(choice.pixels, Qt.Key.Key_Down)
    assert (plan.recipes[0].name, plan.recipes[0].image_size) == ("my-study", 256)
    assert "Changed since: image size." in find(choice, "words", QLabel).text()


def test_a_plan_that_was_made_before_is_shown_again(make: Make, plan: TrainingPlan) -> None:
    first = make(plan)
    editor(first).choice.rows["vit_b_32"].box.click()
    editor(first).draft.weights["vit_b_32"] = "none"
    editor(first).choice.runs.setValue(3)
    before = plan.recipes
    page = make(plan)
    assert plan.recipes == before
    assert [recipe.weights for recipe in plan.recipes] == ["imagenet", "none"]
    assert editor(page).choice.runs.value() == 3

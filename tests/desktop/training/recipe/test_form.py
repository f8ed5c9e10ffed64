from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from annotriage.desktop.training.recipe.form import RecipeForm
from annotriage.desktop.widgets.text import SignedText
from annotriage.regressors.recipes.recipe import load_recipe
from annotriage.trainings.presets import quick_recipe
from annotriage.trainings.recipe_draft import RecipeDraft, problem_words
from annotriage.trainings.recipe_fields import FieldPath, Kind, recipe_sections
from annotriage.trainings.recipe_values import check, value_at, values_of
from tests.desktop.finding import find


def make_form(qtbot: QtBot, recipe: str) -> RecipeForm:
    """Return the form of a recipe that ships; what is typed is checked, as on the page."""
    draft = RecipeDraft(load_recipe(recipe))
    form = RecipeForm(draft)
    qtbot.addWidget(form)
    draft.observers.append(form.refresh)
    form.resize(720, 500)
    form.show()
    return form


@pytest.fixture
def form(qtbot: QtBot) -> RecipeForm:
    return make_form(qtbot, "paper")


def type_in(form: RecipeForm, path: FieldPath, text: str) -> None:
    section = form.section(path[:-1])
    section.fold.setChecked(True)
    edit = section.editors[path].findChild(QLineEdit)
    assert isinstance(edit, QLineEdit)
    edit.setText(text)


def problem(form: RecipeForm, path: FieldPath) -> str:
    shown = find(form.section(path[:-1]), f"{'.'.join(path)}-problem", SignedText)
    return shown.text() if shown.isVisibleTo(form) else ""


def test_every_value_of_a_recipe_has_a_field_with_a_reason() -> None:
    fields = {field.path: field for section in recipe_sections() for field in section.fields}

    def leaves(values: dict[str, Any], path: FieldPath = ()) -> Iterator[FieldPath]:
        for name, value in values.items():
            if isinstance(value, dict):
                yield from leaves(value, (*path, name))
            else:
                yield (*path, name)

    assert set(leaves(values_of(load_recipe("bundled")))) <= set(fields)
    assert [path for path, field in fields.items() if not field.reason] == []
    numbers = [field for field in fields.values() if field.kind in (Kind.WHOLE, Kind.NUMBER)]
    assert [field.path for field in numbers if not field.allowed] == []
    assert fields["image_size",].allowed == "32 to 1,024, a multiple of 32"
    assert fields["fit", "optimiser", "learning_rate"].allowed == "above 0, at most 1"
    assert fields["split", "seed"].optional


@pytest.mark.slow
@pytest.mark.parametrize("name", ["paper", "bundled"])
def test_what_is_shown_is_what_comes_back(qtbot: QtBot, name: str) -> None:
    form = make_form(qtbot, name)
    values = values_of(load_recipe(name))
    there = 0
    for section in form.sections:
        section.fold.setChecked(True)
        for path, editor in section.editors.items():
            if value_at(values, path[:-1] or path) is not None:
                assert editor.value() == value_at(values, path), path
                there += 1
    assert there > 40


def test_a_value_is_changed(form: RecipeForm) -> None:
    type_in(form, ("fit", "optimiser", "learning_rate"), "0,003")
    type_in(form, ("fit", "epochs"), "25")
    recipe, problems = check(form.draft.values)
    assert problems == {}
    assert recipe is not None
    assert (recipe.fit.optimiser.learning_rate, recipe.fit.epochs) == (0.003, 25)


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (("fit", "epochs"), "0", "Must be 1 or more"),
        (("fit", "epochs"), "many", "Must be a whole number"),
        (("fit", "epochs"), "", "Must be a whole number"),
        (("fit", "epochs"), "2.5", "Must be a whole number"),
        (("image_size",), "100", "Must be a multiple of 32"),
        (("fit", "optimiser", "learning_rate"), "2", "Must be at most 1"),
        (("fit", "optimiser", "learning_rate"), "nan", "Must be"),
        (("fit", "loss", "beta"), "0", "Must be above 0"),
        (("further_targets",), "a, a b", "not allowed"),
        (("name",), "a/b", "not allowed"),
    ],
)
def test_a_bad_value_is_named_beside_its_field(form: RecipeForm, path: FieldPath, text: str, said: str) -> None:
    type_in(form, path, text)
    assert said in problem(form, path)
    other = ("fit", "batch_size")
    assert problem(form, other) == ""
    assert check(form.draft.values)[0] is None
    good = "jaccard_mean" if path == ("further_targets",) else "x" if path == ("name",) else "32"
    type_in(form, path, "0.5" if "optimiser" in path or "loss" in path else good)
    assert problem(form, path) == ""
    assert check(form.draft.values)[0] is not None


def test_a_bad_value_unfolds_its_section(form: RecipeForm) -> None:
    box = form.section(("fit", "schedule"))
    assert not box.fold.isChecked()
    form.draft.set_value(("fit", "schedule", "factor"), 3)
    assert box.fold.isChecked()
    assert problem(form, ("fit", "schedule", "factor")).startswith("Must be")
    assert "wrong" in box.fold.accessibleDescription()


def test_what_is_wrong_with_a_section_stands_above_it(form: RecipeForm) -> None:
    type_in(form, ("split", "test"), "0.5")
    whole = find(form.section(("split",)), "whole", SignedText)
    assert whole.isVisibleTo(form)
    assert "must add up to 1; they add up to 1.35" in whole.text()
    assert problem_words(check(form.draft.values)[1]).startswith("Split: train, validation and test must add up to 1")


def test_a_section_is_left_out_and_comes_back_as_it_was(qtbot: QtBot) -> None:
    form = make_form(qtbot, "bundled")
    values = values_of(load_recipe("bundled"))
    box = form.section(("mask_stage",))
    inner = form.section(("mask_stage", "augmentation"))
    assert inner.isVisibleTo(form)
    find(box, "wanted", QCheckBox).click()
    assert "mask_stage" not in form.draft.values
    assert not inner.isVisibleTo(form)
    find(box, "wanted", QCheckBox).click()
    assert form.draft.values == values
    assert inner.isVisibleTo(form)


def test_a_section_that_was_never_there_begins_with_its_defaults(form: RecipeForm) -> None:
    find(form.section(("distillation",)), "wanted", QCheckBox).click()
    recipe, problems = check(form.draft.values)
    assert problems == {}
    assert recipe is not None
    assert recipe.distillation is not None
    assert recipe.distillation.folds == 5
    find(form.section(("mask_stage",)), "wanted", QCheckBox).click()
    assert check(form.draft.values)[1] == {(): "mask_stage needs mask_head.enabled = true"}
    assert find(form.section(()), "whole", SignedText).text() == "mask_stage needs mask_head.enabled = true"
    form.section(("mask_head",)).fold.click()
    form.section(("mask_head",)).editors["mask_head", "enabled"].findChild(QCheckBox).click()
    assert check(form.draft.values)[1] == {}


def test_rounds_are_written_in_one_line(qtbot: QtBot) -> None:
    form = make_form(qtbot, "bundled")
    path = ("mask_stage", "rounds")
    type_in(form, path, "64: 2, 128: 3")
    recipe, _ = check(form.draft.values)
    assert recipe is not None
    assert recipe.mask_stage is not None
    assert [(each.image_size, each.epochs) for each in recipe.mask_stage.rounds] == [(64, 2), (128, 3)]
    type_in(form, path, "64: 2, 100: 3")
    assert problem(form, path) == "Image size: must be a multiple of 32"
    type_in(form, path, "64")
    assert problem(form, path) != ""


def test_the_wheel_scrolls_and_changes_nothing(qtbot: QtBot, form: RecipeForm) -> None:
    box = form.section(()).editors["backbone",].findChild(QComboBox)
    assert isinstance(box, QComboBox)
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(box.mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, wheel)
    assert box.currentText() == "resnet18"


def test_names_of_several_networks_are_different_and_short() -> None:
    draft = RecipeDraft(quick_recipe().model_copy(update={"name": "x" * 64}))
    draft.use("resnet18", True)
    names = [recipe.name for recipe in draft.recipes()]
    assert len(set(names)) == 2
    assert all(len(name) <= 64 for name in names)
    draft = RecipeDraft(quick_recipe().model_copy(update={"name": "resnet18", "backbone": "resnet18"}))
    draft.use("vit_b_32", True)
    assert [recipe.name for recipe in draft.recipes()] == ["resnet18", "vit_b_32"]

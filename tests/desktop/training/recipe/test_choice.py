"""What is found out while somebody clicks moves nothing under the mouse, and a worse model asks before it is used."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from annotriage.datasets.columns import guess_columns
from annotriage.desktop.training.recipe.editor import ModelEditor
from annotriage.trainings.cost import Cost
from annotriage.trainings.plan import TrainingPlan


def test_what_is_measured_moves_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    editor = ModelEditor(TrainingPlan(tmp_path, tmp_path / "x.csv"), ["true"])
    qtbot.addWidget(editor)
    editor.resize(1000, 800)
    editor.show()
    choice = editor.choice
    places = [*(row.box for row in choice.rows.values()), choice.runs, choice.splits, choice.pixels, choice.device]
    before = [widget.mapTo(editor, widget.rect().topLeft()) for widget in places]
    tabs = editor.tabs.geometry()
    row = choice.rows["resnet18"]
    told = Cost(
        60.0, 40.0, "cpu", weights="unreachable", weights_file="/x/y.pth", weights_sentence="They are not here."
    )
    for cost, problem in ((None, ""), (told, ""), (None, "torch fell over")):
        row.show_cost(cost, problem, measuring=False, from_imagenet=True)
        qtbot.wait(20)
        assert row.trouble.isVisible() == bool(cost or problem)
        assert [widget.mapTo(editor, widget.rect().topLeft()) for widget in places] == before
        assert editor.tabs.geometry() == tabs


def test_a_further_target_that_the_table_has_not_is_told_before_the_start(qtbot: QtBot, tmp_path: Path) -> None:
    header = ("image", "dice_mean", "jaccard_mean", "Area")
    mapping = guess_columns(header, [["a.jpg", "0.5", "0.4", "12"]])
    editor = ModelEditor(TrainingPlan(tmp_path, tmp_path / "x.csv", mapping=mapping), ["true"])
    qtbot.addWidget(editor)
    for target, missing in (("kappa", True), ("jaccard", False), ("jaccard_score_mean", False), ("Area", False)):
        editor.draft.set_value(("further_targets",), [target])
        assert ("no column for the further target kappa" in editor.missing()) == missing, target
    editor.draft.set_value(("further_targets",), [])
    assert editor.missing() == ""


def test_random_weights_are_said_wherever_the_recipe_is(qtbot: QtBot, tmp_path: Path) -> None:
    editor = ModelEditor(TrainingPlan(tmp_path, tmp_path / "x.csv"), ["true"])
    qtbot.addWidget(editor)
    editor.choice.rows["resnet18"].random_wanted.emit("resnet18")
    assert editor.draft.values["weights"] == "none" and "weights" in editor.draft.changes()
    editor.draft.use("vit_b_32", True)
    editor.draft.set_value(("weights",), "imagenet")
    editor.choice.rows["vit_b_32"].random_wanted.emit("vit_b_32")
    assert editor.draft.values["weights"] == "imagenet" and "weights of ViT-B/32" in editor.draft.changes()
    assert {recipe.backbone: recipe.weights for recipe in editor.draft.recipes()} == {
        "resnet18": "imagenet", "vit_b_32": "none",
    }  # fmt: skip

"""A cross-validation from the window: planned, kept on the disk, followed, and measured over all folds."""

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotriage.desktop.training.recipe.editor import ModelEditor
from annotriage.trainings import training as training_folder
from annotriage.trainings.plan import TrainingPlan
from annotriage.trainings.progress import planned_runs
from annotriage.trainings.results import cross_validated, read_results
from annotriage.trainings.run_words import run_name
from annotriage.trainings.training import create_training, read_training
from tests.regressors.small import small_recipe, write_folder

pytestmark = pytest.mark.slow


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainingPlan:
    monkeypatch.setattr(training_folder, "trainings_folder", lambda: tmp_path / "trainings")
    images, table, _ = write_folder(tmp_path / "data", 30)
    return TrainingPlan(images, table, recipes=(small_recipe(),), runs=3, folds=True)


def test_the_choice_goes_into_the_plan_and_has_two_folds_at_least(qtbot: QtBot, plan: TrainingPlan) -> None:
    plan.runs, plan.folds = 1, False
    editor = ModelEditor(plan, ["true"])
    qtbot.addWidget(editor)
    choice = editor.choice
    choice.splits.setCurrentIndex(1)
    choice.splits.activated.emit(1)
    assert plan.folds and plan.runs == 5 and choice.runs.minimum() == 2
    choice.runs.setValue(3)
    assert plan.runs == 3
    again = ModelEditor(TrainingPlan(plan.images, plan.labels, recipes=plan.recipes, runs=3, folds=True), ["true"])
    qtbot.addWidget(again)
    assert again.choice.cross_validates and again.choice.runs.value() == 3
    choice.splits.setCurrentIndex(0)
    choice.splits.activated.emit(0)
    assert not plan.folds and choice.runs.minimum() == 1


def test_a_training_of_folds_is_planned_as_the_command_plans_it(plan: TrainingPlan) -> None:
    training = create_training(plan)
    kept = read_training(training.folder)
    assert kept.folds and kept == training and kept.plan().folds
    runs = kept.experiment().runs
    assert [run.folder.name for run in runs] == ["fold-01", "fold-02", "fold-03"]
    live = planned_runs(kept)
    assert [run.folder for run in live] == [run.folder for run in runs]
    assert [run.log for run in live] == [run.recipe.with_suffix(".log") for run in runs]
    assert run_name(live[1]) == "small, fold 2"


def test_pairs_and_further_folders_are_kept(plan: TrainingPlan, tmp_path: Path) -> None:
    plan.pairs = tmp_path / "pairs.csv"
    plan.further_images, plan.further_folders_of_masks = (tmp_path / "more", tmp_path / "most"), (tmp_path / "masks",)
    training = create_training(plan)
    kept = read_training(training.folder)
    assert kept == training and kept.data.pairs == (tmp_path / "pairs.csv").resolve()
    assert kept.plan().data == kept.data and len(kept.data.all_images) == 3
    said = kept.data.arguments()
    assert [said[k + 1] for k, word in enumerate(said) if word == "--images"] == [*map(str, kept.data.all_images)]
    assert said[said.index("--masks") + 1] == str((tmp_path / "masks").resolve())


def test_trainings_of_before_have_runs(plan: TrainingPlan) -> None:
    plan.folds = False
    training = create_training(plan)
    file = training.folder / training_folder.FILE
    values = json.loads(file.read_text())
    del values["folds"]
    file.write_text(json.dumps(values))
    assert not read_training(training.folder).folds
    assert [run.folder.name for run in planned_runs(training)] == ["run-01", "run-02", "run-03"]


def test_all_folds_together_are_measured_once_they_are_there(plan: TrainingPlan) -> None:
    folder = create_training(plan).folder
    read_training(folder).experiment()
    for fold in (1, 2, 3):
        run = folder / "small" / f"fold-{fold:02d}"
        run.mkdir(parents=True)
        lines = ["image,split,dice,predicted_dice,lower,upper"]
        lines += [f"{fold}-{k}.png,test,0.5,{0.5 + fold / 10},0.1,0.9" for k in range(2)]
        lines += ["a.png,train,0.4,0.4,0,1", "b.png,train,0.6,0.6,0,1", "c.png,validation,0.5,0.6,0,1"]
        (run / "predictions.csv").write_text("\n".join(lines) + "\n")
        (run / "recipe.toml").write_bytes((folder / "recipes" / f"small-fold-{fold:02d}.toml").read_bytes())
        (run / "metrics.json").write_text(json.dumps({"mae": fold / 10, "mse": (fold / 10) ** 2}))
        results = read_results(folder)
        if fold < 3:
            assert results.unfinished == 3 - fold and cross_validated(results) == []
    ((model, images, error, guess),) = cross_validated(results)
    assert (model, images) == ("small", 6)
    assert error == pytest.approx(0.2) and guess == pytest.approx(0)

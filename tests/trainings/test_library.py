import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from annotriage.errors import AnnotriageError
from annotriage.regressors.recipes.recipe import load_recipe, parse_recipe
from annotriage.runs.states import State
from annotriage.trainings.library import DamagedTraining, find_thrown_away, find_training, list_trainings
from annotriage.trainings.plan import TrainingPlan
from annotriage.trainings.training import create_training, read_training, trainings_folder
from annotriage.trainings.trash import bring_back, list_thrown_away, throw_away
from tests.desktop.training.run_fakes import fake_training


def test_a_plan_becomes_a_training_that_can_be_planned_again(tmp_path: Path) -> None:
    recipes = tuple(parse_recipe({"name": name, "weights": "none"}, name) for name in ("one", "two"))
    plan = TrainingPlan(
        tmp_path / "images", tmp_path / "metrics.csv", None, tmp_path / "masks", ("dice=d",), recipes, 3, "cpu", 90.0
    )
    training = create_training(plan)
    assert training.folder.parent == trainings_folder()
    assert training == read_training(training.folder)
    assert training.plan() == plan
    assert load_recipe(training.recipe_file("two")) == recipes[1]
    assert training.state is State.QUEUED
    again = create_training(plan)
    assert again.folder != training.folder
    assert (training.title, again.title) == ("one, two: images", "one, two: images (2)")


def test_a_plan_on_a_disk_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    trainings_folder().parent.mkdir(exist_ok=True)
    trainings_folder().write_text("no folder")
    plan = TrainingPlan(tmp_path, tmp_path / "m.csv", recipes=(parse_recipe({"name": "a"}, "a"),))
    with pytest.raises(AnnotriageError, match="cannot be made"):
        create_training(plan)


def test_damaged_trainings_are_listed_with_what_is_wrong() -> None:
    root = trainings_folder()
    fake_training(root / "good")
    (root / "empty").mkdir()
    (root / "torn").mkdir()
    (root / "torn" / "training.json").write_text('{"title": "a", "crea')
    (root / "other").mkdir()
    (root / "other" / "training.json").write_text('["a list"]')
    found = {entry.folder.name: entry for entry in list_trainings()}
    assert {name for name, entry in found.items() if isinstance(entry, DamagedTraining)} == {"empty", "torn", "other"}
    assert "is damaged" in found["torn"].sentence


@pytest.mark.slow
def test_a_training_whose_window_is_gone_counts_as_stopped() -> None:
    folder = trainings_folder() / "a"
    fake_training(folder, state=State.RUNNING)
    script = (
        "import sys, os; from pathlib import Path\n"
        "from annotriage.trainings.lock import TrainingLock\n"
        "lock = TrainingLock(Path(sys.argv[1])); print(lock.acquire(), flush=True); sys.stdin.read(); os.abort()\n"
    )
    window = subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert window.stdout is not None and window.stdout.readline() == "True\n"
    assert [entry.state for entry in list_trainings()] == [State.RUNNING]  # the other window trains
    window.communicate("", timeout=30)
    assert [entry.state for entry in list_trainings()] == [State.STOPPED]


def test_what_was_thrown_away_long_ago_is_gone() -> None:
    root = trainings_folder()
    for name in ("old", "new"):
        fake_training(root / name)
    old, new = throw_away(root / "old").place, throw_away(root / "new").place
    long_ago = time.time() - 40 * 86_400
    os.utime(old, (long_ago, long_ago))
    assert list_trainings() == []
    assert not old.exists() and (new / "training.json").is_file()


def test_a_training_is_found_by_its_title_its_folder_and_its_path() -> None:
    root = trainings_folder()
    one = fake_training(root / "one", models=("vit",))
    fake_training(root / "two", models=("resnet18",))
    for name in ("one", "ViT", str(root / "one")):
        found = find_training(name)
        assert found.folder == one.folder
    with pytest.raises(AnnotriageError, match=r"no training called three. There are: (one, two|two, one)"):
        find_training("three")
    fake_training(root / "again", models=("vit",))
    with pytest.raises(AnnotriageError, match=r"2 trainings are called vit.*again"):
        find_training("vit")


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_not_that_of_a_damaged_training(name: str) -> None:
    damaged = trainings_folder() / "damaged"
    damaged.mkdir(parents=True)
    with pytest.raises(AnnotriageError, match="name is empty"):
        find_training(name)
    throw_away(damaged)
    with pytest.raises(AnnotriageError, match="name is empty"):
        find_thrown_away(name)


def test_of_what_was_thrown_away_under_one_name_the_last_one_is_found() -> None:
    root = trainings_folder()
    with pytest.raises(AnnotriageError, match="none was thrown away"):
        find_thrown_away("a")
    fake_training(root / "a", models=("first",))
    throw_away(root / "a")
    fake_training(root / "a", models=("second",))
    last = throw_away(root / "a")
    assert "second was thrown away. It is kept for 30 days" in last.sentence
    assert find_thrown_away("a").place == last.place
    assert find_thrown_away("first").title == "first"
    with pytest.raises(AnnotriageError, match="There are: a, a"):
        find_thrown_away("b")
    bring_back(find_thrown_away("a"))
    assert read_training(root / "a").title == "second"
    with pytest.raises(AnnotriageError, match="another training in"):
        bring_back(list_thrown_away()[0])

"""`annotriage trainings`: what is printed, and what is raised."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from annotriage.commands.trainings import register
from annotriage.errors import AnnotriageError
from annotriage.runs.states import State
from annotriage.trainings.lock import TrainingLock
from annotriage.trainings.training import read_training, trainings_folder
from tests.tiny_models import write_tiny_model
from tests.trainings.made_training import TEST_IMAGES, write_model_in_use, write_training


@pytest.fixture(autouse=True)
def small_and_quick(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shipped" / "models").mkdir(parents=True)
    write_tiny_model(tmp_path / "shipped" / "models" / "bundled.onnx", name="bundled")
    monkeypatch.setattr("annotriage.model_file.library.resources_folder", lambda: tmp_path / "shipped")
    monkeypatch.setattr("annotriage.comparison.verdict.RESAMPLES", 499)
    write_model_in_use(own_home)


@pytest.fixture
def training(tmp_path: Path) -> Path:
    return write_training(trainings_folder() / "2026-01-01 mine", tmp_path / "pictures", runs=2)


def annotriage(*arguments: str | Path) -> Result:
    app = typer.Typer()

    @app.command()
    def another() -> None:
        """Stand in for the other verbs."""

    register(app)
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, ["trainings", *map(str, arguments)])


def test_nothing_trained_yet_says_what_to_do() -> None:
    said = annotriage()
    assert said.exit_code == 0 and "`annotriage train`" in said.output
    assert json.loads(annotriage("list", "--json").output) == []
    assert "None was thrown away" in annotriage("list", "--thrown-away").output


def test_the_list_says_what_each_is_doing_and_came_to(training: Path) -> None:
    damaged = trainings_folder() / "torn"
    damaged.mkdir()
    said = annotriage("list")
    metrics = json.loads((training / "mine" / "run-01" / "metrics.json").read_text())
    line = next(line for line in said.output.splitlines() if "My training" in line)
    assert line.split() == [
        "My", "training", "2026-01-01", "mine", "2026-01-01", "10:00", "done", f"{metrics['mae']:.3f}",
        f"{metrics['median_mae']:.3f}",
    ]  # fmt: skip
    assert "damaged" in said.output and f"{damaged / 'training.json'} cannot be read" in said.output
    assert annotriage().output == said.output
    mine, torn = json.loads(annotriage("list", "--json").output)
    assert (mine["title"], mine["state"], mine["runs_done"], mine["best"]["mae"]) == (
        "My training", "done", 2, pytest.approx(metrics["mae"]),
    )  # fmt: skip
    assert torn["damaged"] and torn["folder"] == str(damaged)


@pytest.mark.slow
def test_show_says_what_the_window_says(training: Path) -> None:
    said = annotriage("show", "my training")
    assert said.exit_code == 0
    for words in (
        "Done: 2 runs trained.",
        "mine, run 2",
        "Better than the model in use (used).",
        f"On the same {TEST_IMAGES} test images the new model is off by",
        "learned from another table of labels",
        "Paired bootstrap",
        "It is better than a guess that looks at no image",
        "The model in use (used)",
        "A guess",
        "Predicted and true",
        "Contentious images found",
        "With the model in use (used) it is",
    ):
        assert words in " ".join(said.output.split()), words


@pytest.mark.slow
def test_show_is_whole_in_json(training: Path) -> None:
    told = json.loads(annotriage("show", training, "--json").output)
    assert told["data"]["labels"] == "labels.csv" and [run["run"] for run in told["runs"]] == [1, 2]
    result = told["result"]
    assert result["verdict"]["finding"] == "better" and result["compared_with"] == "used"
    assert [row["name"] for row in result["errors"]] == ["The new model", "The model in use (used)", "A guess"]
    assert result["problems"] == [] and result["not_compared"] == ""
    quick = json.loads(annotriage("show", training, "--json", "--no-compare").output)["result"]
    assert (quick["verdict"], quick["compared_with"], quick["not_compared"]) == (None, None, "")


def test_a_training_without_its_images_or_with_a_damaged_run_is_shown_all_the_same(
    training: Path, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "pictures")
    said = annotriage("show", "My training")
    assert said.exit_code == 0
    assert "It could not be compared with the model in use. None of the" in " ".join(said.output.split())
    (training / "mine" / "run-01" / "metrics.json").write_text("{")
    said = annotriage("show", "My training", "--no-compare")
    assert said.exit_code == 3
    assert "Result of mine, run 2" in said.output and "is damaged" in said.output


def test_one_that_has_no_result_yet_is_shown_as_far_as_it_is(training: Path) -> None:
    shutil.rmtree(training / "mine")
    read_training(training).noted(State.FAILED, "The disk is full.")
    said = annotriage("show", "My training")
    assert said.exit_code == 0
    assert "failed, 0 of 2 runs done" in said.output and "The disk is full." in said.output
    assert json.loads(annotriage("show", "My training", "--json").output)["result"] is None


def test_what_is_removed_can_be_restored(training: Path) -> None:
    said = annotriage("remove", "My training")
    assert "It is kept for 30 days" in said.output
    assert "`annotriage trainings restore '2026-01-01 mine'`" in said.output.replace("\n", "")
    assert not training.exists()
    assert "My training" in annotriage("list", "--thrown-away").output
    kept = json.loads(annotriage("list", "--thrown-away", "--json").output)
    assert kept[0]["folder"] == str(training)
    assert f"My training is back in {training}" in annotriage("restore", "2026-01-01 mine").output.replace("\n", "")
    assert (training / "mine" / "run-01" / "mine.onnx").is_file()
    assert isinstance(annotriage("restore", "My training").exception, AnnotriageError)


def test_what_another_process_works_on_is_shown_as_that_and_not_removed(training: Path) -> None:
    shutil.rmtree(training / "mine" / "run-02")
    read_training(training).noted(State.RUNNING)
    lock = TrainingLock(training)
    assert lock.acquire()
    try:
        refused = annotriage("remove", "My training")
        assert isinstance(refused.exception, AnnotriageError) and "still being trained" in str(refused.exception)
        shown = annotriage("show", "My training", "--no-compare").output
    finally:
        lock.release()
    assert training.is_dir()
    assert "training, 1 of 2 runs done: another process works on it" in shown
    assert "under way" in next(line for line in shown.splitlines() if line.startswith("mine, run 2"))
    assert "stopped" in annotriage("list").output  # its window is gone


@pytest.mark.parametrize("verb", ["show", "remove", "restore"])
def test_what_is_not_there_is_an_error_in_a_sentence(training: Path, verb: str) -> None:
    error = annotriage(verb, "other").exception
    assert isinstance(error, AnnotriageError) and "called other" in str(error)


def test_a_damaged_training_says_so_and_can_be_removed(training: Path) -> None:
    (training / "training.json").write_text("{")
    error = annotriage("show", "2026-01-01 mine").exception
    assert isinstance(error, AnnotriageError) and "is damaged" in str(error)
    assert annotriage("remove", "2026-01-01 mine").exit_code == 0

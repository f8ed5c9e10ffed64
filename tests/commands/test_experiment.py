"""`annotriage experiment`: the grid, its shared splits, going on after a stop; trained for real on drawn lesions."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from annotriage.commands import experiment as experiment_command
from annotriage.errors import AnnotriageError
from annotriage.regressors.data.data_paths import DataPaths
from annotriage.regressors.experiments import experiment, run_process
from annotriage.regressors.experiments.experiment import plan
from tests.regressors.small import write_folder

pytestmark = pytest.mark.slow

RECIPE = """
name = "{name}"
weights = "none"
backbone = "{backbone}"
image_size = 32
[fit]
epochs = {epochs}
batch_size = 8
early_stopping.patience = 0
[fit.augmentation]
rotation_degrees = {rotation}
"""


def recipe(folder: Path, name: str, *, backbone: str = "resnet18", epochs: int = 1, rotation: int = 0) -> Path:
    """Write a small recipe."""
    path = folder / f"{name}.toml"
    path.write_text(RECIPE.format(name=name, backbone=backbone, epochs=epochs, rotation=rotation))
    return path


def command(*arguments: object) -> list[str]:
    """Return the command line."""
    return [sys.executable, "-m", "annotriage", "experiment", *map(str, arguments)]


STAND_IN = """
import json, sys, tomllib
from pathlib import Path
import numpy as np
from tests.comparison.made_runs import write_run

recipe = tomllib.loads(Path(sys.argv[2]).read_text())
given = dict(zip(sys.argv[3::2], sys.argv[4::2]))
if recipe["seed"] == 3 and Path("fail").exists():
    print(json.dumps({"event": "failed", "reason": "The disk is full."}))
    sys.exit(1)
rng = np.random.default_rng(recipe["split"]["seed"])
dice = {f"im{k}": float(value) for k, value in enumerate(np.linspace(0.3, 1, 60))}
test = [str(name) for name in rng.choice(sorted(dice), 20, replace=False)]
rng = np.random.default_rng([recipe["seed"], len(recipe["name"])])
print(json.dumps({"event": "start"}))
print(json.dumps({"event": "epoch", "stage": "fit", "epoch": 1, "epochs": 1}))
folder = Path(given["--out"])
folder.mkdir(exist_ok=True)
(folder / "resumed").write_text(str("--resume" in sys.argv))
write_run(folder, recipe["name"], recipe["seed"], dice, {n: dice[n] + rng.normal(0, 0.1) for n in test})
(folder / "recipe.toml").write_text(Path(sys.argv[2]).read_text())
print(json.dumps({"event": "done", "metrics": json.loads((folder / "metrics.json").read_text())}))
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program in the place of training that writes made-up results at once."""
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN)
    monkeypatch.setattr(run_process, "program", lambda: [sys.executable, str(script)])
    monkeypatch.setattr(experiment, "check_data", lambda out, data: None)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[2]), *sys.path]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*arguments: object) -> Any:
    """Run the command in this process, each training in one of its own."""
    app = typer.Typer()
    app.command("nothing")(lambda: None)
    experiment_command.register(app)
    return CliRunner().invoke(app, ["experiment", *map(str, arguments)], env={"COLUMNS": "200", "NO_COLOR": "1"})


def test_a_grid_shares_splits_goes_on_where_it_was_and_ends_with_the_comparison(stand_in: Path) -> None:
    (stand_in / "images").mkdir()
    (stand_in / "metrics.csv").write_text("image,dice_mean\n")
    (stand_in / "fail").touch()
    out = stand_in / "grid"
    line = [recipe(stand_in, "one"), recipe(stand_in, "second"), "--runs", 4, "--images", stand_in / "images"]
    line += ["--labels", stand_in / "metrics.csv", "--out", out, "--jobs", 2, "--report", stand_in / "report.json"]
    said = invoke(*line)
    assert isinstance(said.exception, AnnotriageError) and "run 3 failed: The disk is full." in str(said.exception)
    written = {path: path.stat().st_mtime_ns for path in out.glob("*/run-*/metrics.json")}
    assert len(written) >= 4 and not (stand_in / "report.json").exists()

    (stand_in / "fail").unlink()
    said = invoke(*line)
    assert said.exit_code == 0, said.output
    assert f"8 runs, {len(written)} of them finished already" in said.output
    assert "8 of 8 runs done" in said.output and "Friedman" in said.output
    assert {path: path.stat().st_mtime_ns for path in written} == written
    for run in range(1, 5):
        one, second = ((out / name / f"run-0{run}" / "split.json").read_text() for name in ("one", "second"))
        assert one == second
    found = json.loads((stand_in / "report.json").read_text())
    assert found["models"] == ["one", "second"] and found["over_runs"]["pairs"][0]["wilcoxon"]["n"] == 4


def test_folds_test_every_image_once_and_are_measured_together(tmp_path: Path) -> None:
    images, labels, _ = write_folder(tmp_path / "data", 40)
    out = tmp_path / "folds"
    line = (recipe(tmp_path, "one"), "--folds", 2, "--images", images, "--labels", labels, "--out", out)
    said = invoke(*line, "--metric", "mae")
    assert said.exit_code == 0, said.output
    assert "one, fold 2: MSE" in said.stderr
    printed = " ".join(said.stdout.split())
    assert "All 40 images, each predicted by the one of 2 runs that had not learned from it" in printed
    splits = [json.loads((out / "one" / f"fold-0{fold}" / "split.json").read_text()) for fold in (1, 2)]
    assert sorted(splits[0]["test"] + splits[1]["test"]) == sorted(f"ISIC_{k:07d}" for k in range(40))
    seeds = {json.loads((out / "one" / f"fold-0{fold}" / "versions.json").read_text())["seed"] for fold in (1, 2)}
    assert seeds == {0}, "folds are told apart by their test part, not by chance"
    again = invoke(*line, "--metric", "mae")
    assert "2 runs, 2 of them finished already" in again.stderr and again.stdout == said.stdout


def test_runs_and_folds_exclude_each_other(stand_in: Path) -> None:
    (stand_in / "metrics.csv").write_text("image,dice_mean\n")
    where = ["--images", stand_in, "--labels", stand_in / "metrics.csv", "--out", stand_in / "grid"]
    said = invoke(recipe(stand_in, "one"), "--runs", 3, "--folds", 5, *where)
    assert said.exit_code == 2 and "--runs and --folds exclude each other" in said.output


def test_what_a_killed_run_leaves_before_its_recipe_does_not_stand_in_the_way(stand_in: Path) -> None:
    planned = plan([str(recipe(stand_in, "one"))], 1, stand_in / "grid", DataPaths(stand_in, stand_in))
    folder = planned.runs[0].folder
    (folder / "work").mkdir(parents=True)
    (folder / "split.json").write_text("{}")
    planned.train(lambda run, event: None)
    assert planned.waiting == [] and (folder / "resumed").read_text() == "False"


def test_a_run_that_was_stopped_is_taken_up_by_training(stand_in: Path) -> None:
    planned = plan([str(recipe(stand_in, "one"))], 2, stand_in / "grid", DataPaths(stand_in, stand_in))
    stopped, fresh = planned.runs
    stopped.folder.mkdir(parents=True)
    (stopped.folder / "recipe.toml").write_text(stopped.recipe.read_text())
    again = plan([str(recipe(stand_in, "one"))], 2, stand_in / "grid", DataPaths(stand_in, stand_in))
    assert again.waiting == [stopped, fresh]
    again.train(lambda run, event: None)
    assert (stopped.folder / "resumed").read_text() == "True"
    assert (fresh.folder / "resumed").read_text() == "False"


def test_models_are_trained_for_real_on_one_split_and_compared(tmp_path: Path) -> None:
    images, labels, _ = write_folder(tmp_path / "data", 40)
    recipes = [recipe(tmp_path, "one"), recipe(tmp_path, "two", rotation=10)]
    out = tmp_path / "grid"
    said = invoke(*recipes, "--runs", 1, "--images", images, "--labels", labels, "--out", out)
    assert said.exit_code == 0, said.output
    assert "2 runs, 0 of them finished already" in said.stderr and "2 of 2 runs done" in said.stderr
    assert "Comparison of one, two" in said.stdout and "Only 1 run of each model" in " ".join(said.stdout.split())
    one, two = ((out / name / "run-01" / "split.json").read_text() for name in ("one", "two"))
    assert one == two


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals as POSIX does")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_the_run_under_way_and_keeps_it(tmp_path: Path, sent: signal.Signals) -> None:
    images, labels, _ = write_folder(tmp_path / "data", 40)
    slow = recipe(tmp_path, "slow", epochs=400)
    out = tmp_path / "grid"
    line = command(slow, "--runs", 1, "--images", images, "--labels", labels, "--out", out)
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    run = out / "slow" / "run-01"
    until = time.monotonic() + 120
    while not (run / "curve.csv").is_file() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    process.send_signal(sent)
    _, errors = process.communicate(timeout=100)
    assert process.returncode == 130, errors
    assert "the same command goes on" in errors and "Traceback" not in errors
    assert (run / "recipe.toml").is_file() and not (run / "metrics.json").exists()
    assert list((run / "checkpoints").iterdir())
    lines = (run / "curve.csv").read_text()
    time.sleep(1)
    assert (run / "curve.csv").read_text() == lines  # nothing trains on behind our back


def test_what_does_not_fit_together_is_refused_before_training(tmp_path: Path) -> None:
    images, labels, _ = write_folder(tmp_path / "data", 25)
    data = DataPaths(images, labels)
    one = recipe(tmp_path, "one")
    with pytest.raises(AnnotriageError, match="Two recipes have one name"):
        plan([str(one), str(one)], 2, tmp_path / "a", data)
    other = recipe(tmp_path, "other")
    other.write_text(other.read_text() + "[split]\ntrain = 0.6\nvalidation = 0.2\ntest = 0.2\n")
    with pytest.raises(AnnotriageError, match="must share their split"):
        plan([str(one), str(other)], 2, tmp_path / "b", data)
    assert not (tmp_path / "b").exists()
    planned = plan([str(one)], 2, tmp_path / "c", data)
    assert [run.name for run in planned.waiting] == ["one, run 1", "one, run 2"]
    folder = planned.runs[0].folder
    folder.mkdir(parents=True)
    (folder / "recipe.toml").write_text(planned.runs[0].recipe.read_text())
    (folder / "split.json").write_text(json.dumps({"table_sha256": "another"}))
    with pytest.raises(AnnotriageError, match="learned from other labels"):
        plan([str(one)], 2, tmp_path / "c", data)
    recipe(tmp_path, "one", rotation=10)
    with pytest.raises(AnnotriageError, match="holds a run of another recipe"):
        plan([str(one)], 2, tmp_path / "c", data)

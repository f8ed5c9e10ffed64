"""An experiment controlled from outside: paused, gone on, a run ended early, stopped and taken up; data that change."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotriage.errors import AnnotriageError
from annotriage.regressors.data.data_paths import DataPaths
from annotriage.regressors.experiments import run_process
from annotriage.regressors.experiments.experiment import Experiment, RunFailed, plan
from annotriage.regressors.experiments.planned_run import PlannedRun
from annotriage.regressors.experiments.run_process import RunProcess
from annotriage.regressors.recipes.recipe import load_recipe, recipe_toml
from tests.regressors.small import small_recipe, write_table

pytestmark = pytest.mark.slow

STAND_IN = """
import hashlib, json, sys, tomllib
from pathlib import Path

def tell(**event):
    print(json.dumps(event), flush=True)

recipe = tomllib.loads(Path(sys.argv[2]).read_text())
given = dict(zip(sys.argv[3::2], sys.argv[4::2]))
out = Path(given["--out"])
(out / "checkpoints").mkdir(parents=True, exist_ok=True)
images = sorted(file.stem for file in Path(given["--images"]).iterdir())
table = hashlib.sha256(Path(given["--labels"]).read_bytes()).hexdigest()
(out / "split.json").write_text(json.dumps({"table_sha256": table, "train": images, "validation": [], "test": []}))
(out / "recipe.toml").write_text(Path(sys.argv[2]).read_text())
(out / "said.txt").open("a").write(" ".join(sys.argv) + "\\n")
tell(event="start", device=given.get("--device", "auto"))
for line in sys.stdin:
    match line.strip():
        case "pause":
            tell(event="paused")
        case "go on":
            tell(event="going_on")
        case "finish":
            tell(event="finishing")
            (out / "metrics.json").write_text("{}")
            tell(event="done", metrics={})
            sys.exit(0)
        case "stop":
            tell(event="failed", reason="stopped", resume=True)
            sys.exit(130)
sys.exit(9)
"""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Experiment]:
    """Return what plans an experiment of stand-ins, which do nothing but follow orders."""
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    monkeypatch.setattr(run_process, "program", lambda: [sys.executable, str(tmp_path / "stand_in.py")])
    (tmp_path / "images").mkdir()
    for k in range(4):
        (tmp_path / "images" / f"a{k}.png").touch()
    write_table(tmp_path / "labels.csv", [(f"a{k}.png", 3, 0.5, 0.4) for k in range(4)])

    def make(*names: str, runs: int = 1, device: str = "auto") -> Experiment:
        recipes = []
        for name in names:
            recipes.append(str(tmp_path / f"{name}.toml"))
            Path(recipes[-1]).write_text(recipe_toml(small_recipe(name=name)))
        data = DataPaths(tmp_path / "images", tmp_path / "labels.csv")
        return plan(recipes, runs, tmp_path / "grid", data, device)

    return make


class Heard:
    """Notes what runs tell, and lets a test do something at an event."""

    def __init__(self, **at: Callable[[], None]) -> None:
        self.told: list[tuple[str, str]] = []
        self.events: list[dict[str, Any]] = []
        self._at = at

    def __call__(self, run: PlannedRun, event: dict[str, Any]) -> None:
        self.told.append((run.name, event["event"]))
        self.events.append(event)
        self._at.get(event["event"], lambda: None)()


def test_runs_are_paused_go_on_and_end_early_from_any_thread(made: Callable[..., Experiment]) -> None:
    grid = made("one", runs=2, device="cpu")

    def elsewhere(what: Callable[[], None]) -> Callable[[], None]:
        return lambda: threading.Thread(target=what).start()

    heard = Heard(
        start=elsewhere(grid.pause), paused=elsewhere(grid.go_on), going_on=elsewhere(grid.finish)
    )  # fmt: skip
    grid.train(heard)
    each = ["start", "paused", "going_on", "finishing", "done"]
    assert heard.told == [(name, event) for name in ("one, run 1", "one, run 2") for event in each]
    assert grid.waiting == [] and heard.events[0]["device"] == "cpu"


def with_masks(recipe: Path, seed: int = 0) -> str:
    """Write a recipe that learns outlines first; return its path as text."""
    named = small_recipe(name=recipe.stem, seed=seed, mask_head={"enabled": True}, mask_stage={})
    recipe.write_text(recipe_toml(named))
    return str(recipe)


def outlines_of(run: PlannedRun) -> str | None:
    """Return whose outlines a run was told to take over."""
    words = (run.folder / "said.txt").read_text().split()
    return words[words.index("--outlines") + 1] if "--outlines" in words else None


def test_folds_share_the_outlines_that_the_first_has_learned(made: Callable[..., Experiment], tmp_path: Path) -> None:
    data = made("one").data
    recipes = [with_masks(tmp_path / "one.toml"), with_masks(tmp_path / "two.toml")]
    grid = plan(recipes, 3, tmp_path / "folds", data, folds=True)
    assert [run.name for run in grid.runs][:3] == ["one, fold 1", "two, fold 1", "one, fold 2"]
    script = tmp_path / "stand_in.py"
    learned = "for line in sys.stdin"
    learns = '(out / "checkpoints/masks").mkdir()\n(out / "checkpoints/masks/finished.pt").touch()\n'
    script.write_text(script.read_text().replace(learned, learns + learned))
    grid.train(Heard(start=grid.finish))
    first = str(grid.runs[0].folder)
    assert [outlines_of(run) for run in grid.runs] == [None, *[first] * 5]

    runs = plan(recipes, 2, tmp_path / "runs", data)
    runs.train(Heard(start=runs.finish))
    assert [outlines_of(run) for run in runs.runs] == [None] * 4, "runs are of different seeds"


def test_models_of_a_cross_validation_need_the_same_folds(made: Callable[..., Experiment], tmp_path: Path) -> None:
    data = made("one").data
    recipes = [with_masks(tmp_path / "one.toml"), with_masks(tmp_path / "two.toml", seed=1)]
    with pytest.raises(AnnotriageError, match="Give them the same fractions and seeds"):
        plan(recipes, 5, tmp_path / "folds", data, folds=True)


def test_runs_of_a_recipe_that_names_a_fold_are_refused(made: Callable[..., Experiment], tmp_path: Path) -> None:
    data = made("one").data
    (tmp_path / "fold.toml").write_text(recipe_toml(small_recipe(split={"folds": 3, "fold": 2})))
    with pytest.raises(AnnotriageError, match=r"Take split\.folds and split\.fold out of it"):
        plan([str(tmp_path / "fold.toml")], 2, tmp_path / "runs", data)
    folds = plan([str(tmp_path / "fold.toml")], 3, tmp_path / "folds", data, folds=True)
    assert [load_recipe(run.recipe).split.fold for run in folds.runs] == [1, 2, 3]


def test_a_run_that_begins_in_a_pause_is_paused(made: Callable[..., Experiment]) -> None:
    grid = made("one")
    grid.pause()
    heard = Heard(paused=grid.finish)
    grid.train(heard)
    assert ("one, run 1", "paused") in heard.told and grid.waiting == []


def test_a_stop_ends_what_is_under_way_and_training_again_takes_it_up(made: Callable[..., Experiment]) -> None:
    grid = made("one", runs=2)
    heard = Heard(start=grid.stop)
    grid.train(heard)
    assert heard.told == [("one, run 1", "start"), ("one, run 1", "failed")] and len(grid.waiting) == 2
    grid.train(Heard(start=grid.finish))
    assert grid.waiting == []
    said = [(run.folder / "said.txt").read_text().splitlines() for run in grid.runs]
    assert ["--resume" in line for line in said[0]] == [False, True]
    assert ["--resume" in line for line in said[1]] == [False]


def test_a_stop_before_the_start_is_not_forgotten(made: Callable[..., Experiment]) -> None:
    grid = made("one")
    grid.stop()
    heard = Heard()
    grid.train(heard)
    assert heard.told == [] and len(grid.waiting) == 1


def test_a_run_that_dies_says_why_and_whether_it_can_be_resumed(
    made: Callable[..., Experiment], tmp_path: Path
) -> None:
    grid = made("one")
    script = tmp_path / "stand_in.py"
    script.write_text(script.read_text().replace("for line in sys.stdin", "os_error = 1 / 0\nfor line in sys.stdin"))
    with pytest.raises(RunFailed, match=r"one, run 1 failed: .*ZeroDivisionError.*\(exit code 1\).*\.log") as caught:
        grid.train(Heard())
    assert caught.value.outcome.state == "failed" and caught.value.outcome.can_resume
    assert "Traceback" not in str(caught.value)


def test_labels_that_change_between_two_runs_end_the_training(made: Callable[..., Experiment], tmp_path: Path) -> None:
    grid = made("one", runs=2)
    table = tmp_path / "labels.csv"
    was = table.read_bytes()

    def finish_and_change() -> None:
        table.write_bytes(was.replace(b"0.5", b"0.6", 1))
        grid.finish()

    with pytest.raises(AnnotriageError, match=r"learned from other labels .* Bring them back"):
        grid.train(Heard(start=finish_and_change))
    assert [run.number for run in grid.waiting] == [2]
    table.write_bytes(was)
    grid.train(Heard(start=grid.finish))
    assert grid.waiting == []


def test_images_that_vanish_between_models_of_one_run_end_the_training(
    made: Callable[..., Experiment], tmp_path: Path
) -> None:
    grid = made("one", "two")
    gone = tmp_path / "images" / "a2.png"

    def finish_and_lose() -> None:
        gone.unlink(missing_ok=True)
        grid.finish()

    with pytest.raises(AnnotriageError, match=r"two, run 1 cannot be compared with one, run 1: 1 .* \(first a2\)"):
        grid.train(Heard(start=finish_and_lose))
    gone.touch()
    grid.train(Heard(start=grid.finish))
    assert grid.waiting == []
    assert "--resume" not in (grid.runs[1].folder / "said.txt").read_text(), "it had begun with other images"


def test_a_run_that_waits_is_not_begun_once_another_has_died(
    made: Callable[..., Experiment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        run_process, "program", lambda: [sys.executable, "-c", "import time; time.sleep(0.2); raise SystemExit(9)"]
    )
    grid = made("one", runs=4)
    begun: list[int] = []
    start = RunProcess.start

    def noting(process: RunProcess) -> None:
        begun.append(1)
        start(process)

    monkeypatch.setattr(RunProcess, "start", noting)
    with pytest.raises(RunFailed) as caught:
        grid.train(lambda *_: None)
    assert caught.value.run.number == 1 and len(begun) == 1


def test_planning_loads_no_torch() -> None:
    """A window that plans runs goes on meanwhile: torch takes seconds to load."""
    code = "import sys, annotriage.regressors.experiments.experiment; print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"

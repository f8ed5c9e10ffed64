"""Where the files of runs and experiments lie, and which folders are runs."""

import json
from pathlib import Path

import pytest

from annotriage.errors import AnnotriageError
from annotriage.runs.files import ExperimentFiles, RunFiles, find_runs, is_fold
from annotriage.runs.notes import OR_ANEW, known_values, lists_of_names, read_note, read_recipe
from tests.comparison.made_runs import write_grid, write_run

DICE = {f"im{k}": 0.5 + 0.02 * k for k in range(6)}
GUESS = {f"im{k}": 0.55 for k in range(3)}


def test_a_run_has_begun_then_is_measured_then_finished(tmp_path: Path) -> None:
    run = RunFiles(tmp_path)
    assert not run.has_begun and not run.is_finished and run.model is None
    run.recipe.write_text('name = "mine"\n')
    assert run.has_begun and not run.is_measured
    run.metrics.write_text(json.dumps({"mae": 0.1, "without_model": True}))
    assert run.is_measured and not run.is_finished
    run.metrics.write_text(json.dumps({"mae": 0.1}))
    assert run.is_finished
    run.metrics.write_text("{")
    assert run.is_finished, "whoever reads it says what is wrong"


def test_the_model_is_that_of_the_recipes_name(tmp_path: Path) -> None:
    run = RunFiles(tmp_path)
    (tmp_path / "another.onnx").touch()
    assert run.model == tmp_path / "another.onnx"
    run.recipe.write_text('name = "mine"\n')
    (tmp_path / "mine.onnx").touch()
    assert run.model == tmp_path / "mine.onnx"
    run.recipe.write_text("name = ")
    assert run.model == tmp_path / "another.onnx"


def test_an_experiments_runs_are_those_that_have_begun(tmp_path: Path) -> None:
    there = ExperimentFiles(write_grid(tmp_path / "grid", {"a": 0.1, "b": 0.2}, runs=2))
    assert [run.folder for run in there.runs] == [there.run(m, n).folder for m in "ab" for n in (1, 2)]
    there.run("c", 3, "fold").folder.mkdir(parents=True)
    assert len(there.runs) == 4
    there.run("c", 3, "fold").recipe.touch()
    assert is_fold(there.runs[-1].folder) and not is_fold(there.runs[0].folder)
    there.recipes.mkdir()
    for file in (there.recipe("a"), there.run_recipe("a", 1), there.run_recipe("c", 3, "fold")):
        file.touch()
    assert there.planned == 2
    assert there.run_log("a", 1) == there.recipes / "a-run-01.log"


def test_runs_are_found_at_a_depth_and_not_through_links_where_nobody_waits_for_them(tmp_path: Path) -> None:
    grid = write_grid(tmp_path / "grid", {"a": 0.1}, runs=2)
    (tmp_path / "link").symlink_to(grid, target_is_directory=True)
    (tmp_path / ".hidden").mkdir()
    write_run(tmp_path / ".hidden" / "run", "h", 1, DICE, GUESS)
    expected = [grid / "a" / "run-01", grid / "a" / "run-02"]
    assert [run.folder for run in find_runs(tmp_path)] == expected
    assert [run.folder for run in find_runs(tmp_path, strict=False)] == expected
    assert [run.folder for run in find_runs(tmp_path / "link")] == [
        tmp_path / "link" / "a" / name for name in ("run-01", "run-02")
    ]
    assert list(find_runs(tmp_path, deepest=1)) == []
    assert [run.folder for run in find_runs(expected[0], deepest=0)] == expected[:1]


def test_damaged_notes_are_told_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "split.json"
    with pytest.raises(AnnotriageError, match="cannot be read"):
        read_note(file)
    for text in ("{", "[1]", "[" * 100_000):
        file.write_text(text)
        with pytest.raises(AnnotriageError, match=r"split\.json is damaged .*own file back, or start a new run"):
            read_note(file, OR_ANEW)
        assert known_values(file) == {}
    file.write_text('{"train": ["a"], "test": [1]}')
    assert lists_of_names(file, read_note(file), ("train",)) == {"train": ["a"]}
    with pytest.raises(AnnotriageError, match="test is no list of names"):
        lists_of_names(file, read_note(file))
    assert read_recipe(tmp_path / "none.toml") == {}
    file.write_text("a = ")
    with pytest.raises(AnnotriageError, match="is damaged"):
        read_recipe(file)

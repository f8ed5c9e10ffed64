"""`annotriage compare` and `annotriage diagnosis` as a person runs them."""

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from annotriage.commands import compare as compare_command
from annotriage.commands import diagnosis as diagnosis_command
from annotriage.errors import AnnotriageError
from tests.comparison.made_runs import PAPER_MODELS, TABLE_3_MAE, TABLE_3_MSE, write_grid, write_table


def invoke(module: object, name: str, *arguments: object) -> object:
    """Run one verb in this process."""
    app = typer.Typer()
    app.command("nothing")(lambda: None)
    module.register(app)  # type: ignore[attr-defined]
    return CliRunner().invoke(app, [name, *map(str, arguments)], env={"COLUMNS": "200", "NO_COLOR": "1"})


@pytest.mark.slow
def test_compare_prints_the_papers_table_3_and_writes_a_report(tmp_path: Path) -> None:
    mse, mae = np.array(TABLE_3_MSE).T / 10_000, np.array(TABLE_3_MAE).T / 10_000
    table = write_table(tmp_path / "runs.csv", mse, mae, PAPER_MODELS)
    said = invoke(compare_command, "compare", table, "--metric", "mae", "--report", tmp_path / "report.json")
    assert said.exit_code == 0, said.output
    assert "0.11104" in said.stdout and "0.94599" in said.stdout
    assert "Caution" in said.stdout and "paper: MSE" in said.stdout
    assert json.loads((tmp_path / "report.json").read_text())["metric"] == "mae"
    assert (
        "paper"
        not in invoke(compare_command, "compare", table, "--no-paper").stdout.split("Errors")[1].split("\n\n")[0]
    )


def test_compare_refuses_before_it_works(tmp_path: Path) -> None:
    grid = write_grid(tmp_path / "grid", {"a": 0.1, "b": 0.2}, runs=3)
    said = invoke(compare_command, "compare", grid, "--metric", "rmse")
    assert said.exit_code == 2 and "rmse" in said.output
    said = invoke(compare_command, "compare", grid, "--report", tmp_path / "report.doc")
    assert said.exit_code == 2 and ".doc" in said.output
    (grid / "b" / "run-02" / "metrics.json").unlink()
    said = invoke(compare_command, "compare", grid)
    assert isinstance(said.exception, AnnotriageError) and "not finished" in str(said.exception)


@pytest.mark.slow
def test_diagnosis_prints_r_p_and_counts(tmp_path: Path) -> None:
    dice = np.linspace(0.4, 0.95, 24)
    labels = ["image,dice_mean", *(f"im{k},{value:.4f}" for k, value in enumerate(dice))]
    kinds = ["benign", "malignant"] * 11 + ["indeterminate", ""]
    clinical = ["isic_id,benign_malignant", *(f"im{k},{kind}" for k, kind in enumerate(kinds))]
    (tmp_path / "metrics.csv").write_text("\n".join(labels))
    (tmp_path / "clinical.csv").write_text("\n".join(clinical))
    given = ["--labels", tmp_path / "metrics.csv", "--clinical", tmp_path / "clinical.csv"]
    said = invoke(diagnosis_command, "diagnosis", *given, "--report", tmp_path / "report.tex")
    assert said.exit_code == 0, said.output
    for expected in ("Point-biserial", "r = 0.005 with p = 0.828", "indeterminate", "(not known)", "compared: 22"):
        assert expected in " ".join(said.stdout.split()), expected
    assert (tmp_path / "report.tex").is_file()
    said = invoke(diagnosis_command, "diagnosis", *given, "--by", "colour")
    assert isinstance(said.exception, AnnotriageError) and "no column colour" in str(said.exception)


def test_kinds_that_nothing_tells_are_refused_before_anything_is_printed(tmp_path: Path) -> None:
    write_grid(tmp_path / "runs", {"a": 0.1, "b": 0.2}, runs=3)
    said = invoke(compare_command, "compare", tmp_path / "runs", "--by", "tool")
    assert isinstance(said.exception, AnnotriageError) and "by --masks" in str(said.exception)  # type: ignore[attr-defined]
    assert said.output == ""  # type: ignore[attr-defined]

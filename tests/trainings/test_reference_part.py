"""The verdict beside the model in use, printed and written by `annotriage compare --images`."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from annotriage.commands.app import app
from annotriage.comparison.comparing import compare
from annotriage.comparison.explained.document import Paragraph
from annotriage.comparison.explained.table import TableBlock
from annotriage.model_file import ModelLibrary
from annotriage.trainings.reference_part import reference_part
from tests.comparison.made_runs import runs_of, write_grid
from tests.pictures import write_picture

pytestmark = pytest.mark.slow


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Return a folder with the test images of the run in ``tmp_path / "runs"``."""
    write_grid(tmp_path / "runs", {"mine": 0.05}, runs=1, images=60, test=24)
    (run,) = compare([tmp_path / "runs"]).runs.runs[0]
    assert run.images is not None
    for place, name in enumerate(run.images.names):
        write_picture(tmp_path / "photos" / name, 0.3 + place / 60, height=48, width=64)
    return tmp_path / "photos"


def test_it_is_on_the_terminal_and_in_the_report(images: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    given = ["compare", str(tmp_path / "runs"), "--images", str(images), "--report", str(report)]
    said = CliRunner().invoke(app, given, env={"NO_COLOR": "1"})
    assert said.exit_code == 0, said.output
    words = " ".join(said.stdout.split())
    assert "BESIDE THE MODEL IN USE" in words and "On the same 24 test images the new model is off by" in words
    assert "9,999 draws of 24 test images" in words and "The model in use (bundled)" in words
    blocks = json.loads(report.read_text(encoding="utf-8"))["report"]
    assert any("On the same 24 test images" in block["block"].get("text", "") for block in blocks)


def test_its_numbers_are_the_runs(images: Path, tmp_path: Path) -> None:
    found = compare([tmp_path / "runs"])
    (run,) = found.runs.runs[0]
    assert run.images is not None
    (table,) = [each for each in reference_part(found, images, ModelLibrary()) if isinstance(each, TableBlock)]
    sd = np.abs(np.clip(run.images.predicted, 0, 1) - run.images.dice).std(ddof=1)
    assert table.rows[0][:2] == ("The new model", f"{run.mae:.4f} ± {sd:.4f}")
    assert [row[0] for row in table.rows[1:]] == ["The model in use (bundled)", "A guess"]


def test_what_cannot_be_compared_is_said(images: Path, tmp_path: Path) -> None:
    tabled = compare(runs_of(np.array([[0.03], [0.04]])))
    said = [each for each in reference_part(tabled, images, ModelLibrary()) if isinstance(each, Paragraph)]
    assert said[0].caution and "a table of runs does not hold" in said[0].text
    (tmp_path / "empty").mkdir()
    gone = list(reference_part(compare([tmp_path / "runs"]), tmp_path / "empty", ModelLibrary()))
    assert isinstance(gone[-1], Paragraph) and "None of the 24 test images can be read" in gone[-1].text

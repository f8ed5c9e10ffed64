"""No command writes over what it reads, whichever it is; and a sheet of a workbook is a table like any other."""

import os
import re
import shutil
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from annotriage.commands import app as program
from tests.comparison.made_runs import write_run
from tests.pictures import write_pictures
from tests.tiny_models import write_tiny_model


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make files of each kind that commands read, and go there."""
    monkeypatch.chdir(tmp_path)
    write_pictures(Path("images"), 2)
    for person in ("al", "bo"):
        shutil.copytree("images", Path("masks") / person)
    Path("m.csv").write_text("image,dice_mean\n0,0.5\n1,0.75\n")
    Path("masks.csv").write_text("image,annotator,mask\n0,al,masks/al/0.png\n0,bo,masks/bo/0.png\n")
    Path("runs.csv").write_text("model,run,mse,mae\na,1,0.01,0.05\nb,1,0.02,0.06\n")
    Path("recipe.toml").write_text('name = "mine"\n')
    Path("link.csv").symlink_to("masks.csv")
    os.link("masks.csv", "hard.csv")
    Path("clinical").mkdir()
    Path("split.json").write_text("{}")
    write_tiny_model(Path("tiny.onnx"))
    write_run(Path("run"), "a", 1, {"0": 0.5, "1": 0.75}, {"0": 0.5, "1": 0.75})
    return tmp_path


LABELLED = "--images images --labels m.csv"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("agree masks.csv --out masks.csv", "would overwrite masks.csv"),
        ("agree masks.csv --out ./images/../masks.csv", "would overwrite masks.csv"),
        ("agree masks.csv --pairs link.csv", "would overwrite masks.csv"),
        ("agree hard.csv --out masks.csv", "would overwrite hard.csv"),
        ("agree masks --tasks m.csv --out m.csv", "would overwrite m.csv"),
        ("agree masks --out s.csv --pairs s.csv", "--out and --pairs are the same"),
        ("agree masks --out s.csv --pairs S.csv", "--out and --pairs are the same"),
        ("agree masks --maps x --consensus majority --consensus-dir x", "are the same"),
        (f"evaluate tiny.onnx {LABELLED} --json m.csv", "does not end in .json"),
        (f"evaluate tiny.onnx {LABELLED} --json images/0.png", "does not end in .json"),
        (f"evaluate tiny.onnx {LABELLED} --split split.json --json split.json", "would overwrite split.json"),
        ("compare runs.csv --report runs.csv", "does not end in .html"),
        ("compare run --report run/metrics.json", "where files of that name are read|a run's own file"),
        ("compare run --clinical clinical --by sex --report clinical/r.json", "where files of that name are read"),
        ("diagnosis --labels m.csv --clinical clinical --report clinical/r.json", "where files of that name are read"),
        ("score images --out images/0.png", "does not end in .csv"),
        ("score images --heatmaps images", "would overwrite images"),
        ("score images --model tiny.onnx --out tiny.onnx", "does not end in .csv"),
        (f"train recipe.toml {LABELLED} --out images", "would overwrite images"),
        (f"train recipe.toml {LABELLED} --masks masks --out masks", "would overwrite masks"),
        (f"train recipe.toml {LABELLED} --outlines run --out run", "would overwrite run"),
        (f"train recipe.toml {LABELLED} --out m.csv", "is a file; name a folder"),
        (f"experiment recipe.toml {LABELLED} --out images", "would overwrite images"),
        (
            f"experiment recipe.toml {LABELLED} --out grid --report grid/metrics.json",
            "does not exist|files of that name",
        ),
    ],
)
def test_no_output_costs_an_input(place: Path, line: str, says: str) -> None:
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    done = CliRunner(env={"COLUMNS": "250"}).invoke(program.app, line.split())
    assert done.exit_code == 2, done.output
    assert re.search(says, " ".join(done.output.split())), done.output
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before


def sheets(name: str) -> None:
    book = Workbook()
    for title, dice in (("One", 0.5), ("Two", 0.25)):
        sheet = book.create_sheet(title)
        sheet.append(["image", "dice_mean"])
        for image in ("0", "1"):
            sheet.append([image, dice])
    book.save(name)


def test_a_sheet_is_named_after_its_file(place: Path) -> None:
    sheets("book.xlsx")
    line = ["evaluate", "tiny.onnx", "--images", "images", "--labels"]
    asked = CliRunner().invoke(program.app, [*line, "book.xlsx"])
    assert "book.xlsx#One" in str(asked.exception)
    done = CliRunner().invoke(program.app, [*line, "book.xlsx#Two", "--json", "two.json"])
    assert done.exit_code == 0, done.output
    missing = CliRunner().invoke(program.app, [*line, "nowhere.xlsx#Two"])
    assert missing.exit_code == 2 and "There is no file nowhere.xlsx" in " ".join(missing.output.split())


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("score", "Missing argument 'FOLDER'. `annotriage score --help`"),
        ("score . --heatmap x", "No such option: --heatmap"),
        ("score . --jobs 0", "--jobs: "),
        ("scor .", "No such command 'scor'"),
        ("score x\x1b]0;t\x07y", "does not exist"),
    ],
)
def test_a_command_line_that_cannot_be_understood_is_a_sentence(
    line: str, says: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["annotriage", *line.split()])
    with pytest.raises(SystemExit) as ended:
        program.run(None)  # type: ignore[arg-type]
    said = capfd.readouterr().err
    assert ended.value.code == 2 and said.startswith("annotriage: ") and says in said
    assert said.count("\n") == 1 and said.isascii() and "\x1b" not in said and "\x07" not in said

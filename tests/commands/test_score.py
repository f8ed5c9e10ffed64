"""`annotriage score`: what is printed where, what is written, and how it exits."""

import csv
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from openpyxl import load_workbook
from PIL import Image
from typer.testing import CliRunner, Result

from annotriage.commands.score import register
from annotriage.errors import AnnotriageError
from annotriage.model_file import ModelLibrary, library
from annotriage.triage.session import Session
from tests.agreement.masks import disc, write_mask
from tests.pictures import write_picture, write_pictures
from tests.tiny_models import write_tiny_model

pytestmark = pytest.mark.copies


@pytest.fixture(autouse=True)
def no_bundled_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "resources_folder", lambda: tmp_path / "nowhere")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "tiny.onnx")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pictures(tmp_path / "images", 12)
    return tmp_path / "images"


def annotriage(*arguments: str | Path | int) -> Result:
    app = typer.Typer()

    @app.command()
    def another() -> None:
        """Stand in for the other verbs."""

    register(app)
    runner = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1"})
    return runner.invoke(app, ["score", *map(str, arguments)])


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(newline="", encoding="utf-8-sig")))


def test_the_darkest_comes_first(folder: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    result = annotriage(folder, "--model", model, "--out", out, "--top", 3)
    assert result.exit_code == 0, result.output
    rows = read_csv(out)
    assert list(rows[0])[:7] == ["rank", "image", "predicted_dice", "disagreement", "lower", "upper", "error"]
    assert list(rows[0])[7:] == ["group"]  # they are one picture, brighter and darker
    assert [row["image"] for row in rows] == [f"{number}.png" for number in range(12)]
    assert [row["rank"] for row in rows] == [str(rank) for rank in range(1, 13)]
    printed = result.stdout.splitlines()
    listed = [line.split()[:2] for line in printed if line.strip()[:1].isdigit()]
    assert listed == [["1", "0.png"], ["2", "1.png"], ["3", "2.png"]]
    assert "Predicted" in printed[0]
    assert "90 % interval" in printed[1]
    assert "12 images scored at" in result.stderr
    assert "12 images scored at" not in result.stdout


def test_the_second_run_knows(folder: Path, model: Path, tmp_path: Path) -> None:
    outs = [tmp_path / "1.csv", tmp_path / "2.csv"]
    annotriage(folder, "--model", model, "--out", outs[0])
    write_picture(folder / "new.png", 0.95)
    result = annotriage(folder, "--model", model, "--jobs", 1)
    assert "1 image scored" in result.stderr
    assert "12 images known from before" in result.stderr
    (folder / "new.png").unlink()
    annotriage(folder, "--model", model, "--out", outs[1], "--fresh")
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_unreadable_images_are_listed_with_their_reason(folder: Path, model: Path, tmp_path: Path) -> None:
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "10a.png").write_bytes((folder / "1.png").read_bytes()[:-60])
    (folder / "[red]text.jpg").write_text("not an image")
    out = tmp_path / "scores.json"
    result = annotriage(folder, "--model", model, "--out", out, "--top", 0)
    assert result.exit_code == 3
    assert "0.png" not in [line.split()[1] for line in result.stdout.splitlines() if line.strip()]
    assert "[red]text.jpg" in result.stdout
    assert "empty" in result.stdout
    assert "3 could not be read" in result.stderr
    rows = json.loads(out.read_text(encoding="utf-8"))
    assert [row["image"] for row in rows[12:]] == ["10a.png", "[red]text.jpg", "empty.jpg"]
    assert all(row["rank"] is None and row["disagreement"] is None and row["error"] for row in rows[12:])
    assert annotriage(folder, "--model", model).exit_code == 3


def test_many_unreadable_images_do_not_flood_the_terminal(tmp_path: Path, model: Path) -> None:
    for number in range(50):
        write_picture(tmp_path / "i" / f"{number}.png", 0.5).write_bytes(b"")
    result = annotriage(tmp_path / "i", "--model", model)
    assert result.exit_code == 3
    assert "and 30 more" in result.stdout


@pytest.mark.slow
def test_heatmaps_of_all_that_can_be_read(folder: Path, model: Path, tmp_path: Path) -> None:
    (folder / "empty.jpg").write_bytes(b"")
    result = annotriage(folder, "--model", model, "--heatmaps", tmp_path / "overlays")
    assert result.exit_code == 3
    assert len(list((tmp_path / "overlays").iterdir())) == 12
    assert "overlays are in" in result.stderr


@pytest.mark.slow
def test_xlsx_and_further_targets(folder: Path, tmp_path: Path) -> None:
    model = write_tiny_model(tmp_path / "m.onnx", further_targets=["same", "twice"])
    result = annotriage(folder, "--model", model, "--out", tmp_path / "scores.xlsx")
    assert result.exit_code == 0
    rows = list(load_workbook(tmp_path / "scores.xlsx").active.iter_rows(values_only=True))
    same, twice = rows[0].index("same"), rows[0].index("twice")
    assert rows[1][twice] == pytest.approx(2 * rows[1][same], abs=1e-4)
    assert len(rows) == 13


def test_formulas_in_names_are_defused(folder: Path, model: Path, tmp_path: Path) -> None:
    write_picture(folder / "=1+1.png", 0.5)
    annotriage(folder, "--model", model, "--out", tmp_path / "s.csv")
    assert "'=1+1.png" in [row["image"] for row in read_csv(tmp_path / "s.csv")]


def test_a_name_is_not_cut_in_a_pipe_and_cannot_steer_the_terminal(tmp_path: Path, model: Path) -> None:
    name = "very/" * 20 + "long.png"
    write_picture(tmp_path / "i" / name, 0.5)
    write_picture(tmp_path / "i" / "\x1b[31mred\n.png", 0.5)
    result = annotriage(tmp_path / "i", "--model", model)
    assert name in result.stdout
    assert "\x1b" not in result.stdout


def test_a_single_image(folder: Path, model: Path) -> None:
    result = annotriage(folder / "3.png", "--model", model)
    assert result.exit_code == 0
    assert "3.png" in result.stdout
    assert "2.png" not in result.stdout


def test_not_recursive(folder: Path, model: Path) -> None:
    write_picture(folder / "sub" / "deep.png", 0.1)
    assert "deep.png" in annotriage(folder, "--model", model).stdout
    assert "deep.png" not in annotriage(folder, "--model", model, "--no-recursive").stdout


@pytest.mark.slow
def test_the_default_model_is_used(folder: Path, model: Path) -> None:
    ModelLibrary().import_model(model)
    assert annotriage(folder, "--model", "tiny").exit_code == 0
    ModelLibrary().set_default("tiny")
    assert "12 images known" in annotriage(folder).stderr


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--out", "scores.txt", "does not end in"),
        ("--out", "missing/scores.csv", "does not exist"),
        ("--out", "folder.csv", "is a folder"),
        ("--heatmaps", "tiny.onnx", "is a file"),
        ("--jobs", "0", "than or equal to 1"),
        ("--top", "-1", "than or equal to 0"),
    ],
)
def test_usage_errors_come_before_any_scoring(
    folder: Path, model: Path, tmp_path: Path, own_home: Path, option: str, value: str, sentence: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    given = value if value.lstrip("-").isdigit() else str(tmp_path / value)
    result = annotriage(folder, "--model", model, option, given)
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.replace("│", " ").split())
    assert list(own_home.iterdir()) == []


def test_a_folder_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    assert annotriage(tmp_path / "nowhere").exit_code == 2


def test_an_empty_folder_is_a_sentence(tmp_path: Path, model: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "table.csv").write_text("a,b")
    result = annotriage(tmp_path / "empty", "--model", model)
    assert result.exit_code == 1
    assert isinstance(result.exception, AnnotriageError)
    assert "There are no images" in str(result.exception)


def test_an_unknown_model_is_a_sentence(folder: Path) -> None:
    result = annotriage(folder, "--model", "nothing")
    assert isinstance(result.exception, AnnotriageError)


def test_help_has_examples() -> None:
    result = annotriage("--help")
    assert result.exit_code == 0
    assert "annotriage score photos --out scores.xlsx" in result.output


def drawn(path: Path) -> Path:
    """Write a mask under a name that says nothing."""
    marked = np.zeros((48, 64), np.uint8)
    marked[10:30, 20:50] = 255
    Image.fromarray(marked).save(path)
    return path


def test_masks_are_left_out_counted_and_named(folder: Path, model: Path, tmp_path: Path) -> None:
    for name in ("ann.png", "other.bmp"):
        drawn(folder / name)
    for _ in range(2):
        result = annotriage(folder, "--model", model, "--out", tmp_path / "r.csv")
        assert result.exit_code == 0
        assert "Left out as masks: 2 (ann.png, other.bmp)." in result.stderr
        assert [row["image"] for row in read_csv(tmp_path / "r.csv")].count("ann.png") == 0
        assert len(read_csv(tmp_path / "r.csv")) == 12


def test_a_folder_of_masks_only_is_not_ranked(model: Path, tmp_path: Path) -> None:
    (tmp_path / "drawn").mkdir()
    drawn(tmp_path / "drawn" / "1.png")
    result = annotriage(tmp_path / "drawn", "--model", model)
    assert isinstance(result.exception, AnnotriageError)
    assert "These look like masks" in str(result.exception) and "annotriage agree" in str(result.exception)


def test_a_mask_that_scoring_found_is_no_image_that_is_known(folder: Path, model: Path) -> None:
    write_mask(folder / "lonely_mask.png", disc(48, 64, row=24, column=32, radius=9))
    (folder / "cut off.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    assert "12 images scored" in annotriage(folder, "--model", model).stderr
    again = annotriage(folder, "--model", model)
    assert "Left out as masks: 1 (lonely_mask.png)" in again.stderr
    assert "12 images known from before, 1 could not be read." in again.stderr
    assert again.exit_code == 3


def test_a_stop_of_fresh_does_not_count_what_was_known(
    folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    annotriage(folder, "--model", model)
    scored = Session.score

    def stopped(session: Session, **options: Any) -> Iterator[Any]:
        with closing(scored(session, **options)) as work:
            yield next(work)
            raise KeyboardInterrupt

    monkeypatch.setattr(Session, "score", stopped)
    again = annotriage(folder, "--model", model, "--fresh")
    assert "Stopped. 1 of 12 images scored anew" in again.stderr and again.exit_code == 130

"""`annotriage evaluate` on a tiny model whose answers are known."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from annotriage.commands.evaluate import register
from annotriage.errors import AnnotriageError
from annotriage.model_file import Calibrations, open_model_file
from annotriage.triage.calibrating import calibrate_folder
from annotriage.triage.store import SessionStore
from tests.tiny_models import TINY_WAYS, write_tiny_model


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return app


@pytest.fixture
def labelled(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Write 40 grey images and their labels, which rise with brightness; return model, images, labels."""
    images = tmp_path / "images"
    images.mkdir()
    lines = ["image,count,dice_mean"]
    for k in range(40):
        Image.new("RGB", (40, 40), (6 * k,) * 3).save(images / f"i{k:02}.png")
        lines.append(f"i{k:02}.png,2,{k / 40:.3f}")
    labels = tmp_path / "metrics.csv"
    labels.write_text("\n".join(lines) + "\n")
    return write_tiny_model(tmp_path / "tiny.onnx"), images, labels


@pytest.mark.slow
def test_measures_all_labelled_images(app: typer.Typer, labelled: tuple[Path, Path, Path], tmp_path: Path) -> None:
    model, images, labels = labelled
    out = tmp_path / "found.json"
    result = CliRunner().invoke(
        app, ["evaluate", str(model), "--images", str(images), "--labels", str(labels), "--json", str(out)]
    )
    assert result.exit_code == 0, result.output
    found = json.loads(out.read_text())
    assert found["images"] == 40
    assert abs(found["spearman"]) == pytest.approx(1)
    truth = np.arange(40) / 40
    assert found["median_mae"] == pytest.approx(np.abs(truth - np.median(truth)).mean(), abs=1e-6)
    assert [row["reviewed"] for row in found["triage"]["found"]] == [0.05, 0.1, 0.2]
    for word in ("MAE", "MSE", "Spearman", "Coverage", "median", "mean", "Triage"):
        assert word in result.output


@pytest.mark.slow
def test_no_figure_is_cut_in_a_narrow_terminal(app: typer.Typer, labelled: tuple[Path, Path, Path]) -> None:
    model, images, labels = labelled
    arguments = ["evaluate", str(model), "--images", str(images), "--labels", str(labels)]
    said = CliRunner(env={"COLUMNS": "80"}).invoke(app, arguments)
    assert said.exit_code == 0
    assert "…" not in said.stdout


@pytest.mark.slow
def test_measures_one_part_of_a_split(app: typer.Typer, labelled: tuple[Path, Path, Path], tmp_path: Path) -> None:
    model, images, labels = labelled
    stems = [f"i{k:02}" for k in range(40)]
    split = tmp_path / "split.json"
    split.write_text(json.dumps({"train": stems[:20], "validation": stems[20:25], "test": stems[25:]}))
    out = tmp_path / "found.json"
    arguments = ["evaluate", str(model), "--images", str(images), "--labels", str(labels), "--split", str(split)]
    result = CliRunner().invoke(app, [*arguments, "--json", str(out)])
    assert result.exit_code == 0, result.output
    found = json.loads(out.read_text())
    assert found["images"] == 15
    # the baseline predicts the median of what was learned from, not of the test images
    learned, tested = np.arange(25) / 40, np.arange(25, 40) / 40
    assert found["median_mae"] == pytest.approx(np.abs(tested - np.median(learned)).mean(), abs=1e-6)


@pytest.mark.slow
def test_unreadable_images_are_named_and_the_rest_measured(
    app: typer.Typer, labelled: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    model, images, labels = labelled
    whole = (images / "i07.png").read_bytes()
    (images / "i07.png").write_bytes(whole[: len(whole) // 2])
    result = CliRunner().invoke(app, ["evaluate", str(model), "--images", str(images), "--labels", str(labels)])
    assert result.exit_code == 3
    assert "i07.png" in result.output
    assert "(39)" in result.output


def test_wrong_split_files_get_a_sentence(app: typer.Typer, labelled: tuple[Path, Path, Path], tmp_path: Path) -> None:
    model, images, labels = labelled
    split = tmp_path / "split.json"
    split.write_text("[]")
    result = CliRunner().invoke(
        app, ["evaluate", str(model), "--images", str(images), "--labels", str(labels), "--split", str(split)]
    )
    assert isinstance(result.exception, AnnotriageError)
    assert "split.json" in str(result.exception)


@pytest.mark.slow
def test_reads_the_column_that_was_chosen_and_says_which(
    app: typer.Typer, labelled: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    model, images, labels = labelled
    labels.write_text(labels.read_text().replace("image,count,dice_mean", "picture,raters,Ours"))
    command = ["evaluate", str(model), "--images", str(images), "--labels", str(labels)]
    failed = CliRunner().invoke(app, command)
    assert isinstance(failed.exception, AnnotriageError)
    assert "--column dice=Ours" in str(failed.exception)
    result = CliRunner().invoke(app, [*command, "--column", "dice=ours"])
    assert result.exit_code == 0, result.output
    assert "image = picture (named so; holds names of images); dice = Ours (chosen)" in " ".join(result.output.split())


@pytest.mark.slow
def test_what_is_left_out_and_what_is_only_remarked_are_told_apart(
    app: typer.Typer, labelled: tuple[Path, Path, Path]
) -> None:
    model, images, labels = labelled
    rows = labels.read_text().splitlines()
    rows = [*rows[:-3], f"{rows[-2]}%", rows[-1], rows[-1], "gone.png,2,0.5", 'i37.png,2,"0.925', "i37.png,2,x"]
    labels.write_text("\n".join(rows).replace("0.950%", "95%"))
    done = CliRunner(env={"COLUMNS": "400"}).invoke(
        app, ["evaluate", str(model), "--images", str(images), "--labels", str(labels)]
    )
    assert done.exit_code == 0, done.output
    said = [line.strip() for line in done.output.splitlines() if line.startswith(("Left out", "Note"))]
    assert said == [
        "Note: 1 line with a quotation mark that is never closed; it was read as a letter (line 43)",
        "Left out: 2 rows whose Dice is not a number (i37.png, i37.png)",
        "Note: 1 cell in per cent, read as shares (i38.png: 95%)",
        "Note: 1 row that repeats another; one of each is kept (i39.png)",
        "Left out: 1 label without an image (gone.png)",
        "Left out: 1 image without a label (i37.png)",
    ]


@pytest.mark.slow
def test_what_was_calibrated_is_used_and_the_alarm_is_of_other_images(app: typer.Typer, tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    model = open_model_file(write_tiny_model(tmp_path / "tiny.onnx", ways=TINY_WAYS))
    greys = [40 + 2 * place for place in range(80)]
    for place, grey in enumerate(greys):
        Image.new("RGB", (40, 40), (grey,) * 3).save(images / f"i{place:02}.png")
    by_hand = np.array([1 - grey / 255 for grey in greys])  # what the tiny model says, but for rounding
    off = np.random.default_rng(0).normal(0.2, 0.02, 80)

    def labels(name: str, places: range, shift: float) -> Path:
        rows = [f"i{place:02}.png,2,{min(1, max(0, by_hand[place] + off[place] + shift)):.4f}" for place in places]
        (tmp_path / name).write_text("\n".join(["image,count,dice_mean", *rows]) + "\n")
        return tmp_path / name

    first, then = labels("first.csv", range(0, 80, 2), 0.0), labels("then.csv", range(1, 80, 2), 0.0)
    with SessionStore() as store:
        made = calibrate_folder(model, images, store, labels=first, way="hand")
    Calibrations().write(made.card, model)

    def evaluated(table: Path, *more: str) -> tuple[dict[str, Any], str]:
        out = tmp_path / "found.json"
        given = [
            "evaluate",
            str(model.path),
            "--images",
            str(images),
            "--labels",
            str(table),
            "--json",
            str(out),
            *more,
        ]
        said = CliRunner(env={"COLUMNS": "100"}).invoke(app, given)
        assert said.exit_code == 0, said.output
        return json.loads(out.read_text()), " ".join(said.output.split())

    found, said = evaluated(then)
    assert found["way"] == "hand" and found["calibrated"] and found["mae"] < 0.05
    assert "by hand, calibrated on 40 images of yours" in said
    assert found["images_calibrated_on"] == 0 and found["alarm"]["images"] == 40 and not found["alarm"]["fired_at"]
    found, said = evaluated(first)
    assert found["images_calibrated_on"] == 40 and found["alarm"]["images"] == 0
    assert "Of these images, 40 served to calibrate" in said
    plain, said = evaluated(then, "--drawn", "hand", "--uncalibrated")
    assert plain["mae"] > 0.15 and not plain["calibrated"] and "calibrated on" not in said
    found, said = evaluated(labels("later.csv", range(1, 80, 2), -0.4))
    assert found["alarm"]["fired_at"] < 20 and "Calibrate the model, or train one" in said
    assert "lie outside their predicted intervals" in said


def test_a_way_that_the_model_does_not_know_is_refused(app: typer.Typer, labelled: tuple[Path, Path, Path]) -> None:
    model, images, labels = labelled
    given = ["evaluate", str(model), "--images", str(images), "--labels", str(labels), "--drawn", "hand"]
    assert "does not know the way of drawing hand" in str(CliRunner().invoke(app, given).exception)


@pytest.mark.slow
def test_errors_by_way_of_drawing_stand_beside_those_of_the_mixture(
    app: typer.Typer, labelled: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    _, images, labels = labelled
    model = write_tiny_model(tmp_path / "ways.onnx", ways=TINY_WAYS)
    tools = {k: ("T1", "T1") if k % 2 else ("T1", "T2") for k in range(38)}
    lines = ["img_id,annotator1,annotator2,dice_score,tool1,tool2"]
    lines += [f"i{k:02}.png,A,B,0.5,{first},{second}" for k, (first, second) in tools.items()]
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("\n".join([*lines, "i39.png,A,B,0.5,T1,T1", "i39.png,A,C,0.5,T1,T3"]) + "\n")
    arguments = ["evaluate", str(model), "--images", str(images), "--labels", str(labels)]
    out = tmp_path / "found.json"
    result = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*arguments, "--pairs", str(pairs), "--json", str(out)])
    assert result.exit_code == 0, result.output
    every, *others = json.loads(out.read_text())["by_way"]
    assert every["images"] == 38
    assert [each["images"] for each in others] == [38], "two ways of 19 images each are too few to be told apart"
    for words in ("By way of drawing", "mixture", "1 image was drawn in several ways", "1 image of which"):
        assert words in result.output
    assert "…" not in result.stdout
    without = CliRunner().invoke(app, arguments)
    assert "--pairs FILE" in without.output

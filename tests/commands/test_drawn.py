"""`--drawn`: chosen once for a folder, said with every number, and never one way's numbers under another's name."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

import annotriage
from annotriage.commands import choose, cvat, export, models, outcome, score
from annotriage.errors import AnnotriageError
from annotriage.labelling.cvat.function import create
from annotriage.model_file import ModelLibrary, library
from annotriage.scoring.overlay_sheet import read_stamp
from annotriage.scoring.team import way_named
from annotriage.triage.store import SessionStore
from annotriage.triage.team_choice import chosen_way
from tests.pictures import write_pictures
from tests.tiny_models import TINY_WAYS, tiny_card, ways_with_metrics, write_tiny_model

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "resources_folder", lambda: tmp_path / "nowhere")
    ModelLibrary().import_model(write_tiny_model(tmp_path / "tiny.onnx", ways=TINY_WAYS))
    ModelLibrary().set_default("tiny")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pictures(tmp_path / "photos", 6)
    return tmp_path / "photos"


def program(*arguments: str | Path | int) -> Result:
    app = typer.Typer()
    for verb in (score, export, cvat, outcome, models, choose):
        verb.register(app)
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, [str(each) for each in arguments])


def lines(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(newline="", encoding="utf-8-sig")))


def test_it_is_chosen_once_and_everything_follows_without_being_computed_anew(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "ranking.csv"
    first = program("score", folder, "--out", out)
    assert "Predicted for: mixed or unknown; choose with --drawn" in first.output
    mixed = lines(out)
    assert {line["predicted_for"] for line in mixed} == {"mixed or unknown"}
    second = program("score", folder, "--out", out, "--drawn", "by hand")
    assert "Predicted for: by hand (chosen for this folder)" in second.output
    assert "6 images known from before" in second.output
    assert "scored at" not in second.output
    by_hand = lines(out)
    assert {line["predicted_for"] for line in by_hand} == {"by hand"}, "one way in a table, never two"
    assert [line["image"] for line in by_hand] == [line["image"] for line in mixed][::-1], "the ranking turns round"
    dice = {line["image"]: float(line["predicted_dice"]) for line in mixed}
    assert [float(line["predicted_dice"]) for line in by_hand] == pytest.approx(
        [1 - dice[line["image"]] for line in by_hand], abs=1e-4
    )
    third = program("score", folder, "--out", out)
    assert "by hand (chosen for this folder)" in third.output
    assert lines(out) == by_hand
    program("score", folder, "--out", out, "--drawn", "mixed")
    assert lines(out) == mixed


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("hand", "hand"),
        ("By hand", "hand"),
        ("T1", "hand"),
        ("hand-fill", "hand_fill"),
        ("hand + flood fill", "hand_fill"),
        ("by hand and flood fill", "hand_fill"),
        ("unknown", "mixed"),
        ("Mixed or unknown", "mixed"),
        ("flood fill", "fill"),
        ("automatic, corrected", "corrected"),
    ],
)
def test_a_way_is_known_by_its_key_and_kindly_by_its_words(said: str, key: str) -> None:
    assert way_named(said, tiny_card(ways=TINY_WAYS)) == key


def test_a_way_that_is_none_or_that_the_model_does_not_know_is_refused_with_those_there_are(folder: Path) -> None:
    for said in ("crayon", "fill"):
        refused = program("score", folder, "--drawn", said)
        assert refused.exit_code == 1
        assert isinstance(refused.exception, AnnotriageError)
        assert "hand_fill" in str(refused.exception)
    with SessionStore() as store:
        assert chosen_way(store, folder) is None, "nothing is remembered of what was refused"


def test_another_model_says_that_it_does_not_know_the_way(folder: Path, tmp_path: Path) -> None:
    program("score", folder, "--drawn", "hand")
    other = program("score", folder, "--model", write_tiny_model(tmp_path / "other.onnx", name="other"))
    assert other.exit_code == 0
    assert "other does not know the way of drawing hand" in other.output


def test_of_a_way_that_was_not_measured_it_is_said(folder: Path, tmp_path: Path) -> None:
    said = "by hand (chosen for this folder); its error is not measured"
    assert said in program("score", folder, "--drawn", "hand").output
    measured = write_tiny_model(tmp_path / "measured.onnx", name="measured", ways=ways_with_metrics())
    assert "is not measured" not in program("score", folder, "--model", measured).output


def test_experts_are_chosen_by_the_way_and_it_is_said(folder: Path) -> None:
    program("score", folder)
    mixed = program("choose", folder, "--count", 2, "--control", 0)
    assert "Predicted for: mixed or unknown; choose with --drawn" in mixed.output
    by_hand = program("choose", folder, "--count", 2, "--control", 0, "--drawn", "hand")
    assert "Predicted for: by hand (chosen for this folder)" in by_hand.output
    names = [[line for line in said.stdout.splitlines() if line.endswith(".png")] for said in (mixed, by_hand)]
    assert len(names[0]) == len(names[1]) == 2 and names[0][0] != names[1][0], "the ranking turns round"
    assert "by hand" in program("choose", folder, "--uncalibrated").output, "it is remembered"


def test_lists_tasks_frames_and_pictures_name_the_way(folder: Path, tmp_path: Path) -> None:
    program("score", folder, "--drawn", "hand", "--heatmaps", tmp_path / "overlays")
    drawn = read_stamp(tmp_path / "overlays" / "0.png.png")
    program("export", "list", folder, "--out", tmp_path / "list.csv")
    assert {line["predicted_for"] for line in lines(tmp_path / "list.csv")} == {"by hand"}
    program("export", "label-studio", folder, "--out", tmp_path / "tasks.json")
    tasks = json.loads((tmp_path / "tasks.json").read_text())
    versions = {each["model_version"] for task in tasks for each in task["predictions"]}
    assert versions == {"Annotriage tiny 1.0, by hand"}
    written = program("cvat", folder, "--out", tmp_path / "cvat", "--top", 2)
    assert "Predicted for: by hand" in written.output
    frames = lines(tmp_path / "cvat" / "frames.csv")
    assert {line["predicted_for"] for line in frames} == {"by hand"}
    assert "WAY = 'hand'" in (tmp_path / "cvat" / "annotriage_function.py").read_text()
    program("score", folder, "--drawn", "hand_fill", "--heatmaps", tmp_path / "overlays")
    assert read_stamp(tmp_path / "overlays" / "0.png.png") != drawn, "drawn anew, as it says something else"


def test_a_folder_s_list_says_of_each_image_for_whom_it_was_predicted(folder: Path, tmp_path: Path) -> None:
    program("score", folder)
    program("export", "images", folder, "--out", tmp_path / "chosen")
    (folder / "0.png").rename(tmp_path / "0.png")
    program("export", "images", folder, "--out", tmp_path / "chosen", "--drawn", "hand")
    said = {line["image"]: line["predicted_for"] for line in lines(tmp_path / "chosen" / "list.csv")}
    assert said.pop("0.png") == "mixed or unknown", "of an earlier export"
    assert set(said.values()) == {"by hand"}


def test_an_export_may_choose_as_well(folder: Path, tmp_path: Path) -> None:
    program("score", folder)
    program("export", "list", folder, "--out", tmp_path / "list.csv", "--drawn", "hand")
    assert {line["predicted_for"] for line in lines(tmp_path / "list.csv")} == {"by hand"}
    with SessionStore() as store:
        assert chosen_way(store, folder) == "hand"


def test_cvat_s_function_predicts_for_the_way(folder: Path) -> None:
    pytest.importorskip("cvat_sdk")
    from types import SimpleNamespace

    from PIL import Image

    def tagged(way: str) -> list[str]:
        function = create("tiny", 0.5, "tag", way=way)
        names = sorted(path.name for path in folder.iterdir())
        context = [SimpleNamespace(frame_name=name, conv_mask_to_poly=False) for name in names]
        return [each.frame_name for each in context if function.detect(each, Image.open(folder / each.frame_name))]

    dark, bright = tagged("mixed"), tagged("hand")
    assert dark
    assert bright
    assert not set(dark) & set(bright)


def test_a_notebook_asks_for_a_way(folder: Path) -> None:
    mixed, hand = annotriage.score(folder), annotriage.score(folder, drawn="hand")
    np.testing.assert_allclose(hand["predicted_dice"], 1 - mixed["predicted_dice"], atol=1e-6)
    assert hand.attrs["predicted_for"] == "by hand"
    assert set(hand["predicted_for"]) == {"by hand"}
    assert set(mixed["predicted_for"]) == {"mixed or unknown"}
    with pytest.raises(AnnotriageError, match="no way of drawing"):
        annotriage.score(folder, drawn="crayon")


def test_a_card_lists_its_ways() -> None:
    shown = program("models", "show", "tiny").output
    assert "Drawn by hand and flood fill" in shown

"""What came of a folder's triage: as it is printed, written, and said."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from annotriage.commands.app import app
from annotriage.errors import AnnotriageError
from annotriage.images import find_images
from annotriage.images.fingerprint import packed
from annotriage.measures.ways import MIXED
from annotriage.model_file import ModelLibrary
from annotriage.scoring.prediction import Prediction
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.measured import MaskSource, MeasuredImage, SourceKind
from annotriage.triage.measured_images import MeasuredImages
from annotriage.triage.store import SessionStore
from tests.pictures import write_picture
from tests.tiny_models import TINY_WAYS, tiny_card, write_tiny_model

IMAGES, FRONT, OF_REST = 40, 10, 12
SOURCE = MaskSource(SourceKind.FILES, "masks of readers", (Path("readers"),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return 40 images, of which the first ten are predicted contentious, and no one has drawn any."""
    folder = tmp_path / "lesions"
    for place in range(IMAGES):
        write_picture(folder / f"{place:02d}.png", 0.5, height=32, width=32)
    key = ModelLibrary().default().key
    files = find_images(folder)
    dice = np.linspace(0.4, 0.95, IMAGES)
    with SessionStore() as store:
        store.keep(
            folder,
            key,
            [
                (file, Prediction(file.path, each, each - 0.2, min(1.0, each + 0.2)))
                for file, each in zip(files, dice.tolist(), strict=True)
            ],
        )
    return folder


def draw(folder: Path, names: dict[str, float], seconds: float | None = 90.0) -> None:
    with SessionStore() as store:
        MeasuredImages(store, folder).write(
            SOURCE,
            [MeasuredImage(name, dice, dice, ("alice", "bob"), (seconds, seconds)) for name, dice in names.items()],
        )


def invoke(*given: object) -> str:
    said = CliRunner().invoke(app, ["outcome", *map(str, given)], env={"NO_COLOR": "1", "COLUMNS": "200"})
    assert said.exit_code == 0, said.output
    return " ".join(said.output.split())


def test_before_anybody_drew_it_says_so(folder: Path) -> None:
    said = invoke(folder, "--front", FRONT)
    assert "No image was drawn by two people yet" in said
    assert "Nothing yet: second outlines are saved once some images have one" in said
    assert "have not been drawn a second time" not in said


def test_a_small_folder_that_was_drawn_twice_as_a_whole_is_all_of_it(folder: Path) -> None:
    draw(folder, {f"{place:02d}.png": min(1.0, 0.45 + 0.55 * place / 39) for place in range(IMAGES)})
    said = invoke(folder, "--front", 3)
    assert "On all images of the folder the predicted Dice" in said and "not the error on all" not in said


def test_how_far_predictions_lean_lies_within_its_interval(folder: Path) -> None:
    draw(folder, {f"{place:02d}.png": 1.0 if place % 2 else 0.95 for place in range(FRONT)})
    said = invoke(folder, "--front", FRONT)
    assert "fewer than 5 images in the rest were drawn by two people" in said
    lean = re.search(r"agree worse than they do, by ([\d.]+) on average \(95 % interval ([\d.]+) to ([\d.]+)\)", said)
    assert lean is not None and float(lean[2]) < float(lean[1]) < float(lean[3])
    assert "lean to one side on the images that were drawn twice" in said


@pytest.mark.slow
def test_of_what_was_drawn_it_says_what_the_ranking_found(folder: Path, tmp_path: Path) -> None:
    drawn = {f"{place:02d}.png": 0.5 if place < 8 else 0.9 for place in range(FRONT)}
    draw(folder, drawn)
    assert "How many contentious images the ranking missed cannot be said" in invoke(folder, "--front", FRONT)
    drawn |= {f"{place:02d}.png": 0.9 for place in range(FRONT, FRONT + OF_REST)}
    draw(folder, drawn)
    report = tmp_path / "report.json"
    said = invoke(folder, "--front", FRONT, "--report", report)
    assert "Of 22 images that two or more people drew, 8 turned out to be contentious" in said
    assert "8 of them are among the 10 images that the ranking had in front" in said
    assert "hold about 100 % of all contentious images" in said
    assert "A random choice of as many images would have held 25 %" in said
    assert "18 images of 40 have not been drawn a second time" in said and "by the mean of 44 outlines" in said
    found = json.loads(report.read_text(encoding="utf-8"))
    front = {"images": 10, "measured": 10, "contentious": 8, "sample": None, "sample_contentious": None}
    assert found["front"] == front
    assert found["hours_saved"]["value"] == pytest.approx(18 * 90 / 3600)
    mixed = ModelLibrary().default().card.way(MIXED)
    assert mixed is not None and mixed.metrics is not None
    assert found["card_error"] == mixed.metrics.mae


def test_the_decisions_for_experts_are_the_front(folder: Path) -> None:
    draw(folder, {f"{place:02d}.png": 0.5 for place in range(12)}, seconds=None)
    with SessionStore() as store:
        files = find_images(folder)[:6]
        ReviewJournal(store, folder).record("Send", {file.name: Review(Decision.EXPERT) for file in files})
    said = invoke(folder)
    assert "6 of them are among the 6 images that the ranking had in front" in said
    assert "too few outlines say how long they took" in said


def test_predictions_that_lean_are_warned_of_and_good_ones_are_not(folder: Path) -> None:
    truth = dict(
        zip((f"{place:02d}.png" for place in range(IMAGES)), np.linspace(0.4, 0.95, IMAGES).tolist(), strict=True)
    )
    draw(folder, truth)
    assert "Predictions lean" not in invoke(folder) and "worse than the card" not in invoke(folder)
    draw(folder, {name: max(0.0, dice - 0.35) for name, dice in truth.items()})
    said = invoke(folder)
    assert "they say that people agree better than they do, by 0.350" in said
    assert "That is worse than the card says" in said and "promise more than they hold" in said


def test_without_predictions_it_says_what_to_do(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", 0.5, height=32, width=32)
    said = CliRunner().invoke(app, ["outcome", str(tmp_path)])
    assert isinstance(said.exception, AnnotriageError) and "`annotriage score` makes them" in str(said.exception)


def test_intervals_that_are_left_too_often_raise_an_alarm(folder: Path) -> None:
    draw(folder, {f"{place:02d}.png": 0.05 for place in range(FRONT + OF_REST)})
    said = invoke(folder, "--front", FRONT)
    assert "22 of 22 measured images (100 %) lie outside their predicted intervals, which may miss 10 %" in said
    assert "Calibrate the model, or train one" in said
    alarm = json.loads(invoke(folder, "--json"))["alarm"]
    assert alarm["fired_at"] <= 5 and alarm["outside"] == 22


@pytest.mark.slow
def test_images_that_the_model_learned_from_are_said(folder: Path, tmp_path: Path) -> None:
    names = {f"{place:02d}.png": 0.7 for place in range(IMAGES)}
    for place in range(IMAGES):  # files that differ
        write_picture(folder / f"{place:02d}.png", 0.2 + 0.015 * place, height=32, width=32)
    learned = packed(folder / f"{place:02d}.png" for place in range(7))
    data = tiny_card().data.model_copy(update={"learned": learned})
    model = write_tiny_model(tmp_path / "tiny.onnx", data=data, ways=TINY_WAYS)
    runner = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "200"})
    assert runner.invoke(app, ["score", str(folder), "--model", str(model), "--drawn", "hand"]).exit_code == 0
    draw(folder, names)
    said = invoke(folder, "--model", model)
    assert "learned from 7 of the 40 measured images" in said
    assert "predicted for: by hand" in said
    assert json.loads(invoke(folder, "--model", model, "--json"))["predicted_for"] == "by hand"

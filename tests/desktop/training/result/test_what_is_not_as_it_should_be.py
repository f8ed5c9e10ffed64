"""Results that are not whole, or not there."""

import json
import shutil
import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotriage.desktop.background import wait_for_jobs
from annotriage.runs.states import State
from annotriage.trainings.training import read_training
from tests.desktop.training.result.hands import Show, button, press
from tests.trainings.made_training import write_model_in_use, write_training


def test_nothing_is_finished_yet(training: Path, show: Show) -> None:
    (training / "mine" / "run-01" / "metrics.json").unlink()
    page = show(training)
    assert page.message.startswith("Nothing is finished yet")
    assert page.missing() == "No run is finished yet."


def test_why_a_training_failed_is_said(training: Path, show: Show) -> None:
    (training / "mine" / "run-01" / "metrics.json").unlink()
    read_training(training).noted(State.FAILED, "There was too little memory.")
    assert "There was too little memory." in show(training).message


def test_a_folder_that_is_gone(training: Path, show: Show) -> None:
    shutil.rmtree(training)
    assert "is not there any more" in show(training).message


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("metrics.json", "{", "is damaged"),
        ("metrics.json", '{"mse": 0.1}', "has no mae"),
        ("metrics.json", '{"mse": 0.1, "mae": NaN}', "has diverged"),
        ("predictions.csv", None, "has no predictions.csv"),
        ("predictions.csv", "image,split\nx,test\n", "no column"),
        ("recipe.toml", "name = ", "is damaged"),
    ],
)
def test_a_damaged_run_is_named(training: Path, show: Show, file: str, content: str | None, said: str) -> None:
    path = training / "mine" / "run-01" / file
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    page = show(training)
    assert page.message.startswith("No run can be shown")
    assert said in page.message


def test_a_damaged_run_among_others_hides_none_of_them(three: Path, show: Show) -> None:
    (three / "mine" / "run-01" / "metrics.json").write_text("{")
    page = show(three)
    assert page.message == ""
    assert "is damaged" in page.note
    assert page.runs.count() == 2


@pytest.mark.slow
@pytest.mark.parametrize("content", [None, b"PK\x03\x04 something"])
def test_without_its_model_file_the_numbers_are_still_there(
    training: Path, show: Show, content: bytes | None, qtbot: QtBot
) -> None:
    file = training / "mine" / "run-01" / "mine.onnx"
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    page = show(training)
    assert page.verdict.headline.text().startswith("Better")
    assert ("There is no model file" if content is None else "mine.onnx") in page.model_actions.bar.text()
    for text in ("Install", "Make it the default", "Export…", "Card"):
        assert not button(page, text).isEnabled()
    name = page.groups.images()[0].name
    qtbot.waitUntil(lambda: (shown := page.heatmaps.get(name)) is not None and shown.picture is not None)


def test_images_that_were_moved_can_be_found_again(
    training: Path, pictures: Path, show: Show, qtbot: QtBot, tmp_path: Path
) -> None:
    pictures.rename(tmp_path / "moved")
    page = show(training)
    assert "None of the 30 test images can be read" in page.verdict.sentence
    assert "could not be compared" in page.verdict.headline.text()
    assert [row[0] for row in page.verdict.numbers.texts()] == ["The new model", "A guess"]
    assert button(page, "Find the images…").isVisible()
    page.use_pictures(tmp_path / "moved")
    qtbot.waitUntil(lambda: page.verdict.headline.text().startswith("Better"))
    assert not button(page, "Find the images…").isVisible()


def test_images_that_vanished_are_left_out_and_named(training: Path, pictures: Path, show: Show, qtbot: QtBot) -> None:
    lost = json.loads((training / "mine" / "run-01" / "split.json").read_text())["test"][0]
    (pictures / lost).unlink()
    page = show(training)
    assert "On the same 29 test images" in page.verdict.sentence
    assert any("1 of 30 test images, which could not be read" in caution and lost in caution
               for caution in page.verdict.cautions)  # fmt: skip
    page.choose_image(lost)
    assert "The model in use" not in page.chosen.text()
    qtbot.waitUntil(lambda: (shown := page.heatmaps.get(lost)) is not None and bool(shown.problem))


def test_it_is_not_known_where_the_images_are(training: Path, show: Show) -> None:
    (training / "training.json").unlink()
    page = show(training)
    assert "not known where the images" in page.verdict.sentence
    assert button(page, "Find the images…").isVisible()


def test_a_model_in_use_that_is_damaged_can_be_tried_again(
    training: Path, own_home: Path, show: Show, qtbot: QtBot
) -> None:
    (own_home / "models" / "used.onnx").write_bytes(b"nothing")
    page = show(training)
    assert "used.onnx" in page.verdict.sentence
    write_model_in_use(own_home)
    press(page, "Try again", qtbot)
    qtbot.waitUntil(lambda: page.verdict.headline.text().startswith("Better"))


@pytest.mark.slow
def test_the_model_in_use_itself_is_compared_with_the_one_that_ships(
    training: Path, show: Show, qtbot: QtBot, own_home: Path
) -> None:
    shutil.copy(training / "mine" / "run-01" / "mine.onnx", own_home / "models" / "mine.onnx")
    (own_home / "default-model.json").write_text('{"default": "mine"}')
    page = show(training)
    assert "the model that ships with Annotriage (bundled)" in page.verdict.sentence
    assert "and the model in use" in page.model_actions.hint


def test_too_few_test_images(tmp_path: Path, show: Show) -> None:
    page = show(write_training(tmp_path / "mine", tmp_path / "few", test=8))
    assert page.verdict.headline.text() == "Too few test images to compare"
    assert any("At least 20 test images" in caution for caution in page.verdict.cautions)
    assert "cannot be said" in page.verdict.guess


def test_patients_that_cannot_be_read_again_are_a_caution(training: Path, show: Show) -> None:
    split = training / "mine" / "run-01" / "split.json"
    split.write_text(json.dumps(json.loads(split.read_text()) | {"grouped_by": ["patient_id"]}))
    page = show(training)
    assert any("of one patient could not be read again" in caution for caution in page.verdict.cautions)


def test_closing_does_not_wait_for_the_model_in_use(
    training: Path, show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def stuck(*_: object) -> None:
        begun.set()
        go_on.wait(20)
        ended.set()

    monkeypatch.setattr("annotriage.trainings.reference_model.predict", stuck)
    page = show(training, wait=False)
    qtbot.waitUntil(begun.is_set)
    page.shut_down()
    assert not ended.is_set()
    go_on.set()
    assert wait_for_jobs(10)


def test_closing_it_under_way_ends_its_threads(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training, wait=False)
    qtbot.waitUntil(lambda: not page.message)
    page.shut_down()
    assert wait_for_jobs(10)

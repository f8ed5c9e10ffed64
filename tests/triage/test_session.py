"""A session scores what is not known, once, and writes it down as it comes."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotriage.images import read_picture
from annotriage.model_file import ModelFile, open_model_file
from annotriage.scoring import Prediction
from annotriage.scoring.overlay_sheet import overlay_png
from annotriage.triage.session import Session
from annotriage.triage.store import SessionStore
from tests.pictures import write_picture, write_pictures
from tests.tiny_models import write_tiny_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pictures(tmp_path / "images", 6)
    return tmp_path / "images"


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the names of the files that are decoded."""
    names: list[str] = []

    def spy(path: Path, size: tuple[int, int] | None = None) -> object:
        names.append(path.name)
        return read_picture(path, size)

    monkeypatch.setattr("annotriage.images.read_picture", spy)
    return names


def score(folder: Path, model: ModelFile, store: SessionStore, **options: bool) -> list[str]:
    return [prediction.image.name for prediction in Session(folder, model, store).score(**options)]


def test_nothing_is_scored_twice(folder: Path, model: ModelFile, store: SessionStore, decoded: list[str]) -> None:
    assert score(folder, model, store) == [f"{number}.png" for number in range(6)]
    first = Session(folder, model, store).results()
    decoded.clear()
    assert score(folder, model, store) == []
    assert decoded == []
    assert [(n, p.predicted_dice) for n, p in Session(folder, model, store).results()] == [
        (name, prediction.predicted_dice) for name, prediction in first
    ]
    assert len(first) == 6


def test_what_is_new_or_changed_is_scored(folder: Path, model: ModelFile, store: SessionStore) -> None:
    score(folder, model, store)
    write_picture(folder / "2.png", 0.1)
    os.utime(folder / "4.png", ns=(1, 1))
    write_picture(folder / "sub" / "new.png", 0.5)
    assert score(folder, model, store) == ["2.png", "4.png", "new.png"]
    names = dict(Session(folder, model, store).results())
    assert names["2.png"].predicted_dice < names["0.png"].predicted_dice


@pytest.mark.slow
def test_another_model_scores_everything_and_forgets_nothing(
    folder: Path, model: ModelFile, store: SessionStore, tmp_path: Path
) -> None:
    other = open_model_file(write_tiny_model(tmp_path / "other.onnx", name="other"))
    score(folder, model, store)
    assert len(score(folder, other, store)) == 6
    assert score(folder, model, store) == []


def test_fresh_scores_everything(folder: Path, model: ModelFile, store: SessionStore) -> None:
    score(folder, model, store)
    assert len(score(folder, model, store, fresh=True)) == 6


def test_what_an_earlier_version_ranked_is_looked_at_again_once(
    folder: Path, model: ModelFile, store: SessionStore, decoded: list[str]
) -> None:
    marked = np.zeros((48, 64), np.uint8)
    marked[10:30, 20:50] = 255
    Image.fromarray(marked).save(folder / "7.png")
    dark = np.add.outer(np.arange(48) * 50, np.arange(64) * 20) + 1
    Image.fromarray(dark.astype(np.uint16)).save(folder / "8.png")
    session = Session(folder, model, store)
    black = Prediction(folder / "8.png", 0.01, 0.0, 0.9)
    store.keep(folder, model.key, [(image, replace(black, image=image.path)) for image in session.images])
    session = Session(folder, model, store)
    assert len(session.results()) == 8
    assert list(session.recheck()) == ["7.png"]
    later = Session(folder, model, store)
    for each in (session, later):
        assert [name for name, _ in each.results()] == [*(f"{number}.png" for number in range(6)), "8.png"]
        assert each.masks_left_out() == ["7.png"]
        assert each.predictions["8.png"].predicted_dice > 0.1, "it was black"
        assert each.predictions["0.png"].predicted_dice == 0.01, "nothing changed there"
    decoded.clear()
    assert list(later.recheck()) == [] and decoded == []


def test_what_this_version_scored_is_not_looked_at_again(
    folder: Path, model: ModelFile, store: SessionStore, decoded: list[str]
) -> None:
    session = Session(folder, model, store)
    assert list(session.recheck()) == [] and decoded == []
    assert len(list(session.score())) == 6
    decoded.clear()
    assert list(Session(folder, model, store).recheck()) == [] and decoded == []


@pytest.mark.slow
def test_an_abandoned_run_keeps_what_it_did(
    folder: Path, model: ModelFile, store: SessionStore, decoded: list[str]
) -> None:
    write_pictures(folder, 300)
    session = Session(folder, model, store)
    running = session.score(threads=1)
    done = [next(running).image.name for _ in range(3)]
    running.close()
    session.read_known()
    kept = [image.name for image in session.images if image.name in session.predictions]
    assert set(done) <= set(kept) and len(kept) < 300
    decoded.clear()
    assert score(folder, model, store) == [image.name for image in session.images if image.name not in kept]
    assert not set(kept) & set(decoded)


def test_a_stop_keeps_what_was_done(folder: Path, model: ModelFile, store: SessionStore) -> None:
    write_pictures(folder, 200)
    stop = threading.Event()
    done = []
    for prediction in Session(folder, model, store).score(threads=1, stop=stop):
        done.append(prediction.image.name)
        stop.set()
    assert 0 < len(done) < 200
    assert len(Session(folder, model, store).left()) == 200 - len(done)


def test_failures_are_remembered_and_tried_again(folder: Path, model: ModelFile, store: SessionStore) -> None:
    (folder / "empty.jpg").write_bytes(b"")
    whole = (folder / "1.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    session = Session(folder, model, store)
    assert {p.image.name: p.error is None for p in session.score()}["cut.png"] is False
    again = Session(folder, model, store)
    assert [image.name for image in again.left()] == ["cut.png"]
    errors = {name: prediction.error for name, prediction in again.results() if prediction.error}
    assert list(errors) == ["cut.png", "empty.jpg"], "known before it is tried again"
    assert "cut off" in (errors["cut.png"] or "")


def test_a_single_image(folder: Path, model: ModelFile, store: SessionStore) -> None:
    session = Session(folder / "3.png", model, store)
    assert [prediction.image for prediction in session.score()] == [folder / "3.png"]
    assert [name for name, _ in session.results()] == ["3.png"]
    assert "3.png" not in score(folder, model, store), "the folder knows it then"


def test_not_recursive(folder: Path, model: ModelFile, store: SessionStore) -> None:
    write_picture(folder / "sub" / "new.png", 0.5)
    assert len(Session(folder, model, store, recursive=False).images) == 6
    assert len(Session(folder, model, store).images) == 7


def test_overlays_in_the_folder_are_not_taken_for_images(folder: Path, model: ModelFile, store: SessionStore) -> None:
    list(Session(folder, model, store).score())
    image = Session(folder, model, store).images[0]
    with_maps = next(store.with_maps(folder, model.key, [image]))
    (folder / "overlays").mkdir()
    (folder / "overlays" / "0.png.png").write_bytes(overlay_png(image.path, with_maps, stamp="x"))
    write_picture(folder / "overlays" / "1.png.png", 0.5)  # called like one, but none
    names = [image.name for image in Session(folder, model, store).images]
    assert names == [*(f"{number}.png" for number in range(6)), "overlays/1.png.png"]


def test_predictions_held_for_the_whole_folder_are_light(folder: Path, model: ModelFile, store: SessionStore) -> None:
    session = Session(folder, model, store)
    assert all(prediction.heatmap is not None for prediction in session.score())
    assert all(prediction.heatmap is None and prediction.lesion is None for prediction in session.predictions.values())

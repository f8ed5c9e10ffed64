"""Overlays are drawn once, where they belong, and again only when they would come out differently."""

import os
from pathlib import Path

import pytest
from PIL import Image

from annotriage.errors import AnnotriageError
from annotriage.model_file import ModelFile, open_model_file
from annotriage.triage.overlay_folder import OverlayFolder
from annotriage.triage.session import Session
from annotriage.triage.store import SessionStore
from tests.pictures import write_picture, write_pictures
from tests.tiny_models import write_tiny_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pictures(tmp_path / "images", 3)
    return tmp_path / "images"


def overlays(folder: Path, model: ModelFile, store: SessionStore, target: Path) -> OverlayFolder:
    session = Session(folder, model, store)
    list(session.score())
    return OverlayFolder(session, target)


def drawn(target: Path) -> list[str]:
    return sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())


@pytest.mark.slow
def test_names_mirror_the_images_without_collisions(
    folder: Path, model: ModelFile, store: SessionStore, tmp_path: Path
) -> None:
    write_picture(folder / "0.jpg", 0.4)
    write_picture(folder / "sub" / "0.jpg", 0.4)
    (folder / "bad.jpg").write_text("no image")
    target = tmp_path / "deep" / "overlays"
    assert list(overlays(folder, model, store, target).draw()) == [None] * 5
    assert drawn(target) == ["0.jpg.png", "0.png.png", "1.png.png", "2.png.png", "sub/0.jpg.png"]
    with Image.open(target / "0.jpg.png") as picture:
        assert picture.width > 900


@pytest.mark.slow
def test_only_what_would_differ_is_drawn_again(
    folder: Path, model: ModelFile, store: SessionStore, tmp_path: Path
) -> None:
    target = tmp_path / "overlays"
    assert len(list(overlays(folder, model, store, target).draw())) == 3
    first = {name: (target / name).read_bytes() for name in drawn(target)}
    assert list(overlays(folder, model, store, target).draw()) == []

    write_picture(folder / "1.png", 0.1)
    (target / "2.png.png").unlink()
    (target / "0.png.png").write_bytes(b"cut off")
    os.utime(target / "1.png.png", (2e9, 2e9))  # clocks say nothing
    left = overlays(folder, model, store, target)
    assert [image.name for image in left.left()] == ["0.png", "1.png", "2.png"]
    list(left.draw())
    assert (target / "2.png.png").read_bytes() == first["2.png.png"]
    assert (target / "0.png.png").read_bytes() == first["0.png.png"]
    assert (target / "1.png.png").read_bytes() != first["1.png.png"]


@pytest.mark.slow
def test_another_model_draws_its_own_and_back_again(
    folder: Path, model: ModelFile, store: SessionStore, tmp_path: Path
) -> None:
    other = open_model_file(write_tiny_model(tmp_path / "other.onnx", name="other", lesion=False))
    target = tmp_path / "overlays"
    for current in (model, other, model):
        assert len(list(overlays(folder, current, store, target).draw())) == 3
        assert list(overlays(folder, current, store, target).draw()) == []


def test_an_image_that_vanished_is_told_and_does_not_stop_the_others(
    folder: Path, model: ModelFile, store: SessionStore, tmp_path: Path
) -> None:
    ready = overlays(folder, model, store, tmp_path / "overlays")
    (folder / "1.png").unlink()
    first, second, third = ready.draw()
    assert (first, third) == (None, None)
    assert second is not None
    assert second.startswith("1.png could not be drawn: ")


@pytest.mark.slow
def test_a_place_that_cannot_be_written(folder: Path, model: ModelFile, store: SessionStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AnnotriageError, match="cannot be made"):
        list(overlays(folder, model, store, tmp_path / "file" / "overlays").draw())

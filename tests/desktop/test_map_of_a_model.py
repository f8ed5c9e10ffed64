"""A map that only a model's card tells of: scored, kept, shown, explained and reported by that entry alone."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QMenu, QToolButton
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from annotriage.commands.app import app
from annotriage.desktop.inspector.layers import build_layers
from annotriage.desktop.inspector.legend import Legend
from annotriage.desktop.inspector.overlay_bar import OverlayBar
from annotriage.desktop.inspector.overlay_state import OverlayState
from annotriage.desktop.report.pdf import write_report
from annotriage.desktop.window.actions import Actions
from annotriage.image_maps import MapSpec
from annotriage.images import ImageFile, find_images
from annotriage.model_file import ModelFile, open_model_file
from annotriage.scoring import Prediction
from annotriage.scoring.colormaps import Colormap
from annotriage.scoring.overlay_sheet import overlay_png
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.folder_scoring import FolderScoring
from annotriage.triage.report_content import report_content
from annotriage.triage.store import SessionStore
from tests.desktop.report.pdf_text import page_texts
from tests.pictures import write_pictures
from tests.tiny_models import tiny_card, write_tiny_model

GLARE = MapSpec(
    "glare", "Glare", ("bright places, in which nobody sees a border",), range=(0.0, 1.0), colours=((0, 128, 64),)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pictures(tmp_path / "images", 3)
    return tmp_path / "images"


@pytest.fixture
def model(tmp_path: Path) -> ModelFile:
    return open_model_file(write_tiny_model(tmp_path / "glare.onnx", name="glare", maps=[GLARE]))


@pytest.mark.slow
def test_it_is_scored_kept_and_read_again(folder: Path, model: ModelFile, tmp_path: Path) -> None:
    images = find_images(folder)
    with SessionStore(tmp_path / "s.sqlite") as store:
        scored = [prediction for _, prediction in FolderScoring(folder, model, store).score_images(images)]
    with SessionStore(tmp_path / "s.sqlite") as store:
        kept = list(store.with_maps(folder, model.key, images))
        for was, now in zip(scored, kept, strict=True):
            assert now.maps.keys() == {"heatmap", "lesion", "glare"}
            np.testing.assert_allclose(now.maps["glare"], was.maps["glare"], atol=1e-3)
        store.keep(folder, model.key, [(images[0], replace(scored[0], maps={}))])
        assert next(store.with_maps(folder, model.key, images)).maps == {}
        assert store.known(folder, model.key, images).keys() == {image.name for image in images}


@pytest.mark.slow
def test_a_store_of_before_opens_and_stays_as_it_is_without_such_maps(folder: Path, tmp_path: Path) -> None:
    plain = open_model_file(write_tiny_model(tmp_path / "plain.onnx"))
    with SessionStore(tmp_path / "s.sqlite") as store:
        list(FolderScoring(folder, plain, store).score_images(find_images(folder)))
        with store.reading() as connection:
            tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
            assert "further_maps" not in set(tables)
        assert [each.maps.keys() for each in store.with_maps(folder, plain.key, find_images(folder))] == [
            {"heatmap", "lesion"}
        ] * 3


def test_cards_without_such_maps_are_written_as_they_were() -> None:
    assert '"maps"' not in tiny_card().model_dump_json()
    assert [spec.name for spec in tiny_card(lesion=False).all_maps] == ["heatmap"]
    card = tiny_card(maps=[GLARE])
    assert type(card).model_validate_json(card.model_dump_json()) == card
    assert card.all_maps[-1] == GLARE


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"colours": ()},
        {"words": ("one", "two")},
        {"range": (1.0, 0.0)},
        {"colours": ((0, 0, 300),)},
        {"title": "a\nb"},
        {"name": "heat map"},
    ],
)
def test_a_map_that_cannot_be_drawn_is_refused_with_its_card(change: dict[str, object]) -> None:
    values = {"name": "glare", "title": "Glare", "words": ("w",), "range": (0, 1), "colours": ((0, 1, 2),)}
    card = tiny_card(maps=[GLARE]).model_dump(mode="json")
    with pytest.raises(ValueError, match=r"maps|outputs"):
        type(tiny_card()).model_validate(card | {"maps": [values | change]})


def test_it_can_be_switched_on_and_is_explained(qtbot: QtBot, folder: Path, model: ModelFile) -> None:
    overlays = OverlayState()
    bar, legend, actions, menu = OverlayBar(overlays), Legend(overlays), Actions(overlays), QMenu()
    for widget in (bar, legend, menu):
        qtbot.addWidget(widget)
    menu.addAction(actions.annotators)
    overlays.offer_maps(model.card.all_maps)
    actions.offer_maps(overlays.maps)
    assert menu.actions()[0].text() == "Glare"
    with qtbot.waitSignal(overlays.changed):
        switch = bar.findChild(QToolButton, "show glare")
        assert switch is not None
        switch.click()
    image = find_images(folder)[0]
    values = np.linspace(0, 1, 16, dtype=np.float32).reshape(4, 4)
    legend.set_layers(build_layers(Prediction(image.path, 0.5, maps={"glare": values}), maps=overlays.maps), image)
    assert legend.sentences() == ["Glare: bright places, in which nobody sees a border"]
    tint = build_layers(Prediction(image.path, 0.5, maps={"glare": values}), maps=overlays.maps).tints["glare"]
    image_of = tint[Colormap.RED_BLUE]
    assert (
        image_of.pixelColor(0, 0).alpha()
        < 20
        < image_of.pixelColor(image_of.width() - 1, image_of.height() - 1).green()
    )
    overlays.offer_maps(())
    actions.offer_maps(overlays.maps)
    assert bar.findChild(QToolButton, "show heatmap") is not None
    qtbot.waitUntil(lambda: [action.text() for action in menu.actions()] == [actions.annotators.text()])


@pytest.mark.slow
def test_it_is_in_the_report(folder: Path, model: ModelFile, tmp_path: Path) -> None:
    store, catalogue = SessionStore(tmp_path / "s.sqlite"), Catalogue(folder, find_images(folder))
    for row, (_, prediction) in enumerate(FolderScoring(folder, model, store).score_images(catalogue.images)):
        catalogue.set_prediction(row, prediction)
    content = report_content(catalogue, model.card, cutoff=0.5, created=datetime.now(UTC), top=1)

    def maps_of(image: ImageFile) -> Prediction:
        return next(store.with_maps(folder, model.key, [image]))

    write_report(content, tmp_path / "report.pdf", maps_of=maps_of)
    text = " ".join(page_texts(tmp_path / "report.pdf")[1].split())
    assert "Glare: bright places, in which nobody sees a border." in text and "red places" in text
    store.close()


@pytest.mark.slow
def test_it_is_drawn_by_the_command(folder: Path, model: ModelFile, tmp_path: Path) -> None:
    from PIL import Image

    widths = []
    for name, lists in (("plain", []), ("glare", [GLARE])):
        path = write_tiny_model(tmp_path / f"{name}.onnx", name=name, maps=lists)
        result = CliRunner().invoke(
            app, ["score", str(folder), "--model", str(path), "--heatmaps", str(tmp_path / name)]
        )
        assert result.exit_code == 0, result.output
        with Image.open(sorted((tmp_path / name).rglob("*.png"))[0]) as picture:
            widths.append(picture.width)
    assert widths[1] > widths[0]
    shown = Prediction(find_images(folder)[0].path, 0.5, 0.4, 0.6, {"heatmap": np.zeros((4, 4), np.float32)})
    assert overlay_png(find_images(folder)[0].path, shown, maps=model.card.all_maps)

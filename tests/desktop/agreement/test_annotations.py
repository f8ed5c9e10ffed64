"""Exports of annotation tools in the window: found, corrected, measured, drawn on their images."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from annotriage.agreement.agreement_run import ResultColumn
from annotriage.agreement.match_table import MatchColumn
from annotriage.agreement.photographs import Photographs
from annotriage.annotations.formats import listed
from annotriage.desktop.agreement.dialog import AgreementDialog
from annotriage.desktop.agreement.mask_picture import load_mask_picture
from annotriage.desktop.agreement.masks_page import _files_filter
from annotriage.image_maps import HEATMAP
from tests.annotations.toy import TOY, box, toy, write_toys
from tests.desktop.agreement.conftest import Make
from tests.desktop.agreement.steps import measure, measured, shown, to_matches
from tests.desktop.finding import find
from tests.pictures import write_picture

BOB, ALICE = box(10, 10, 40, 40), box(20, 10, 50, 40)


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed, "FORMATS", (TOY,))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Return a file of two people's outlines of two images that does not say how large these are."""
    people = (("alice", ALICE), ("bob", BOB))
    return write_toys(
        tmp_path / "exported" / "export.json",
        *(toy(name, region, annotator=who, size=None) for name in ("a", "b") for who, region in people),
    )


def said(dialog: AgreementDialog, name: str) -> str:
    return find(dialog.masks, name, QLabel).text()


def test_outlines_of_one_file_are_rows_and_are_measured(qtbot: QtBot, make: Make, export: Path) -> None:
    dialog = make(export)
    assert said(dialog, "summary") == "4 masks: 2 images, 2 annotators (alice, bob)"
    to_matches(qtbot, dialog)
    model = dialog.matches.model
    cells = [
        [model.data(model.index(line, column)) for column in (MatchColumn.IMAGE, MatchColumn.FILE)] for line in range(4)
    ]
    assert cells == [["a", "export.json"], ["a", "export.json (2)"], ["b", "export.json (3)"], ["b", "export.json (4)"]]
    model.set_annotator([3], "carol")
    measure(qtbot, dialog)
    assert shown(dialog) == ["a", "b"]
    assert shown(dialog, ResultColumn.DICE) == ["0.667", "0.667"]
    assert [row.annotator for row in dialog.results.model.results.images[1].rows] == ["alice", "carol"]


def test_images_that_are_shown_later_say_how_large_they_are(qtbot: QtBot, make: Make, export: Path) -> None:
    write_picture(export.parents[1] / "elsewhere" / "a.jpg", 0.7, height=60, width=80)
    write_picture(export.parents[1] / "elsewhere" / "b.jpg", 0.7, height=60, width=80)
    dialog = make(export)
    assert "The size of 2 images (a, b) is not known" in said(dialog, "left-out")
    dialog.masks.photographs.show_path(export.parents[1] / "elsewhere")
    qtbot.waitUntil(lambda: said(dialog, "left-out") == "" and said(dialog, "summary").startswith("4 masks"))
    to_matches(qtbot, dialog)
    measure(qtbot, dialog)
    assert shown(dialog, ResultColumn.HD95) == ["0.100", "0.100"]


def test_distances_over_a_diagonal_that_nobody_knows_are_not_shown(qtbot: QtBot, make: Make, export: Path) -> None:
    dialog = measured(qtbot, make, export)
    assert shown(dialog, ResultColumn.HD95) == shown(dialog, ResultColumn.KAPPA) == ["–", "–"]
    assert shown(dialog, ResultColumn.JACCARD) == ["0.500", "0.500"]


def test_the_picture_shows_everybodys_outlines_and_where_they_differ(qtbot: QtBot, make: Make, export: Path) -> None:
    write_picture(export.parent / "a.jpg", 0.7, height=60, width=80)
    dialog = measured(qtbot, make, export)
    images = dialog.results.model.results.images
    for image, photograph in zip(images, (export.parent / "a.jpg", None), strict=True):
        shown_picture = load_mask_picture(image, Photographs([], []))
        assert shown_picture.photograph == photograph and not shown_picture.picture.problem
        layers = shown_picture.picture.layers
        assert layers is not None and HEATMAP in layers.tints
        assert [outline.annotator for outline in layers.outlines] == ["alice", "bob"]
        assert not any(outline.path.isEmpty() for outline in layers.outlines)


def test_the_picture_shows_all_pieces_of_a_mask(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    regions = (box(10, 10, 20, 40), box(60, 10, 76, 40))
    write_toys(tmp_path / "bob.json", *(toy("a", region) for region in regions))
    write_toys(tmp_path / "alice.json", toy("a", ALICE))
    dialog = measured(qtbot, make, tmp_path)
    layers = load_mask_picture(dialog.results.model.results.images[0], Photographs([], [])).picture.layers
    assert layers is not None
    drawn = layers.outlines[1].path.boundingRect().getRect()
    assert drawn == pytest.approx((10 / 80, 10 / 60, 66 / 80, 30 / 60))


def test_a_label_that_was_found_out_can_be_another(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    for who, region in (("bob", BOB), ("alice", ALICE)):
        write_toys(tmp_path / f"{who}.json", toy("a", region, box(0, 0, 70, 5, "hair")))
    dialog = make(tmp_path)
    assert "Measured is the label lesion" in said(dialog, "left-out")
    field = find(dialog.masks, "label", QLineEdit)
    assert field.isVisibleTo(dialog)
    field.setText("hair")
    qtbot.waitUntil(lambda: said(dialog, "left-out") == "" and said(dialog, "summary").startswith("2 masks"))
    to_matches(qtbot, dialog)
    measure(qtbot, dialog)
    assert shown(dialog, ResultColumn.DICE) == ["1.000"]


def test_files_of_every_format_can_be_chosen() -> None:
    assert "*.toy" in _files_filter() and "*.zip" in _files_filter()

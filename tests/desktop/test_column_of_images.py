"""A column that only its entry tells of: in the window's table, its sorting and filter, and in exported lists."""

import csv
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from annotriage.desktop.gallery.filter_panel import FilterPanel
from annotriage.desktop.gallery.table_view import TableView
from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.window.actions import Actions
from annotriage.images import ImageFile
from annotriage.triage import columns
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.columns import Column, sorting_of, table_place
from annotriage.triage.exports.lists import write_list
from annotriage.triage.exports.reviewed import reviewed_images

LETTERS = Column(
    "letters",
    "Letters",
    "How many letters the name has",
    value=lambda image: len(image.image),
    values=lambda catalogue: np.array([len(image.name) for image in catalogue.images]),
    on_the_right=True,
    width=9,
    falls=True,
    in_filter=True,
)
NAMES = ("bb.png", "a.png", "dddd.png", "ccc.png")


@pytest.fixture(autouse=True)
def with_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "COLUMNS", (*columns.COLUMNS, LETTERS))


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue(Path("folder"), [ImageFile(Path("folder") / name, name, 1, 1, None) for name in NAMES])


@pytest.fixture
def images(qapp: object, catalogue: Catalogue) -> ImageModel:
    model = ImageModel()
    model.set_catalogue(catalogue)
    return model


def shown(images: ImageModel) -> list[str]:
    return [images.name(line) for line in range(images.rowCount())]


def test_the_table_has_it_and_sorts_by_it(qtbot: QtBot, images: ImageModel) -> None:
    thumbnails = ThumbnailLoader()
    table = TableView(images, QItemSelectionModel(images), thumbnails)
    qtbot.addWidget(table)
    table.resize(1200, 400)
    table.show()
    place = table_place("letters")
    assert images.headerData(place, Qt.Orientation.Horizontal) == "Letters"
    assert images.headerData(place, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) == LETTERS.tip
    assert images.data(images.index(0, place)) == "6"
    table.horizontalHeader().sectionClicked.emit(place)
    assert shown(images) == ["dddd.png", "ccc.png", "bb.png", "a.png"]
    assert table.horizontalHeader().sortIndicatorSection() == place
    assert table.horizontalHeader().sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
    table.horizontalHeader().sectionClicked.emit(place)
    assert shown(images) == ["a.png", "bb.png", "ccc.png", "dddd.png"]
    table.grab()  # its cells are painted
    thumbnails.stop()


def test_the_menu_sorts_by_it_and_settings_name_it(qapp: object, images: ImageModel) -> None:
    actions = Actions(images)
    key = next(key for key, action in actions.sort.items() if action.text() == "Letters")
    images.set_sorting(key)
    assert shown(images)[0] == "dddd.png" and sorting_of(str(key)) == key and not sorting_of(str(key)).is_of_files
    assert sorting_of("what was there once") == "disagreement"


def test_the_filter_offers_its_values(qtbot: QtBot, images: ImageModel) -> None:
    panel = FilterPanel(images)
    qtbot.addWidget(panel)
    choice = panel.findChild(QComboBox, "filter letters")
    assert choice is not None
    assert [choice.itemText(place) for place in range(choice.count())] == ["Any", "5", "6", "7", "8"]
    choice.setCurrentIndex(2)
    choice.activated.emit(2)
    assert shown(images) == ["bb.png"] and panel.is_filtering
    panel.clear()
    assert len(shown(images)) == 4 and choice.currentText() == "Any"


def test_lists_have_it(catalogue: Catalogue, tmp_path: Path) -> None:
    rows = reviewed_images(catalogue, range(4))
    write_list(rows, tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [line["letters"] for line in csv.DictReader(file)] == ["6", "5", "8", "7"]
    write_list(rows, tmp_path / "list.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").active
    assert sheet is not None
    header, *lines = sheet.iter_rows(values_only=True)
    assert [line[header.index("letters")] for line in lines] == [6, 5, 8, 7]

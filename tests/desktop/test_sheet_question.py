"""Wherever a table is chosen, the sheet of a workbook with several is asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget
from pytestqt.qtbot import QtBot

from annotriage.desktop.agreement.masks_page import MasksPage
from annotriage.desktop.dialogs.import_dialog import ImportDialog
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.settings import Settings
from annotriage.desktop.sheet_question import with_sheet
from annotriage.desktop.statistics.run_picker import RunPicker
from annotriage.desktop.widgets.path_field import TABLES, PathField, SourceField


@pytest.fixture
def book(tmp_path: Path) -> Path:
    made = Workbook()
    for name in ("One", "Two"):
        made.create_sheet(name).append(["image", "decision"])
    made.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Answer with the last sheet; return what was offered."""
    offered: list[list[str]] = []

    def get_item(parent: object, title: str, label: str, items: list[str], *_: object) -> tuple[str, bool]:
        offered.append(list(items))
        return items[-1], True

    monkeypatch.setattr(QInputDialog, "getItem", get_item)
    return offered


def source(_: ImageModel) -> tuple[QWidget, Callable[[], object], Callable[[], object]]:
    field = SourceField("Labels", TABLES)
    return field, field._ask_file, lambda: field.path


def tasks(_: ImageModel) -> tuple[QWidget, Callable[[], object], Callable[[], object]]:
    field = PathField("Tasks")
    field.ask_to_open("Tables (*.csv)")
    return field, field._choose, lambda: field.path


def decisions(model: ImageModel) -> tuple[QWidget, Callable[[], object], Callable[[], object]]:
    dialog = ImportDialog(model)
    return dialog, dialog._ask, lambda: dialog._path


def masks(_: ImageModel) -> tuple[QWidget, Callable[[], object], Callable[[], object]]:
    page = MasksPage()
    return page, page._ask_files, lambda: page.paths.paths[-1]


def runs(_: ImageModel) -> tuple[QWidget, Callable[[], object], Callable[[], object]]:
    picker = RunPicker(Settings())
    given: list[Path] = []
    picker.add = given.extend  # type: ignore[method-assign,assignment]
    return picker, picker._ask_table, lambda: given[-1]


@pytest.mark.parametrize("make", [source, tasks, decisions, masks, runs])
def test_each_dialog_asks(
    qtbot: QtBot,
    image_model: ImageModel,
    book: Path,
    asked: list[list[str]],
    make: Callable[[ImageModel], tuple[QWidget, Callable[[], object], Callable[[], object]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: (str(book), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_, **__: ([str(book)], ""))
    widget, choose, path = make(image_model)
    qtbot.addWidget(widget)
    choose()
    assert asked == [["One", "Two"]] and path() == Path(f"{book}#Two")


def test_nothing_is_asked_where_it_is_plain_and_nothing_chosen_where_it_is_not_answered(
    qtbot: QtBot, book: Path, asked: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    (tmp_path / "t.csv").write_text("image,dice\n")
    for path in (tmp_path / "t.csv", tmp_path, Path(f"{book}#One"), tmp_path / "gone.xlsx"):
        assert with_sheet(parent, path) == path
    assert not asked
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: ("One", False))
    assert with_sheet(parent, book) is None

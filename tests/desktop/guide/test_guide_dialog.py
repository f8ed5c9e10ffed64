"""The guide in the window."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QLabel, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from annotriage.desktop.guide import guide_text
from annotriage.desktop.guide.guide_dialog import GuideDialog
from annotriage.desktop.guide.guide_pages import guide_folder, guide_pages
from annotriage.desktop.widgets.search_line import SearchLine
from tests.desktop.finding import find


@pytest.fixture
def dialog(qtbot: QtBot) -> GuideDialog:
    dialog = GuideDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def titles(dialog: GuideDialog) -> list[str]:
    rows = (find(dialog, "list", QListWidget).item(row) for row in range(find(dialog, "list", QListWidget).count()))
    return [each.text() for each in rows if not each.isHidden()]


def test_it_opens_with_the_index_and_lists_all_pages(dialog: GuideDialog) -> None:
    assert dialog.text.page == guide_folder() / "index.md"
    assert titles(dialog) == [page.title for page in guide_pages()]
    assert "It never diagnoses" in dialog.text.toPlainText()


@pytest.mark.slow
def test_links_lead_to_pages_and_to_headings_and_back(dialog: GuideDialog) -> None:
    dialog.text.follow(QUrl("commands.md#annotriage-agree"))
    assert dialog.text.page.name == "commands.md"
    assert find(dialog, "list", QListWidget).currentItem().text() == "All commands"
    assert dialog.text.textCursor().block().text() == "annotriage agree"
    find(dialog, "back", QPushButton).click()
    assert dialog.text.page.name == "index.md"
    assert find(dialog, "list", QListWidget).currentRow() == 0
    assert not find(dialog, "back", QPushButton).isEnabled()


def test_what_is_no_page_is_left_to_the_system(dialog: GuideDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    dialog.text.follow(QUrl("https://example.org/x"))
    assert opened == ["https://example.org/x"]
    assert dialog.text.page.name == "index.md"


def test_enter_goes_to_the_next_place_on_the_page_that_is_read(dialog: GuideDialog, qtbot: QtBot) -> None:
    qtbot.keyClicks(find(dialog, "search", SearchLine), "masks")
    page, first = dialog.text.page, dialog.text.textCursor().position()
    qtbot.keyClick(find(dialog, "search", SearchLine), Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.text.page == page
    assert dialog.text.textCursor().selectedText().casefold() == "masks"
    assert dialog.text.textCursor().position() != first


def test_searching_keeps_the_pages_with_all_words(dialog: GuideDialog, qtbot: QtBot) -> None:
    qtbot.keyClicks(find(dialog, "search", SearchLine), "STAPLE")
    assert "Agreement from masks" in titles(dialog) and "Statistics" not in titles(dialog)
    assert find(dialog, "list", QListWidget).currentItem().text() in titles(dialog)
    assert dialog.text.textCursor().selectedText().casefold() == "staple"
    find(dialog, "search", SearchLine).setText("staple zebra")
    assert titles(dialog) == []
    assert not find(dialog, "nothing", QLabel).isHidden()
    find(dialog, "search", SearchLine).clear()
    assert len(titles(dialog)) == len(guide_pages())


@pytest.mark.parametrize(
    "word",
    ["mask", "undo", "export", "note", "filter", "heatmap", "send", "score", "model", "assign", "zoom", "contrast",
     "sort", "dark", "shortcut"],
)  # fmt: skip
def test_everyday_words_find_a_page(word: str) -> None:
    assert any(page.holds(word) for page in guide_pages())


@pytest.mark.slow
def test_pictures_fit_the_width(dialog: GuideDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = QImage(3000, 1500, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    assert picture.save(str(tmp_path / "large.png"))
    (tmp_path / "page.md").write_text("# Page\n\n![A picture](large.png)\n", encoding="utf-8")
    monkeypatch.setattr(guide_text, "guide_folder", lambda: tmp_path)
    dialog.text.follow(QUrl.fromLocalFile(str(tmp_path / "page.md")))
    assert dialog.text.horizontalScrollBar().maximum() == 0
    assert dialog.text.document().size().width() <= dialog.text.viewport().width()
    assert dialog.text.document().size().height() > 200

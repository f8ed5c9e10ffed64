import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from annotriage.desktop.crash.log_book import LogBook
from annotriage.desktop.crash.log_view import LogDialog


@pytest.fixture
def book(own_home: Path) -> Iterator[LogBook]:
    book = LogBook()
    for level, message in ((logging.INFO, "opened"), (logging.WARNING, "slow disk"), (logging.ERROR, "broken")):
        book.handle(logging.LogRecord("annotriage", level, __file__, 1, message, None, None))
    yield book
    book.close()


@pytest.fixture
def dialog(book: LogBook, qtbot: QtBot) -> LogDialog:
    dialog = LogDialog(book)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def lines(dialog: LogDialog) -> list[str]:
    text = dialog.findChild(QPlainTextEdit).toPlainText()
    return [line.rsplit(": ", 1)[-1] for line in text.splitlines()]


def test_all_records_are_there(dialog: LogDialog) -> None:
    assert lines(dialog) == ["opened", "slow disk", "broken"]


def test_levels_can_be_chosen(dialog: LogDialog) -> None:
    box = dialog.findChild(QComboBox)
    box.setCurrentText("Warnings and errors")
    assert lines(dialog) == ["slow disk", "broken"]
    box.setCurrentText("Errors")
    assert lines(dialog) == ["broken"]


def test_it_can_be_searched(dialog: LogDialog, qtbot: QtBot) -> None:
    search = dialog.findChild(QLineEdit)
    qtbot.keyClicks(search, "DISK")
    assert lines(dialog) == ["slow disk"]
    qtbot.keyClicks(search, "zebra")
    assert lines(dialog) == []
    assert any("None of the 3 records fits" in label.text() for label in dialog.findChildren(QLabel))


def test_new_records_appear_while_it_is_open(dialog: LogDialog, book: LogBook, qtbot: QtBot) -> None:
    book.handle(logging.LogRecord("annotriage", logging.INFO, __file__, 1, "new", None, None))
    qtbot.waitUntil(lambda: lines(dialog)[-1] == "new")


def test_what_is_shown_can_be_copied(dialog: LogDialog) -> None:
    dialog.findChild(QComboBox).setCurrentText("Errors")
    next(each for each in dialog.findChildren(QPushButton) if "Copy" in each.text()).click()
    assert QGuiApplication.clipboard().text().endswith("broken")
    assert "opened" not in QGuiApplication.clipboard().text()


def test_in_memory_only_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("")
    book = LogBook(tmp_path / "logs" / "annotriage.log")
    book.handle(logging.LogRecord("annotriage", logging.INFO, __file__, 1, "x", None, None))
    dialog = LogDialog(book)
    qtbot.addWidget(dialog)
    dialog.show()
    assert any("cannot be written" in label.text() for label in dialog.findChildren(QLabel))
    assert not next(each for each in dialog.findChildren(QPushButton) if "folder" in each.text()).isEnabled()

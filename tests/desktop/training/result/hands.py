"""What a person does on the result page."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from annotriage.desktop.training.result.page import ResultPage

Show = Callable[..., ResultPage]


def settle(page: ResultPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(page.verdict.sentence) or (bool(page.message) and "Reading" not in page.message))


def button(page: ResultPage, text: str) -> QPushButton:
    return next(each for each in page.findChildren(QPushButton) if each.text().replace("&", "") == text)


def press(page: ResultPage, text: str, qtbot: QtBot) -> None:
    found = button(page, text)
    assert found.isVisible()
    assert found.isEnabled()
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)

"""Widgets have names that tests and style sheets find them by."""

from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from annotriage.desktop.widgets.named import named
from tests.desktop.finding import find


def test_a_named_widget_is_the_same_and_is_found(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    button = QPushButton("Export", page)
    assert named(button, "export") is button is find(page, "export", QPushButton)

"""Enter in a line to search in."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout
from pytestqt.qtbot import QtBot

from annotriage.desktop.widgets.search_line import SearchLine


def test_enter_searches_and_presses_no_button_of_the_dialog(qtbot: QtBot) -> None:
    dialog, line, button = QDialog(), SearchLine("Search images"), QPushButton("Save the table…")
    column = QVBoxLayout(dialog)
    column.addWidget(line)
    column.addWidget(button)
    button.setDefault(True)
    pressed, searched = [], []
    button.clicked.connect(lambda: pressed.append(1))
    line.returnPressed.connect(lambda: searched.append(line.text()))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClicks(line, "ISIC")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.keyClick(line, Qt.Key.Key_Enter)
    assert searched == ["ISIC", "ISIC"]
    assert pressed == []
    assert line.accessibleName() == "Search images"

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from annotriage.desktop.dialogs.key_caps import KeyCaps, keys_of
from annotriage.desktop.dialogs.shortcuts import ShortcutsDialog, keys_of_the_views
from annotriage.desktop.widgets.applying import apply_theme
from annotriage.desktop.window.actions import Actions


def action(text: str, *keys: str) -> QAction:
    made = QAction(text)
    made.setShortcuts([QKeySequence(key) for key in keys])
    return made


@pytest.fixture
def dialog(qtbot: QtBot) -> ShortcutsDialog:
    dialog = ShortcutsDialog(
        [
            ("File", [action("&Open a folder…", "Ctrl+O"), action("No key at all")]),
            ("Look", [action("Zoom in", "+", "Ctrl++"), ("The plain image", [["Space"]])]),
            ("Empty", [action("Nothing")]),
        ]
    )
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def shown(dialog: ShortcutsDialog) -> list[str]:
    QApplication.processEvents()
    return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible() and label.text()]


def keys(dialog: ShortcutsDialog) -> list[str]:
    return [caps.text() for caps in dialog.findChildren(KeyCaps) if caps.isVisible()]


def test_all_keys_are_there_by_group(dialog: ShortcutsDialog) -> None:
    assert shown(dialog) == ["File", "Open a folder", "Look", "Zoom in", "The plain image"]
    assert keys(dialog) == ["Ctrl+O", "+ or Ctrl++", "Space"]


def test_they_can_be_searched_by_what_they_do_and_by_key(dialog: ShortcutsDialog, qtbot: QtBot) -> None:
    search = dialog.findChild(QLineEdit)
    qtbot.keyClicks(search, "plain")
    assert shown(dialog) == ["Look", "The plain image"]
    search.setText("ctrl+o")
    assert shown(dialog) == ["File", "Open a folder"]
    search.setText("zebra")
    assert len(shown(dialog)) == 1
    assert "No key fits" in shown(dialog)[0]
    search.clear()
    assert len(keys(dialog)) == 3


def test_escape_closes_it(dialog: ShortcutsDialog, qtbot: QtBot) -> None:
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("shortcut", "expected"),
    [
        ("Ctrl+Shift+Z", ["Ctrl", "Shift", "Z"]),
        ("F11", ["F11"]),
        ("+", ["+"]),
        ("Ctrl++", ["Ctrl", "+"]),
        ("Ctrl+-", ["Ctrl", "-"]),
        (",", [","]),
        ("Ctrl+K, Ctrl+S", ["Ctrl", "K", "Ctrl", "S"]),
        ("", []),
    ],
)
def test_keys_of(shortcut: str, expected: list[str]) -> None:
    assert keys_of(QKeySequence(shortcut)) == expected


def test_caps_are_drawn_in_both_themes_and_are_read_aloud(qtbot: QtBot, qapp: QApplication) -> None:
    caps = KeyCaps([["Ctrl", "Z"]])
    qtbot.addWidget(caps)
    caps.resize(caps.sizeHint())
    assert caps.accessibleName() == "Ctrl+Z"
    apply_theme(qapp, "light")
    light = caps.grab().toImage()
    apply_theme(qapp, "dark")
    assert caps.grab().toImage() != light


@pytest.mark.parametrize(
    "word",
    ["mask", "undo", "export", "note", "filter", "heatmap", "send", "score", "model", "assign", "zoom", "contrast",
     "sort", "delete", "save", "compare", "outline"],
)  # fmt: skip
def test_everyday_words_find_a_key(qtbot: QtBot, word: str) -> None:
    window = QObject()
    dialog = ShortcutsDialog([*Actions(window).groups(), *keys_of_the_views()])
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.findChild(QLineEdit).setText(word)
    assert keys(dialog), word

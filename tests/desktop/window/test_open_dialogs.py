"""The registry of dialogs: each is open once, and all close with the window."""

from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from annotriage.desktop.window.open_dialogs import OpenDialogs


def test_a_dialog_is_open_once_and_made_anew_after_it_was_closed(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialogs = OpenDialogs(window)
    first = dialogs.show("guide", lambda: QDialog(window))
    assert dialogs.show("guide", lambda: QDialog(window)) is first and first.isVisible()
    assert "guide" in dialogs and dialogs.get("guide", QDialog) is first
    first.reject()
    assert "guide" not in dialogs
    assert dialogs.show("guide", lambda: QDialog(window)) is not first


def test_all_close_with_the_window_and_none_is_larger_than_the_screen(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialogs = OpenDialogs(window)

    def large() -> QDialog:
        dialog = QDialog(window)
        dialog.resize(20_000, 20_000)
        return dialog

    shown = dialogs.show("large", large)
    screen = QApplication.primaryScreen().availableGeometry()
    assert shown.width() <= screen.width() and shown.height() <= screen.height()
    dialogs.show("guide", lambda: QDialog(window))
    dialogs.close_all()
    assert "large" not in dialogs and "guide" not in dialogs

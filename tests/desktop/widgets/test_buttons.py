import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotriage.desktop.widgets.applying import apply_theme
from annotriage.desktop.widgets.buttons import PrimaryButton
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.theme import DARK, LIGHT


def face(button: PrimaryButton) -> QColor:
    return button.grab().toImage().pixelColor(QPoint(6, 6))


@pytest.fixture
def button(qtbot: QtBot, qapp: QApplication) -> PrimaryButton:
    apply_theme(qapp, "light")
    button = PrimaryButton("&Open a folder…")
    qtbot.addWidget(button)
    button.resize(button.sizeHint())
    return button


def test_it_has_the_accent_colour_of_the_theme(button: PrimaryButton, qapp: QApplication) -> None:
    assert face(button) == LIGHT.accent
    apply_theme(qapp, "dark")
    assert face(button) == DARK.accent


def test_disabled_it_does_not_look_like_the_next_step(button: PrimaryButton) -> None:
    button.setEnabled(False)
    assert face(button) == LIGHT.line


def test_disabled_its_words_are_fainter(button: PrimaryButton) -> None:
    def darkest() -> int:
        seen = button.grab().toImage()
        return min(seen.pixelColor(x, seen.height() // 2).lightness() for x in range(10, seen.width() - 10))

    button.setEnabled(False)
    assert 60 < darkest() < 150  # of black words 27 would be seen


def test_focus_can_be_seen(button: PrimaryButton, qtbot: QtBot) -> None:
    button.clearFocus()
    without = button.grab().toImage()
    with qtbot.waitActive(button):
        button.show()
        button.activateWindow()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert button.grab().toImage() != without


def test_there_is_room_for_an_icon(button: PrimaryButton) -> None:
    before = button.sizeHint()
    button.setIcon(icon("send"))
    button.setIconSize(QSize(16, 16))
    assert button.sizeHint().width() >= before.width() + 16
    button.grab()


def test_the_keyboard_presses_it(button: PrimaryButton, qtbot: QtBot) -> None:
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Space)

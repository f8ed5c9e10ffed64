"""A key that is held decides once, however the system tells of it."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from annotriage.triage.decisions import Decision
from tests.desktop.window.hands import NONE, Hands


def tell(hands: Hands, kind: QEvent.Type, at: int) -> None:
    event = QKeyEvent(kind, Qt.Key.Key_2, NONE, "2")
    event.setTimestamp(at)
    focused = hands.window.focusWidget() or hands.window
    QApplication.sendEvent(focused, event)


def press(hands: Hands, at: int) -> None:
    """Press 2 as Qt tells of it: a question to the widgets, then the shortcut."""
    tell(hands, QEvent.Type.ShortcutOverride, at)
    hands.actions.routine.trigger()


@pytest.mark.slow
def test_repeats_that_come_as_presses_of_their_own_decide_nothing(scored: Hands) -> None:
    first, second = scored.names()[:2]
    press(scored, 1000)
    scored.wait_for(first, Decision.ROUTINE)
    for at in (1660, 1700, 1740):
        tell(scored, QEvent.Type.KeyRelease, at)
        press(scored, at)
    assert scored.current() == second
    tell(scored, QEvent.Type.KeyRelease, 1760)
    scored.actions.routine.trigger()  # by the menu, which no key holds
    scored.wait_for(second, Decision.ROUTINE)
    assert scored.current() == scored.names()[2]


def test_presses_however_fast_decide_an_image_each(scored: Hands) -> None:
    names = scored.names()[:3]
    for at in (1000, 1020, 1040):
        press(scored, at)
        tell(scored, QEvent.Type.KeyRelease, at + 10)
    for name in names:
        scored.wait_for(name, Decision.ROUTINE)

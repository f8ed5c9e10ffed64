"""Words in one line: cut off where there is no room, whole for those who hear them."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.one_line import OneLineButton, OneLineLabel, OneLineToolButton, breakable, cut_off

WORDS = "40 undecided rank higher: go there"


@pytest.mark.parametrize("kind", [OneLineButton, OneLineToolButton, OneLineLabel])
def test_longer_words_ask_for_no_more_room(qtbot: QtBot, kind: type[OneLineLabel]) -> None:
    part = kind()
    qtbot.addWidget(part)
    if not isinstance(part, OneLineLabel):
        part.setIcon(icon("send"))
    if isinstance(part, OneLineToolButton):
        part.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    part.setText(WORDS)
    least = part.minimumSizeHint().width()
    part.setText(20 * WORDS)
    assert part.minimumSizeHint().width() == least < part.sizeHint().width()
    part.resize(part.minimumSizeHint())
    part.grab()
    assert part.text() == 20 * WORDS


def test_the_beginning_is_seen_and_what_fits_is_whole(qtbot: QtBot) -> None:
    label = OneLineLabel(WORDS)
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    assert label.is_whole and label.toolTip() == WORDS
    label.resize(label.minimumSizeHint())
    assert not label.is_whole
    metrics = label.fontMetrics()
    assert cut_off(metrics, WORDS, metrics.horizontalAdvance(WORDS)) == WORDS
    shown = cut_off(metrics, WORDS, label.width())
    assert shown.startswith("40") and shown.endswith("…")


def test_long_words_may_go_on_in_the_next_line() -> None:
    assert breakable("All words are short.") == "All words are short."
    path = "/home/" + "a" * 90
    assert breakable(path).replace("\u200b", "") == path
    assert max(len(run) for run in breakable(path).split("\u200b")) <= 20

"""A column that scrolls is as tall as its words at the width they have, also after what is inside was replaced."""

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from annotriage.desktop.widgets.areas import ColumnArea
from annotriage.desktop.widgets.layout import STRETCH, column, panel

_WORDS = "People who outline skin lesions in images disagree, and finding out where costs another annotator. " * 20


def _words() -> tuple[QWidget, QLabel]:
    label = QLabel(_WORDS, wordWrap=True)
    return panel(column(label, STRETCH, margins=0)), label


def _shown(qtbot: QtBot, width: int) -> tuple[ColumnArea, QLabel]:
    """Return an area of that width whose first content was replaced by wrapped words."""
    area = ColumnArea(panel(column(QLabel("before"))))
    qtbot.addWidget(area)
    area.resize(width, 50)
    area.show()
    inside, label = _words()
    area.show_inside(inside)
    return area, label


def test_what_replaces_the_inside_is_as_tall_as_its_words(qtbot: QtBot) -> None:
    for width in (300, 900):
        area, label = _shown(qtbot, width)
        assert area.inside.width() == area.viewport().width()
        assert area.inside.height() == label.heightForWidth(area.viewport().width()) > 50


def test_follows_words_that_come_later(qtbot: QtBot) -> None:
    area, label = _shown(qtbot, 400)
    label.setText(_WORDS * 2)
    qtbot.waitUntil(lambda: area.inside.height() == label.heightForWidth(area.viewport().width()))


def test_what_has_a_largest_width_is_as_tall_as_that_needs_and_in_the_middle(qtbot: QtBot) -> None:
    area, _ = _shown(qtbot, 900)
    inside, label = _words()
    inside.setMaximumWidth(400)
    area.show_inside(inside)
    assert area.inside.width() == 400
    assert area.inside.height() == label.heightForWidth(400)
    assert area.inside.x() == (area.viewport().width() - 400) // 2

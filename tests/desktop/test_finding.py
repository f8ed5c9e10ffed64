"""Tests find a widget by its name, and say which names there are where they do not."""

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.desktop.finding import find


@pytest.fixture
def form(qtbot: QtBot) -> QWidget:
    form = QWidget()
    qtbot.addWidget(form)
    inner = QWidget(form)
    for kind, name in ((QPushButton, "export"), (QLabel, "note"), (QLabel, "twice"), (QLabel, "twice")):
        kind(inner).setObjectName(name)
    return form


def test_one_is_found_however_deep(form: QWidget) -> None:
    assert find(form, "export").parent().parent() is form
    assert find(form, "note", QLabel) is find(form, "note")


@pytest.mark.parametrize(("name", "kind"), [("gone", QWidget), ("note", QPushButton), ("twice", QLabel)])
def test_none_and_several_are_told_with_the_names_there_are(form: QWidget, name: str, kind: type[QWidget]) -> None:
    with pytest.raises(AssertionError, match=r"named '\w+'; there are (export, note, twice|export|note, twice)$"):
        find(form, name, kind)

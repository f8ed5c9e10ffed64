"""Fetching and measuring are offered whether or not a folder is open."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from annotriage.desktop.agreement.dialog import AgreementDialog
from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.fetching.fetch_dialog import FetchDialog
from annotriage.desktop.settings import Settings
from annotriage.desktop.window.main_window import MainWindow


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    window = MainWindow(Settings())
    window.show()
    yield window
    window.close()
    window.deleteLater()
    assert wait_for_jobs(10)


def shown(window: MainWindow, kind: type[QDialog]) -> list[QDialog]:
    return [each for each in window.findChildren(kind) if each.isVisible()]


@pytest.mark.parametrize(("action", "kind"), [("measure_agreement", AgreementDialog), ("fetch", FetchDialog)])
def test_one_window_each_from_the_empty_window(window: MainWindow, action: str, kind: type[QDialog]) -> None:
    trigger = getattr(window.actions_, action)
    assert trigger.isEnabled()
    trigger.trigger()
    trigger.trigger()
    (dialog,) = shown(window, kind)
    assert not dialog.isModal()
    window.close()
    assert not shown(window, kind)


@pytest.mark.slow
def test_what_was_fetched_is_opened(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.actions_.fetch.trigger()
    (dialog,) = shown(window, FetchDialog)
    assert isinstance(dialog, FetchDialog)
    dialog.open_wanted.emit(folder)
    qtbot.waitUntil(lambda: window.review.folder == folder)
    qtbot.waitUntil(lambda: window.review.images.rowCount() == 12)

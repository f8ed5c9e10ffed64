"""What the window's tests share: models to score with, the window itself, and hands to drive it by."""

import gc
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.gc_control import WindowThreadGarbage
from annotriage.desktop.settings import Settings
from annotriage.desktop.window.main_window import MainWindow
from annotriage.triage.scoring_progress import Phase
from tests.desktop.window.hands import Hands
from tests.pictures import write_pictures

MANY = 300


@pytest.fixture(autouse=True)
def home(library: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the user have these models, and a cache of thumbnails of their own."""
    shutil.copytree(library, own_home, dirs_exist_ok=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(own_home / "cache"))
    return own_home


@pytest.fixture(autouse=True)
def nothing_uncaught(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail the test where anything was raised that nobody caught, in whichever thread."""
    raised: list[str] = []
    earlier = sys.excepthook

    def note(kind: type[BaseException], error: BaseException, traceback: object) -> None:
        raised.append(f"{kind.__name__}: {error}")
        earlier(kind, error, traceback)  # type: ignore[arg-type]

    def note_thread(arguments: threading.ExceptHookArgs) -> None:
        raised.append(f"in {arguments.thread}: {arguments.exc_type.__name__}: {arguments.exc_value}")

    monkeypatch.setattr(sys, "excepthook", note)
    monkeypatch.setattr(threading, "excepthook", note_thread)
    yield
    assert raised == []


Make = Callable[..., Hands]


@pytest.fixture
def make(qtbot: QtBot, nothing_uncaught: None) -> Iterator[Make]:
    """Open the window, as often as one likes; all are closed in the end."""
    opened: list[MainWindow] = []
    garbage = WindowThreadGarbage()

    def make(
        folder: Path | None = None, *, model: str | None = None, size: tuple[int, int] | None = (1280, 800)
    ) -> Hands:
        window = MainWindow(Settings())
        opened.append(window)
        window.review.resources.model_name = model
        if size is not None:
            window.resize(*size)
        window.show()
        hands = Hands(window, qtbot)
        if folder is not None:
            window.open_folder(folder)
        return hands

    yield make
    for window in opened:
        if isValid(window):
            window.close()
            window.deleteLater()
    assert wait_for_jobs(10)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
    garbage.stop()
    gc.collect(1)


@pytest.fixture
def scored(make: Make, folder: Path) -> Hands:
    """Return a window in which a small folder is open and scored."""
    hands = make(folder)
    hands.wait_until_scored()
    return hands


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Return a folder that the slow model takes seconds for."""
    write_pictures(tmp_path / "many", MANY)
    return tmp_path / "many"


@pytest.fixture
def paused(make: Make, many: Path, qtbot: QtBot) -> Hands:
    """Return a window that rests in the midst of scoring many images."""
    hands = make(many, model="slow")
    qtbot.waitUntil(lambda: hands.review.progress.done > 0)
    hands.window.actions_.pause.trigger()
    qtbot.waitUntil(lambda: not hands.review.scoring_runs())
    assert hands.review.progress.phase is Phase.PAUSED
    return hands

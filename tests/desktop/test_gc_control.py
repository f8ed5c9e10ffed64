"""Garbage is taken apart in the window's thread, whoever makes objects."""

import gc
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from statsmodels.stats.multitest import multipletests

from annotriage.desktop.gc_control import WindowThreadGarbage, considerate


@pytest.fixture
def garbage(qapp: object) -> Iterator[WindowThreadGarbage]:
    was_enabled = gc.isenabled()
    garbage = WindowThreadGarbage()
    yield garbage
    garbage.stop()
    if not was_enabled:
        gc.disable()


class Circle:
    """Holds itself, and notes the thread in which it goes."""

    def __init__(self, gone: list[int]) -> None:
        self.itself = self
        self.gone = gone

    def __del__(self) -> None:
        self.gone.append(threading.get_ident())


@pytest.mark.slow
def test_what_a_busy_thread_leaves_behind_goes_in_the_windows_thread(
    qtbot: QtBot, garbage: WindowThreadGarbage
) -> None:
    gone: list[int] = []

    def make() -> None:
        for _ in range(5000):
            Circle(gone)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    assert gone == []
    qtbot.waitUntil(lambda: len(gone) == 5000)
    assert set(gone) == {threading.get_ident()}


def test_python_takes_over_again_at_the_end(garbage: WindowThreadGarbage) -> None:
    assert not gc.isenabled()
    garbage.stop()
    assert gc.isenabled()


def correct_in_a_thread() -> None:
    thread = threading.Thread(target=lambda: multipletests([0.01, 0.2], method="holm"))
    thread.start()
    thread.join()


def test_a_library_that_asks_for_it_in_a_thread_takes_nothing_apart_there() -> None:
    gone: list[int] = []
    before = gc.collect
    Circle(gone)
    with considerate():
        with considerate():
            correct_in_a_thread()
        correct_in_a_thread()
        assert gone == []
        gc.collect()
        assert gone == [threading.get_ident()]
    assert gc.collect is before


def test_without_that_it_would() -> None:
    gone: list[int] = []
    Circle(gone)
    correct_in_a_thread()
    assert gone and gone[0] != threading.get_ident()

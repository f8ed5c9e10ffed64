import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from annotriage.desktop.crash.dialog import CrashDialog
from annotriage.desktop.crash.guard import CrashGuard
from annotriage.desktop.crash.log_book import LogBook
from annotriage.errors import AnnotriageError


@pytest.fixture
def guard(qtbot: QtBot) -> Iterator[CrashGuard]:
    book = LogBook()
    logging.getLogger().addHandler(book)
    guard = CrashGuard(book)
    guard.install()
    yield guard
    guard.uninstall()
    logging.getLogger().removeHandler(book)
    book.close()


def dialogs() -> list[CrashDialog]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, CrashDialog) and each.isVisible()]


def shown(qtbot: QtBot) -> CrashDialog:
    qtbot.waitUntil(lambda: len(dialogs()) == 1)
    return dialogs()[0]


def words(dialog: CrashDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def press(dialog: CrashDialog, text: str) -> None:
    next(each for each in dialog.findChildren(QPushButton) if each.text().replace("&", "") == text).click()


def in_slot(work: Callable[[], object]) -> None:
    QTimer.singleShot(0, work)


def fail() -> None:
    raise ValueError("no such zebra")


def test_an_error_in_a_slot_is_said_and_the_window_goes_on(guard: CrashGuard, qtbot: QtBot) -> None:
    in_slot(fail)
    dialog = shown(qtbot)
    assert "ValueError" in words(dialog)
    assert "Your decisions are kept" in words(dialog)
    assert not dialog.isModal()
    went_on: list[int] = []
    in_slot(lambda: went_on.append(1))
    qtbot.waitUntil(lambda: went_on == [1])


def test_an_error_in_a_thread_is_said(guard: CrashGuard, qtbot: QtBot) -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert "ValueError" in words(shown(qtbot))


class _Broken(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        raise ZeroDivisionError


def test_an_error_in_painting_is_said(guard: CrashGuard, qtbot: QtBot) -> None:
    widget = _Broken()
    qtbot.addWidget(widget)
    widget.show()
    assert "ZeroDivisionError" in words(shown(qtbot))


def test_fifty_times_the_same_is_one_dialog_with_a_count(guard: CrashGuard, qtbot: QtBot) -> None:
    for _ in range(50):
        in_slot(fail)
    qtbot.waitUntil(lambda: [problem.count for problem in guard.problems()] == [50])
    dialog = shown(qtbot)
    qtbot.waitUntil(lambda: "It happened 50 times." in words(dialog))
    assert "50 ×" in guard.report()


def test_what_was_waved_on_is_not_shown_again_but_something_new_is(guard: CrashGuard, qtbot: QtBot) -> None:
    in_slot(fail)
    press(shown(qtbot), "Go on")
    assert dialogs() == []
    with qtbot.waitSignal(guard.problem_noted):
        in_slot(fail)
    assert dialogs() == []
    in_slot(lambda: {}["zebra"])
    assert "KeyError" in words(shown(qtbot))
    assert [problem.count for problem in guard.problems()] == [2, 1]


def test_an_error_of_the_user_is_its_own_sentence(guard: CrashGuard, qtbot: QtBot) -> None:
    def full() -> None:
        raise AnnotriageError("The disk is full; free some space.")

    in_slot(full)
    assert "The disk is full; free some space." in words(shown(qtbot))


def test_the_report_can_be_read_copied_and_saved(
    guard: CrashGuard, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_slot(fail)
    dialog = shown(qtbot)
    press(dialog, "Copy report")
    report = QGuiApplication.clipboard().text()
    assert "no such zebra" in report
    assert "Annotriage: 0." in report
    assert "nobody caught this" in report  # from the log
    target = tmp_path / "report.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    press(dialog, "Save report…")
    assert "no such zebra" in target.read_text(encoding="utf-8")
    assert "was saved" in words(dialog)
    press(dialog, "Show report")
    assert any("no such zebra" in each.toPlainText() for each in dialog.findChildren(type(dialog._details)))


def test_where_the_report_cannot_be_saved_it_says_so(
    guard: CrashGuard, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_slot(fail)
    dialog = shown(qtbot)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "gone" / "r.txt"), ""))
    press(dialog, "Save report…")
    assert "cannot be written" in words(dialog)


def test_quit_ends_the_program(guard: CrashGuard, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(QGuiApplication, "quit", lambda: ended.append(1))
    in_slot(fail)
    press(shown(qtbot), "Quit")
    assert ended == [1]


def test_ctrl_c_is_no_crash(guard: CrashGuard, monkeypatch: pytest.MonkeyPatch) -> None:
    passed_on: list[type[BaseException]] = []
    guard._before = (lambda kind, *_: passed_on.append(kind), guard._before[1] if guard._before else None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert passed_on == [KeyboardInterrupt]
    assert guard.problems() == []
    guard._before = (sys.__excepthook__, threading.__excepthook__)


def test_a_crash_of_the_last_run_is_told(guard: CrashGuard, qtbot: QtBot) -> None:
    guard.tell_of_hard_crash('Fatal Python error: Segmentation fault\n  File "/data/jane.jpg"')
    assert "ended by a crash the last time" in words(shown(qtbot))
    assert "Segmentation fault" in guard.report()
    assert "jane" not in guard.report()


def test_uninstalled_it_takes_nothing(qtbot: QtBot) -> None:
    before = (sys.excepthook, threading.excepthook)
    guard = CrashGuard()
    guard.install()
    assert sys.excepthook != before[0]
    guard.uninstall()
    assert (sys.excepthook, threading.excepthook) == before

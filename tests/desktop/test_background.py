import threading
from typing import NoReturn

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from annotriage.desktop.background import Job, wait_for_jobs
from annotriage.errors import AnnotriageError


def test_the_answer_comes_in_the_windows_thread(qtbot: QtBot) -> None:
    answers: list[tuple[str, str]] = []
    here = threading.current_thread().name
    Job(lambda: threading.current_thread().name, lambda name: answers.append((name, threading.current_thread().name)))
    qtbot.waitUntil(lambda: bool(answers))
    worker, receiver = answers[0]
    assert worker != here
    assert receiver == here


def test_an_error_comes_as_its_sentence(qtbot: QtBot) -> None:
    def fail() -> NoReturn:
        raise AnnotriageError("The disk is full; free some space.")

    said: list[str] = []
    Job(fail, lambda _: pytest.fail("there is no answer"), said.append)
    qtbot.waitUntil(lambda: said == ["The disk is full; free some space."])


def test_a_defect_is_said_and_reported(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: reported.append(arguments.exc_type))
    said: list[str] = []
    job = Job(lambda: 1 // 0, lambda _: pytest.fail("there is no answer"), said.append)
    qtbot.waitUntil(lambda: bool(said))
    job.wait(5)
    assert reported == [ZeroDivisionError]
    assert "unexpected" in said[0]


def test_whoever_is_gone_gets_no_answer(qtbot: QtBot) -> None:
    go_on = threading.Event()
    answers: list[object] = []
    job = Job(go_on.wait, answers.append)
    job.forget()
    go_on.set()
    job.wait(5)
    after: list[object] = []
    Job(lambda: 1, after.append)
    qtbot.waitUntil(lambda: after == [1])
    assert answers == []


class _Asker(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []

    def take(self, answer: object) -> None:
        self.answers.append(answer)


def test_a_widget_that_was_deleted_gets_no_answer(qtbot: QtBot) -> None:
    go_on = threading.Event()
    asker = _Asker()
    Job(go_on.wait, asker.take)
    delete(asker)
    go_on.set()
    assert wait_for_jobs(5)
    after = _Asker()
    Job(lambda: 1, after.take)
    qtbot.waitUntil(lambda: after.answers == [1])
    assert asker.answers == []


def test_the_end_of_the_program_does_not_wait_for_ever() -> None:
    go_on = threading.Event()
    Job(go_on.wait, lambda _: None)
    assert not wait_for_jobs(0.05)
    go_on.set()
    assert wait_for_jobs(5)

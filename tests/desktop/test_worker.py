"""Threads with a queue: what they hand over, in which order, and what nobody hears of."""

import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PySide6.QtCore import QCoreApplication, QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from annotriage.desktop.background import LongJob, Worker, wait_for_jobs
from annotriage.errors import AnnotriageError

KEYS = st.sampled_from("abcdef")
_SECONDS = 10.0


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + _SECONDS
    while not condition():
        QCoreApplication.processEvents()
        assert time.monotonic() < end
        time.sleep(0.0005)


class _Gates:
    """Work that goes on only when it is let."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.begun: list[tuple[str, int]] = []
        self.open: dict[tuple[str, int], threading.Event] = {}
        self.fails: set[tuple[str, int]] = set()
        self.twice = False

    def do(self, key: str, what: int) -> tuple[str, int]:
        with self.lock:
            self.twice = self.twice or any(key == other for other, _ in self.open)
            self.open[key, what] = gate = threading.Event()
            self.begun.append((key, what))
        assert gate.wait(_SECONDS)
        with self.lock:
            del self.open[key, what]
            if (key, what) in self.fails:
                raise ValueError(key)
        return key, what


class Queue(RuleBasedStateMachine):
    """A worker against a list of what should wait, be under way, and be heard."""

    @initialize(threads=st.integers(1, 3), most=st.none() | st.integers(2, 4))
    def begin(self, threads: int, most: int | None) -> None:
        self.threads, self.most = threads, most
        self.gates = _Gates()
        self.heard: list[tuple[str, object]] = []
        self.expected: list[tuple[str, object]] = []
        self.waiting: list[tuple[str, int]] = []
        self.busy: list[tuple[str, int]] = []
        self.dropped: set[tuple[str, int]] = set()
        self.number = 0
        self.ended = False
        self.begun = 0
        self.worker: Worker[str, int, object] = Worker(
            self.gates.do, self.heard.extend, problem=lambda key, error: f"{key}: {error}", threads=threads, most=most
        )

    @rule(keys=st.lists(KEYS, unique=True, max_size=5), first=st.booleans(), again=st.booleans())
    def ask(self, keys: list[str], first: bool, again: bool) -> None:
        self.number += 1
        under_way = dict(self.busy)
        asked = [(key, under_way[key] if again and key in under_way else self.number) for key in keys]
        self.worker.ask_all(asked, first=first)
        if self.ended:
            return
        fresh = []
        for key, what in asked:
            self.waiting = [each for each in self.waiting if each[0] != key]
            if under_way.get(key) == what:
                self.dropped.discard((key, what))
            else:
                fresh.append((key, what))
                if key in under_way:
                    self.dropped.add((key, under_way[key]))
        self.waiting = [*fresh, *self.waiting] if first else [*self.waiting, *fresh]
        if self.most is not None:
            self.waiting = self.waiting[: self.most] if first else self.waiting[-self.most :]
        self.settle()

    @precondition(lambda self: self.busy)
    @rule(data=st.data(), fails=st.booleans())
    def let_one_go_on(self, data: st.DataObject, fails: bool) -> None:
        one = data.draw(st.sampled_from(self.busy))
        self.busy.remove(one)
        if one not in self.dropped:
            self.expected.append((one[0], f"{one[0]}: {one[0]}" if fails else one))
        self.dropped.discard(one)
        if fails:
            self.gates.fails.add(one)
        self.gates.open[one].set()
        if not self.ended:
            wait_for(lambda: len(self.heard) == len(self.expected))
        self.settle()

    @rule()
    def clear(self) -> None:
        self.worker.clear()
        self.waiting.clear()
        self.dropped.update(self.busy)

    @rule()
    def stop(self) -> None:
        self.worker.stop(0)
        self.waiting.clear()
        self.dropped.update(self.busy)
        self.ended = True

    def settle(self) -> None:
        """Wait until everything is under way that can be."""
        for one in list(self.waiting):
            if len(self.busy) < self.threads and one[0] not in dict(self.busy):
                self.waiting.remove(one)
                self.busy.append(one)
                self.begun += 1
        wait_for(lambda: len(self.gates.begun) == self.begun)

    @invariant()
    def nothing_else_is_heard_or_begun(self) -> None:
        if hasattr(self, "worker"):
            assert self.heard == self.expected
            assert set(self.gates.open) >= set(self.busy)
            assert not self.gates.twice

    def teardown(self) -> None:
        if hasattr(self, "worker"):
            self.worker.stop(0)
            for one in self.busy:
                self.gates.open[one].set()
            self.worker.finish(_SECONDS)
            assert not self.worker.is_running()
            QCoreApplication.processEvents()
            assert self.heard == self.expected


@pytest.mark.slow
@pytest.mark.usefixtures("qapp")
def test_a_worker_does_what_was_asked_last_and_tells_nothing_else() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Queue, settings=settings(max_examples=40, stateful_step_count=20, deadline=None))


def test_what_was_asked_is_finished_before_the_end(qtbot: QtBot) -> None:
    written: list[int] = []
    worker: Worker[int, int, None] = Worker(lambda _, what: written.append(what))
    for number in range(50):
        worker.ask(number, number)
    worker.finish()
    assert written == list(range(50))
    assert not worker.is_running()
    worker.ask(99, 99)
    assert written == list(range(50))


def test_a_defect_is_reported_and_the_worker_goes_on(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: reported.append(arguments.exc_type))
    heard: list[tuple[int, float]] = []
    worker: Worker[int, None, float] = Worker(lambda key, _: 1 / key, heard.extend)
    worker.ask_all([(0, None), (2, None)])
    qtbot.waitUntil(lambda: heard == [(2, 0.5)])
    assert reported == [ZeroDivisionError]
    worker.stop()


def test_results_come_in_lists_that_are_some_time_apart(qtbot: QtBot) -> None:
    heard: list[list[tuple[int, int]]] = []
    worker: Worker[int, int, int] = Worker(lambda _, what: what, heard.append, every_ms=50)
    worker.ask_all((number, number) for number in range(20))
    qtbot.waitUntil(lambda: sum(map(len, heard)) == 20)
    assert len(heard) < 5
    worker.stop()


class _Window(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []

    def take(self, what: object) -> None:
        self.heard.append(what)


def test_a_window_that_is_gone_hears_nothing(qtbot: QtBot) -> None:
    window, go_on, done = _Window(), threading.Event(), threading.Event()

    def work(_key: int, _what: None) -> int:
        go_on.wait(_SECONDS)
        done.set()
        return 1

    worker: Worker[int, None, int] = Worker(work, window.take)
    worker.ask(1, None)
    delete(window)
    go_on.set()
    assert done.wait(_SECONDS)
    qtbot.wait(20)
    worker.stop()
    assert window.heard == []


def test_closing_does_not_wait_for_a_drive_that_does_not_answer(qtbot: QtBot) -> None:
    go_on = threading.Event()
    heard: list[object] = []
    worker: Worker[int, None, bool] = Worker(lambda _, __: go_on.wait(_SECONDS), heard.extend)
    worker.ask(1, None)
    begin = time.monotonic()
    worker.stop(0.05)
    assert time.monotonic() - begin < 2
    assert worker.is_running()
    go_on.set()
    worker.finish(_SECONDS)
    assert not worker.is_running()
    qtbot.wait(20)
    assert heard == []


def test_a_long_job_tells_the_latest_and_then_its_answer(qtbot: QtBot) -> None:
    said: list[int | str] = []

    def work(job: LongJob) -> str:
        for number in range(1, 1001):
            job.tell(number)
        return "done"

    job = LongJob(work, said.append, None, said.append)
    job.wait(_SECONDS)
    qtbot.waitUntil(lambda: said[-1:] == ["done"])
    assert said[-2] == 1000
    assert said[:-1] == sorted(said[:-1], key=int)


def test_a_long_job_that_is_stopped_is_not_heard_of(qtbot: QtBot) -> None:
    said: list[object] = []
    begun = threading.Event()

    def work(job: LongJob) -> None:
        job.tell(1)
        begun.set()
        assert job.stopping.wait(_SECONDS)
        raise AnnotriageError("Stopped.")

    job = LongJob(work, said.append, said.append, said.append)
    assert begun.wait(_SECONDS)
    job.stop(_SECONDS)
    assert not job.is_running()
    assert wait_for_jobs(5)
    qtbot.wait(20)
    assert said == []

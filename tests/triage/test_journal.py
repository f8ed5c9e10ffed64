"""The journal of decisions: what holds, what can be taken back, and what a kill leaves."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from annotriage.errors import AnnotriageError
from annotriage.triage.decisions import NOTHING_SAID, Decision, Review
from annotriage.triage.journal import Change, ReviewJournal
from annotriage.triage.store import SessionStore

EXPERT = Review(Decision.EXPERT)
ROUTINE = Review(Decision.ROUTINE, "Anna", "Hair over the border")
KILLS = 10


@pytest.fixture
def journal(store: SessionStore, tmp_path: Path) -> ReviewJournal:
    return ReviewJournal(store, tmp_path / "images")


def test_what_is_recorded_holds(journal: ReviewJournal) -> None:
    assert journal.record("Decide", {"a.jpg": EXPERT, "b.jpg": ROUTINE}) == Change(
        "Decide", {"a.jpg": EXPERT, "b.jpg": ROUTINE}
    )
    assert journal.reviews() == {"a.jpg": EXPERT, "b.jpg": ROUTINE}


def test_undo_and_redo_say_what_holds_then(journal: ReviewJournal) -> None:
    journal.record("First", {"a.jpg": EXPERT})
    journal.record("Second", {"a.jpg": ROUTINE, "b.jpg": EXPERT})
    assert (journal.undo_label, journal.redo_label) == ("Second", None)
    assert journal.undo() == Change("Second", {"a.jpg": EXPERT, "b.jpg": NOTHING_SAID})
    assert journal.reviews() == {"a.jpg": EXPERT}
    assert (journal.undo_label, journal.redo_label) == ("First", "Second")
    assert journal.undo() == Change("First", {"a.jpg": NOTHING_SAID})
    assert journal.undo() is None
    assert journal.reviews() == {}
    assert (journal.undo_label, journal.redo_label) == (None, "First")
    assert journal.redo() == Change("First", {"a.jpg": EXPERT})
    assert journal.redo() == Change("Second", {"a.jpg": ROUTINE, "b.jpg": EXPERT})
    assert journal.redo() is None


def test_what_changes_nothing_is_no_action(journal: ReviewJournal) -> None:
    assert journal.record("Nothing", {}) is None
    assert journal.record("Nothing", {"a.jpg": NOTHING_SAID}) is None
    journal.record("First", {"a.jpg": EXPERT})
    journal.record("Second", {"b.jpg": EXPERT})
    journal.undo()
    assert journal.record("Again", {"a.jpg": EXPERT}) is None
    assert journal.redo_label == "Second", "still there to be redone"
    # Only what changes is part of an action.
    assert journal.record("Both", {"a.jpg": EXPERT, "c.jpg": EXPERT}) == Change("Both", {"c.jpg": EXPERT})
    assert journal.redo_label is None


def test_a_change_starts_from_what_another_window_said_meanwhile(store: SessionStore, tmp_path: Path) -> None:
    with SessionStore(store.path) as other_store:
        one, other = ReviewJournal(store, tmp_path), ReviewJournal(other_store, tmp_path)
        assert one.said(["a.jpg"]) == {"a.jpg": NOTHING_SAID}
        other.record("Note", {"a.jpg": Review(Decision.UNDECIDED, "Anna", "blurred")})
        both = Review(Decision.EXPERT, "Anna", "blurred")
        change = one.change("Decide", ["a.jpg"], lambda review: replace(review, decision=Decision.EXPERT))
        assert change == Change("Decide", {"a.jpg": both})
        assert other.said(["a.jpg", "b.jpg"]) == {"a.jpg": both, "b.jpg": NOTHING_SAID}
        assert other.change("Decide", ["a.jpg"], lambda review: replace(review, decision=Decision.EXPERT)) is None
        assert one.undo() == Change("Decide", {"a.jpg": replace(both, decision=Decision.UNDECIDED)})


def test_folders_have_journals_of_their_own(store: SessionStore, tmp_path: Path) -> None:
    one, other = ReviewJournal(store, tmp_path / "one"), ReviewJournal(store, tmp_path / "other")
    one.record("One", {"a.jpg": EXPERT})
    other.record("Other", {"a.jpg": ROUTINE})
    assert one.undo() == Change("One", {"a.jpg": NOTHING_SAID})
    assert other.reviews() == {"a.jpg": ROUTINE}
    assert (other.undo_label, other.redo_label) == ("Other", None)


def test_it_goes_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "sessions.sqlite"
    with SessionStore(path) as store:
        journal = ReviewJournal(store, tmp_path)
        for number in range(20):
            journal.record(f"Action {number}", {"a.jpg": Review(Decision.EXPERT, note=str(number))})
        journal.undo()
    with SessionStore(path) as store:
        journal = ReviewJournal(store, tmp_path)
        assert journal.reviews()["a.jpg"].note == "18"
        assert journal.redo() is not None
        for _ in range(20):
            assert journal.undo() is not None
        assert journal.undo() is None
        assert journal.reviews() == {}


def test_any_text_is_kept(journal: ReviewJournal) -> None:
    said = Review(Decision.UNDECIDED, "Zoë\t", '\'=1+1\r\n\0 "ü" 🩺')
    journal.record("Say", {r"sub\xff/ü.jpg": said})
    assert journal.reviews() == {r"sub\xff/ü.jpg": said}
    half = replace(said, note="half \ud83e")
    assert journal.record("Say", {"b.jpg": half}) == Change("Say", {"b.jpg": replace(said, note="half ?")})


@pytest.mark.slow
def test_an_action_on_50_000_images(journal: ReviewJournal) -> None:
    # Work that grew with the square of their number would run into the time limit of a test.
    names = [f"folder/ISIC_{number:07}.jpg" for number in range(50_000)]
    change = journal.record("All", dict.fromkeys(names, EXPERT))
    assert change is not None
    assert len(change.reviews) == 50_000
    assert journal.undo() == Change("All", dict.fromkeys(names, NOTHING_SAID))


def test_a_disk_that_is_full_changes_nothing(store: SessionStore, journal: ReviewJournal) -> None:
    journal.record("First", {"a.jpg": EXPERT})
    with store.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        pages = connection.exec_driver_sql("PRAGMA max_page_count").scalar()  # as many as the file has
    with pytest.raises(AnnotriageError, match="the disk is full"):
        journal.record("Many", {f"{number}.jpg": ROUTINE for number in range(100 * int(pages or 0))})
    assert journal.reviews() == {"a.jpg": EXPERT}
    assert journal.undo_label == "First"


def test_a_damaged_step_is_refused_and_nothing_changes(store: SessionStore, journal: ReviewJournal) -> None:
    journal.record("First", {"a.jpg": EXPERT})
    _sql(store.path, "UPDATE actions SET changes = x'00112233'")
    with pytest.raises(AnnotriageError, match="this step cannot be taken back"):
        journal.undo()
    assert journal.reviews() == {"a.jpg": EXPERT}
    assert (journal.undo_label, journal.redo_label) == ("First", None)


@pytest.mark.slow
def test_windows_on_one_folder_do_not_tear_it(store: SessionStore, tmp_path: Path) -> None:
    """Threads decide, undo and redo at once, each by a journal of its own; the history then leads back to nothing."""

    def work(who: int) -> None:
        with SessionStore(store.path) as own:
            journal = ReviewJournal(own, tmp_path)
            chance = random.Random(who)
            for number in range(40):
                match chance.randrange(4):
                    case 0:
                        journal.undo()
                    case 1:
                        journal.redo()
                    case _:
                        names = [f"{chance.randrange(6)}.jpg" for _ in range(3)]
                        journal.record("x", dict.fromkeys(names, Review(Decision.ROUTINE, str(who), str(number))))

    with ThreadPoolExecutor(4) as executor:
        list(executor.map(work, range(4)))
    journal = ReviewJournal(store, tmp_path)
    while journal.redo() is not None:
        pass
    end = journal.reviews()
    assert end
    back: list[Change] = []
    while (change := journal.undo()) is not None:
        back.append(change)
    assert journal.reviews() == {}, "each step took back just what it had done"
    for _ in back:
        journal.redo()
    assert journal.reviews() == end


NAMES = st.sampled_from(["a.jpg", "b/ü.jpg", "c.png"])
REVIEWS = st.builds(Review, st.sampled_from(Decision), st.sampled_from(["", "Anna"]), st.text(max_size=4))


class JournalMachine(RuleBasedStateMachine):
    """The journal beside two plain lists of states."""

    @initialize()
    def begin(self) -> None:
        import tempfile

        self.home = tempfile.TemporaryDirectory()
        self.open()
        self.now: dict[str, Review] = {}
        self.past: list[tuple[str, dict[str, Review]]] = []
        self.future: list[tuple[str, dict[str, Review]]] = []

    def open(self) -> None:
        self.store = SessionStore(Path(self.home.name) / "sessions.sqlite")
        self.journal = ReviewJournal(self.store, Path(self.home.name) / "images")

    @rule(label=st.text(max_size=5), after=st.dictionaries(NAMES, REVIEWS, max_size=3))
    def record(self, label: str, after: dict[str, Review]) -> None:
        then = {name: review for name, review in {**self.now, **after}.items() if review != NOTHING_SAID}
        change = self.journal.record(label, after)
        if then == self.now:
            assert change is None
            return
        assert change is not None
        self.past.append((label, self.now))
        self.future.clear()
        self.check(label, change, then)

    @rule()
    def undo(self) -> None:
        change = self.journal.undo()
        if not self.past:
            assert change is None
            return
        label, then = self.past.pop()
        self.future.append((label, self.now))
        self.check(label, change, then)

    @rule()
    def redo(self) -> None:
        change = self.journal.redo()
        if not self.future:
            assert change is None
            return
        label, then = self.future.pop()
        self.past.append((label, self.now))
        self.check(label, change, then)

    @precondition(lambda self: self.past)
    @rule()
    def restart(self) -> None:
        self.store.close()
        self.open()

    def check(self, label: str, change: Change | None, then: dict[str, Review]) -> None:
        assert change is not None
        assert change.label == label
        touched = {name for name in {*self.now, *then} if self.now.get(name) != then.get(name)}
        assert change.reviews == {name: then.get(name, NOTHING_SAID) for name in touched}
        self.now = then
        assert self.journal.reviews() == self.now
        assert self.journal.undo_label == (self.past[-1][0] if self.past else None)
        assert self.journal.redo_label == (self.future[-1][0] if self.future else None)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.home.cleanup()


JournalMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestJournalMachine = JournalMachine.TestCase


DECIDER = """
import sys
from pathlib import Path
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.store import SessionStore
journal = ReviewJournal(SessionStore(Path(sys.argv[1])), Path(sys.argv[2]))
number = int(sys.argv[3])
while True:
    journal.record("Decide", {f"{number}.jpg": Review(Decision.EXPERT, note=str(number))})
    print(number, flush=True)
    number += 1
"""


@pytest.fixture
def deciders(tmp_path: Path) -> Iterator[list["subprocess.Popen[bytes]"]]:
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_kills_lose_no_decision_that_was_shown_as_made(
    store: SessionStore, tmp_path: Path, deciders: list["subprocess.Popen[bytes]"]
) -> None:
    chance = random.Random(3)
    begin, shown = 0, 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", DECIDER, str(store.path), str(tmp_path), str(begin)], stdout=subprocess.PIPE
        )
        deciders.append(process)
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(chance.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        lines = (first + process.stdout.read()).split(b"\n")[:-1]
        process.wait()
        shown += len(lines)
        held = ReviewJournal(store, tmp_path).reviews()
        for line in lines:
            assert held[f"{int(line)}.jpg"] == Review(Decision.EXPERT, note=str(int(line)))
        # At most the one that was being made is there without having been shown.
        assert len(held) - begin - len(lines) in (0, 1)
        begin = len(held)
    assert shown > KILLS
    journal = ReviewJournal(store, tmp_path)
    steps = 0
    while journal.undo() is not None:
        steps += 1
    assert steps == begin, "one step a decision, and each can be taken back"
    assert os.path.getsize(store.path) > 0


def _sql(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()

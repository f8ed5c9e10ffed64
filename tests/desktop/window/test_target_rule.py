"""A key decides what the eye sees: the whole window, driven at random.

No image may be decided that was not shown, or counted in sight, when the key was pressed; and once the person has done
anything, nothing else changes which image is looked at. Until then, what came a moment ago is safe from keys.
ANNOTRIAGE_STEPS=10000 walks that far instead of the few steps of every day.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from annotriage.desktop.review.controller import ReviewController
from annotriage.desktop.widgets.text import NameLabel
from annotriage.desktop.window.deferred_reorder import DeferredReorder
from annotriage.images import find_images
from annotriage.scoring.prediction import Prediction
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.decisions import Decision
from annotriage.triage.sort_keys import SortKey
from tests.desktop.finding import find
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import CTRL, NONE, SHIFT, Hands
from tests.pictures import write_pictures
from tests.triage.known_before import know_as_before

STEPS = int(os.environ.get("ANNOTRIAGE_STEPS", "240"))
AT_A_TIME = min(STEPS, 250 if STEPS > 1000 else 60)
IMAGES = 40
DECIDE = {
    Qt.Key.Key_1: Decision.EXPERT,
    Qt.Key.Key_2: Decision.ROUTINE,
    Qt.Key.Key_3: Decision.EXCLUDE,
    Qt.Key.Key_U: Decision.UNDECIDED,
}
MOVES = [
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
    Qt.Key.Key_PageDown, Qt.Key.Key_PageUp,
]  # fmt: skip
MODIFIERS = [NONE, NONE, SHIFT, CTRL, SHIFT | CTRL]
FILTERS = [
    Filter(),
    Filter(text="1"),
    Filter(low=0.3),
    Filter(high=0.6),
    Filter(decisions=frozenset({Decision.UNDECIDED})),
    Filter(decisions=frozenset({Decision.EXPERT, Decision.ROUTINE})),
]
LINES = st.integers(0, IMAGES - 1)


class Person(RuleBasedStateMachine):
    """Somebody who presses and clicks anything in any order, and looks at the screen before each decision."""

    hands: Hands
    top: Path
    clock: Callable[[], float]
    visits = 0
    steps = 0
    decisions = 0

    def __init__(self) -> None:
        super().__init__()
        Person.visits += 1
        folder = self.top / str(Person.visits)
        write_pictures(folder, IMAGES)
        hands = self.hands
        self.pages = hands.window.pages
        self.asked: list[tuple[list[str], Decision]] = []
        self.touched = False
        self.now, self.came_at = 1000.0, 0.0
        Person.clock = lambda: self.now
        self.folder = folder
        hands.images.set_sorting(SortKey.DISAGREEMENT)
        hands.images.set_filter(Filter())
        hands.actions.inspector.setChecked(True)
        hands.workspace.gallery.show_view("grid")
        hands.window.resize(1100, 700)
        seen: list[str | None] = []
        watching = hands.images.order_changed.connect(lambda: seen.append(self.looked_at()))
        hands.window.open_folder(folder)
        hands.qtbot.waitUntil(lambda: hands.images.rowCount() == IMAGES and hands.review._listing is None)
        self.settle()
        hands.images.disconnect(watching)
        if len({name for name in seen if name is not None}) > 1:  # listed in parts, and the first image is another now
            self.came_at = self.now

    def settle(self) -> None:
        """Let happen what was set off."""
        Person.steps += 1
        review = self.hands.review
        for _ in range(2):
            review.journal._writer.submit(lambda: None).result()
            QApplication.processEvents()
        QApplication.processEvents()

    # What the eyes see, by the widgets alone

    def shown(self) -> list[str]:
        """Return the images that are shown in full, or selected and counted in sight."""
        large = self.pages.large
        if large.isVisible():
            assert large.image is not None
            assert find(large, "name", NameLabel).accessibleName() == large.image.name
            return [large.image.name]
        selected = self.hands.workspace.gallery.selected_names()
        panel, about = self.hands.panel, self.hands.workspace.gallery.bar.about.text()
        if len(selected) > 1:
            said = f"{len(selected)} images selected"
            assert about == said or about.startswith(("Done", "Taken back"))
            if panel.isVisible():
                assert find(panel.numbers, "number", QLabel).text() == str(len(selected))
                assert said in self.hands.words(panel)
                assert panel.image is not None and panel.image.name in selected
            elif not self.hands.workspace.gallery.bar.about.is_whole:
                return []
            return selected
        if panel.isVisible():
            assert "images selected" not in self.hands.words(panel)
            return [] if panel.image is None else [panel.image.name]
        return [name for name in selected if self.is_mostly_seen(name)]

    def is_mostly_seen(self, name: str) -> bool:
        """Return whether at least half of what has room of a tile or a row is seen."""
        view, line = self.hands.gallery.view, self.hands.images.line_of(name)
        if line is None or not view.isVisible():
            return False
        tile = view.visualRect(self.hands.images.index(line, 0))
        seen, room = tile.intersected(view.viewport().rect()), tile.size().boundedTo(view.viewport().size())
        return 2 * seen.width() * seen.height() >= room.width() * room.height() > 0

    def looked_at(self) -> str | None:
        view = self.pages.large if self.pages.large.isVisible() else self.hands.panel
        return None if view.image is None else view.image.name

    def has_images(self) -> bool:
        return self.hands.gallery.view.isVisible() or self.pages.large.isVisible()

    def stays(self, before: str | None) -> None:
        """Check that what was looked at still is, unless it is shown no more, or nobody has done anything yet."""
        now = self.looked_at()
        if now == before:
            return
        if not self.touched:
            self.came_at = self.now
        if before is None or self.hands.images.line_of(before) is None:
            return
        assert not self.touched, "another image came by itself"
        assert now == self.hands.names()[0]

    # What the hands do

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """Press a key: from then on the person leads."""
        self.touched = True
        self.hands.key(key, modifiers)

    @rule(seconds=st.sampled_from([0.1, 0.5, 2.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(key=st.sampled_from(MOVES), modifiers=st.sampled_from(MODIFIERS))
    def move(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        self.press(key, modifiers)
        self.settle()

    @rule(
        line=LINES,
        modifiers=st.sampled_from(MODIFIERS),
        button=st.sampled_from([Qt.MouseButton.LeftButton] * 3 + [Qt.MouseButton.RightButton]),
    )
    @precondition(lambda self: self.hands.gallery.grid.isVisible())
    def click(self, line: int, modifiers: Qt.KeyboardModifier, button: Qt.MouseButton) -> None:
        grid = self.hands.gallery.grid
        seen = list(grid.visible_lines())
        place = grid.visualRect(self.hands.images.index(seen[line % len(seen)], 0)).center()
        if grid.viewport().rect().contains(place):
            QTest.mouseClick(grid.viewport(), button, modifiers, place)
            self.touched = True
        self.settle()

    @rule(first=LINES, last=LINES, modifiers=st.sampled_from([NONE, CTRL]))
    @precondition(lambda self: self.hands.gallery.grid.isVisible())
    def draw_a_band(self, first: int, last: int, modifiers: Qt.KeyboardModifier) -> None:
        grid, images = self.hands.gallery.grid, self.hands.images
        seen = list(grid.visible_lines())
        start, end = (grid.visualRect(images.index(seen[each % len(seen)], 0)) for each in (first, last))
        corner = start.topLeft() - QPoint(1, 1)
        if grid.viewport().rect().contains(corner) and grid.line_at(corner) < 0:
            self.touched = True
            QTest.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, modifiers, corner)
            QTest.mouseMove(grid.viewport(), end.center())
            QTest.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, modifiers, end.center())
        self.settle()

    @rule(how=st.sampled_from(["all", "toggle", "next", "higher"]))
    def select(self, how: str) -> None:
        key, modifiers = {
            "all": (Qt.Key.Key_A, CTRL),
            "toggle": (Qt.Key.Key_Space, CTRL),
            "next": (Qt.Key.Key_J, NONE),
            "higher": (Qt.Key.Key_R, NONE),
        }[how]
        self.press(key, modifiers)
        self.settle()

    @rule(shown=st.sampled_from(FILTERS))
    def filter(self, shown: Filter) -> None:
        before = self.looked_at()
        self.hands.images.set_filter(shown)
        self.settle()
        if not self.touched and self.looked_at() != before:
            self.came_at = self.now

    @rule(key=st.sampled_from(list(SortKey)), reverse=st.booleans())
    def sort(self, key: SortKey, reverse: bool) -> None:
        before = self.looked_at()
        self.hands.images.set_sorting(key, reverse=reverse)
        self.settle()
        self.stays(before)  # unless a prediction has put it out of the filter

    @rule(line=LINES, by=st.integers(-3000, 3000))
    def scroll(self, line: int, by: int) -> None:
        bar = self.hands.gallery.view.verticalScrollBar()
        bar.setValue(bar.value() + by)
        self.settle()

    @rule(what=st.sampled_from(["inspector", "grid", "table"]))
    def arrange(self, what: str) -> None:
        getattr(self.hands.actions, what).trigger()
        self.settle()

    @rule(size=st.sampled_from([(1100, 700), (682, 466)]))
    def resize(self, size: tuple[int, int]) -> None:
        self.hands.window.resize(*size)
        self.settle()

    @rule(rows=st.lists(LINES, min_size=1, max_size=12), dice=st.floats(0, 1))
    def predictions_arrive(self, rows: list[int], dice: float) -> None:
        before, catalogue = self.looked_at(), self.hands.images.catalogue
        assert catalogue is not None
        images = [catalogue.images[row % len(catalogue)] for row in rows]
        self.hands.images.set_predictions([(each.name, Prediction(each.path, dice, dice / 2, dice)) for each in images])
        self.hands.review.predicted.emit([each.name for each in images])
        self.settle()
        assert self.looked_at() == before

    @rule()
    def rest(self) -> None:
        """Nobody does anything for a while: the list may be sorted anew."""
        before = self.looked_at()
        for calm in self.hands.workspace.gallery.gallery.grid.findChildren(DeferredReorder):
            calm._active = 0.0
            calm._reorder_at_rest()
        self.settle()
        self.stays(before)

    @rule(left_out=LINES)
    def files_come_and_go(self, left_out: int) -> None:
        before = self.looked_at()
        catalogue = Catalogue(
            self.folder, [each for each in find_images(self.folder) if each.name != f"{left_out}.png"]
        )
        known = self.hands.images.catalogue
        assert known is not None
        know_as_before(catalogue, known)
        self.hands.images.set_catalogue(catalogue)
        self.settle()
        self.stays(before)

    @rule()
    @precondition(has_images)
    def open_or_close_large(self) -> None:
        before = self.looked_at()
        large = self.pages.large.isVisible()
        self.press(Qt.Key.Key_Escape if large else Qt.Key.Key_Return)
        self.settle()
        if before is not None and (large or self.hands.panel.isVisible()):
            assert self.looked_at() in (before, self.hands.current())

    @rule(key=st.sampled_from(list(DECIDE)), again=st.sampled_from([None, None, *DECIDE]))
    def decide(self, key: Qt.Key, again: Qt.Key | None) -> None:
        seen = self.shown() if self.has_images() else []
        self.asked.clear()
        self.press(key)
        Person.decisions += len(self.asked)
        assert self.asked in ([], [(seen, DECIDE[key])]), "what was not seen was decided"
        if self.now - self.came_at < 1.0:
            assert not self.asked, "what came a moment ago was decided"
            self.came_at = self.now - 1.0
            self.now += 1.0
            self.settle()
            return
        assert self.asked or not seen or not self.has_images(), "what was seen was not decided"
        if again is not None and self.asked:  # at once: by then one image is shown, whatever was selected
            self.asked.clear()
            looked_at = self.looked_at() if self.pages.large.isVisible() or self.hands.panel.isVisible() else None
            self.press(again)
            assert looked_at is None or self.asked == [([looked_at], DECIDE[again])]
        self.settle()

    @rule(redo=st.booleans(), key=st.sampled_from(list(DECIDE)))
    def undo_and_decide(self, redo: bool, key: Qt.Key) -> None:
        self.press(Qt.Key.Key_Z, CTRL | SHIFT if redo else CTRL)
        self.settle()
        self.decide(key, None)

    @rule()
    @precondition(has_images)
    def write_a_note(self) -> None:
        seen = self.shown()
        if not seen:
            return
        self.press(Qt.Key.Key_N)
        self.settle()
        seen = self.shown()
        self.hands.type("12")
        self.press(Qt.Key.Key_Escape)
        self.settle()
        assert all("12" in self.hands.said(name).note for name in seen)

    # What always holds

    @invariant()
    def the_current_image_is_one_of_the_selected(self) -> None:
        current, selected = self.hands.current(), self.hands.workspace.gallery.selected_names()
        assert (current is None and not selected) or current in selected
        if self.pages.large.isVisible():
            assert self.looked_at() == current


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing happen by the clock, and no model score: the test says what arrives, and when."""
    monkeypatch.setattr("annotriage.desktop.window.deferred_reorder._CHECK_EVERY", 10**8)
    monkeypatch.setattr("annotriage.desktop.window.decisions._AWAY_AFTER", 0)
    monkeypatch.setattr(ReviewController, "_score", lambda self: None)


@pytest.mark.slow
@pytest.mark.timeout(0 if STEPS > 1000 else 300)
def test_no_image_is_decided_that_was_not_shown_or_counted_in_sight(
    still: None, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "first").mkdir()
    write_pictures(tmp_path / "first", 2)
    hands = make(tmp_path / "first", size=(1100, 700))
    hands.qtbot.waitUntil(lambda: hands.images.rowCount() == 2)
    people: list[Person] = []
    decide = hands.review.journal.decide

    def note(names: list[str], decision: Decision, label: str, assignee: str | None = None) -> None:
        people[-1].asked.append((list(names), decision))
        decide(names, decision, label, assignee)

    monkeypatch.setattr(hands.review.journal, "decide", note)
    monkeypatch.setattr(Person, "hands", hands, raising=False)
    monkeypatch.setattr(Person, "top", tmp_path, raising=False)
    monkeypatch.setattr("annotriage.desktop.window.top_image_follower._now", lambda: Person.clock())

    def person() -> Person:
        people.append(Person())
        return people[-1]

    run_state_machine_as_test(
        person,
        settings=settings(
            max_examples=max(1, STEPS // AT_A_TIME),
            stateful_step_count=AT_A_TIME,
            deadline=None,
            database=None,
            derandomize=STEPS <= 1000,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
    print(f"{Person.steps} steps, {Person.decisions} decisions")
    assert Person.decisions > STEPS // 50

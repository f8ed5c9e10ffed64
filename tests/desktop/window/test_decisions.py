"""Decisions by key and button, undo and redo, also where a filter hides what is decided."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from annotriage.triage.catalogue import Filter
from annotriage.triage.decisions import Decision, Review
from tests.desktop.conftest import IMAGES
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import CTRL, SHIFT, Hands, redo, stored, undo

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("key", "decision"),
    [
        (Qt.Key.Key_1, Decision.EXPERT),
        (Qt.Key.Key_2, Decision.ROUTINE),
        (Qt.Key.Key_3, Decision.EXCLUDE),
    ],
)
def test_a_key_decides_is_on_the_disk_when_shown_and_moves_on(
    scored: Hands, folder: Path, key: Qt.Key, decision: Decision
) -> None:
    first, second = scored.names()[:2]
    scored.key(key)
    assert scored.current() == second
    scored.wait_for(first, decision)
    assert stored(folder) == {first: Review(decision)}
    scored.key(Qt.Key.Key_Left)
    assert scored.current() == first
    scored.key(Qt.Key.Key_U)
    scored.wait_for(first, Decision.UNDECIDED)
    assert stored(folder) == {}


def test_the_last_image_stays_current_when_decided(scored: Hands) -> None:
    scored.key(Qt.Key.Key_End)
    last = scored.names()[-1]
    scored.key(Qt.Key.Key_2)
    scored.wait_for(last, Decision.ROUTINE)
    assert scored.current() == last


def test_the_summary_counts_and_news_say_how_to_take_it_back(scored: Hands) -> None:
    name = scored.names()[2]
    scored.key(Qt.Key.Key_1)
    scored.key(Qt.Key.Key_2)
    scored.key(Qt.Key.Key_3)
    scored.wait_for_words("1 for experts  ·  1 routine  ·  1 excluded  ·  9 left  ·  experts’ share 8.3 %")
    scored.wait_for_words(f"Exclude ({name}). Ctrl+Z takes it back.")
    undo(scored)
    scored.wait_for_words(f"Taken back: Exclude ({name}).")
    redo(scored)
    scored.wait_for_words(f"Done again: Exclude ({name}).")


def test_the_next_image_is_the_next_undecided_one_and_that_is_said(scored: Hands) -> None:
    names = scored.names()
    scored.click_on(names[1])
    scored.key(Qt.Key.Key_Right, SHIFT)
    scored.key(Qt.Key.Key_3)
    scored.wait_for(names[2], Decision.EXCLUDE)
    scored.key(Qt.Key.Key_Home)
    scored.key(Qt.Key.Key_1)
    assert scored.current() == names[3]
    scored.wait_for_words("Passed over, as decided: 2 images.")
    scored.key(Qt.Key.Key_1)
    scored.wait_for(names[3], Decision.EXPERT)
    assert scored.decision(names[1]) is scored.decision(names[2]) is Decision.EXCLUDE


def test_where_none_is_left_below_one_stays_and_it_is_said(scored: Hands) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_End)
    scored.key(Qt.Key.Key_2)
    scored.wait_for_words("None below is undecided: J goes on from the top.")
    assert scored.current() == names[-1]
    scored.key(Qt.Key.Key_J)
    assert scored.current() == names[0]
    scored.key(Qt.Key.Key_A, CTRL)
    scored.key(Qt.Key.Key_1)
    scored.wait_for_words("All images shown here are decided.")
    assert scored.workspace.gallery.selected_names() == [scored.current()]  # no key may hit them all again


def test_an_overwritten_decision_is_named_with_what_takes_it_back(scored: Hands) -> None:
    first, second = scored.names()[:2]
    scored.key(Qt.Key.Key_3)
    scored.wait_for(first, Decision.EXCLUDE)
    scored.click_on(first)
    scored.key(Qt.Key.Key_1)
    scored.wait_for_words(f"For experts instead of Exclude: {first} (Ctrl+Z takes it back).")
    scored.click_on(first)
    scored.key(Qt.Key.Key_Right, SHIFT)
    scored.key(Qt.Key.Key_2)
    scored.wait_for_words("Routine annotation for 2 images; decided otherwise before: 1 image. Ctrl+Z takes it back.")
    assert scored.decision(second) is Decision.ROUTINE


def test_an_action_is_named_by_how_many_images_it_changed(scored: Hands) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_1)
    scored.wait_for(names[0], Decision.EXPERT)
    scored.key(Qt.Key.Key_A, CTRL)
    scored.key(Qt.Key.Key_1)
    scored.wait_for(names[-1], Decision.EXPERT)
    undo(scored)
    scored.wait_for_words(f"Taken back: Expert review for {IMAGES - 1} images.")


def test_in_a_list_of_decided_images_one_goes_through_them_one_by_one(scored: Hands) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_A, CTRL)
    scored.key(Qt.Key.Key_1)
    scored.wait_for(names[-1], Decision.EXPERT)
    scored.images.set_filter(Filter(decisions=frozenset({Decision.EXPERT})))
    scored.gallery.setFocus()
    scored.key(Qt.Key.Key_Home)
    for _ in range(3):
        scored.key(Qt.Key.Key_2)
    scored.wait_for(names[2], Decision.ROUTINE)
    assert scored.current() == names[3] and scored.decision(names[3]) is Decision.EXPERT


def test_buttons_in_the_panel_decide_and_show_what_holds(scored: Hands) -> None:
    first = scored.names()[0]
    scored.button("Expert review", scored.panel).click()
    scored.wait_for(first, Decision.EXPERT)
    scored.key(Qt.Key.Key_Home)
    scored.qtbot.waitUntil(lambda: scored.button("Expert review", scored.panel).isChecked())
    assert not scored.button("Routine annotation", scored.panel).isChecked()


def test_many_images_are_decided_as_one_action(scored: Hands, folder: Path) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_Right, SHIFT)
    scored.key(Qt.Key.Key_Right, SHIFT)
    scored.qtbot.waitUntil(lambda: "3 images" in scored.words(scored.panel))
    scored.key(Qt.Key.Key_1)
    scored.wait_for(names[2], Decision.EXPERT)
    assert set(stored(folder)) == set(names[:3])
    assert scored.current() == names[3]
    assert scored.actions.undo.text().replace("&", "") == "Undo: Expert review for 3 images"
    undo(scored)
    scored.wait_for(names[0], Decision.UNDECIDED)
    assert stored(folder) == {}
    assert scored.current() == names[0]  # where it was, but no key may hit what is not shown
    assert scored.workspace.gallery.selected_names() == names[:1]


def test_all_images_and_single_ones_are_selected_by_key_and_click(scored: Hands) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_A, CTRL)
    assert scored.workspace.gallery.selected_names() == names
    scored.click_on(names[1])
    scored.click_on(names[3], CTRL)
    assert scored.workspace.gallery.selected_names() == [names[1], names[3]]
    scored.key(Qt.Key.Key_3)
    scored.wait_for(names[3], Decision.EXCLUDE)
    assert scored.decision(names[2]) is Decision.UNDECIDED
    assert scored.current() == names[4]


def test_undo_and_redo_without_limit_also_in_the_next_window(make: Make, scored: Hands, folder: Path) -> None:
    names = scored.names()
    for name in names[:10]:
        scored.key(Qt.Key.Key_1)
        scored.wait_for(name, Decision.EXPERT)
    undo(scored)
    scored.wait_for(names[9], Decision.UNDECIDED)
    assert scored.current() == names[9]
    scored.close()

    later = make(folder)
    later.wait_until_scored()
    assert later.undecided() == set(names[9:])
    later.qtbot.waitUntil(later.actions.redo.isEnabled)
    redo(later)
    later.wait_for(names[9], Decision.EXPERT)
    later.qtbot.waitUntil(lambda: not later.actions.redo.isEnabled())  # told just after what was redone
    for name in reversed(names[:10]):
        undo(later)
        later.wait_for(name, Decision.UNDECIDED)
    later.qtbot.waitUntil(lambda: not later.actions.undo.isEnabled())
    assert stored(folder) == {}
    redo(later)
    later.wait_for(names[0], Decision.EXPERT)


def test_something_new_ends_what_can_be_redone(scored: Hands) -> None:
    first = scored.names()[0]
    scored.key(Qt.Key.Key_1)
    scored.wait_for(first, Decision.EXPERT)
    undo(scored)
    scored.qtbot.waitUntil(scored.actions.redo.isEnabled)
    scored.key(Qt.Key.Key_2)
    scored.qtbot.waitUntil(lambda: not scored.actions.redo.isEnabled())


def test_decisions_made_in_a_burst_all_hold(scored: Hands, folder: Path) -> None:
    names = scored.names()
    for _ in names:
        scored.key(Qt.Key.Key_2)
    scored.close()
    assert stored(folder) == dict.fromkeys(names, Review(Decision.ROUTINE))


def test_a_key_that_changes_nothing_says_so(scored: Hands) -> None:
    first, second = scored.names()[:2]
    scored.key(Qt.Key.Key_U)
    scored.wait_for_words(f"As it was: Undecided ({first}).")
    scored.click_on(first)
    scored.key(Qt.Key.Key_1)
    scored.wait_for_words(f"Expert review ({first}). Ctrl+Z takes it back.")
    scored.click_on(first)
    scored.key(Qt.Key.Key_1)
    scored.wait_for_words(f"As it was: Expert review ({first}).")
    scored.click_on(first)
    scored.key(Qt.Key.Key_Right, SHIFT)
    scored.key(Qt.Key.Key_1)  # another one is among them
    scored.wait_for(second, Decision.EXPERT)
    assert "As it was" not in scored.words()


def test_two_windows_on_one_folder_lose_nothing_of_each_other(make: Make, scored: Hands, folder: Path) -> None:
    first, second = scored.names()[:2]
    other = make(folder)
    other.wait_until_scored()
    for name in (first, second):
        other.review.journal.set_note([name], "blurred", "Note")
        other.review.journal.decide([name], Decision.EXCLUDE, "Exclude")
        other.wait_for(name, Decision.EXCLUDE)
    assert scored.decision(first) is Decision.UNDECIDED, "not known here yet"
    scored.review.journal.decide([first], Decision.EXPERT, "Expert")
    scored.review.journal.decide(
        [second], Decision.EXCLUDE, "Exclude"
    )  # which holds already: nothing to write, but to show
    scored.wait_for(first, Decision.EXPERT)
    scored.wait_for(second, Decision.EXCLUDE)
    assert stored(folder) == {
        first: Review(Decision.EXPERT, note="blurred"),
        second: Review(Decision.EXCLUDE, note="blurred"),
    }
    other.actions.refresh.trigger()
    other.wait_for(first, Decision.EXPERT)
    undo(other)
    other.wait_for(first, Decision.EXCLUDE)


def show_only_undecided(hands: Hands) -> None:
    hands.button("Undecided", hands.workspace.filters).click()
    hands.gallery.setFocus()


def test_in_a_filter_decided_images_leave_and_one_stands_on_the_next(scored: Hands) -> None:
    names = scored.names()
    show_only_undecided(scored)
    scored.key(Qt.Key.Key_1)
    scored.qtbot.waitUntil(lambda: scored.names() == names[1:])
    assert scored.current() == names[1]
    scored.key(Qt.Key.Key_2)
    scored.qtbot.waitUntil(lambda: scored.names() == names[2:])
    assert scored.current() == names[2]


def test_in_a_filter_the_one_before_follows_the_last(scored: Hands) -> None:
    names = scored.names()
    show_only_undecided(scored)
    scored.key(Qt.Key.Key_End)
    scored.key(Qt.Key.Key_1)
    scored.qtbot.waitUntil(lambda: scored.names() == names[:-1])
    assert scored.current() == names[-2]
    scored.key(Qt.Key.Key_1)
    scored.qtbot.waitUntil(lambda: scored.names() == names[:-2])
    assert scored.current() == names[-3]


def test_in_a_filter_undo_brings_the_image_back_and_goes_to_it(scored: Hands) -> None:
    names = scored.names()
    show_only_undecided(scored)
    for place in range(3):
        scored.key(Qt.Key.Key_1)
        scored.qtbot.waitUntil(lambda place=place: scored.names() == names[place + 1 :])
    undo(scored)
    scored.qtbot.waitUntil(lambda: scored.names() == names[2:])
    assert scored.current() == names[2]


def test_a_decision_is_about_what_is_shown_not_about_what_a_filter_hides(scored: Hands) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_A, CTRL)
    scored.images.set_filter(Filter(text="1"))
    shown = set(scored.names())
    assert shown < set(names)
    scored.key(Qt.Key.Key_3)
    scored.qtbot.waitUntil(lambda: any(scored.decision(name) is Decision.EXCLUDE for name in shown))
    assert {name for name in names if scored.decision(name) is Decision.EXCLUDE} <= shown


# Notes and assignees

"""Scoring as the window shows it: its line of words, pause, cancel, and an order that keeps calm."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotriage.desktop.window.status import StatusLine
from annotriage.scoring.prediction import Prediction
from annotriage.triage.catalogue import Filter
from annotriage.triage.decisions import Decision
from annotriage.triage.scoring_progress import Phase
from annotriage.triage.sort_keys import SortKey
from tests.desktop.finding import find
from tests.desktop.window.conftest import MANY, Make
from tests.desktop.window.hands import NONE, Hands
from tests.pictures import write_pictures

CHIP = "New ranking available"
HIGHER = "1 undecided ranks higher: go there"


@pytest.mark.slow
def test_the_line_below_says_how_far_scoring_is(make: Make, many: Path, qtbot: QtBot) -> None:
    hands = make(many, model="slow")
    hands.wait_for_words(f"of {MANY}  ·  ")
    line = next(text for text in hands.words().splitlines() if text.startswith("Scoring "))
    done, rate = line.removeprefix("Scoring ").split(" of ")[0], line.split("  ·  ")[1]
    assert 0 < int(done) < MANY
    assert rate.endswith(" images/s") and float(rate.split()[0]) > 0
    assert line.endswith(" left")
    minutes, seconds = line.split("  ·  ")[2].removesuffix(" left").split(":")
    assert minutes.isdigit() and len(seconds) == 2


@pytest.mark.slow
def test_pause_and_going_on_by_key_button_and_menu(paused: Hands) -> None:
    done = paused.review.progress.done
    assert f"Paused at {done} of {MANY}" in paused.words()
    assert paused.menu("Folder", "Go on scoring").isEnabled()
    paused.qtbot.wait(150)
    assert paused.review.progress.done == done
    paused.key(Qt.Key.Key_P)
    assert "Scoring " in paused.words()
    paused.qtbot.waitUntil(lambda: paused.review.progress.done > done)
    paused.button("Pause scoring", find(paused.window, "status", StatusLine)).click()
    assert "Paused at" in paused.words()
    paused.menu("Folder", "Go on scoring").trigger()
    assert paused.review.progress.phase is Phase.SCORING


@pytest.mark.slow
def test_cancelled_scoring_keeps_what_is_done_and_can_be_taken_up(paused: Hands) -> None:
    paused.button("Stop scoring").click()
    done = paused.review.progress.done
    assert f"{done} of {MANY} scored" in paused.words()
    scored = [line for line in range(MANY) if paused.images.disagreement(line) is not None]
    assert len(scored) == done > 0
    paused.button("Go on scoring", find(paused.window, "status", StatusLine)).click()
    paused.qtbot.waitUntil(lambda: paused.review.progress.done > done)


@pytest.mark.slow
def test_what_is_seen_is_scored_first(make: Make, many: Path, qtbot: QtBot) -> None:
    hands = make(many, model="slow")
    qtbot.waitUntil(lambda: hands.review.progress.phase is Phase.SCORING)
    hands.actions.sort[SortKey.NAME].trigger()
    hands.key(Qt.Key.Key_End)
    last = hands.images.line_of(f"{MANY - 1}.png")
    assert last == MANY - 1 and hands.seen(f"{MANY - 1}.png")
    qtbot.waitUntil(lambda: hands.images.disagreement(MANY - 1) is not None)
    assert hands.review.progress.done < MANY - 50


@pytest.mark.slow
def test_closing_while_scoring_ends_all_threads_and_the_next_start_goes_on(
    make: Make, many: Path, qtbot: QtBot
) -> None:
    first = make(many, model="slow")
    qtbot.waitUntil(lambda: first.review.progress.done > 20)
    first.close()
    own = ("listing", "scoring", "journal", "annotriage", "images", "thumbnails")
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith(own)]
    done = first.review.progress.done  # closed: 0
    assert done == 0
    second = make(many, model="slow")
    qtbot.waitUntil(lambda: second.review.progress.done > 0)
    assert 20 <= second.review.progress.done < MANY, "closing waited for the rest"


@pytest.mark.slow
def test_opening_another_folder_while_scoring_stops_the_first(
    make: Make, many: Path, folder: Path, qtbot: QtBot
) -> None:
    hands = make(many, model="slow")
    qtbot.waitUntil(lambda: hands.review.progress.done > 0)
    hands.drop(folder)
    hands.wait_until_scored()
    assert len(hands.names()) == 12 and hands.review.progress.total == 12


# A calm order


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a moment of rest be shorter, for the tests' sake."""
    monkeypatch.setattr("annotriage.desktop.window.deferred_reorder._CHECK_EVERY", 30)
    monkeypatch.setattr("annotriage.desktop.window.deferred_reorder._AT_REST", 0.4)


@pytest.fixture
def long(quick: None, make: Make, tmp_path: Path) -> Hands:
    """Return a window with more scored images than it can show at once."""
    write_pictures(tmp_path / "long", 60)
    hands = make(tmp_path / "long")
    hands.wait_until_scored()
    hands.qtbot.waitUntil(hands.window.pages.decisions.top_follower.is_settled)  # keys are for the image now looked at
    return hands


def arrives(hands: Hands, name: str, dice: float) -> None:
    """Let a prediction come in."""
    path = hands.images.image(hands.images.line_of(name) or 0).path
    hands.images.set_predictions([(name, Prediction(path, dice, dice - 0.1, dice + 0.1))])


def watch(hands: Hands, seconds: float) -> Sequence[list[str]]:
    """Look on for a while and return the orders seen."""
    orders = [hands.names()]
    hands.images.order_changed.connect(lambda: orders.append(hands.names()))
    hands.qtbot.wait(round(1000 * seconds))
    return orders


@pytest.mark.slow
def test_at_rest_at_the_top_the_order_follows(long: Hands, qtbot: QtBot) -> None:
    first, last = long.names()[0], long.names()[-1]
    long.key(Qt.Key.Key_Home)
    arrives(long, last, 0.01)
    qtbot.waitUntil(lambda: long.names()[0] == last)
    assert long.current() == first  # what somebody looks at does not change by itself
    long.wait_for_words(HIGHER)
    long.key(Qt.Key.Key_R)
    assert long.current() == last
    qtbot.waitUntil(lambda: HIGHER not in long.words() and CHIP not in long.words())


@pytest.mark.slow
def test_nobody_having_done_anything_the_most_contentious_image_is_looked_at(
    long: Hands, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = long.names()[-1]
    arrives(long, last, 0.01)
    qtbot.waitUntil(lambda: long.names()[0] == last == long.current())
    # A key meant for the image before decides nothing about the one that has just come.
    long.key(Qt.Key.Key_1)
    long.wait_for_words("Nothing is decided: another image came a moment ago.")
    assert long.undecided() == set(long.names()) and long.current() == last
    # It ended that, as any key does.
    arrives(long, long.names()[-1], 0.0)
    qtbot.waitUntil(lambda: long.names()[0] != last)
    assert long.current() == last
    monkeypatch.setattr("annotriage.desktop.window.top_image_follower._SETTLED_AFTER", 0.0)
    long.key(Qt.Key.Key_1)
    long.wait_for(last, Decision.EXPERT)


@pytest.mark.slow
def test_an_image_in_the_place_of_one_that_was_filtered_out_came_by_itself_too(long: Hands) -> None:
    second = long.names()[1]
    long.images.set_filter(Filter(text=second))
    assert long.current() == second
    long.key(Qt.Key.Key_1)
    long.wait_for_words("Nothing is decided: another image came a moment ago.")
    assert long.decision(second) is Decision.UNDECIDED


@pytest.mark.slow
def test_what_came_by_itself_in_one_folder_does_not_matter_in_the_next(
    long: Hands, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotriage.desktop.window.top_image_follower._SETTLED_AFTER", 1000.0)
    last = long.names()[-1]
    arrives(long, last, 0.01)
    qtbot.waitUntil(lambda: long.current() == last)
    write_pictures(tmp_path / "next", 1)
    long.window.open_folder(tmp_path / "next")
    long.wait_until_scored()
    (only,) = long.names()
    long.key(Qt.Key.Key_1)
    long.wait_for(only, Decision.EXPERT)


@pytest.mark.slow
@pytest.mark.parametrize("act", ["click", "key", "band"])
def test_a_click_or_key_anywhere_lets_the_image_stay(long: Hands, act: str) -> None:
    first, last = long.names()[0], long.names()[-1]
    if act == "click":
        long.button("Heatmap", long.panel).click()  # by a screen reader: no press of the mouse
        long.qtbot.mouseClick(long.panel.pictures, Qt.MouseButton.LeftButton)
    elif act == "key":
        long.key(Qt.Key.Key_H)
    else:
        long.window.pages.select_images([first])
    arrives(long, last, 0.01)
    long.images.reorder()
    assert long.names()[0] == last and long.current() == first


@pytest.mark.slow
def test_in_the_midst_nothing_moves_until_it_is_asked_for(long: Hands, qtbot: QtBot) -> None:
    long.key(Qt.Key.Key_End)
    before, current = long.names(), long.current()
    arrives(long, before[-1], 0.01)
    long.wait_for_words(CHIP)
    assert all(order == before for order in watch(long, 0.6))
    assert long.actions.new_ranking.isEnabled()
    long.key(Qt.Key.Key_R)
    assert long.names()[0] == before[-1] == current == long.current()
    assert long.seen(before[-1])  # one goes along with one's image
    assert CHIP not in long.words() and not long.actions.new_ranking.isEnabled()


@pytest.mark.slow
def test_predictions_that_move_nothing_are_no_new_ranking(long: Hands, qtbot: QtBot) -> None:
    long.key(Qt.Key.Key_End)
    first = long.names()[0]
    arrives(long, first, 0.0)  # the most contentious one, which is the first already
    assert long.images.stale
    long.qtbot.waitUntil(lambda: not long.images.stale)
    assert CHIP not in long.words()


@pytest.mark.slow
def test_an_image_that_turns_out_unreadable_is_no_new_ranking(long: Hands, qtbot: QtBot) -> None:
    long.key(Qt.Key.Key_End)
    before = long.names()
    catalogue = long.images.catalogue
    assert catalogue is not None
    path = catalogue.images[catalogue.row_of(before[-1]) or 0].path
    long.images.set_predictions([(before[-1], Prediction(path, None, error="It is damaged."))])
    assert long.images.stale and not long.images.sort_on_trial()
    assert long.images.stale  # it goes once nobody is in the midst
    long.images.reorder()
    assert long.names() == before[:-1]


@pytest.mark.slow
def test_the_chip_is_a_button_and_goes_when_one_is_back_at_the_top(long: Hands, qtbot: QtBot) -> None:
    long.key(Qt.Key.Key_End)
    last = long.names()[-1]
    arrives(long, last, 0.01)
    long.wait_for_words(CHIP)
    long.button(CHIP).click()
    assert long.names()[0] == last
    long.key(Qt.Key.Key_End)
    last = long.names()[-1]
    arrives(long, last, 0.0)
    long.wait_for_words(CHIP)
    long.key(Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: long.names()[0] == last)
    assert CHIP not in long.words()


def move_mouse(hands: Hands, at: int) -> None:
    viewport = hands.gallery.grid.viewport()
    place = QPointF(QPoint(40 + at % 50, 60))
    QApplication.sendEvent(
        viewport,
        QMouseEvent(QMouseEvent.Type.MouseMove, place, viewport.mapToGlobal(place), Qt.MouseButton.NoButton,
                    Qt.MouseButton.NoButton, NONE),
    )  # fmt: skip


@pytest.mark.slow
def test_nothing_moves_under_the_mouse(long: Hands, qtbot: QtBot) -> None:
    before = long.names()
    move_mouse(long, 0)
    arrives(long, before[-1], 0.01)
    for step in range(16):
        move_mouse(long, step)
        qtbot.wait(50)
        assert long.names() == before
    assert HIGHER in long.words()
    qtbot.waitUntil(lambda: long.names()[0] == before[-1])  # once it rests


@pytest.mark.slow
def test_nothing_moves_while_one_decides_by_keys(long: Hands, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    # A clock of our own: a machine that is busy takes longer between two keys than a hand that rests.
    now = [time.monotonic()]
    monkeypatch.setattr("annotriage.desktop.window.deferred_reorder._now", lambda: now[0])
    before = long.names()
    long.key(Qt.Key.Key_2)
    arrives(long, before[-1], 0.01)
    for _ in range(4):
        now[0] += 0.2
        qtbot.wait(100)
        assert long.names() == before
        long.key(Qt.Key.Key_2)
    assert long.current() == before[5]
    long.key(Qt.Key.Key_Home)
    now[0] += 1
    qtbot.waitUntil(lambda: long.names()[0] == before[-1])


@pytest.mark.slow
def test_the_first_decision_is_not_taken_back_to_the_top(long: Hands, qtbot: QtBot) -> None:
    before = long.names()
    long.key(Qt.Key.Key_1)
    assert long.current() == before[1]
    arrives(long, before[-1], 0.01)
    qtbot.waitUntil(lambda: long.names()[0] == before[-1])
    assert long.current() == before[1]  # the next key is meant for this one


@pytest.mark.slow
def test_nothing_moves_while_one_looks_at_images_large(long: Hands, qtbot: QtBot) -> None:
    before = long.names()
    long.key(Qt.Key.Key_Return)
    long.key(Qt.Key.Key_Right)
    arrives(long, before[-1], 0.01)
    assert all(order == before for order in watch(long, 0.8))
    long.key(Qt.Key.Key_Right)
    assert long.current() == before[2]
    long.key(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: long.names()[0] == before[-1])
    assert long.current() == before[2] and long.seen(before[2])


@pytest.mark.slow
def test_sorted_by_name_there_is_no_new_ranking_to_ask_for(long: Hands, qtbot: QtBot) -> None:
    long.actions.sort[SortKey.NAME].trigger()
    long.key(Qt.Key.Key_End)
    arrives(long, "0.png", 0.9)
    qtbot.wait(300)
    assert CHIP not in long.words()
    assert long.names() == [f"{number}.png" for number in range(60)]


@pytest.mark.slow
def test_a_decision_moves_nothing_away_when_sorted_by_decision(long: Hands, qtbot: QtBot) -> None:
    long.actions.sort[SortKey.DECISION].trigger()
    long.key(Qt.Key.Key_End)
    before, current = long.names(), long.current()
    assert current is not None
    long.key(Qt.Key.Key_1)
    long.wait_for(current, Decision.EXPERT)
    assert all(order == before for order in watch(long, 0.6))
    long.key(Qt.Key.Key_R)
    assert long.names()[0] == current


@pytest.mark.slow
def test_decisions_by_the_buttons_of_the_panel_are_not_disturbed(long: Hands, qtbot: QtBot) -> None:
    before = long.names()
    qtbot.wait(450)
    long.button("Routine annotation", long.panel).click()
    arrives(long, before[-1], 0.01)
    for _ in range(3):
        qtbot.wait(150)
        long.button("Routine annotation", long.panel).click()
        assert long.names() == before
    assert long.current() == before[4]

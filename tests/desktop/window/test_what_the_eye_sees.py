"""What a key is about stands in sight before and after, and only the person changes what is looked at."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from annotriage.desktop.dialogs.shortcuts import ShortcutsDialog
from annotriage.errors import AnnotriageError
from annotriage.scoring.prediction import Prediction
from annotriage.triage.catalogue import Filter
from annotriage.triage.decisions import Decision
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.sort_keys import SortKey
from tests.desktop.conftest import IMAGES
from tests.desktop.finding import find
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import CTRL, NONE, SHIFT, Hands
from tests.pictures import write_pictures

if TYPE_CHECKING:
    from collections.abc import Callable


def decided(hands: Hands) -> list[str]:
    return [name for name in hands.names() if hands.decision(name) is not Decision.UNDECIDED]


def band(hands: Hands, first: int, last: int) -> None:
    """Draw a rubber band from just above a tile to the middle of another one."""
    grid = hands.gallery.grid
    start, end = (grid.visualRect(hands.images.index(line, 0)) for line in (first, last))
    viewport, left = grid.viewport(), Qt.MouseButton.LeftButton
    QTest.mousePress(viewport, left, NONE, start.topLeft() - QPoint(1, 1))
    QTest.mouseMove(viewport, end.center())
    QTest.mouseRelease(viewport, left, NONE, end.center())


@pytest.mark.slow
def test_the_current_image_is_in_the_band_and_the_large_view_decides_only_what_it_shows(scored: Hands) -> None:
    names = scored.names()
    scored.click_on(names[6])
    band(scored, 0, 2)
    assert scored.workspace.gallery.selected_names() == names[:3]
    assert scored.current() in names[:3]
    scored.wait_for_words("3 images selected", scored.panel)
    scored.wait_for_words("3 images selected", scored.workspace.gallery)
    scored.key(Qt.Key.Key_Return)
    large = scored.window.pages.large
    assert large.image is not None
    shown = large.image.name
    assert scored.button("Exclude", large).accessibleName() == "Exclude, key 3"
    scored.key(Qt.Key.Key_3)
    scored.wait_for(shown, Decision.EXCLUDE)
    assert decided(scored) == [shown]


@pytest.mark.slow
def test_a_tile_taken_out_of_the_selection_is_no_longer_looked_at(scored: Hands) -> None:
    names = scored.names()
    for place, modifiers in ((0, NONE), (2, CTRL), (4, CTRL), (4, CTRL)):
        scored.click_on(names[place], modifiers)
    assert scored.workspace.gallery.selected_names() == [names[0], names[2]]
    assert scored.current() == names[2] and scored.panel.image is not None and scored.panel.image.name == names[2]
    scored.click_on(names[0], CTRL)
    scored.click_on(names[2], CTRL)  # the last one stays: something is always looked at
    assert scored.workspace.gallery.selected_names() == [names[2]] and scored.current() == names[2]


@pytest.mark.slow
def test_the_selected_images_are_walked_through_and_none_is_lost(scored: Hands) -> None:
    names = scored.names()
    for place, modifiers in ((1, NONE), (3, CTRL), (5, CTRL)):
        scored.click_on(names[place], modifiers)
    scored.key(Qt.Key.Key_Left, CTRL)
    assert scored.current() == names[3]
    scored.key(Qt.Key.Key_Left, CTRL)
    scored.key(Qt.Key.Key_Left, CTRL)
    assert scored.current() == names[1]
    assert scored.workspace.gallery.selected_names() == [names[1], names[3], names[5]]


@pytest.mark.slow
def test_the_number_stands_on_buttons_and_in_menus_before_and_in_words_after(scored: Hands) -> None:
    scored.key(Qt.Key.Key_Right, SHIFT)
    scored.key(Qt.Key.Key_Right, SHIFT)
    scored.wait_for_words("3 images selected", scored.panel)
    assert find(scored.panel.numbers, "number", QLabel).text() == "3"
    assert scored.button("Exclude for 3 images", scored.panel)
    assert scored.menu("Decide", "Exclude for 3 images").isEnabled()
    scored.key(Qt.Key.Key_3)
    scored.wait_for_words("Done: Exclude for 3 images", scored.workspace.gallery)
    scored.key(Qt.Key.Key_Right)
    scored.qtbot.waitUntil(lambda: "3 images" not in scored.words(scored.workspace.gallery))
    assert scored.menu("Decide", "Exclude").text().replace("&", "") == "Exclude"


@pytest.mark.slow
def test_undoing_a_bulk_action_leaves_one_image_for_the_next_key(scored: Hands) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_A, CTRL)
    scored.key(Qt.Key.Key_3)
    scored.wait_for(names[-1], Decision.EXCLUDE)
    scored.qtbot.waitUntil(scored.actions.undo.isEnabled)
    scored.key(Qt.Key.Key_Z, CTRL)
    scored.wait_for(names[-1], Decision.UNDECIDED)
    scored.key(Qt.Key.Key_Return)
    shown = scored.current()
    scored.key(Qt.Key.Key_2)
    assert shown is not None
    scored.wait_for(shown, Decision.ROUTINE)
    assert decided(scored) == [shown]


@pytest.mark.slow
def test_undoing_a_bulk_action_in_the_large_view_decides_only_the_image_shown_then(scored: Hands) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_A, CTRL)
    scored.key(Qt.Key.Key_3)
    scored.wait_for(names[-1], Decision.EXCLUDE)
    scored.key(Qt.Key.Key_Return)
    scored.qtbot.waitUntil(scored.actions.undo.isEnabled)
    scored.key(Qt.Key.Key_Z, CTRL)
    scored.wait_for(names[-1], Decision.UNDECIDED)
    large = scored.window.pages.large
    assert large.isVisible() and large.image is not None
    shown = large.image.name
    scored.key(Qt.Key.Key_2)
    scored.wait_for(shown, Decision.ROUTINE)
    assert decided(scored) == [shown]


@pytest.mark.slow
def test_without_the_inspector_an_image_out_of_sight_is_shown_before_it_is_decided(make: Make, tmp_path: Path) -> None:
    write_pictures(tmp_path / "long", 60)
    hands = make(tmp_path / "long")
    hands.wait_until_scored()
    hands.key(Qt.Key.Key_Home)
    first = hands.names()[0]
    hands.actions.inspector.trigger()
    bar = hands.gallery.grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert not hands.seen(first)
    hands.key(Qt.Key.Key_1)
    hands.wait_for_words("Nothing is decided: this image was out of sight.")
    assert hands.seen(first) and hands.current() == first
    hands.key(Qt.Key.Key_1)
    hands.wait_for(first, Decision.EXPERT)
    assert decided(hands) == [first]


@pytest.mark.slow
@pytest.mark.parametrize("large", [False, True])
def test_what_ranks_higher_is_offered_and_gone_to_when_asked(scored: Hands, large: bool) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_1)
    scored.wait_for(names[0], Decision.EXPERT)
    assert scored.current() == names[1]
    if large:
        scored.key(Qt.Key.Key_Return)
    for name, dice in ((names[-1], 0.0), (names[-2], 0.001)):
        path = scored.images.image(scored.images.line_of(name) or 0).path
        scored.images.set_predictions([(name, Prediction(path, dice, 0.0, 0.1))])
    place = scored.window.pages.large if large else scored.panel
    scored.wait_for_words("2 undecided rank higher: go there")
    scored.wait_for_words(f"rank 4 of {IMAGES}", place)  # by what is known now, however the list is sorted
    assert scored.current() == names[1]
    scored.key(Qt.Key.Key_R)
    assert scored.current() == names[-1] == scored.names()[0]
    scored.qtbot.waitUntil(lambda: "rank higher" not in scored.words())
    assert scored.window.pages.is_large is large


@pytest.mark.slow
def test_the_next_undecided_image_is_a_key_away_and_the_last_one_as_well(scored: Hands) -> None:
    names = scored.names()
    scored.click_on(names[1])
    scored.click_on(names[3], SHIFT)
    scored.key(Qt.Key.Key_2)
    scored.wait_for(names[3], Decision.ROUTINE)
    scored.key(Qt.Key.Key_Home)
    scored.key(Qt.Key.Key_J)
    assert scored.current() == names[4]
    scored.key(Qt.Key.Key_Return)
    scored.key(Qt.Key.Key_End)
    assert scored.current() == names[-1]
    scored.key(Qt.Key.Key_J)
    assert scored.current() == names[0]
    scored.key(Qt.Key.Key_End)
    scored.key(Qt.Key.Key_Home)
    assert scored.current() == names[0] and scored.window.pages.is_large


@pytest.mark.slow
def test_all_cannot_be_selected_behind_the_large_view(scored: Hands) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_Return)
    scored.key(Qt.Key.Key_A, CTRL)
    scored.key(Qt.Key.Key_1)
    scored.wait_for(names[0], Decision.EXPERT)
    assert decided(scored) == [names[0]]


@pytest.mark.slow
def test_a_decision_that_failed_keeps_its_place_and_its_message_goes_when_one_works(
    scored: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = scored.names()
    works: Callable[..., object] = ReviewJournal.change

    def full(*_: object) -> None:
        raise AnnotriageError("The session file cannot grow because the disk is full: make room.")

    monkeypatch.setattr(ReviewJournal, "change", full)
    scored.key(Qt.Key.Key_1)
    scored.key(Qt.Key.Key_2)
    scored.qtbot.waitUntil(lambda: scored.messages() != [])
    scored.qtbot.waitUntil(lambda: scored.current() == names[0])
    assert decided(scored) == []
    scored.qtbot.wait(50)
    monkeypatch.setattr(ReviewJournal, "change", works)
    scored.key(Qt.Key.Key_1)
    scored.wait_for(names[0], Decision.EXPERT)
    assert scored.current() == names[1] and scored.messages() == []


@pytest.mark.slow
def test_a_folder_that_is_found_again_shows_its_image_again(scored: Hands, folder: Path) -> None:
    away = folder.with_name("away")
    folder.rename(away)
    scored.key(Qt.Key.Key_End)
    scored.window.pages._loader.clear()
    scored.window.pages.current_image.show()
    pictures = scored.panel.pictures
    scored.qtbot.waitUntil(lambda: pictures.picture is not None and pictures.picture.problem is not None)
    shutil.move(away, folder)
    scored.key(Qt.Key.Key_F5)
    scored.qtbot.waitUntil(lambda: pictures.picture is not None and pictures.picture.problem is None)
    scored.qtbot.waitUntil(lambda: pictures.picture is not None and bool(pictures.picture.levels))


@pytest.mark.slow
def test_the_end_is_said_with_what_to_do_next_and_taken_back_with_an_undo(scored: Hands) -> None:
    scored.key(Qt.Key.Key_A, CTRL)
    scored.key(Qt.Key.Key_2)
    said = f"Done: {IMAGES} images decided: 0 for experts, {IMAGES} routine, 0 excluded."
    scored.qtbot.waitUntil(lambda: scored.messages() == [said])
    assert scored.button("Export…", scored.window.messages).isEnabled()
    scored.qtbot.waitUntil(scored.actions.undo.isEnabled)
    scored.key(Qt.Key.Key_Z, CTRL)
    scored.qtbot.waitUntil(lambda: scored.messages() == [])


@pytest.mark.slow
def test_what_the_other_filters_hide_is_counted_where_nothing_is_left(scored: Hands) -> None:
    names = scored.names()
    scored.images.set_filter(Filter(decisions=frozenset({Decision.UNDECIDED}), text=names[0]))
    left = IMAGES - len(scored.names())
    scored.key(Qt.Key.Key_A, CTRL)
    scored.key(Qt.Key.Key_1)
    scored.wait_for_words("Nothing is left to decide here")
    assert f"Hidden by the other filters, and undecided: {left} images." in scored.words()


@pytest.mark.slow
def test_a_known_folder_goes_on_where_one_was_and_a_new_one_begins_with_the_most_contentious(
    make: Make, scored: Hands, folder: Path, tmp_path: Path
) -> None:
    scored.actions.sort[SortKey.NAME].trigger()
    scored.key(Qt.Key.Key_Home)
    for _ in range(3):
        scored.key(Qt.Key.Key_1)
    at = scored.names()[3]
    assert scored.current() == at
    scored.close()

    later = make(folder)
    later.wait_until_scored()
    assert later.current() == at and later.images.sort_key is SortKey.NAME
    write_pictures(tmp_path / "new", 5)
    later.window.open_folder(tmp_path / "new")
    later.qtbot.waitUntil(lambda: len(later.names()) == 5)
    assert later.images.sort_key is SortKey.DISAGREEMENT


@pytest.mark.slow
def test_the_list_of_keys_names_those_of_lists_pictures_and_fields(scored: Hands) -> None:
    scored.key(Qt.Key.Key_F1)
    words = scored.words(scored.dialog(ShortcutsDialog))
    lists = ("Plain image", "First or last image", "Select from here to there", "Select one more image")
    for said in (*lists, "Keep the note", "Write the assignee", "Next undecided image"):
        assert said in words


@pytest.mark.slow
def test_a_key_that_is_held_down_decides_one_image(scored: Hands) -> None:
    for action in (scored.actions.expert, scored.actions.routine, scored.actions.exclude, scored.actions.undecided):
        assert not action.autoRepeat()


@pytest.mark.slow
def test_no_words_make_the_window_wider(scored: Hands) -> None:
    page = scored.workspace.gallery
    before = page.minimumSizeHint().width()
    page.set_about("Done: Expert review for 2,681 images, which is a long sentence in a narrow window")
    assert page.minimumSizeHint().width() == before

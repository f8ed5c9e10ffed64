"""One image: overlays by key, zoom, the large view, full screen."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSlider, QWidget
from pytestqt.qtbot import QtBot

from annotriage.desktop.inspector.picture_view import PictureView
from annotriage.triage.decisions import Decision
from annotriage.triage.sort_keys import SortKey
from annotriage.wording import disagreement_text
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import Hands
from tests.pictures import write_pictures


def pixels(view: QWidget) -> QImage:
    return view.grab().toImage()


def centre(seen: QImage) -> QColor:
    return seen.pixelColor(seen.rect().center())


def wait_until_drawn(hands: Hands, view: PictureView) -> None:
    """Wait until the image and what can be drawn over it are there."""

    def is_drawn() -> bool:
        picture = view.picture
        return picture is not None and picture.layers is not None and picture.layers.scored

    hands.qtbot.waitUntil(is_drawn)
    hands.qtbot.waitUntil(lambda: view.image is not None and view.image.name == hands.current())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "name"),
    [
        (Qt.Key.Key_H, "heatmap"),
        (Qt.Key.Key_B, "lesion"),
        (Qt.Key.Key_M, "annotators"),
        (Qt.Key.Key_S, "side_by_side"),
    ],
)
def test_a_key_shows_an_overlay_and_the_menu_knows(scored: Hands, key: Qt.Key, name: str) -> None:
    action, overlays = scored.actions.overlays[name], scored.window.pages.overlays
    assert not action.isChecked()
    scored.key(key)
    assert action.isChecked() and overlays.is_shown(name)
    scored.key(Qt.Key.Key_Return)  # it holds in the large view, too
    assert action.isChecked()
    scored.key(key)
    assert not action.isChecked() and not overlays.is_shown(name)
    action.trigger()
    assert overlays.is_shown(name)


@pytest.mark.slow
@pytest.mark.parametrize("large", [False, True])
def test_space_shows_the_plain_image_while_it_is_held(scored: Hands, large: bool) -> None:
    if large:
        scored.key(Qt.Key.Key_Return)
    view = scored.window.pages.large.pictures if large else scored.panel.pictures
    wait_until_drawn(scored, view)
    plain = pixels(view.canvas)
    scored.key(Qt.Key.Key_H)
    overlaid = pixels(view.canvas)
    assert centre(overlaid) != centre(plain)
    scored.press(Qt.Key.Key_Space)
    assert centre(pixels(view.canvas)) == centre(plain)
    shown: list[bool] = []
    scored.window.pages._plain.changed.connect(shown.append)
    for _ in range(3):  # an X server's repeats, where they come apart
        scored.release(Qt.Key.Key_Space)
        scored.press(Qt.Key.Key_Space)
        assert centre(pixels(view.canvas)) == centre(plain)
    assert shown == []
    scored.release(Qt.Key.Key_Space)
    scored.qtbot.waitUntil(lambda: pixels(view.canvas) == overlaid)
    assert shown == [False]
    assert scored.undecided() == set(scored.names())


@pytest.mark.slow
def test_space_let_go_elsewhere_does_not_leave_the_image_plain(scored: Hands) -> None:
    view = scored.panel.pictures
    wait_until_drawn(scored, view)
    scored.key(Qt.Key.Key_H)
    overlaid = pixels(view.canvas)
    scored.press(Qt.Key.Key_Space)
    scored.key(Qt.Key.Key_N)  # the keyboard goes into the note
    scored.release(Qt.Key.Key_Space)
    scored.qtbot.waitUntil(lambda: pixels(view.canvas) == overlaid)


@pytest.mark.slow
def test_keys_zoom_the_image_that_is_seen(scored: Hands) -> None:
    small, big = scored.panel.pictures, scored.window.pages.large.pictures
    wait_until_drawn(scored, small)
    fitting = small.canvas.zoom
    scored.key(Qt.Key.Key_Plus)
    assert small.canvas.zoom > fitting
    scored.key(Qt.Key.Key_0)
    assert small.canvas.zoom == 1
    scored.key(Qt.Key.Key_F)
    assert small.canvas.zoom == fitting
    scored.key(Qt.Key.Key_Return)
    wait_until_drawn(scored, big)
    fitting_big = big.canvas.zoom
    scored.key(Qt.Key.Key_Minus)
    assert big.canvas.zoom < fitting_big and small.canvas.zoom == fitting


@pytest.mark.slow
def test_enter_shows_large_arrows_move_keys_decide_escape_goes_back(scored: Hands) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_Return)
    large = scored.window.pages.large
    assert large.isVisible() and not scored.workspace.isVisible()
    assert names[0] in scored.words(large)
    scored.key(Qt.Key.Key_Right)
    scored.key(Qt.Key.Key_Down)
    scored.key(Qt.Key.Key_Up)
    assert scored.current() == names[1]
    assert large.image is not None and large.image.name == names[1]
    scored.key(Qt.Key.Key_1)
    scored.wait_for(names[1], Decision.EXPERT)
    assert scored.current() == names[2] and large.isVisible()
    assert large.image is not None and large.image.name == names[2]
    scored.button("Routine annotation", large).click()
    scored.wait_for(names[2], Decision.ROUTINE)
    assert scored.current() == names[3]
    scored.key(Qt.Key.Key_Escape)
    assert scored.workspace.isVisible() and not large.isVisible()
    assert scored.current() == names[3] and scored.seen(names[3])
    scored.key(Qt.Key.Key_Left)  # the keyboard is at the images
    assert scored.current() == names[2]


@pytest.mark.slow
def test_back_from_the_large_view_the_image_is_in_sight(make: Make, tmp_path: Path) -> None:
    write_pictures(tmp_path / "long", 60)
    hands = make(tmp_path / "long")
    hands.wait_until_scored()
    hands.key(Qt.Key.Key_Return)
    for _ in range(40):
        hands.key(Qt.Key.Key_Right)
    hands.key(Qt.Key.Key_Escape)
    hands.qtbot.wait(10)
    assert hands.current() == hands.names()[40] and hands.seen(hands.names()[40])


@pytest.mark.slow
def test_the_large_view_ends_at_both_ends(scored: Hands) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_Return)
    scored.key(Qt.Key.Key_Left)
    assert scored.current() == names[0]
    for _ in range(20):
        scored.key(Qt.Key.Key_Right)
    assert scored.current() == names[-1]


@pytest.mark.slow
def test_home_and_end_go_to_the_first_and_the_last_image_in_the_large_view(scored: Hands) -> None:
    scored.key(Qt.Key.Key_Return)
    for key, place in ((Qt.Key.Key_End, -1), (Qt.Key.Key_Home, 0)):
        scored.key(key)
        assert scored.current() == scored.names()[place] == scored.window.pages.large.image.name


@pytest.mark.slow
def test_a_double_click_and_the_button_lead_there_and_back(scored: Hands, qtbot: QtBot) -> None:
    name = scored.names()[1]
    grid = scored.gallery.grid
    place = grid.visualRect(scored.images.index(1, 0)).center()
    scored.click_on(name)
    qtbot.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    large = scored.window.pages.large
    assert large.image is not None and large.image.name == name
    scored.button("Back to the gallery").click()
    assert scored.workspace.isVisible() and scored.current() == name


def test_a_note_from_the_large_view_goes_to_its_image(scored: Hands) -> None:
    scored.key(Qt.Key.Key_Return)
    scored.key(Qt.Key.Key_Right)
    name = scored.current()
    assert name is not None
    large = scored.window.pages.large
    scored.key(Qt.Key.Key_N)
    assert large.isVisible() and large.slip.isAncestorOf(scored.window.focusWidget())
    scored.type("n1")
    scored.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    scored.qtbot.waitUntil(lambda: scored.said(name).note == "n1")
    assert large.isVisible() and scored.current() == name and not large.slip.isVisible()
    scored.wait_for_words("Note: n1", large)
    scored.key(Qt.Key.Key_Right)
    scored.qtbot.waitUntil(lambda: "Note:" not in scored.words(large))
    scored.key(Qt.Key.Key_N)
    scored.key(Qt.Key.Key_Escape)
    assert large.isVisible() and not large.slip.isVisible()
    scored.key(Qt.Key.Key_Left)
    assert scored.current() == name


@pytest.mark.slow
def test_a_note_in_the_midst_of_typing_goes_to_its_image(scored: Hands) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_Return)
    scored.key(Qt.Key.Key_N)
    scored.type("here")
    scored.button("Routine annotation", scored.window.pages.large).click()
    scored.wait_for(names[0], Decision.ROUTINE)
    scored.qtbot.waitUntil(lambda: scored.said(names[0]).note == "here")
    assert scored.said(names[1]).note == ""


def test_a_note_from_the_gallery_leads_back_to_the_gallery(scored: Hands) -> None:
    scored.key(Qt.Key.Key_N)
    scored.key(Qt.Key.Key_Escape)
    assert scored.workspace.isVisible() and scored.workspace.gallery.has_focus()


@pytest.mark.slow
def test_a_decision_in_the_large_view_is_shown_there(scored: Hands) -> None:
    scored.key(Qt.Key.Key_Return)
    large = scored.window.pages.large
    scored.key(Qt.Key.Key_3)
    scored.key(Qt.Key.Key_Left)
    scored.qtbot.waitUntil(lambda: scored.button("Exclude", large).isChecked())
    scored.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    scored.qtbot.waitUntil(lambda: scored.button("Undecided", large).isChecked())


@pytest.mark.slow
def test_what_a_filter_takes_away_gives_way_in_the_large_view(scored: Hands) -> None:
    names = scored.names()
    scored.button("Undecided", scored.workspace.filters).click()
    scored.gallery.setFocus()
    scored.key(Qt.Key.Key_Return)
    for place in range(len(names)):
        assert scored.current() == names[place]
        scored.key(Qt.Key.Key_2)
        scored.qtbot.waitUntil(lambda place=place: scored.names() == names[place + 1 :])
    assert scored.current() is None  # all done
    scored.key(Qt.Key.Key_Right)
    scored.key(Qt.Key.Key_2)
    scored.key(Qt.Key.Key_Escape)
    assert "Done: 12 images decided" in scored.words() and "Export …" in scored.words()


@pytest.mark.slow
def test_escape_leads_back_to_the_images_from_everywhere(scored: Hands) -> None:
    names = scored.names()
    for _ in range(30):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        at = QApplication.focusWidget()
        if at is None or scored.gallery.isAncestorOf(at):
            continue
        scored.key(Qt.Key.Key_Escape)
        if not scored.workspace.gallery.has_focus():  # a field may first take back what was typed
            scored.key(Qt.Key.Key_Escape)
        assert scored.workspace.gallery.has_focus(), at
        at.setFocus(Qt.FocusReason.TabFocusReason)
    scored.key(Qt.Key.Key_Escape)
    scored.key(Qt.Key.Key_Right)
    assert scored.current() == names[1]


@pytest.mark.slow
def test_escape_leaves_the_full_screen_last(scored: Hands) -> None:
    scored.key(Qt.Key.Key_F11)
    scored.key(Qt.Key.Key_Return)
    scored.key(Qt.Key.Key_Escape)
    assert scored.window.isFullScreen() and scored.workspace.isVisible()
    scored.key(Qt.Key.Key_Escape)
    assert not scored.window.isFullScreen()


@pytest.mark.slow
def test_what_is_used_by_mouse_leaves_the_arrow_keys_to_the_images(scored: Hands, qtbot: QtBot) -> None:
    workspace = scored.workspace
    slider = next(each for each in workspace.gallery.findChildren(QSlider) if each.isVisible())
    switch = scored.button("Heatmap", workspace.inspector)
    box = scored.button("Undecided", workspace.filters)
    for field in (slider, switch, box):
        qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
        assert workspace.gallery.has_focus(), field


@pytest.mark.slow
def test_full_screen_leaves_the_image_alone_and_comes_back(scored: Hands) -> None:
    scored.key(Qt.Key.Key_F11)
    assert scored.window.isFullScreen() and scored.actions.full_screen.isChecked()
    assert scored.window.menuBar().isVisible()
    scored.key(Qt.Key.Key_Return)
    assert not scored.window.menuBar().isVisible()
    names = scored.names()
    scored.key(Qt.Key.Key_1)  # keys work without the menus that hold them
    scored.wait_for(names[0], Decision.EXPERT)
    scored.key(Qt.Key.Key_Escape)
    assert scored.window.menuBar().isVisible()
    scored.key(Qt.Key.Key_F11)
    assert not scored.window.isFullScreen() and not scored.actions.full_screen.isChecked()


def test_the_numbers_beside_the_image_are_its_own(scored: Hands) -> None:
    for place in (0, 5):
        scored.click_on(scored.names()[place]) if scored.seen(scored.names()[place]) else scored.key(Qt.Key.Key_End)
        line = scored.workspace.selection.currentIndex().row()
        value = scored.images.disagreement(line)
        assert value is not None
        scored.wait_for_words(disagreement_text(value), scored.panel.numbers)
        assert "redicted" in scored.words(scored.panel.numbers)


@pytest.mark.slow
def test_overlays_of_an_image_appear_once_it_is_scored(paused: Hands) -> None:
    view = paused.panel.pictures
    paused.actions.sort[SortKey.NAME].trigger()
    paused.key(Qt.Key.Key_End)
    paused.qtbot.waitUntil(lambda: view.picture is not None and view.picture.layers is not None)
    assert view.picture is not None and view.picture.layers is not None and not view.picture.layers.scored
    paused.key(Qt.Key.Key_H)
    before = pixels(view.canvas)
    paused.actions.pause.trigger()
    wait_until_drawn(paused, view)
    paused.qtbot.waitUntil(lambda: centre(pixels(view.canvas)) != centre(before))

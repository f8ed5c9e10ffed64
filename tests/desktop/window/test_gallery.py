"""The gallery in its window: grid and table, sizes, orders, filters."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QMenu, QSlider
from pytestqt.qtbot import QtBot

from annotriage.desktop.gallery.gallery import GalleryState
from annotriage.triage.catalogue import Filter
from annotriage.triage.columns import table_place
from annotriage.triage.decisions import Decision
from annotriage.triage.sort_keys import SortKey
from tests.desktop.conftest import IMAGES
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import CTRL, Hands
from tests.pictures import write_pictures

BY_NAME = [f"{number}.png" for number in range(IMAGES)]


def test_grid_and_table_take_turns_and_keep_the_current_image(scored: Hands) -> None:
    scored.key(Qt.Key.Key_End)
    last = scored.current()
    scored.key(Qt.Key.Key_2, CTRL)
    assert scored.gallery.table.isVisible() and not scored.gallery.grid.isVisible()
    assert scored.actions.table.isChecked() and not scored.actions.grid.isChecked()
    assert scored.current() == last
    scored.key(Qt.Key.Key_Up)  # the keyboard went along
    assert scored.current() == scored.names()[-2]
    scored.menu("View", "Grid").trigger()
    assert scored.gallery.grid.isVisible() and scored.actions.grid.isChecked()
    assert scored.current() == scored.names()[-2] and scored.seen(scored.names()[-2])


def test_decisions_are_made_in_the_table_too(scored: Hands) -> None:
    scored.key(Qt.Key.Key_2, CTRL)
    first, second = scored.names()[:2]
    scored.key(Qt.Key.Key_1)
    scored.wait_for(first, Decision.EXPERT)
    assert scored.current() == second
    index = scored.images.index(0, table_place("decision"))
    assert scored.images.data(index) == "Expert review"
    assert scored.names()[0] == first  # nothing moved


def test_tiles_grow_and_shrink_by_slider_menu_and_key(scored: Hands) -> None:
    grid = scored.gallery.grid
    slider = next(each for each in scored.workspace.gallery.findChildren(QSlider) if each.accessibleName())
    before = grid.tile_size
    scored.menu("View", "Larger tiles").trigger()
    assert grid.tile_size > before and slider.value() == grid.tile_size
    scored.key(Qt.Key.Key_Minus, CTRL)
    assert grid.tile_size == before
    slider.setValue(300)
    assert grid.tile_size == 300
    scored.key(Qt.Key.Key_2, CTRL)
    assert not slider.isEnabled()  # a table has no tiles


def sort_box(hands: Hands) -> QComboBox:
    return next(each for each in hands.workspace.gallery.findChildren(QComboBox) if each.accessibleName() == "Sort by")


def choose(hands: Hands, key: SortKey) -> None:
    box = sort_box(hands)
    box.setCurrentIndex(box.findData(key))
    box.activated.emit(box.currentIndex())


@pytest.mark.slow
@pytest.mark.parametrize("by_menu", [True, False])
def test_sorting_by_name_and_the_other_way_round(scored: Hands, by_menu: bool) -> None:
    if by_menu:
        scored.menu("View", "Sort by", "Name").trigger()
    else:
        choose(scored, SortKey.NAME)
    assert scored.names() == BY_NAME
    assert sort_box(scored).currentText() == "Name"
    assert scored.menu("View", "Sort by", "Name").isChecked()
    scored.button("The other way round").click()
    assert scored.names() == BY_NAME[::-1]
    assert scored.menu("View", "Sort by", "The other way round").isChecked()
    scored.menu("View", "Sort by", "The other way round").trigger()
    assert scored.names() == BY_NAME


@pytest.mark.slow
def test_every_way_to_sort_is_in_the_menu_and_shows_all_images(scored: Hands) -> None:
    everything = sorted(scored.names())
    for action in (*scored.actions.sort.values(), scored.actions.sort_reversed):
        action.trigger()
        assert sorted(scored.names()) == everything and action.isChecked()
        assert action is scored.actions.sort_reversed or sort_box(scored).currentData() == action.data()


@pytest.mark.slow
def test_sorting_by_decision_interval_and_back(scored: Hands) -> None:
    ranking = scored.names()
    for _ in range(2):
        scored.key(Qt.Key.Key_Right)
    scored.key(Qt.Key.Key_1)
    scored.wait_for(ranking[2], Decision.EXPERT)
    choose(scored, SortKey.DECISION)
    assert scored.names()[0] == ranking[2]
    choose(scored, SortKey.INTERVAL)
    widths = [round(high - low, 4) for low, high in (scored.images.interval(line) or (0, 0) for line in range(IMAGES))]
    assert widths == sorted(widths, reverse=True)
    choose(scored, SortKey.DISAGREEMENT)
    assert scored.names() == ranking


def test_the_current_image_goes_along_when_sorted_anew(scored: Hands) -> None:
    last = scored.names()[-1]
    scored.key(Qt.Key.Key_End)
    scored.menu("View", "Sort by", "The other way round").trigger()
    assert scored.current() == last == scored.names()[0]
    assert scored.seen(last)


def test_a_click_on_a_header_sorts_and_the_menu_says_so(scored: Hands, qtbot: QtBot) -> None:
    scored.key(Qt.Key.Key_2, CTRL)
    header = scored.gallery.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(table_place("image")) + 9, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert scored.names() == BY_NAME and scored.menu("View", "Sort by", "Name").isChecked()
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert scored.names() == BY_NAME[::-1] and sort_box(scored).currentText() == "Name"


def test_a_filter_by_range_text_and_decision(scored: Hands) -> None:
    panel = scored.workspace.filters
    values = {name: scored.images.disagreement(line) or 0 for line, name in enumerate(scored.names())}
    middle = sorted(values.values())[IMAGES // 2]
    panel.histogram.set_range(round(middle, 2), 1.0)
    panel.histogram.range_changed.emit(*panel.histogram.range)
    assert 0 < len(scored.names()) < IMAGES
    assert all(values[name] >= round(middle, 2) - 1e-6 for name in scored.names())
    scored.key(Qt.Key.Key_F, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert len(scored.names()) == IMAGES

    scored.key(Qt.Key.Key_F, CTRL)
    scored.type("11")
    scored.key(Qt.Key.Key_Return)
    assert scored.names() == ["11.png"] and scored.current() == "11.png"
    scored.key(Qt.Key.Key_3)  # the keyboard is at the images
    scored.wait_for("11.png", Decision.EXCLUDE)
    scored.actions.clear_filters.trigger()

    scored.button("Exclude", panel).click()
    assert scored.names() == ["11.png"]
    scored.wait_for_words(f"Showing 1 of {IMAGES} images", panel)


def test_where_nothing_matches_it_is_said_and_one_key_clears(scored: Hands) -> None:
    scored.key(Qt.Key.Key_F, CTRL)
    scored.type("no such image")
    scored.key(Qt.Key.Key_Return)
    assert scored.gallery.state is GalleryState.NOTHING_MATCHES
    assert "No image matches the filters" in scored.words()
    assert scored.current() is None
    scored.key(Qt.Key.Key_1)  # about nothing
    scored.key(Qt.Key.Key_Return)  # presses the button, and shows no image large
    assert not scored.window.pages.large.isVisible()
    assert len(scored.names()) == IMAGES and scored.gallery.grid.isVisible()
    assert scored.current() == scored.names()[0]
    scored.qtbot.wait(50)
    assert scored.undecided() == set(BY_NAME)


@pytest.mark.slow
def test_what_was_typed_to_search_is_searched_without_a_key(scored: Hands, qtbot: QtBot) -> None:
    scored.key(Qt.Key.Key_F, CTRL)
    scored.type("7")
    qtbot.waitUntil(lambda: scored.names() == ["7.png"])


def test_searching_opens_the_filters_where_they_are_hidden(scored: Hands) -> None:
    scored.key(Qt.Key.Key_F7)
    assert not scored.workspace.filters.isVisible()
    scored.key(Qt.Key.Key_F, CTRL)
    assert scored.workspace.filters.isVisible() and scored.actions.filters.isChecked()
    scored.type("4")
    scored.qtbot.waitUntil(lambda: scored.names() == ["4.png"])


@pytest.mark.slow
def test_the_panel_can_be_hidden_and_a_note_brings_it_back(scored: Hands) -> None:
    scored.key(Qt.Key.Key_F8)
    assert not scored.panel.isVisible()
    scored.key(Qt.Key.Key_N)
    assert scored.panel.isVisible() and scored.note.hasFocus()


@pytest.mark.slow
def test_a_context_menu_decides(scored: Hands, qtbot: QtBot) -> None:
    third = scored.names()[2]
    scored.click_on(third)
    scored.gallery.menu_wanted.emit(QPoint(300, 300))
    menu = next(each for each in scored.workspace.findChildren(QMenu) if each.isVisible())
    next(action for action in menu.actions() if "Routine" in action.text().replace("&", "")).trigger()
    menu.close()
    scored.wait_for(third, Decision.ROUTINE)


@pytest.mark.slow
def test_a_new_folder_begins_at_its_top_with_the_filters_of_before(make: Make, tmp_path: object, scored: Hands) -> None:
    scored.key(Qt.Key.Key_End)
    folder = scored.review.folder
    assert folder is not None
    write_pictures(folder.parent / "long", 40)
    scored.images.set_filter(Filter(text=".png"))
    scored.window.open_folder(folder.parent / "long")
    scored.wait_until_scored()
    assert scored.current() == scored.names()[0] and scored.seen(scored.names()[0])
    assert scored.workspace.filters.is_filtering  # and the panel shows it
    assert scored.button("Clear filters", scored.workspace.filters).isEnabled()


def test_an_offer_to_go_elsewhere_makes_the_window_no_wider_than_a_small_screen(scored: Hands) -> None:
    scored.window.resize(1024, 700)
    scored.workspace.gallery.set_higher("40 undecided rank higher: go there")
    scored.qtbot.waitUntil(lambda: scored.workspace.gallery.bar.offer.isVisible())
    assert scored.window.minimumSizeHint().width() <= 1024 and scored.window.width() == 1024
    assert "40 undecided rank higher: go there" in scored.workspace.gallery.bar.offer.toolTip()

"""The grid: keyboard, mouse, zoom, and staying where one is while things change."""

from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotriage.desktop.gallery.grid_view import GridView
from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.sort_keys import SortKey
from tests.desktop.gallery.conftest import COLUMNS

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def at(grid: GridView, line: int) -> QPoint:
    return grid.visualRect(grid.images.index(line, 0)).center()


def click(
    qtbot: QtBot, grid: GridView, line: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, modifier, at(grid, line))


def chosen(grid: GridView) -> list[int]:
    return sorted({index.row() for index in grid.selectionModel().selectedIndexes()})


def move(grid: GridView, place: QPoint) -> None:
    """Move the mouse with its left button down; QTest forgets the button."""
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove, QPointF(place), QPointF(grid.viewport().mapToGlobal(place)),
        Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(grid.viewport(), event)


def drag(qtbot: QtBot, grid: GridView, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=start)
    move(grid, end)
    qtbot.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, pos=end)


class TestMouse:
    def test_click_shift_and_ctrl(self, qtbot: QtBot, grid: GridView) -> None:
        click(qtbot, grid, 1)
        assert (chosen(grid), grid.currentIndex().row()) == ([1], 1)
        click(qtbot, grid, 4, SHIFT)
        assert (chosen(grid), grid.currentIndex().row()) == ([1, 2, 3, 4], 4)
        click(qtbot, grid, 0, SHIFT)  # from the same anchor, the other way
        assert chosen(grid) == [0, 1]
        click(qtbot, grid, 3, CONTROL)
        assert chosen(grid) == [0, 1, 3]
        click(qtbot, grid, 0, CONTROL)
        assert chosen(grid) == [1, 3]
        click(qtbot, grid, 5, CONTROL | SHIFT)
        assert chosen(grid) == [0, 1, 2, 3, 4, 5]
        click(qtbot, grid, 2)
        assert chosen(grid) == [2]

    def test_all_columns_of_a_line_are_selected(self, qtbot: QtBot, grid: GridView) -> None:
        click(qtbot, grid, 1)
        click(qtbot, grid, 2, SHIFT)
        assert grid.selectionModel().isRowSelected(1)
        assert grid.selectionModel().isRowSelected(2)

    def test_a_click_on_nothing_selects_nothing(self, qtbot: QtBot, grid: GridView) -> None:
        click(qtbot, grid, 1)
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
        assert chosen(grid) == []

    def test_a_band_from_empty_space_selects_what_it_touches(self, qtbot: QtBot, grid: GridView) -> None:
        drag(qtbot, grid, QPoint(1, 1), at(grid, 4))
        assert chosen(grid) == [0, 1, 3, 4]

    def test_a_band_drawn_beyond_the_edge_scrolls(self, qtbot: QtBot, grid: GridView) -> None:
        qtbot.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
        move(grid, QPoint(grid.viewport().width() - 1, grid.viewport().height() + 200))
        qtbot.waitUntil(lambda: grid.verticalOffset() == grid.verticalScrollBar().maximum())
        qtbot.waitUntil(lambda: chosen(grid) == list(range(12)))
        qtbot.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton)

    def test_a_press_on_a_selected_tile_keeps_the_others_until_it_was_a_click(
        self, qtbot: QtBot, grid: GridView
    ) -> None:
        click(qtbot, grid, 0)
        click(qtbot, grid, 2, SHIFT)
        qtbot.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=at(grid, 1))
        assert chosen(grid) == [0, 1, 2]
        qtbot.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, pos=at(grid, 1))
        assert chosen(grid) == [1]

    def test_selected_files_can_be_dragged_out(
        self, qtbot: QtBot, grid: GridView, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dragged: list[str] = []

        class Drag:
            def __init__(self, source: object) -> None: ...
            def setMimeData(self, data: object) -> None:
                dragged.extend(url.toLocalFile() for url in data.urls())  # type: ignore[attr-defined]

            def exec(self, action: object) -> None: ...

        monkeypatch.setattr("annotriage.desktop.gallery.grid_mouse.QDrag", Drag)
        click(qtbot, grid, 0)
        click(qtbot, grid, 4, CONTROL)
        drag(qtbot, grid, at(grid, 4), at(grid, 1))
        assert [Path(name) for name in dragged] == [grid.images.image(line).path for line in (0, 4)]
        assert chosen(grid) == [0, 4]

    def test_a_double_click_activates(self, qtbot: QtBot, grid: GridView) -> None:
        with qtbot.waitSignal(grid.activated) as told:
            qtbot.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=at(grid, 2))
        assert told.args[0].row() == 2

    def test_the_menu_is_about_what_is_below_the_mouse(self, qtbot: QtBot, grid: GridView) -> None:
        click(qtbot, grid, 0)
        place = at(grid, 3)
        qtbot.mousePress(grid.viewport(), Qt.MouseButton.RightButton, pos=place)
        with qtbot.waitSignal(grid.menu_wanted) as told:
            event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, grid.viewport().mapToGlobal(place))
            QApplication.sendEvent(grid.viewport(), event)
        assert chosen(grid) == [3]
        assert told.args == [grid.viewport().mapToGlobal(place)]

    def test_the_menu_keeps_a_selection_that_it_is_called_on(self, qtbot: QtBot, grid: GridView) -> None:
        click(qtbot, grid, 0)
        click(qtbot, grid, 3, CONTROL)
        qtbot.mousePress(grid.viewport(), Qt.MouseButton.RightButton, pos=at(grid, 0))
        assert chosen(grid) == [0, 3]


class TestKeyboard:
    @pytest.mark.parametrize(
        ("start", "key", "end"),
        [
            (4, Qt.Key.Key_Left, 3),
            (3, Qt.Key.Key_Left, 2),
            (0, Qt.Key.Key_Left, 0),
            (5, Qt.Key.Key_Right, 6),
            (11, Qt.Key.Key_Right, 11),
            (4, Qt.Key.Key_Up, 1),
            (1, Qt.Key.Key_Up, 1),
            (4, Qt.Key.Key_Down, 7),
            (10, Qt.Key.Key_Down, 10),
            (1, Qt.Key.Key_PageDown, 7),
            (1, Qt.Key.Key_PageUp, 1),
            (10, Qt.Key.Key_PageUp, 4),
            (4, Qt.Key.Key_Home, 0),
            (4, Qt.Key.Key_End, 11),
        ],
    )
    def test_keys_move_and_what_is_reached_is_seen(
        self, qtbot: QtBot, grid: GridView, start: int, key: Qt.Key, end: int
    ) -> None:
        grid.lines.go_to(start, Qt.KeyboardModifier.NoModifier)
        qtbot.keyClick(grid, key)
        assert (grid.currentIndex().row(), chosen(grid)) == (end, [end])
        assert grid.viewport().rect().contains(grid.visualRect(grid.currentIndex()).center())

    def test_down_from_above_a_short_last_row_reaches_the_last_tile(self, qtbot: QtBot, grid: GridView) -> None:
        grid.images.set_filter(Filter(low=0.2))
        assert grid.images.rowCount() == 10  # the last row has one tile
        grid.lines.go_to(8, Qt.KeyboardModifier.NoModifier)
        qtbot.keyClick(grid, Qt.Key.Key_Down)
        assert grid.currentIndex().row() == 9

    def test_shift_extends_from_the_anchor(self, qtbot: QtBot, grid: GridView) -> None:
        grid.lines.go_to(4, Qt.KeyboardModifier.NoModifier)
        qtbot.keyClick(grid, Qt.Key.Key_Right, SHIFT)
        qtbot.keyClick(grid, Qt.Key.Key_Down, SHIFT)
        assert chosen(grid) == [4, 5, 6, 7, 8]
        for _ in range(2):
            qtbot.keyClick(grid, Qt.Key.Key_Up, SHIFT)
        assert chosen(grid) == [2, 3, 4]

    def test_ctrl_moves_without_selecting_and_toggles_with_space(self, qtbot: QtBot, grid: GridView) -> None:
        grid.lines.go_to(0, Qt.KeyboardModifier.NoModifier)
        qtbot.keyClick(grid, Qt.Key.Key_Down, CONTROL)
        assert (chosen(grid), grid.currentIndex().row()) == ([0], 3)
        qtbot.keyClick(grid, Qt.Key.Key_Space, CONTROL)
        assert chosen(grid) == [0, 3]

    def test_ctrl_a_selects_all_and_enter_activates(self, qtbot: QtBot, grid: GridView) -> None:
        grid.lines.go_to(5, Qt.KeyboardModifier.NoModifier)
        qtbot.keyClick(grid, Qt.Key.Key_A, CONTROL)
        assert chosen(grid) == list(range(12))
        with qtbot.waitSignal(grid.activated) as told:
            qtbot.keyClick(grid, Qt.Key.Key_Return)
        assert told.args[0].row() == 5

    @pytest.mark.parametrize("key", [Qt.Key.Key_1, Qt.Key.Key_U, Qt.Key.Key_H, Qt.Key.Key_Space, Qt.Key.Key_Escape])
    def test_the_windows_keys_are_left_alone(self, grid: GridView, key: Qt.Key) -> None:
        grid.lines.go_to(4, Qt.KeyboardModifier.NoModifier)
        event = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, chr(min(key, 127)))
        QApplication.sendEvent(grid, event)
        assert not event.isAccepted()
        assert (chosen(grid), grid.currentIndex().row()) == ([4], 4)

    def test_the_menu_key_opens_the_menu_at_the_current_tile(self, qtbot: QtBot, grid: GridView) -> None:
        grid.lines.go_to(4, Qt.KeyboardModifier.NoModifier)
        with qtbot.waitSignal(grid.menu_wanted) as told:
            event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
            QApplication.sendEvent(grid.viewport(), event)
        assert told.args == [grid.viewport().mapToGlobal(at(grid, 4))]


class TestZoom:
    def test_the_current_tile_stays_where_it_is(self, grid: GridView) -> None:
        grid.lines.go_to(7, Qt.KeyboardModifier.NoModifier)
        top = grid.visualRect(grid.currentIndex()).top()
        assert grid.verticalOffset() > 0
        grid.set_tile_size(120)
        assert grid.layout_now.columns < COLUMNS
        seen = grid.visualRect(grid.currentIndex())
        assert seen.top() == top or grid.viewport().rect().contains(seen)

    @pytest.mark.parametrize(("asked", "shown"), [(10, 96), (200, 200), (9999, 384)])
    def test_sizes_are_kept_within_reason(self, grid: GridView, asked: int, shown: int) -> None:
        grid.set_tile_size(asked)
        assert grid.tile_size == shown

    def test_ctrl_and_the_wheel_zoom(self, qtbot: QtBot, grid: GridView) -> None:
        with qtbot.waitSignal(grid.tile_size_changed) as told:
            turn(grid, 120, CONTROL)
        assert told.args == [grid.tile_size]
        assert grid.tile_size > 96
        turn(grid, -120, CONTROL)
        assert grid.tile_size == 96
        assert grid.verticalOffset() == 0

    def test_the_wheel_and_a_touchpad_scroll_smoothly(self, grid: GridView) -> None:
        turn(grid, -120)
        assert 20 <= grid.verticalOffset() < grid.layout_now.pitch
        before = grid.verticalOffset()
        turn(grid, -8, pixels=-7)
        assert grid.verticalOffset() == before + 7


def turn(
    grid: GridView, angle: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, *, pixels: int = 0
) -> None:
    place = QPointF(50, 50)
    event = QWheelEvent(
        place, QPointF(grid.viewport().mapToGlobal(place)), QPoint(0, pixels), QPoint(0, angle),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(grid.viewport(), event)


class TestStayingInPlace:
    def test_a_current_tile_in_view_is_followed(self, grid: GridView) -> None:
        grid.lines.go_to(0, Qt.KeyboardModifier.NoModifier)
        name = grid.images.image(0).name
        grid.images.set_sorting(SortKey.DISAGREEMENT, reverse=True)
        assert grid.images.image(grid.currentIndex().row()).name == name
        assert grid.currentIndex().row() == 11
        assert grid.viewport().rect().contains(at(grid, 11))

    def test_nothing_moves_when_the_current_tile_was_out_of_view(self, grid: GridView) -> None:
        grid.lines.go_to(11, Qt.KeyboardModifier.NoModifier)
        grid.verticalScrollBar().setValue(10)
        grid.images.set_sorting(SortKey.NAME)
        assert grid.verticalOffset() == 10

    def test_the_same_folder_listed_anew_stays_and_another_begins_at_the_top(
        self, grid: GridView, catalogue: Catalogue, tmp_path: Path
    ) -> None:
        grid.verticalScrollBar().setValue(100)
        assert grid.is_in_the_middle()
        grid.images.set_catalogue(Catalogue(catalogue.folder, catalogue.images))
        assert grid.verticalOffset() == 100
        grid.images.set_catalogue(Catalogue(tmp_path / "another", catalogue.images))
        assert grid.verticalOffset() == 0
        assert not grid.is_in_the_middle()

    def test_what_changes_current_elsewhere_brings_it_into_view(self, grid: GridView) -> None:
        grid.selectionModel().setCurrentIndex(grid.images.index(11, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
        assert grid.viewport().rect().contains(at(grid, 11))

    def test_the_first_line_is_told(self, grid: GridView) -> None:
        assert grid.first_line() == 0
        grid.verticalScrollBar().setValue(grid.layout_now.pitch + 20)
        assert grid.first_line() == COLUMNS
        grid.images.set_filter(Filter(text="no such image"))
        assert grid.first_line() == -1

    def test_nothing_to_show_breaks_nothing(self, qtbot: QtBot, grid: GridView) -> None:
        grid.images.set_filter(Filter(text="no such image"))
        for key in (Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Return, Qt.Key.Key_PageUp):
            qtbot.keyClick(grid, key)
        qtbot.keyClick(grid, Qt.Key.Key_A, CONTROL)
        drag(qtbot, grid, QPoint(1, 1), QPoint(100, 100))
        grid.images.set_catalogue(None)
        assert not grid.grab().isNull()


class TestVisible:
    def test_the_images_seen_are_told_once_scrolling_rests(self, qtbot: QtBot, grid: GridView) -> None:
        with qtbot.waitSignal(grid.visible_changed) as told:
            grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
        seen = [grid.images.image(line).name for line in grid.visible_lines()]
        assert sorted(told.args[0]) == sorted(seen)
        assert grid.images.image(11).name in seen
        assert grid.images.image(0).name not in seen

    def test_neighbours_are_made_ahead(self, qtbot: QtBot, grid: GridView, thumbnails: ThumbnailLoader) -> None:
        last = grid.images.image(11)
        assert 11 not in grid.visible_lines()
        grid.resize(grid.width(), 450)  # the last row is the next to be seen
        qtbot.waitUntil(lambda: thumbnails.pixmap(last, 96) is not None)

    def test_a_hidden_grid_sees_nothing(self, grid: GridView) -> None:
        grid.hide()
        assert grid.visible_names() == []

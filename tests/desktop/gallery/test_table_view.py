"""The table: sorting by its titles, keys, and what it shares with the grid."""

import pytest
from PySide6.QtCore import QByteArray, QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotriage.desktop.gallery.table_cells import ROW
from annotriage.desktop.gallery.table_view import TableView
from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
from annotriage.desktop.review.image_model import ImageModel
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.columns import table_place
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.sort_keys import SortKey

UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


@pytest.fixture
def table(
    qtbot: QtBot, image_model: ImageModel, selection: QItemSelectionModel, thumbnails: ThumbnailLoader
) -> TableView:
    view = TableView(image_model, selection, thumbnails)
    qtbot.addWidget(view)
    view.resize(1000, 32 + 5 * ROW)
    view.show()
    qtbot.waitExposed(view)
    return view


def click_title(qtbot: QtBot, table: TableView, column: int) -> None:
    header = table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(column) + 30, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def arrow(table: TableView) -> tuple[int, Qt.SortOrder]:
    header = table.horizontalHeader()
    return header.sortIndicatorSection(), header.sortIndicatorOrder()


def names(table: TableView) -> list[str]:
    return [table.images.image(line).name for line in range(table.images.rowCount())]


@pytest.mark.parametrize(
    ("column", "key", "first"),
    [
        (table_place("rank"), SortKey.DISAGREEMENT, UP),
        (table_place("dice"), SortKey.DISAGREEMENT, UP),
        (table_place("interval"), SortKey.INTERVAL, DOWN),
        (table_place("image"), SortKey.NAME, UP),
        (table_place("decision"), SortKey.DECISION, UP),
    ],
)
def test_a_click_on_a_title_sorts_and_a_second_one_turns_it_round(
    qtbot: QtBot, table: TableView, column: int, key: SortKey, first: Qt.SortOrder
) -> None:
    click_title(qtbot, table, column)
    assert (table.images.sort_key, table.images.reversed) == (key, False)
    assert arrow(table) == (column, first)
    click_title(qtbot, table, column)
    assert (table.images.sort_key, table.images.reversed) == (key, True)
    assert arrow(table) == (column, DOWN if first is UP else UP)


def test_the_disagreement_falls_first(qtbot: QtBot, table: TableView) -> None:
    assert arrow(table) == (table_place("disagreement"), DOWN)
    before = names(table)
    click_title(qtbot, table, table_place("disagreement"))
    assert arrow(table) == (table_place("disagreement"), UP)
    assert names(table) == before[::-1]


def test_titles_that_cannot_be_sorted_by_change_nothing(qtbot: QtBot, table: TableView) -> None:
    before = names(table)
    click_title(qtbot, table, table_place("note"))
    assert arrow(table) == (table_place("disagreement"), DOWN)
    assert names(table) == before


def test_no_arrow_stands_where_no_column_says_what_sorts(table: TableView) -> None:
    for key in SortKey:
        table.images.set_sorting(key)
        assert (table.horizontalHeader().sortIndicatorSection() < 0) == (key in (SortKey.DATE, SortKey.SIZE))
    table.images.set_sorting(SortKey.DISAGREEMENT)
    assert arrow(table) == (table_place("disagreement"), DOWN)


def test_the_arrow_follows_when_something_else_sorts(table: TableView) -> None:
    table.images.set_sorting(SortKey.NAME, reverse=True)
    assert arrow(table) == (table_place("image"), DOWN)
    table.images.set_sorting(SortKey.DISAGREEMENT)
    assert arrow(table) == (table_place("disagreement"), DOWN)


def test_lines_have_one_height_and_a_click_selects_all_of_a_line(
    qtbot: QtBot, table: TableView, selection: QItemSelectionModel
) -> None:
    assert {table.rowHeight(line) for line in range(12)} == {ROW}
    place = table.visualRect(table.images.index(2, table_place("decision"))).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [index.row() for index in selection.selectedRows()] == [2]


def test_enter_and_double_clicks_activate_once(qtbot: QtBot, table: TableView) -> None:
    activated: list[int] = []
    table.activated.connect(lambda index: activated.append(index.row()))
    table.setCurrentIndex(table.images.index(3, 0))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert activated == [3]
    place = table.visualRect(table.images.index(1, table_place("image"))).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert activated == [3, 1]


@pytest.mark.parametrize("text", ["1", "u", "h", " ", "+"])
def test_the_windows_keys_are_left_alone(table: TableView, selection: QItemSelectionModel, text: str) -> None:
    table.setCurrentIndex(table.images.index(3, 0))
    event = QKeyEvent(QKeyEvent.Type.KeyPress, ord(text.upper()), Qt.KeyboardModifier.NoModifier, text)
    QApplication.sendEvent(table, event)
    assert not event.isAccepted()
    assert table.currentIndex().row() == 3
    assert [index.row() for index in selection.selectedRows()] == [3]


def test_home_and_end_go_to_the_first_and_last_line(qtbot: QtBot, table: TableView) -> None:
    table.setCurrentIndex(table.images.index(3, 0))
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.currentIndex().row() == 11
    qtbot.keyClick(table, Qt.Key.Key_Home)
    assert table.currentIndex().row() == 0
    qtbot.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    assert len(table.selectionModel().selectedRows()) == 12


def test_the_images_seen_are_told(qtbot: QtBot, table: TableView) -> None:
    with qtbot.waitSignal(table.visible_changed) as told:
        table.verticalScrollBar().setValue(table.verticalScrollBar().maximum())
    assert sorted(told.args[0]) == sorted(table.images.image(line).name for line in table.visible_lines())
    assert table.images.image(11).name in told.args[0]
    assert table.images.image(0).name not in told.args[0]
    assert table.is_in_the_middle()


def test_the_menu_is_wanted_for_the_selection(qtbot: QtBot, table: TableView) -> None:
    table.setCurrentIndex(table.images.index(2, 0))
    place = table.visualRect(table.images.index(2, 0)).center()
    with qtbot.waitSignal(table.menu_wanted) as told:
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, table.viewport().mapToGlobal(place))
        QApplication.sendEvent(table.viewport(), event)
    assert told.args == [table.viewport().mapToGlobal(place)]


def test_the_decision_and_a_name_are_seen_in_a_narrow_window_unless_somebody_chose_widths(table: TableView) -> None:
    header = table.horizontalHeader()

    def ends() -> int:
        return header.sectionViewportPosition(table_place("decision")) + table.columnWidth(table_place("decision"))

    wide = table.columnWidth(table_place("disagreement"))
    table.resize(440, table.height())  # what is left of 1024 pixels
    assert ends() <= table.viewport().width()
    assert table.columnWidth(table_place("image")) >= 200
    table.resize(1000, table.height())
    assert table.columnWidth(table_place("disagreement")) == wide
    header.resizeSection(table_place("image"), 333)
    table.resize(440, table.height())
    assert table.columnWidth(table_place("image")) == 333


def test_widths_come_back(
    qtbot: QtBot, table: TableView, selection: QItemSelectionModel, thumbnails: ThumbnailLoader
) -> None:
    table.horizontalHeader().resizeSection(table_place("image"), 333)
    other = TableView(table.images, selection, thumbnails)
    qtbot.addWidget(other)
    other.restore_state(table.save_state())
    assert other.columnWidth(table_place("image")) == 333
    other.restore_state(QByteArray(b"nonsense"))
    assert other.columnWidth(table_place("image")) == 333
    click_title(qtbot, other, table_place("image"))
    assert other.images.sort_key is SortKey.NAME


def test_a_current_line_in_view_is_followed(table: TableView) -> None:
    table.setCurrentIndex(table.images.index(0, 0))
    table.images.set_sorting(SortKey.DISAGREEMENT, reverse=True)
    assert table.currentIndex().row() == 11
    assert 11 in table.visible_lines()


def test_what_is_shown_changes_with_decisions(table: TableView) -> None:
    rect = table.visualRect(table.images.index(0, table_place("decision")))
    before = table.viewport().grab(rect).toImage()
    table.images.set_reviews({table.images.image(0).name: Review(Decision.EXPERT)})
    QApplication.processEvents()
    assert table.viewport().grab(rect).toImage() != before


def test_thumbnails_appear(qtbot: QtBot, table: TableView) -> None:
    rect = table.visualRect(table.images.index(3, table_place("image")))
    place = QPoint(rect.left() + 12, rect.center().y())

    def is_there() -> bool:
        colour = table.viewport().grab().toImage().pixelColor(place)
        return colour.red() > colour.blue() + 10

    qtbot.waitUntil(is_there)


def test_nothing_to_show_breaks_nothing(qtbot: QtBot, table: TableView, catalogue: Catalogue) -> None:
    table.images.set_filter(Filter(text="no such image"))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Return):
        qtbot.keyClick(table, key)
    assert list(table.visible_lines()) == []
    assert table.visible_names() == []
    table.images.set_catalogue(None)
    assert not table.grab().isNull()

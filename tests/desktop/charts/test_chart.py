import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QWheelEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from annotriage.desktop.charts.chart import Chart
from annotriage.desktop.charts.figure_frame import FigureFrame
from annotriage.desktop.charts.palette import series_colour
from annotriage.desktop.widgets.theme import DARK, LIGHT, Theme
from annotriage.errors import AnnotriageError


@pytest.fixture
def chart(qtbot: QtBot) -> Chart:
    chart = Chart("Runs", "epoch", "error")
    qtbot.addWidget(chart)
    chart.resize(600, 400)
    chart.show()
    qtbot.waitExposed(chart)
    return chart


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


def pixel_of(chart: Chart, x: float, y: float) -> QPoint:
    settle()
    across, down = chart.view.to_pixels(np.array([x]), np.array([y]))
    return QPointF(across[0], down[0]).toPoint()


def has_colour(image: QImage, colour: QColor, near: int = 12) -> bool:
    pixels = np.asarray(image.convertToFormat(QImage.Format.Format_RGB32).constBits()).reshape(-1, 4)[:, 2::-1]
    return bool((np.abs(pixels.astype(int) - colour.getRgb()[:3]).max(1) <= near).any())


def test_the_mouse_shows_the_label_of_the_nearest_point_and_a_click_sends_its_key(chart: Chart, qtbot: QtBot) -> None:
    chart.points("runs", [0, 1, 2], [1, 2, 3], keys=["a", "b", "c"], labels=["run a", "run b", "run c"])
    at = pixel_of(chart, 1, 2)
    hovered: list[str] = []
    chart.hovered.connect(hovered.append)
    chart.view.pointed.emit(QPointF(at) + QPointF(4, -4))
    assert hovered[-1] == chart.shown_label == "run b"
    with qtbot.waitSignal(chart.clicked) as caught:
        qtbot.mouseClick(chart.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert caught.args == ["b"]
    chart.view.left.emit()
    assert chart.shown_label == "" and hovered[-1] == ""


def test_points_without_keys_cannot_be_clicked(chart: Chart, qtbot: QtBot) -> None:
    chart.points("runs", [0, 1], [0, 1])
    with qtbot.assertNotEmitted(chart.clicked, wait=50):
        qtbot.mouseClick(chart.view.viewport(), Qt.MouseButton.LeftButton, pos=pixel_of(chart, 1, 1))


def test_the_keyboard_walks_from_point_to_point_and_enter_clicks(chart: Chart, qtbot: QtBot) -> None:
    chart.line("training", [1, 2, 3], [3, 2, 1], keys=[10, 20, 30])
    chart.line("validation", [1, 2, 3], [4, 3, 2], series=1)
    seen = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_End):
        qtbot.keyClick(chart, key)
        seen.append(chart.shown_label)
    assert seen == ["training: 1, 3", "training: 2, 2", "validation: 2, 3", "training: 2, 2", "training: 3, 1"]
    with qtbot.waitSignal(chart.clicked) as caught:
        qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert caught.args == [30]
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.shown_label == ""


def test_a_curve_that_grows_is_replaced_by_its_name_and_the_view_follows(chart: Chart) -> None:
    chart.line("training", [1, 2], [3, 2])
    settle()
    chart.line("training", [1, 2, 3, 50], [3, 2, 1, 0])
    settle()
    (left, right), _ = chart.view.box.viewRange()
    assert left < 1 and right > 50
    assert len(chart.legend.signs) == 0  # one series needs no legend


def test_a_line_drawn_anew_in_another_colour_takes_it(chart: Chart) -> None:
    chart.line("training", [0, 1], [0, 1])
    chart.line("training", [0, 1], [0, 1], series=1)
    settle()
    image = chart.grab().toImage()
    assert has_colour(image, series_colour(1, LIGHT)) and not has_colour(image, series_colour(0, LIGHT))


def test_the_legend_names_what_can_be_told_apart(chart: Chart) -> None:
    chart.line("training", [0, 1], [0, 1], dashed=True)
    chart.points("runs", [0, 1], [0, 1], series=1)
    chart.bars("images", [0, 1], [2, 3], 0.5, series=2)
    assert [sign.name for sign in chart.legend.signs] == ["training", "runs", "images"]
    assert [sign.dash for sign in chart.legend.signs] == [Qt.PenStyle.DashLine, None, None]
    chart.remove("runs")
    assert [sign.name for sign in chart.legend.signs] == ["training", "images"]


def test_boxes_have_a_point_for_each_value_and_names_below(chart: Chart, qtbot: QtBot) -> None:
    chart.boxes(
        [("one", [1, 2, 3]), ("two", [4, 5])], keys=[["a", "b", "c"], ["d", "e"]],
        labels=[["run 1", "run 2", "run 3"], ["run 1 of two", "run 2 of two"]],
    )  # fmt: skip
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_End):
        qtbot.keyClick(chart, key)
    assert chart.shown_label == "run 2 of two"
    assert chart.view.across.tickStrings([0.0, 1.0], 1, 1) == ["one", "two"]


@pytest.mark.parametrize("values", [[], [1.0], [2.0, 2.0], [float("nan"), 1.0], [float("nan")]])
def test_boxes_of_hardly_anything_do_no_harm(chart: Chart, values: list[float]) -> None:
    chart.boxes([("one", values), ("two", [1, 2, 3])])
    settle()
    assert not chart.grab().isNull()


def test_intervals_stand_line_by_line_the_first_at_the_top(chart: Chart, qtbot: QtBot) -> None:
    chart.intervals(["a − b", "a − c"], [0.5, -1], [0, -2], [1, 0])
    chart.level("no difference", 0, vertical=True)
    assert pixel_of(chart, 0, 0).y() < pixel_of(chart, 0, 1).y()
    at = QPointF(pixel_of(chart, 2, 1))
    chart.view.pointed.emit(QPointF(chart.view.box.sceneBoundingRect().center().x(), at.y()))
    assert chart.shown_label == "a − c: −1 (−2 to 0)"


def test_shares_lie_end_to_end(chart: Chart) -> None:
    chart.shares(["a − b"], [("first", [0.2]), ("second", [0.8])])
    chart.view.pointed.emit(QPointF(pixel_of(chart, 0.6, 0)))
    assert chart.shown_label == "a − b, second: 80.0 %"


def test_a_name_at_the_side_is_cut_where_it_is_too_long(chart: Chart) -> None:
    chart.intervals(["a very long name " * 20], [0], [0], [1])
    (shown,) = chart.view.along.tickStrings([0.0], 1, 1)
    assert "…" in shown and shown.startswith("a very")


def test_the_wheel_scrolls_what_is_around_and_zooms_with_ctrl(qtbot: QtBot) -> None:
    area, inside, chart = QScrollArea(), QWidget(), Chart()
    qtbot.addWidget(area)
    chart.points("runs", [0, 1], [0, 1])
    chart.setFixedHeight(300)
    column = QVBoxLayout(inside)
    column.addWidget(chart)
    column.addSpacing(900)
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.resize(400, 400)
    area.show()
    settle()
    before = chart.view.box.viewRange()

    def turn(modifiers: Qt.KeyboardModifier) -> None:
        at = chart.view.viewport().rect().center()
        event = QWheelEvent(
            QPointF(at), QPointF(chart.view.viewport().mapToGlobal(at)), QPoint(), QPoint(0, -120),
            Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(chart.view.viewport(), event)
        if not event.isAccepted():
            QApplication.sendEvent(area.viewport(), event)
        settle()

    turn(Qt.KeyboardModifier.NoModifier)
    assert area.verticalScrollBar().value() > 0 and chart.view.box.viewRange() == before
    scrolled = area.verticalScrollBar().value()
    turn(Qt.KeyboardModifier.ControlModifier)
    assert area.verticalScrollBar().value() == scrolled and chart.view.box.viewRange() != before


def test_zooming_by_keyboard_and_a_double_click_that_shows_all_again(chart: Chart, qtbot: QtBot) -> None:
    chart.points("runs", [0, 1], [0, 1])
    chart.set_range(x=(0, 1), y=(0, 1))
    settle()
    qtbot.keyClick(chart, Qt.Key.Key_Plus)
    (left, right), _ = chart.view.box.viewRange()
    assert right - left == pytest.approx(0.8)
    at = pixel_of(chart, 0.5, 0.5)
    qtbot.mouseClick(chart.view.viewport(), Qt.MouseButton.LeftButton, pos=at)  # as a hand does first
    qtbot.mouseDClick(chart.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseRelease(chart.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    settle()
    assert chart.view.box.viewRange()[0] == pytest.approx([0, 1])


def test_the_theme_changes_while_it_is_shown(chart: Chart, qapp: QApplication) -> None:
    chart.line("training", [0, 1], [0, 1])
    settle()
    assert has_colour(chart.grab().toImage(), series_colour(0, LIGHT))
    qapp.setPalette(DARK.palette())
    settle()
    image = chart.grab().toImage()
    assert has_colour(image, series_colour(0, DARK)) and not has_colour(image, LIGHT.field, 0)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_colours_stand_out_from_the_ground_and_from_each_other(theme: Theme) -> None:
    def brightness(colour: QColor) -> float:
        parts = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in colour.getRgbF()]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    colours = [series_colour(series, theme) for series in range(7)]
    for colour in colours:
        light, dark = sorted((brightness(colour), brightness(theme.field)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3
    for one, other in combinations(colours, 2):
        assert max(abs(a - b) for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)) > 25


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_a_figure_is_saved_on_white_even_from_the_dark_theme(
    chart: Chart, qapp: QApplication, tmp_path: Path, ending: str
) -> None:
    qapp.setPalette(DARK.palette())
    chart.line("training", [0, 1], [0, 1])
    chart.points("runs", [0, 1], [1, 0], series=1)
    settle()
    path = tmp_path / f"figure{ending}"
    chart.save(path)
    if ending == ".pdf":
        assert path.read_bytes().startswith(b"%PDF")
        return
    if ending == ".svg":
        image = QImage(600, 450, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        drawn = QSvgRenderer(str(path))
        assert drawn.isValid()
        drawn.render(painter, QRectF(image.rect()))
        painter.end()
        assert "training" in path.read_text() and "epoch" in path.read_text()
    else:
        image = QImage(str(path))
        assert image.width() >= 2 * chart.view.width()  # twice as fine
    assert image.pixelColor(3, 3) == QColor("white")
    assert has_colour(image, series_colour(0, LIGHT)) and has_colour(image, series_colour(1, LIGHT), 40)
    settle()
    assert has_colour(chart.grab().toImage(), series_colour(0, DARK))  # and looks as before


def test_a_figure_that_cannot_be_saved_says_why(chart: Chart, tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match=r"ends in \.bmp; a figure can be saved as \.png, \.svg, \.pdf"):
        chart.save(tmp_path / "figure.bmp")
    frame = FigureFrame(Chart("Runs"), "Lower is better.")
    frame.save(tmp_path / "nowhere" / "figure.png")
    assert "nowhere" in frame.said
    frame.save(tmp_path / "figure.png")
    assert frame.said == f"Saved: {tmp_path / 'figure.png'}"


def test_a_frame_says_what_the_figure_shows_and_copies_it(qtbot: QtBot) -> None:
    frame = FigureFrame(Chart("Runs"), "Lower is better.")
    qtbot.addWidget(frame)
    assert frame.chart.accessibleName() == "Runs" and frame.chart.accessibleDescription() == "Lower is better."
    frame.copy_button.click()
    assert not QGuiApplication.clipboard().image().isNull()
    assert frame.copy_button.accessibleName() and frame.save_button.accessibleName()


def test_an_empty_chart_says_so(chart: Chart) -> None:
    assert chart._nothing.isVisible()
    chart.points("runs", [0], [0])
    assert not chart._nothing.isVisible()
    chart.clear()
    assert chart._nothing.isVisible()


def test_ten_thousand_points_follow_the_mouse(chart: Chart) -> None:
    x = np.random.default_rng(0).uniform(0, 1, 10_000)
    chart.points("images", x, x[::-1])
    settle()
    began = time.thread_time()
    for step in range(50):
        chart.view.pointed.emit(QPointF(80 + 5 * step, 200))
    assert chart.shown_label.startswith("images")
    assert time.thread_time() - began < 1  # 20 ms a move


def test_what_an_axis_is_called_is_no_markup(qtbot: QtBot) -> None:
    chart = Chart("", "<b>x</b>", "y")
    qtbot.addWidget(chart)
    assert chart.view.across.label.toPlainText().strip() == "<b>x</b>"

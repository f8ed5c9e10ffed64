import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor
from pytestqt.qtbot import QtBot

from annotriage.desktop.gallery.handle import Handle
from annotriage.desktop.gallery.histogram import HistogramSlider
from annotriage.scoring.overlays import sequential_colour

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def histogram(qtbot: QtBot) -> HistogramSlider:
    histogram = HistogramSlider()
    qtbot.addWidget(histogram)
    histogram.resize(224, histogram.sizeHint().height())
    histogram.set_counts(np.full(40, 3), above=60)
    histogram.show()
    return histogram


def handles(histogram: HistogramSlider) -> list[Handle]:
    """In the order of Tab: low, high, cut-off."""
    return histogram.findChildren(Handle)


def test_arrows_move_a_handle_finely_and_with_shift_by_a_tenth(qtbot: QtBot, histogram: HistogramSlider) -> None:
    low, high, cutoff = handles(histogram)
    qtbot.keyClick(low, Qt.Key.Key_Right)
    qtbot.keyClick(low, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(high, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert histogram.range == (0.11, 0.9)
    qtbot.keyClick(cutoff, Qt.Key.Key_End)
    assert histogram.cutoff == 1.0
    qtbot.keyClick(cutoff, Qt.Key.Key_Home)
    assert histogram.cutoff == 0.0


def test_handles_of_the_range_do_not_pass_each_other(qtbot: QtBot, histogram: HistogramSlider) -> None:
    histogram.set_range(0.4, 0.6)
    low, high, _ = handles(histogram)
    qtbot.keyClick(low, Qt.Key.Key_End)
    qtbot.keyClick(high, Qt.Key.Key_Home)
    assert histogram.range == (0.6, 0.6)


def test_dragging_moves_the_handle_that_is_held(qtbot: QtBot, histogram: HistogramSlider) -> None:
    low, _, cutoff = handles(histogram)
    for handle in (low, cutoff):
        qtbot.mousePress(handle, LEFT, pos=QPoint(6, 6))
        qtbot.mouseMove(handle, QPoint(6 + 20, 6))
        qtbot.mouseRelease(handle, LEFT, pos=QPoint(6, 6))
    # 200 pixels are the scale of 0..1
    assert histogram.range == pytest.approx((0.10, 1.0), abs=0.011)
    assert histogram.cutoff == pytest.approx(0.60, abs=0.011)


def test_a_click_on_the_bars_brings_the_nearer_handle(qtbot: QtBot, histogram: HistogramSlider) -> None:
    middle = histogram.height() // 2
    qtbot.mouseClick(histogram, LEFT, pos=QPoint(12 + 40, middle))
    qtbot.mouseClick(histogram, LEFT, pos=QPoint(12 + 180, middle))
    assert histogram.range == pytest.approx((0.2, 0.9), abs=0.011)
    qtbot.mouseClick(histogram, RIGHT, pos=QPoint(100, middle))
    assert histogram.range == pytest.approx((0.2, 0.9), abs=0.011)


def test_a_drag_tells_its_range_seldom_but_its_end_surely(qtbot: QtBot, histogram: HistogramSlider) -> None:
    told: list[tuple[float, float]] = []
    histogram.range_changed.connect(lambda *range_: told.append(range_))
    low = handles(histogram)[0]
    for value in range(1, 31):
        low.setValue(value)
    qtbot.waitUntil(lambda: bool(told) and told[-1] == (0.3, 1.0))
    assert len(told) <= 2


def test_setting_the_range_is_silent(qtbot: QtBot, histogram: HistogramSlider) -> None:
    with qtbot.assertNotEmitted(histogram.range_changed, wait=100):
        histogram.set_range(0.7, 0.2)
    assert histogram.range == (0.2, 0.7)


def test_screen_readers_get_values_limits_and_words(histogram: HistogramSlider) -> None:
    histogram.set_range(0.25, 0.75)
    histogram.set_cutoff(0.5)
    histogram.set_above(312)
    low, high, cutoff = (QAccessible.queryAccessibleInterface(handle) for handle in handles(histogram))
    assert low.role() == QAccessible.Role.Slider
    values = [part.valueInterface() for part in (low, high, cutoff)]
    assert [value.currentValue() for value in values] == [25, 75, 50]
    assert (values[0].maximumValue(), values[1].minimumValue()) == (75, 25)
    assert "312 images above" in cutoff.text(QAccessible.Text.Description)
    assert "0.25 to 0.75" in low.text(QAccessible.Text.Description)


def test_nothing_can_be_dragged_before_the_first_prediction(qtbot: QtBot, histogram: HistogramSlider) -> None:
    histogram.set_counts(np.zeros(40, dtype=np.int64), above=0)
    qtbot.mouseClick(histogram, LEFT, pos=QPoint(100, histogram.height() // 2))
    assert histogram.is_empty
    assert histogram.range == (0.0, 1.0)
    assert not any(handle.isEnabled() for handle in handles(histogram))
    assert "first predictions" in histogram.accessibleDescription()


def test_bars_have_their_colour_within_the_range_only(histogram: HistogramSlider) -> None:
    histogram.set_range(0.5, 1.0)
    histogram.set_cutoff(0.0)
    picture = histogram.grab().toImage()
    foot = histogram.height() // 2
    inside = picture.pixelColor(12 + 183, foot)  # in the middle of the bar 0.9 .. 0.925
    assert inside == QColor(*sequential_colour(36.5 / 40))
    outside = picture.pixelColor(12 + 33, foot)
    assert outside.saturation() == 0

"""Where tiles lie."""

import pytest
from PySide6.QtCore import QPoint, QRect

from annotriage.desktop.gallery.grid_layout import GAP, GridLayout

LAYOUTS = [GridLayout(count, width, 100, 140) for count in (0, 1, 7, 23) for width in (50, 100, 320, 555, 1000)]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_tiles_do_not_overlap_and_stay_inside(layout: GridLayout) -> None:
    rects = [layout.rect(line) for line in range(layout.count)]
    for number, rect in enumerate(rects):
        assert rect.width() == 100
        assert rect.bottom() < layout.height
        assert layout.width < 100 or (rect.left() >= 0 and rect.right() < layout.width)
        assert not any(rect.intersects(other) for other in rects[:number])


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_a_point_finds_the_tile_that_covers_it(layout: GridLayout) -> None:
    for line in range(layout.count):
        rect = layout.rect(line)
        for point in (rect.topLeft(), rect.center(), rect.bottomRight()):
            assert layout.line_at(point) == line
        assert layout.line_at(rect.bottomLeft() + QPoint(0, 1)) == -1
    assert layout.line_at(QPoint(5, layout.height + 500)) == -1
    assert layout.line_at(QPoint(5, -5)) == -1


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize(
    "rect",
    [
        QRect(0, 0, 1, 1),
        QRect(0, 1, 500, 200),
        QRect(0, 145, 500, 2),
        QRect(30, 60, 200, 300),
        QRect(-50, -50, 5000, 5000),
    ],
)
def test_a_rectangle_finds_the_tiles_that_it_touches(layout: GridLayout, rect: QRect) -> None:
    found = {line for first, last in layout.ranges_in(rect) for line in range(first, last + 1)}
    assert found == {line for line in range(layout.count) if layout.rect(line).intersects(rect)}


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_all_tiles_seen_between_two_heights_are_found(layout: GridLayout) -> None:
    seen = layout.lines_between(150, 400)
    touched = {line for line in range(layout.count) if layout.rect(line).intersects(QRect(-10, 150, 5000, 251))}
    assert touched <= set(seen)
    assert len(seen) <= len(touched) + 2 * layout.columns


def test_space_is_spread_evenly() -> None:
    layout = GridLayout(9, 330, 100, 140)
    assert layout.columns == 3
    gaps = [layout.rect(0).left(), layout.rect(1).left() - layout.rect(0).right() - 1, 329 - layout.rect(2).right()]
    assert max(gaps) - min(gaps) <= 1
    assert min(gaps) >= GAP


def test_the_most_central_come_first() -> None:
    layout = GridLayout(30, 330, 100, 140)
    middle_row = layout.most_central(range(30), layout.rect(15).center().y())
    assert middle_row[:3] == [15, 16, 17]
    assert set(middle_row[-3:]) <= {0, 1, 2, 27, 28, 29}

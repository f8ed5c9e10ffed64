import numpy as np
import pytest

from annotriage.desktop.charts.targets import Floats, Found, Reach, Targets, ends, nearest, step


def line(name: str, x: list[float], y: list[float], **more: object) -> Targets:
    return Targets(name, np.array(x, float), np.array(y, float), **more)  # type: ignore[arg-type]


def as_they_are(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    return x, y


def test_the_nearest_point_is_found_across_series_and_none_where_the_mouse_is_far() -> None:
    targets = [line("a", [0, 100], [0, 0]), line("b", [95], [10])]
    assert nearest(targets, as_they_are, (2, 3)) == Found(0, 0)
    assert nearest(targets, as_they_are, (95, 8)) == Found(1, 0)
    assert nearest(targets, as_they_are, (50, 50)) is None


def test_a_column_is_meant_from_bottom_to_top_but_not_beside_it() -> None:
    bars = [line("bars", [10, 30], [100, 5], reach=Reach.COLUMN, half=8)]
    assert nearest(bars, as_they_are, (33, 90)) == Found(0, 1)
    assert nearest(bars, as_they_are, (20, 50)) is None


def test_a_row_is_meant_from_end_to_end() -> None:
    rows = [line("rows", [0, 500], [0, 100], reach=Reach.ROW, half=40)]
    assert nearest(rows, as_they_are, (10, 110)) == Found(0, 1)


def test_what_is_no_number_is_never_found() -> None:
    targets = [line("a", [float("nan"), 10], [5, float("inf")])]
    assert nearest(targets, as_they_are, (10, 5)) is None
    assert step(targets, None) is None


def test_arrows_walk_from_left_to_right_whatever_the_order_of_the_points_and_stop_at_the_ends() -> None:
    targets = [line("a", [3, 1, 2], [0, 0, 0])]
    now = step(targets, None, along=1)
    walked = [now]
    for _ in range(3):
        now = step(targets, now, along=1)
        walked.append(now)
    assert walked == [Found(0, 1), Found(0, 2), Found(0, 0), Found(0, 0)]
    assert step(targets, Found(0, 1), along=-1) == Found(0, 1)


def test_up_and_down_go_to_the_nearest_point_of_the_next_series_and_pass_over_empty_ones() -> None:
    targets = [line("a", [1, 5, 9], [0, 0, 0]), line("none", [], []), line("b", [2, 6], [0, 0])]
    assert step(targets, Found(0, 1), across=1) == Found(2, 1)
    assert step(targets, Found(2, 0), across=1) == Found(0, 0)


def test_home_and_end_go_to_the_ends_of_the_series() -> None:
    targets = [line("a", [3, 1, 2], [0, 0, 0])]
    assert ends(targets, None, last=True) == Found(0, 0)
    assert ends(targets, Found(0, 0), last=False) == Found(0, 1)
    assert ends([], None, last=True) is None


@pytest.mark.parametrize(
    ("targets", "label"),
    [
        (line("error", [1], [-0.5]), "error: 1, −0.5"),
        (line("", [1], [0.123456]), "1, 0.1235"),
        (line("error", [1], [2], labels=["run 3"]), "run 3"),
    ],
)
def test_labels(targets: Targets, label: str) -> None:
    assert targets.label(0) == label

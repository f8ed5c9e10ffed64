"""The ordered map: order, laziness, bounds, stopping, errors."""

import itertools
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.parallel import ordered_map, usable_cores


def workers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("annotriage")]


@pytest.mark.slow
@given(items=st.lists(st.integers()), threads=st.integers(1, 3), ahead=st.integers(1, 5))
def test_it_is_map(items: list[int], threads: int, ahead: int) -> None:
    assert list(ordered_map(str, items, threads=threads, ahead=ahead)) == [str(item) for item in items]


def test_order_is_kept_when_the_first_is_slowest() -> None:
    def slow(seconds: float) -> float:
        time.sleep(seconds)
        return seconds

    assert list(ordered_map(slow, [0.1, 0.0, 0.05, 0.0], threads=2)) == [0.1, 0.0, 0.05, 0.0]


def test_only_a_bounded_number_is_taken_from_an_endless_source() -> None:
    taken = 0

    def source() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    results = ordered_map(lambda item: item, source(), threads=2, ahead=3)
    for expected in range(1, 101):
        assert next(results) == expected
        assert taken <= expected + 6
    results.close()
    assert workers() == []


def test_an_error_is_raised_when_its_turn_comes() -> None:
    results = ordered_map(lambda item: 1 // item, [1, 1, 0, 1], threads=2)
    assert [next(results), next(results)] == [1, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert workers() == []


def test_a_timeout_of_the_function_is_an_error_like_others() -> None:
    def fails(_item: int) -> None:
        raise TimeoutError("the network drive does not answer")

    with pytest.raises(TimeoutError, match="network drive"):
        list(ordered_map(fails, [1], threads=1))


def test_stop_lets_the_begun_ones_finish_and_begins_no_other() -> None:
    stop, begun = threading.Event(), []

    def work(item: int) -> int:
        begun.append(item)
        time.sleep(0.01)
        return item

    results = ordered_map(work, itertools.count(), threads=2, ahead=8, stop=stop)
    done = [next(results) for _ in range(5)]
    stop.set()
    done += list(results)
    assert done == list(range(len(done)))
    assert sorted(begun) == done
    assert len(done) < 5 + 2 * 8


def test_there_is_at_least_one_core() -> None:
    assert usable_cores() >= 1

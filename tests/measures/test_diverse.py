"""A choice that is contentious and diverse, against the same greedy choice written down plainly."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotriage.measures.diverse import diverse, within_groups


def plainly(
    worth: NDArray[np.float64],
    features: NDArray[np.float64],
    count: int,
    place: float,
    groups: NDArray[np.intp],
    most: int | None,
) -> list[int]:
    """Take one at a time, and look at all others after each."""
    left = list(np.argsort(-worth, kind="stable"))
    taken: list[int] = []
    while left and len(taken) < count:
        near = [min((np.linalg.norm(features[i] - features[j]) for j in taken), default=1.0) for i in left]
        gain = [worth[i] ** (1 - place) * d**place for i, d in zip(left, near, strict=True)]
        best = left[0] if not taken else left[int(np.argmax(gain))]
        taken.append(int(best))
        full = most is not None and groups[best] >= 0 and sum(groups[i] == groups[best] for i in taken) >= most
        left = [i for i in left if i != best and not (full and groups[i] == groups[best])]
    return taken


sizes = st.integers(1, 16)


@pytest.mark.slow
@given(seed=st.integers(0, 10_000), number=sizes, count=st.integers(0, 18), place=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
       most=st.sampled_from([None, 1, 2]))  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_it_is_the_greedy_choice(seed: int, number: int, count: int, place: float, most: int | None) -> None:
    drawn = np.random.default_rng(seed)
    worth, features = drawn.uniform(0.05, 1, number), drawn.standard_normal((number, 3))
    groups = drawn.integers(-1, 6, number)
    found = diverse(worth, features, count, place, groups=groups, most=most).tolist()
    assert found == plainly(worth, features, count, place, groups, most)
    assert len(found) <= count and len(set(found)) == len(found)
    if most is not None:
        assert all(many <= most for group, many in Counter(groups[found].tolist()).items() if group >= 0)
    shuffled = drawn.permutation(number)
    again = diverse(worth[shuffled], features[shuffled], count, place, groups=groups[shuffled], most=most)
    assert set(shuffled[again].tolist()) == set(found), "whatever the order of the listing"


@pytest.mark.slow
def test_many_at_a_time_are_as_diverse_as_one_at_a_time() -> None:
    drawn = np.random.default_rng(0)
    worth, features = drawn.uniform(0.05, 1, 1200), drawn.standard_normal((1200, 4))
    groups = drawn.integers(-1, 500, 1200)
    found = diverse(worth, features, 600, 1.0, groups=groups, most=1)  # two at a time
    assert len(found) == len(set(found.tolist())) <= 600
    assert all(many == 1 for group, many in Counter(groups[found].tolist()).items() if group >= 0)
    one = diverse(worth, features, 200, 1.0)
    some = diverse(np.concatenate([worth, worth]), np.concatenate([features, features + 9]), 520, 1.0)
    assert len(set(some.tolist())) == 520 and len(one) == 200


def test_images_that_look_alike_are_taken_once_where_others_are_left() -> None:
    features = np.array([[0.0], [0.0], [0.0], [5.0], [9.0]])
    assert diverse(np.array([0.9, 0.8, 0.7, 0.2, 0.1]), features, 3, 0.5).tolist() == [0, 3, 4]
    assert diverse(np.array([0.9, 0.8, 0.7, 0.2, 0.1]), features, 3, 0.0).tolist() == [0, 1, 2]


@pytest.mark.parametrize(("most", "kept"), [(None, [3, 2, 1, 0]), (1, [3, 2, 0]), (2, [3, 2, 1, 0])])
def test_the_first_of_a_group_stay(most: int | None, kept: list[int]) -> None:
    assert within_groups(np.array([3, 2, 1, 0]), np.array([-1, 7, 7, -1]), most).tolist() == kept
    assert within_groups(np.array([], np.intp), np.array([0]), most).tolist() == []

"""Sorting many names naturally gives what sorting by the key gives."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.images import natural_key
from annotriage.images.natural_sorting import natural_sorted

# Few letters, so that many names are of a kind and the kinds overlap.
NAMES = st.text(st.sampled_from("0019aAß/._²"), max_size=6)


@pytest.mark.slow
@given(st.lists(NAMES, max_size=60))
def test_it_is_the_order_of_the_key(names: list[str]) -> None:
    assert natural_sorted(names) == sorted(names, key=natural_key)


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern",
    ["ISIC_{0:04}.jpg", "img{0}.png", "{1}/a{0}.jpg", "{0}_{1}.JPG", "a{0}b{1}.jpg", "{1:03}{0}"],
)
def test_it_is_so_for_names_that_cameras_give(pattern: str) -> None:
    chance = random.Random(1)
    names = [pattern.format(number, chance.randrange(200)) for number in range(1500)]
    chance.shuffle(names)
    assert natural_sorted(names) == sorted(names, key=natural_key)
    assert natural_sorted(iter(names)) == natural_sorted(names)

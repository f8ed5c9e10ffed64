import random

from hypothesis import example, given
from hypothesis import strategies as st

from annotriage.images import natural_key

names = st.lists(st.text("aAbßé01279 ._-²٣", max_size=8), min_size=1, max_size=3).map("/".join)


def test_numbers_count_by_value_and_capitals_like_small_letters() -> None:
    expected = ["a/9.jpg", "a 1/1.jpg", "B2.jpg", "b10.JPG", "b010x.jpg", "c.jpg", "ISIC_2.jpg", "ISIC_0000010.jpg"]
    mixed = expected.copy()
    random.Random(1).shuffle(mixed)
    assert sorted(mixed, key=natural_key) == expected


@given(names, names, names)
def test_order_is_total(a: str, b: str, c: str) -> None:
    ka, kb, kc = natural_key(a), natural_key(b), natural_key(c)
    assert (ka < kb) + (ka == kb) + (kb < ka) == 1
    assert (ka == kb) == (a == b)
    if ka <= kb <= kc:
        assert ka <= kc


@given(st.text("abc", max_size=3), st.integers(0, 10**40), st.integers(0, 10**40))
def test_numbers_behind_the_same_text_order_by_value(text: str, low: int, high: int) -> None:
    low, high = sorted((low, high))
    assert natural_key(f"{text}{low}.jpg") <= natural_key(f"{text}{high}.jpg")


@given(st.text(max_size=20), st.text(max_size=20))
@example("1" * 5000, "2" * 5000)
@example("\udcff", "é")
def test_any_names_compare(a: str, b: str) -> None:
    assert natural_key(a) < natural_key(b) or natural_key(b) < natural_key(a) or a == b

"""Letters for names."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from annotriage.agreement.people.drawn import Drawn, DrawnMask, DrawnPair, letters

names = st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=40, unique=True)


@settings(max_examples=40)
@given(names, st.randoms())
def test_each_person_has_one_letter_whatever_the_order(people: list[str], chance: Random) -> None:
    told = letters(people)
    shuffled = list(people)
    chance.shuffle(shuffled)
    assert letters(shuffled) == told
    assert sorted(told) == sorted(people) and len(set(told.values())) == len(people)
    assert all(letter.isascii() and letter.isupper() for letter in told.values())


@given(names)
def test_whoever_keeps_the_name_shares_it_with_no_letter(people: list[str]) -> None:
    told = letters(people, people[0])
    assert told[people[0]] == people[0]
    others = {letter.casefold() for name, letter in told.items() if name != people[0]}
    assert people[0].casefold() not in others and len(others) == len(people) - 1


def test_letters_do_not_follow_the_alphabet() -> None:
    people = [f"A{number:02d}" for number in range(12)]
    told = letters(people)
    assert [told[name] for name in people] != sorted(told.values())


def test_with_letters_no_name_is_left() -> None:
    drawn = Drawn([DrawnMask("i", "bob", 5, 1.0)], [DrawnPair("i", "bob", "al", 0.5)])
    renamed = drawn.renamed({"bob": "X", "al": "Y"})
    assert renamed.people() == ["X", "Y"] and "bob" not in repr(renamed)

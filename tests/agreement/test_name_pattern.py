"""Patterns of names."""

import pytest

from annotriage.agreement.name_pattern import NamePattern
from annotriage.errors import AnnotriageError


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("{image}_{annotator}.png", "sub/ISIC_0000004_bob.png", ("ISIC_0000004", "bob")),
        ("{image}_{annotator}.png", "ISIC_0000004_bob.PNG", None),
        ("{image}_{annotator}", "ISIC_0000004_bob.png.jpg", ("ISIC_0000004", "bob")),
        ("{annotator}-{image}_mask.png", "bob-x-1_mask.png", ("x-1", "bob")),
        ("{image}_*_{annotator}_*", "ISIC_1_a_bob_77.png", ("ISIC_1", "bob")),
        ("*{image}", "a.png", ("a", "")),
        ("{image}/{annotator}.png", "x/y/bob.png", None),
        ("*/{image}/{annotator}.png", "x/y/bob.png", ("y", "bob")),
        ("{image}/{image}_{annotator}.png", "a_1/a_1_bob.png", ("a_1", "bob")),
        ("a+b_{image}_{annotator}", "a+b_1_bob.png", ("1", "bob")),
        ("(?P<image>[a-z]+)(?P<annotator>[0-9]+)", "abc12.png", ("abc", "12")),
        ("(?P<image>.+)_(?P<annotator>x)?.*", "abc_.png", ("abc", "")),
        ("{image}_{annotator}.png", "bob.png", None),
    ],
)
def test_what_a_pattern_reads(pattern: str, name: str, expected: tuple[str, str] | None) -> None:
    assert NamePattern(pattern).read(name) == expected


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("{annotator}.png", "where the image stands"),
        ("{image}_{person}.png", r"\{person\}"),
        ("(?P<image>[a-z", "cannot be read"),
        ("{}_{image}", r"\{\}"),
        ("", "where the image stands"),
    ],
)
def test_patterns_that_say_too_little(pattern: str, sentence: str) -> None:
    with pytest.raises(AnnotriageError, match=sentence):
        NamePattern(pattern)


def test_whether_it_says_the_annotator() -> None:
    assert NamePattern("{image}_{annotator}").has_annotator
    assert not NamePattern("{image}_*").has_annotator

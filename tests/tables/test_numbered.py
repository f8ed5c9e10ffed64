"""Numbers as names: what is one, and what may be."""

import pytest

from annotriage.tables import united_numbers


@pytest.mark.parametrize(
    ("names", "read", "said"),
    [
        (["1", "01", "1.0", "2", "", "1"], {"01": "1", "1.0": "1"}, "1 and 01 and 1.0: the same number is one reader"),
        (["001", "01"], {"001": "1", "01": "1"}, "001 and 01: the same number is one reader"),
        (["1", "01", "bob"], {}, "1 and 01 may be one reader"),
        (["1", "2", "10"], {}, ""),
        (["1.5", "1,5"], {}, ""),
        (["a1", "a01", "b2"], {}, "a1 and a01 may be one reader"),
        (["Bob", "bob", "al"], {}, ""),
        ([], {}, ""),
    ],
)
def test_numbers_are_united_where_all_are_and_named_where_not(
    names: list[str], read: dict[str, str], said: str
) -> None:
    found = united_numbers(names)
    assert found.spelled == read and all(found.read(name) == read.get(name, name) for name in names)
    assert " ".join(found.remarks("reader")).startswith(said) and bool(found.alike) == bool(said)

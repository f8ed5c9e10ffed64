"""What happened to names that no image has: said, never guessed."""

import pytest

from annotriage.datasets.name_hints import name_hints, readings


@pytest.mark.parametrize(
    ("unmatched", "images", "said"),
    [
        (["1.00E+05", "2.02103E+16"], ["100000.jpg"], "turned into numbers or dates"),
        (["04. Mrz", "2024-04-03", "3-Apr"], ["3-4.jpg"], "turned into numbers or dates"),
        (["12", "24306"], ["0012.jpg", "ISIC_0024306.jpg"], "may have lost zeros or letters"),
        (["a_1", "a_2", "a_3"], ["a-1.jpg", "a-2.jpg", "a-3.jpg"], "differ from an image's by separators"),
        (["a", "b", "c"], ["a_down.jpg", "b_down.jpg", "c_down.jpg"], "by _down, with which the images' names end"),
        (["x_a", "x_b"], ["a.jpg", "b.jpg"], "by x_, with which the table's names begin"),
        (["a", "b"], ["q.jpg", "r.jpg"], ""),
    ],
)
def test_what_changed_names_is_said_as_a_remark(unmatched: list[str], images: list[str], said: str) -> None:
    found = name_hints(unmatched, images)
    assert [said in problem.what for problem in found] == ([True] if said else [])
    assert all(problem.remark for problem in found)


@pytest.mark.parametrize("code", ["utf-8", "cp850", "mac_roman"])
def test_letters_that_were_read_in_another_code_are_found_again(code: str) -> None:
    spoiled = "Läsion_1".encode(code).decode("cp1252", "replace")
    assert "Läsion_1" in readings(spoiled)


def test_a_whole_number_may_have_got_a_point() -> None:
    assert readings("12.0") == ["12"] and readings("12.5") == []

from dataclasses import replace
from pathlib import Path

import pytest

from annotriage.agreement.finding import CONSENSUS_NOTE, NO_FIT_NOTE
from annotriage.agreement.mask_set import MaskRow
from annotriage.agreement.match_table import MatchColumn, Matched, MatchTable


def row(image: str, annotator: str, note: str = "") -> MaskRow:
    return MaskRow(image, annotator, Path("/study") / (annotator or "nobody") / f"{image or note[:3]}.png", note)


@pytest.fixture
def table() -> MatchTable:
    return MatchTable(
        [
            row("a2", "bob"),
            row("a10", "bob"),
            row("a2", "alice"),
            row("a10", "alice"),
            row("lonely", "alice"),
            row("", "", NO_FIT_NOTE),
            row("a2", "ST", CONSENSUS_NOTE),
        ]
    )


def images(table: MatchTable, **how: object) -> list[str]:
    wanted = {"column": MatchColumn.IMAGE, "reverse": False, "text": "", "only_looks": False} | how
    return [table.rows[place].image for place in table.order(**wanted).tolist()]  # type: ignore[arg-type]


def test_what_needs_a_look_and_what_it_comes_to(table: MatchTable) -> None:
    assert table.matched() == Matched(images=2, masks=5, annotators=2, looks=2)
    assert [bool(look) for look in table.looks] == [False, False, False, False, True, True, False]
    assert "agreement needs two" in table.note(4)
    assert table.note(5) == NO_FIT_NOTE
    assert table.note(6) == CONSENSUS_NOTE


def test_order_is_natural_and_can_be_narrowed(table: MatchTable) -> None:
    assert images(table) == ["", "a2", "a2", "a2", "a10", "a10", "lonely"]
    assert images(table, reverse=True) == ["lonely", "a10", "a10", "a2", "a2", "a2", ""]
    assert images(table, text="ALICE") == ["a2", "a10", "lonely"]
    assert images(table, only_looks=True) == ["", "lonely"]
    assert set(images(table, column=MatchColumn.NOTE)[:2]) == {"", "lonely"}


def test_naming_its_image_takes_a_mask_in_and_undo_takes_that_back(table: MatchTable) -> None:
    before = list(table.rows)
    touched = table.set_image([5], "Lonely")
    assert {4, 5} <= touched
    assert table.matched().images == 3  # capitals do not matter
    assert table.rows[5].used
    assert "who drew it" in table.looks[5]
    assert not table.looks[4]
    table.set_annotator([5], "bob")
    assert table.matched() == Matched(images=3, masks=6, annotators=2, looks=0)
    assert table.undo()
    assert table.undo()
    assert table.rows == before
    assert table.matched() == Matched(images=2, masks=5, annotators=2, looks=2)
    assert not table.undo()


def test_two_masks_of_one_person_need_a_look_until_one_is_left_out(table: MatchTable) -> None:
    table.set_annotator([2], "bob")
    assert "bob has more than one mask of this image" in table.looks[0]
    assert "bob has more than one mask of this image" in table.looks[2]
    table.set_used([2], False)
    assert "only mask" in table.looks[0]
    assert table.note(2) == "left out by hand"
    assert not table.looks[2]
    table.set_used([2], True)
    table.set_annotator([2], "alice")
    assert table.looks[0] == table.looks[2] == ""


def test_a_mask_without_an_image_is_not_used_whatever_is_ticked(table: MatchTable) -> None:
    table.set_used([5], True)
    assert not table.rows[5].used
    assert "image is not known" in table.note(5)
    table.set_image([0], "")
    assert not table.rows[0].used


@pytest.mark.slow
def test_a_pattern_that_reads_all_as_one_image_is_fast() -> None:
    rows = [replace(row("all", f"p{place % 3}"), path=Path(f"/x/{place}.png")) for place in range(20_000)]
    table = MatchTable(rows)
    assert table.matched().looks == 20_000


def test_corrections_outlive_another_search(table: MatchTable) -> None:
    table.set_annotator([0], "Robert")
    again = MatchTable([row("a2", "bob"), row("new", "bob")], table.corrections)
    assert [each.annotator for each in again.rows] == ["Robert", "bob"]
    assert not again.can_undo

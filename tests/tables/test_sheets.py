"""Sheets of workbooks: which there are, and how one is named."""

from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart

from annotriage.errors import AnnotriageError
from annotriage.tables import read_table
from annotriage.tables.sheets import file_and_sheet, sheet_names


def test_visible_sheets_that_hold_anything_are_named(tmp_path: Path) -> None:
    book = Workbook()  # its first sheet stays empty
    for name in ("Round 1", "R & B <2>", "Hidden"):
        book.create_sheet(name).append(["image", 0.5])
    book["Hidden"].sheet_state = "hidden"
    book.create_chartsheet("Chart").add_chart(BarChart())
    book.save(tmp_path / "book.xlsx")
    assert sheet_names(tmp_path / "book.xlsx") == ["Round 1", "R & B <2>"]


@pytest.mark.parametrize("data", [b"", b"image,dice\n", b"PK\x03\x04 cut off"])
def test_what_is_no_workbook_has_no_sheets(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "t.xlsx").write_bytes(data)
    assert sheet_names(tmp_path / "t.xlsx") == [] == sheet_names(tmp_path) == sheet_names(tmp_path / "gone.xlsx")


def test_a_sheet_stands_after_its_file(tmp_path: Path) -> None:
    assert file_and_sheet(tmp_path / "b.xlsx#Round 2") == (tmp_path / "b.xlsx", "Round 2")
    assert file_and_sheet(tmp_path / "run#3" / "t.csv") == (tmp_path / "run#3" / "t.csv", None)
    (tmp_path / "b.xlsx").touch()
    assert file_and_sheet(tmp_path / "b.xlsx#Round #2") == (tmp_path / "b.xlsx", "Round #2")
    assert file_and_sheet(tmp_path / "#odd") == (tmp_path / "#odd", None)
    (tmp_path / "a#b.csv").touch()
    assert file_and_sheet(tmp_path / "a#b.csv") == (tmp_path / "a#b.csv", None)


def test_cells_of_a_workbook_are_apart_whatever_commas_are_in_them(tmp_path: Path) -> None:
    """A header on two lines, whose upper one is merged, is no matter of decimal commas."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (["image", "dice_mean", None], [None, "mean", "count"], ["a", 0.5, 2], ["b", 0.6, 2]):
        sheet.append(cells)
    sheet.merge_cells("B1:C1")
    book.save(tmp_path / "b.xlsx")
    with pytest.raises(AnnotriageError, match="header on two lines") as told:
        read_table(tmp_path / "b.xlsx", [("image",), ("dice_mean",)])
    assert "comma" not in str(told.value)

    sheet.unmerge_cells("B1:C1")
    sheet["C2"], sheet["C3"] = None, None
    book.save(tmp_path / "c.xlsx")
    (problem,) = read_table(tmp_path / "c.xlsx", [("image",), ("dice_mean",)]).problems
    assert problem.what == "rows with more cells than the header (something beside the table?)"

"""The list that is exported."""

import csv
import json
from pathlib import Path

from openpyxl import load_workbook

from annotriage.scoring.prediction import Prediction
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.columns import list_columns
from annotriage.triage.decisions import Decision
from annotriage.triage.exports.lists import write_list
from annotriage.triage.exports.reviewed import reviewed_images
from annotriage.triage.ranking import rank


def test_the_lines_hold_what_is_known_and_was_said(catalogue: Catalogue) -> None:
    rows = reviewed_images(catalogue, [0, 4])
    assert [(row.rank, row.image, row.decision, row.assignee) for row in rows] == [
        (3, "a.png", Decision.ROUTINE, "Anna"),
        (1, "sub/ü 1.png", Decision.EXPERT, ""),
    ]
    assert (rows[1].predicted_dice, rows[1].disagreement, rows[1].lower, rows[1].upper) == (0.25, 0.75, 0.125, 0.375)
    assert rows[1].path == catalogue.folder / "sub" / "ü 1.png"


def test_all_images_come_most_contentious_first_unreadable_last(catalogue: Catalogue) -> None:
    rows = reviewed_images(catalogue)
    assert [row.image for row in rows] == ["sub/ü 1.png", "b.png", "a.png", "new.png", "bad.png"]
    assert [row.rank for row in rows] == [1, 2, 3, None, None]
    assert rows[3].predicted_dice is rows[3].lower is rows[3].error is None
    assert "empty" in str(rows[4].error)


def test_numbers_are_those_of_the_ranking(tmp_path: Path, catalogue: Catalogue) -> None:
    """Stored at half the digits, they come out as the command line writes them."""
    predictions = [Prediction(tmp_path, dice, dice / 2, dice) for dice in (1 / 3, 0.1 + 0.2, 0.77777)]
    for row, prediction in zip((0, 1, 4), predictions, strict=True):
        catalogue.set_prediction(row, prediction)
    ranked = rank(zip("abc", predictions, strict=True))
    for line, row in zip(ranked, reviewed_images(catalogue)[:3], strict=True):
        assert (line.predicted_dice, line.disagreement, line.lower, line.upper) == (
            row.predicted_dice,
            row.disagreement,
            row.lower,
            row.upper,
        )


def test_csv(catalogue: Catalogue, tmp_path: Path) -> None:
    write_list(reviewed_images(catalogue), tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(file)
    assert header == [column.key for column in list_columns()]
    assert (tmp_path / "list.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # else Excel would spoil the letters
    assert lines[0] == [
        *("1", "sub/ü 1.png", "0.2500", "0.7500", "0.1250", "0.3750"),
        *("expert", "", "'=hair\nover the border", *("",) * 8),
    ]
    assert lines[3][:8] == ["", "new.png", "", "", "", "", "undecided", ""]


def test_xlsx_has_texts_and_numbers_and_no_formula(catalogue: Catalogue, tmp_path: Path) -> None:
    write_list(reviewed_images(catalogue), tmp_path / "list.xlsx")
    rows = list(load_workbook(tmp_path / "list.xlsx").active.iter_rows())
    assert [cell.value for cell in rows[1]][:6] == [1, "sub/ü 1.png", 0.25, 0.75, 0.125, 0.375]
    assert rows[1][8].value == "=hair\nover the border"
    assert not any(cell.data_type == "f" for row in rows for cell in row)


def test_json_has_texts_as_they_are(catalogue: Catalogue, tmp_path: Path) -> None:
    write_list(reviewed_images(catalogue), tmp_path / "list.json")
    lines = json.loads((tmp_path / "list.json").read_text(encoding="utf-8"))
    assert lines[0]["note"] == "=hair\nover the border"
    assert lines[0]["decision"] == "expert"
    assert lines[3]["predicted_dice"] is None

"""The ranking and its tables."""

import csv
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from annotriage.errors import AnnotriageError
from annotriage.scoring.prediction import Prediction
from annotriage.scoring.table_files import defused
from annotriage.triage.ranking import COLUMNS, RankedImage, rank, write_ranking

HEADER = "rank,image,predicted_dice,disagreement,lower,upper,error"


def predicted(dice: float, **further: float) -> Prediction:
    return Prediction(Path("x"), dice, max(0.0, dice - 0.1), min(1.0, dice + 0.1), further=further)


def failed(reason: str) -> Prediction:
    return Prediction(Path("x"), error=reason)


ROWS = rank(
    [
        ("b/1.jpg", predicted(0.9)),
        ("b/2.jpg", failed("The file is empty.")),
        ("b/10.jpg", predicted(0.123456)),
        ("=cmd|' /C calc'!A0.jpg", predicted(0.5)),
        ("-2.jpg", failed("@reason")),
    ]
)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1))))
def test_the_law_of_the_ranking(dices: list[float | None]) -> None:
    asked = [(str(i), failed("bad") if dice is None else predicted(dice)) for i, dice in enumerate(dices)]
    rows = rank(asked)
    assert sorted(int(row.image) for row in rows) == list(range(len(dices)))
    scored = [row for row in rows if row.rank is not None]
    assert [row.rank for row in scored] == list(range(1, len(scored) + 1))
    # Those without prediction come last, in the order given.
    rest = rows[len(scored) :]
    assert [row.image for row in rest] == [str(i) for i, dice in enumerate(dices) if dice is None]
    # The most contentious first; equal ones in the order given.
    order = [(-(row.disagreement or 0), int(row.image)) for row in scored]
    assert order == sorted(order)
    assert all(row.predicted_dice + row.disagreement == pytest.approx(1, abs=1e-9) for row in scored)


def test_csv(tmp_path: Path) -> None:
    write_ranking(ROWS, tmp_path / "scores.csv")
    assert (tmp_path / "scores.csv").read_text(encoding="utf-8").splitlines() == [
        HEADER,
        "1,b/10.jpg,0.1235,0.8765,0.0235,0.2235,",
        "2,'=cmd|' /C calc'!A0.jpg,0.5000,0.5000,0.4000,0.6000,",
        "3,b/1.jpg,0.9000,0.1000,0.8000,1.0000,",
        ",b/2.jpg,,,,,The file is empty.",
        ",'-2.jpg,,,,,'@reason",
    ]


def test_json_has_numbers_and_nulls_and_names_as_they_are(tmp_path: Path) -> None:
    write_ranking(ROWS, tmp_path / "scores.JSON")
    lines = json.loads((tmp_path / "scores.JSON").read_text(encoding="utf-8"))
    assert list(lines[0]) == list(COLUMNS)
    assert lines[0]["predicted_dice"] == 0.1235
    assert lines[1]["image"] == "=cmd|' /C calc'!A0.jpg"
    assert lines[3] == dict.fromkeys(COLUMNS) | {"image": "b/2.jpg", "error": "The file is empty."}


def test_xlsx_has_no_formula(tmp_path: Path) -> None:
    write_ranking([*ROWS, *rank([("bell\a\x00.jpg", predicted(0.2))])], tmp_path / "scores.xlsx")
    sheet = load_workbook(tmp_path / "scores.xlsx").active
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == list(COLUMNS)
    assert [cell.value for cell in rows[1]][:6] == [1, "b/10.jpg", 0.1235, 0.8765, 0.0235, 0.2235]
    assert rows[2][1].value == "=cmd|' /C calc'!A0.jpg"
    assert rows[-1][1].value == "bell\\x07\\x00.jpg"
    assert not any(cell.data_type == "f" for row in rows for cell in row)
    assert all(cell.data_type == "n" for cell in rows[1][2:6])


def test_further_targets_are_columns_at_the_end(tmp_path: Path) -> None:
    rows = rank([("a", predicted(0.4, count=2.25, kappa=-0.5)), ("b", failed("bad"))])
    write_ranking(rows, tmp_path / "s.csv", further=["count", "kappa"])
    assert (tmp_path / "s.csv").read_text().splitlines() == [
        f"{HEADER},count,kappa",
        "1,a,0.4000,0.6000,0.3000,0.5000,,2.25,-0.5",
        ",b,,,,,bad,,",
    ]
    write_ranking(rows, tmp_path / "s.json", further=["count", "kappa"])
    assert json.loads((tmp_path / "s.json").read_text())[0]["kappa"] == -0.5


@given(st.text())
def test_no_text_cell_of_the_csv_begins_like_a_formula(name: str) -> None:
    cell = defused(name)
    assert cell.removeprefix("'") in (name, name.removeprefix("'"))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@pytest.mark.slow
@given(st.lists(NAMES, min_size=1, max_size=5))
def test_any_name_is_one_line_of_the_csv(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    path = tmp_path_factory.mktemp("csv") / "s.csv"
    write_ranking(rank([(name, failed("bad")) for name in names]), path)
    data = path.read_bytes()
    assert data.count(b"\n") == 1 + len(names)
    assert b"\r" not in data
    read = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    for row, name in zip(read, names, strict=True):
        if name.isprintable():
            assert row["image"] == defused(name)


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match=r"does not end in \.csv, \.json, \.xlsx"):
        write_ranking(ROWS, tmp_path / "scores.txt")


def test_a_table_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)  # where a full disk shows at the latest
    with pytest.raises(AnnotriageError, match="No space left"):
        write_ranking(ROWS, path)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("scores.csv", "old")]


def test_the_line_is_a_plain_value() -> None:
    assert ROWS[0] == RankedImage(1, "b/10.jpg", 0.1235, 0.8765, 0.0235, 0.2235, {}, None)

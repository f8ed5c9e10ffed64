"""Tables as people have them: what is read, and what is named instead of guessed."""

import csv
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from annotriage.datasets.labels import read_labels
from annotriage.errors import AnnotriageError
from annotriage.tables import csv_bytes, read_table, says_nothing


def written(folder: Path, text: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def dice_of(path: Path) -> list[float]:
    return [row.dice for row in read_labels(path).rows]


def test_rows_wider_than_the_header_are_counted_and_named(tmp_path: Path) -> None:
    path = written(tmp_path, "image,dice_mean,note\na,0.5,x\nb,0.6,y\nc,0.7,left, near the edge\nd,0.8,\n")
    table = read_labels(path)
    assert [row.image for row in table.rows] == ["a", "b", "d"]
    (problem,) = table.problems
    assert problem.names == ["line 4 has 4 cells, the header 3"]


def test_unquoted_decimal_commas_are_refused_with_the_line(tmp_path: Path) -> None:
    path = written(tmp_path, "image,dice_mean\na,0,75\nb,0,97\n")
    with pytest.raises(AnnotriageError, match=r"line 2 has 3 cells, the header 2.*decimal commas"):
        read_labels(path)


@pytest.mark.parametrize(
    "text",
    [
        'image,dice_mean\na,"0,75"\nb,"0,5"\n',
        "image;dice_mean\na;0,75\nb;0,5\n",
        "image,dice_mean\na,75%\nb,50.0 %\n",
        "Agreement 2024;;\nimage;dice_mean;count\na;0,75;2\nb;0,5;2\n",
        "# exported 2024, by bob\nimage,dice_mean\na,0.75\nb,0.5\n",
        "sep=;\nimage;dice_mean\na;0.75\nb;0.5\n",
        "image|dice_mean\na|0.75\nb|0.5\n",
        "image | dice_mean | note\na | 0,75 | one, two\nb | 0,5 | \n",
        "photo|my_dice\na.jpg|0,75\nb.jpg|0,5\n",
        "Agreement 2024\nimage|dice_mean\na|0.75\nb|0.5\n",
        "Agreement | 2024\nimage,dice_mean\na,0.75\nb,0.5\n",
        "image,dice_mean,left|right\na,0.75,x|y\nb,0.5,x|y\n",
        'image,dice_mean,note\na,0.75,"6 mm\nb,0.5,fine\n',
        'image,dice_mean,note\na,0.75,"6 mm\nb,0.5,"5 mm\n',
    ],
)
def test_what_has_one_reading_is_read(tmp_path: Path, text: str) -> None:
    assert dice_of(written(tmp_path, text)) == [0.75, 0.5]


@pytest.mark.parametrize(
    "header", ["Image;Dice Mean", "IMAGE;dice-mean", " image ; DICE.mean", "Ima\u200bge;dice_mean"]
)
def test_a_column_is_found_whatever_its_capitals_and_blanks(tmp_path: Path, header: str) -> None:
    path = written(tmp_path, f"Round 2;\n{header}\na;0,75\nb;0,5\n")
    (_, dice) = read_labels(path).columns
    assert dice.reason == "a usual name" and dice_of(path) == [0.75, 0.5]


def test_two_columns_alike_are_asked_about_and_the_one_that_is_spelled_so_is_taken(tmp_path: Path) -> None:
    path = written(tmp_path, "image,Dice Mean,dice_mean\na,0.75,0.5\n")
    with pytest.raises(AnnotriageError, match=r"2 columns that could be meant by .*: Dice Mean, dice_mean"):
        read_labels(path)
    with pytest.raises(AnnotriageError, match="could mean 2 columns, Dice Mean, dice_mean"):
        read_labels(path, columns={"dice": "DICE MEAN"})
    assert [row.dice for row in read_labels(path, columns={"dice": "Dice Mean"}).rows] == [0.75]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "image,dice_mean\nläsion_1.jpg,0.75\n".encode(encoding))
    assert [row.image for row in read_labels(path).rows] == ["läsion_1.jpg"]


def test_one_name_that_is_no_unicode_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path, "image,dice_mean\nläsion,0.75\n".encode() + b"l\xe4sion,0.5\n")
    assert [row.image for row in read_labels(path).rows] == ["läsion", "l\udce4sion"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("image,dice_mean\na,75\nb,91.5\nc,0.9\n", "looks like per cent"),
        ("image,dice\n" + 'a,0.5,"x\n', "3 cells|never closed"),
        ('image,dice_mean,note\na,0.5,"6 mm\nb,0.6,fine\nc,0.7,5 mm"\n', "line 2 that closes in line 4"),
        (",,,\n,,\n", "empty"),
        ("sep=ab\nimage,dice_mean\n", "names no separator"),
        ("sep=;;\nimage;dice_mean\n", "names no separator"),
        ("image,mask1,mask2,annotator1,annotator2,dice\na,1,2,al,bo,0.5\n", "a line for each pair"),
        ("x" * 200_000, "no column|header only"),
        ("image,dice_mean\na,0.5\n\nimage,jaccard_mean\nb,0.5\n", "another header in line 4"),
        ("image dice_mean\na 0.5\n", "one column only, image dice_mean: no comma"),
        ("<!DOCTYPE HTML><html><table><tr><td>image</td></tr></table></html>", "a web page"),
        ('\ufeff[\n {"image": "a", "dice_mean": 0.5}]', "a JSON file"),
        ("ID;PWXL;N;E\nC;Y1;X1;K1\n", "SYLK"),
    ],
)
def test_what_has_two_readings_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(AnnotriageError, match=said):
        read_labels(written(tmp_path, text))


def test_a_cell_of_any_length(tmp_path: Path) -> None:
    assert dice_of(written(tmp_path, 'image,dice_mean,note\na,0.5,"' + "x" * 200_000 + '"\n')) == [0.5]


def book(folder: Path, **sheets: list[list[object]]) -> Path:
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(folder / "book.xlsx")
    return folder / "book.xlsx"


LABELS: list[list[object]] = [["image", "dice_mean"], ["a", 0.75], ["b", 0.5]]


def test_a_workbook_is_read_like_text(tmp_path: Path) -> None:
    assert dice_of(book(tmp_path, Notes=[["by bob"]], Labels=LABELS)) == [0.75, 0.5]


def test_two_sheets_that_could_be_meant_are_named_and_one_can_be_chosen(tmp_path: Path) -> None:
    path = book(tmp_path, One=LABELS, Two=[["image", "dice_mean"], ["a", 0.25]])
    with pytest.raises(AnnotriageError, match="2 sheets that could be meant \\(One, Two\\)"):
        read_labels(path)
    assert dice_of(tmp_path / "book.xlsx#Two") == [0.25]


def test_formulas_without_a_result_are_counted(tmp_path: Path) -> None:
    path = book(tmp_path, Labels=[["image", "dice_mean"], ["a", 0.75], ["b", "=1/2"]])
    (formulas, *_) = read_labels(path).problems
    assert formulas.names == ["B3"]


def test_rows_that_are_hidden_are_read_and_told(tmp_path: Path) -> None:
    made = Workbook()
    for row in LABELS:
        made.active.append(row)
    made.active.row_dimensions[3].hidden = True
    made.active.row_dimensions[9].hidden = True
    made.save(tmp_path / "hidden.xlsx")
    table = read_labels(tmp_path / "hidden.xlsx")
    assert [row.image for row in table.rows] == ["a", "b"]
    assert [(problem.names, problem.remark) for problem in table.problems] == [(["row 3"], True)]


def test_a_header_that_is_repeated_is_no_row(tmp_path: Path) -> None:
    table = read_labels(written(tmp_path, "image,dice_mean\na,0.75\n\nImage,Dice mean\nb,0.5\n"))
    assert [row.dice for row in table.rows] == [0.75, 0.5]
    assert [(problem.names, problem.remark) for problem in table.problems] == [(["line 4"], True)]


def test_a_row_beyond_the_last_is_refused_at_once(tmp_path: Path) -> None:
    with zipfile.ZipFile(book(tmp_path, Labels=LABELS)) as archive, zipfile.ZipFile(tmp_path / "far.xlsx", "w") as far:
        for name in archive.namelist():
            far.writestr(name, archive.read(name).replace(b'<row r="3"', b'<row r="1048577"'))
    with pytest.raises(AnnotriageError, match="a row 1,048,577"):
        read_table(tmp_path / "far.xlsx")


@pytest.mark.slow
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1, max_size=5))
def test_what_we_write_is_read_back_and_no_cell_is_a_formula(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    names = [f"x{name}x" if name != name.strip() else f"={name}.jpg" for name in names]
    data = csv_bytes(["image", "dice_mean"], [[name, -0.5] for name in names])
    path = written(tmp_path_factory.mktemp("table"), data)
    table = read_table(path)
    assert [row[0] for row in table.rows] == names
    cells = [row[0] for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))]
    assert not any(cell.startswith(tuple("=+-@")) for cell in cells)
    assert data.startswith(b"\xef\xbb\xbf") is not data.isascii()


@pytest.mark.parametrize("cell", ["Not Reported", "not specified", "unspecified", ".", "n.d.", "N/A", " unknown "])
def test_words_for_what_is_not_known(cell: str) -> None:
    assert says_nothing(cell)

import csv
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.datasets.labels import Label, LabelTable, read_labels
from annotriage.errors import AnnotriageError


@pytest.fixture
def table(tmp_path: Path):
    def write(text: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / "metrics.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


def left_out(labels: LabelTable) -> dict[str, list[str]]:
    return {problem.what: problem.names for problem in labels.problems}


def test_the_paper_s_table(table) -> None:
    path = table("image,count,dice_mean,fleiss_kappa\nISIC_1.jpg,3,0.91,0.8\nISIC_2.jpg,2,0.5,\n")
    labels = read_labels(path, ["count", "fleiss_kappa"])
    assert labels.rows == [
        Label("ISIC_1.jpg", "ISIC_1", 0.91, {"count": 3.0, "fleiss_kappa": 0.8}),
        Label("ISIC_2.jpg", "ISIC_2", 0.5, {"count": 2.0}),
    ]
    assert labels.problems == []
    assert labels.path == path
    assert labels.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("image,dc_mean\nMüller.jpg,0.5\n", "utf-8"),
        ("image,dc_mean\r\nMüller.jpg,0.5\r\n", "utf-8-sig"),
        ("IMG_ID;Dice_Score_Mean\nMüller.jpg;0,5\n", "cp1252"),
        ("image;dice_mean;remark\nMüller.jpg;0.5;one, two, three\n", "utf-8"),
        ("image\tdice_mean\nMüller.jpg\t0,5\n", "utf-16"),
        ("sep=;\nimage;dice_mean\nMüller.jpg;0,5\n", "utf-8-sig"),
        ("\n\nimage,dice_mean,,\n\n Müller.jpg , 0.5,,\n,,,\n", "utf-8"),
        ('"image","dice_mean"\n"Müller.jpg","5e-1"\n', "utf-8"),
    ],
)
def test_encodings_and_separators(table, text: str, encoding: str) -> None:
    (label,) = read_labels(table(text, encoding)).rows
    assert (label.image, label.stem, label.dice) == ("Müller.jpg", "Müller", 0.5)


def test_what_cannot_be_used_is_named_and_the_rest_is_read(table) -> None:
    labels = read_labels(
        table(
            "image,dice_mean,count\n"
            "good.jpg,0.9,2\n"
            "high.jpg,1.01,2\nlow.jpg,-0.1,2\ninf.jpg,inf,2\n"
            "word.jpg,much,2\nempty.jpg,,2\nnan.jpg,nan,2\nshort.jpg\n"
            ",0.5,2\n"
            "twice.jpg,0.4,2\nTWICE.jpg,0.4,2\n"
            "quarrel.jpg,0.4,2\nquarrel.jpg,0.5,2\n"
            "words.jpg,0.0,two\n"
        ),
        ["count"],
    )
    assert [row.image for row in labels.rows] == ["good.jpg", "twice.jpg", "words.jpg"]
    assert labels.rows[-1].further == {}
    assert left_out(labels) == {
        "rows whose Dice is outside 0..1": ["high.jpg", "low.jpg", "inf.jpg"],
        "rows whose Dice is not a number": ["word.jpg"],
        "rows without a Dice": ["empty.jpg", "nan.jpg", "short.jpg"],
        "rows without an image": ["row 10"],
        "cells of count that are not a number; their rows are kept": ["words.jpg"],
        "rows that repeat another; one of each is kept": ["TWICE.jpg"],
        "rows that contradict another of the same image; none of them is used": ["quarrel.jpg", "quarrel.jpg"],
    }


def test_a_problem_says_how_many_and_the_first_few(table) -> None:
    rows = "".join(f"{k}.jpg,7\n" for k in range(1234))
    (problem,) = read_labels(table("image,dice_mean\ngood.jpg,1\n" + rows)).problems
    assert str(problem) == "1,234 rows whose Dice is outside 0..1 (0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg, ...)"
    assert problem.count == 1234


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"image,dice_mean\n", "header only"),
        (b"image,dice_mean\na.jpg,2\n", "1 row whose Dice is outside 0..1 (a.jpg)"),
        (b"image,score\na.jpg,0.5\n", "no column for the mean Dice: name it dice_mean or dc_mean"),
        (b"case,dice_mean\n17,0.5\n", "Its columns are: case, dice_mean"),
        (b"image,score\na.jpg,0.5\n", "It may be score (the only column of numbers from 0 to 1)"),
        (b"image,score\na.jpg,0.5\n", "say --column dice=score"),
        (b"image,dice\na.jpg,0.5\nb.jpg,91\n", "It may be dice (named so, but holds 91)"),
        (
            b"image,dice_mean,dice_mean\na.jpg,0.5,0.6\n",
            "2 columns that could be meant by dice_mean: dice_mean, dice_mean (columns 2, 3)",
        ),
        (b"PK\x03\x04rest of a workbook", "Excel"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not a text table"),
        (b'image,dice_mean\n"' + b"x" * 200_000, "as a table"),
    ],
)
def test_nothing_left_is_an_error_that_says_why(table, content: bytes, said: str) -> None:
    with pytest.raises(AnnotriageError) as caught:
        read_labels(table(content))
    assert said in str(caught.value)
    assert "metrics.csv" in str(caught.value)


def test_a_missing_file_and_a_missing_target(table, tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match=r"nowhere\.csv cannot be read"):
        read_labels(tmp_path / "nowhere.csv")
    with pytest.raises(AnnotriageError, match="no column for the further target kappa"):
        read_labels(table("image,dice_mean\na.jpg,0.5\n"), ["kappa"])


@pytest.mark.parametrize(
    ("header", "image", "dice"),
    [
        ("img_id,dice_score_std,dice_score_mean", "img_id", "dice_score_mean"),
        ("Photo,DSC (mean),DSC (sd)", "Photo", "DSC (mean)"),
        ("fileName;meanDice", "fileName", "meanDice"),
        ("case,dice", "case", "dice"),
    ],
)
def test_columns_of_other_names_are_found_and_told(table, header: str, image: str, dice: str) -> None:
    separator = ";" if ";" in header else ","
    names = header.split(separator)
    cells = {image: "a.jpg", dice: "0.75"}
    labels = read_labels(table(f"{header}\n{separator.join(cells.get(name, '0.1') for name in names)}\n"))
    assert [(row.image, row.dice) for row in labels.rows] == [("a.jpg", 0.75)]
    assert [(each.role, each.column) for each in labels.columns] == [("image", image), ("dice", dice)]


def test_a_chosen_column_is_read_instead_of_the_usual_one(table) -> None:
    path = table("image,dice_mean,Agreement,iou_mean\na.jpg,0.5,0.25,0.4\n")
    usual, chosen = read_labels(path), read_labels(path, ["jaccard_mean"], {"dice": "agreement"})
    assert (usual.rows[0].dice, chosen.rows[0].dice) == (0.5, 0.25)
    assert chosen.rows[0].further == {"jaccard_mean": 0.4}  # another usual name for it
    # Two runs that read different columns of one file do not have the same data.
    assert usual.sha256 != chosen.sha256
    with pytest.raises(AnnotriageError, match=r"metrics\.csv: There is no column agree\."):
        read_labels(path, columns={"dice": "agree"})


@pytest.mark.slow
@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}\.jpg", fullmatch=True), st.floats(0, 1), min_size=1), st.data())
def test_every_table_written_is_read_whatever_its_style(tmp_path_factory, dice: dict[str, float], data) -> None:
    path = tmp_path_factory.mktemp("table") / "metrics.csv"
    delimiter = data.draw(st.sampled_from(",;\t"))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    comma = delimiter != "," and data.draw(st.booleans())
    with path.open("w", newline="", encoding=encoding) as stream:
        writer = csv.writer(
            stream, delimiter=delimiter, quoting=data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
        )
        writer.writerow(["image", "dice_mean"])
        writer.writerows([name, repr(value).replace(".", "," if comma else ".")] for name, value in dice.items())
    labels = read_labels(path)
    assert {row.image: row.dice for row in labels.rows} == dice


def test_real_tables_agree(shared_data: Path) -> None:
    ours = read_labels(shared_data / "isic" / "metrics.csv", ["count", "jaccard_mean"])
    theirs = read_labels(shared_data / "ima" / "image_level_metrics.csv", ["jaccard_score_mean", "dice_score_std"])
    assert (len(ours.rows), len(theirs.rows)) == (835, 2194)
    assert ours.problems == theirs.problems == []
    by_stem = {row.stem: row for row in theirs.rows}
    for row in ours.rows:
        assert by_stem[row.stem].dice == pytest.approx(row.dice, abs=1e-6)
        assert by_stem[row.stem].further["jaccard_score_mean"] == pytest.approx(row.further["jaccard_mean"], abs=1e-6)
    # A pair of masks has no standard deviation: the cell is empty, and its row is good all the same.
    assert any("dice_score_std" not in row.further for row in theirs.rows)


def test_a_dice_of_masks_that_something_is_wrong_with_is_used_and_said(table) -> None:
    """`annotriage agree` measures a mask that may be inverted, and says so beside its Dice."""
    labels = read_labels(
        table("image,dice_mean,error\na,0.3,a.png of bea may be inverted.\nb,0.5,\nc,,Only ann drew it.\nd,0.6,0.04\n")
    )
    assert [label.image for label in labels.rows] == ["a", "b", "d"]
    (said,) = (problem for problem in labels.problems if problem.remark)
    assert "column error; they are used" in said.what and said.names == ["a: a.png of bea may be inverted."]
    assert left_out(labels)["rows without a Dice"] == ["c"]


@pytest.mark.parametrize(("first", "second"), [("Dice A", "Dice B"), ("dice_mean", "dice_score_mean")])
def test_of_two_columns_of_dice_that_differ_one_must_be_chosen(table, first: str, second: str) -> None:
    path = table(f"image,{first},{second}\na,0.3,0.5\nb,0.4,0.5\n")
    with pytest.raises(AnnotriageError, match=f"two columns that could be the mean Dice, {first} and {second}, and"):
        read_labels(path)
    assert [label.dice for label in read_labels(path, columns={"dice": first}).rows] == [0.3, 0.4]
    assert [label.dice for label in read_labels(path, columns={"dice": second}).rows] == [0.5, 0.5]
    same = table(f"image,{first},{second}\na,0.3,0.30\nb,0.4,40 %\n")
    assert [label.dice for label in read_labels(same).rows] == [0.3, 0.4]


def test_a_name_that_is_usual_decides_over_one_that_is_not(table) -> None:
    path = table("image,Dice A,mean Dice,dice_std\na,0.3,0.5,0.1\n")
    assert [label.dice for label in read_labels(path).rows] == [0.5]

from pathlib import Path

import pytest

from annotriage.datasets.columns import CONFIDENT, chosen_columns, guess_columns
from annotriage.datasets.labels import read_labels
from annotriage.errors import AnnotriageError
from annotriage.tables import read_table


def found(header: str, *rows: str) -> dict[str, str]:
    """What would be relied on."""
    mapping = guess_columns(header.split(","), [row.split(",") for row in rows])
    return {each.role: each.column for each in mapping.guesses if each.confidence >= CONFIDENT}


def test_the_usual_tables() -> None:
    assert found("image,count,dice_mean,fleiss_kappa") == {
        "image": "image",
        "count": "count",
        "dice": "dice_mean",
        "kappa": "fleiss_kappa",
    }
    assert found("dc_mean,isic_id") == {"image": "isic_id", "dice": "dc_mean"}


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("id,dsc,hd95", "ISIC_0000001,0.8,12.5", {"image": "id", "dice": "dsc"}),
        ("mask,picture,f1", "a_mask.png,a.png,0.8", {"image": "picture", "dice": "f1"}),
        ("image_width,image_file,DiceMean", "512,a.jpg,0.8", {"image": "image_file", "dice": "DiceMean"}),
        ("image,dice_std,dice_min,dice_max", "a.jpg,0.1,0.2,0.3", {"image": "image"}),
        ("image,predicted_dice", "a.jpg,0.9", {"image": "image"}),
        # Found, so that reading it can say that it looks like per cent.
        ("image,dice_mean_pct_dice", "a.jpg,91", {"image": "image", "dice": "dice_mean_pct_dice"}),
        ("image,mean IoU,kappa", "a.jpg,0.7,-0.1", {"image": "image", "jaccard": "mean IoU", "kappa": "kappa"}),
        ("image,dice,raters", "a.jpg,,4", {"image": "image", "dice": "dice", "count": "raters"}),
    ],
)
def test_unusual_names_are_weighed_by_words_and_values(header: str, row: str, expected: dict[str, str]) -> None:
    assert found(header, row) == expected


def test_what_is_unsure_is_suggested_with_its_reason_and_not_used() -> None:
    mapping = guess_columns(["image", "score", "age"], [["a.jpg", "0.5", "40"], ["b.jpg", "", "50"]])
    assert mapping.column("dice") is None
    guess = mapping.guess("dice")
    assert guess is not None
    assert str(guess) == "dice = score (the only column of numbers from 0 to 1)"
    # Two such columns: neither is more likely.
    assert guess_columns(["image", "a", "b"], [["a.jpg", "0.5", "0.4"]]).guess("dice") is None


@pytest.mark.parametrize(
    "name",
    ["disagreement", "dice_std", "dice_sd", "score_std", "predicted_dice", "lower", "upper", "p", "rank", "mean_p"],
)
def test_a_column_known_to_be_something_else_is_never_proposed(name: str) -> None:
    row = ["a.jpg", "0.5", "0.5"]
    assert guess_columns(["image", name], [row[:2]]).guess("dice") is None
    guess = guess_columns(["image", name, "score"], [row]).guess("dice")
    assert guess is not None
    assert str(guess) == "dice = score (the only column of numbers from 0 to 1 whose name says nothing else)"


def test_further_columns_of_other_measures_are_never_proposed() -> None:
    header = ["image", "jaccard_mean", "jaccard", "fleiss_kappa", "kappa"]
    assert guess_columns(header, [["a.jpg", "0.5", "0.5", "0.5", "0.5"]]).guess("dice") is None


@pytest.mark.parametrize("row", ["ISIC_0000001,0.81", "0.81,lesion.png", "ISIC_0000001.jpg,3,0.81"])
def test_a_table_without_a_header_is_told(tmp_path: Path, row: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"{row}\n{row.replace('1', '2')}\n")
    with pytest.raises(AnnotriageError, match=r"labels\.csv has no header: line 1 \(.*0\.81.*\) is a row of data"):
        read_labels(path)


def test_a_user_corrects_the_guess() -> None:
    mapping = guess_columns(["image", "dice_mean", "Mine"], []).corrected({"dice": "mine"})
    assert mapping.column("dice") == "Mine"
    assert mapping.column("image") == "image"
    with pytest.raises(AnnotriageError, match=r"no column x\. The table's columns are: image, dice_mean, Mine"):
        mapping.corrected({"dice": "x"})


def test_choices_on_the_command_line() -> None:
    assert chosen_columns(["dice=my col", "img_id = Picture", "Dice_Mean=x=y"]) == {"dice": "x=y", "image": "Picture"}
    with pytest.raises(AnnotriageError, match="names no column"):
        chosen_columns(["dice"])
    with pytest.raises(AnnotriageError, match="'colour' is no role of a column; use one of image, dice"):
        chosen_columns(["colour=x"])


@pytest.mark.slow
def test_real_tables(shared_data) -> None:
    for name in ("isic/metrics.csv", "ima/image_level_metrics.csv", "ima/pairwise_metrics.csv"):
        table = read_table(shared_data / name)
        mapping = guess_columns(table.columns, table.rows[:50])
        assert mapping.column("image") in ("image", "img_id")
        assert (mapping.column("dice") or "").startswith("dice_")
    table = read_table(shared_data / "ima" / "segmentations.csv")
    assert guess_columns(table.columns, table.rows[:50]).guess("dice") is None


def test_a_dice_that_two_columns_could_be_is_only_suggested() -> None:
    header = ["image", "Dice A", "Dice B"]
    mapping = guess_columns(header, [["a", "0.3", "0.5"], ["b", "nan", "nan"]])
    guess = mapping.guess("dice")
    assert mapping.column("dice") is None and guess is not None
    assert (guess.column, guess.rival) == ("Dice A", "Dice B")
    assert mapping.corrected({"dice": "Dice A"}).column("dice") == "Dice A"
    assert guess_columns(header, [["a", "0.3", "0.30"], ["b", "nan", "nan"]]).column("dice") == "Dice A"

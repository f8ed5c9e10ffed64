"""What is measured of an image, in words for the inspector and for reports."""

import math
from datetime import UTC, datetime

from annotriage.triage.measured import MeasuredImage
from annotriage.triage.measured_words import measured_in_short, measured_rows
from annotriage.triage.next_step import NextStep

ONE = MeasuredImage(
    "a.jpg", 0.5, 0.25, ("ann", "bob", "eve"), (75.0, None, 4000.0), "Label Studio, project 3",
    datetime(2026, 3, 5, 12, tzinfo=UTC), ((0, 1, 0.75), (0, 2, 0.5), (1, 2, 0.25)), "One is soft.",
)  # fmt: skip


def test_all_of_it_is_said_the_worst_pair_first() -> None:
    rows = dict(measured_rows(ONE, interval=(0.6, 0.8), step=NextStep.APART))
    assert rows == {
        "Measured Dice": "0.50, by 3 people, below the predicted 0.60 – 0.80",
        "Next step": "surprising: drawn apart",
        "Pairs": "bob – eve 0.25, ann – eve 0.50, ann – bob 0.75",
        "Drawn by": "ann (75 s), bob, eve (1 h 10 min)",
        "Found in": "Label Studio, project 3, 5 March 2026",
        "Problems": "One is soft.",
    }


def test_where_it_lies_is_said_with_as_many_digits_as_show_it() -> None:
    def said(dice: float) -> str:
        return measured_rows(MeasuredImage("a", dice, dice, ("x", "y")), interval=(0.2, 0.8))[0][1]

    assert said(0.8) == "0.80, by 2 people, within the predicted 0.20 – 0.80"
    assert said(0.804) == "0.80, by 2 people, just above the predicted 0.20 – 0.80"
    assert said(0.9) == "0.90, by 2 people, above the predicted 0.20 – 0.80"
    assert measured_rows(MeasuredImage("a", 0.9, 0.9, ("x", "y")))[0][1] == "0.90, by 2 people"


def test_what_says_nothing_of_agreement_is_called_so() -> None:
    alone = MeasuredImage("a", math.nan, math.nan, ("x",))
    several = MeasuredImage("a", math.nan, math.nan, ("x", "y"))
    assert measured_rows(alone)[0][1] == "needs a second person"
    assert measured_rows(several)[0][1] == "cannot be compared"
    assert measured_rows(ONE, of_file=False)[0][1] == "of another file than the one that is there"
    short = [measured_in_short(one, step=NextStep.NOTHING, of_file=True) for one in (ONE, alone, several)]
    assert short == [
        [("Measured Dice", "0.50 by 3")], [("Measured Dice", "drawn by one")],
        [("Measured Dice", "drawn by 2, not compared")],
    ]  # fmt: skip
    assert measured_in_short(ONE, step=NextStep.ENOUGH, of_file=False) == [
        ("Measured Dice", "of another file"), ("Next step", "enough"),
    ]  # fmt: skip


def test_many_people_and_pairs_are_cut_short() -> None:
    names = tuple(f"p{number}" for number in range(10))
    pairs = tuple((one, two, 0.5) for one in range(10) for two in range(one + 1, 10))
    rows = dict(measured_rows(MeasuredImage("a", 0.5, 0.5, names, pairs=pairs)))
    assert rows["Pairs"].endswith("and 39 more") and rows["Drawn by"].endswith("p7, and 2 more")

"""One prediction is one number, whatever writes it: rounded down, and the Dice is what is left of 1."""

from pathlib import Path

import pytest

from annotriage.commands.score_report import print_ranking
from annotriage.labelling.serving.page import result_page
from annotriage.triage.decisions import Decision
from annotriage.triage.exports.label_studio_set_up import Shown, summary_of
from annotriage.triage.ranking import ReviewedImage

ROW = ReviewedImage(1, "a.png", 0.834, 0.166, 0.64, 0.95, {}, None, Decision.UNDECIDED, "", "", Path("a.png"))


def test_a_prediction_has_the_same_two_digits_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    print_ranking([ROW], top=1, level=0.9)
    assert "0.16 " in (said := capsys.readouterr().out) and "0.84 (0.64 to 0.95)" in said
    summary = summary_of(ROW, frozenset({Shown.SCORE}))
    assert "predicted disagreement 0.16" in summary and "predicted Dice 0.84 (" in summary
    answer = {"predicted_dice": 0.834, "disagreement": 0.166, "lower": 0.64, "upper": 0.95, "level": 0.9, "note": None}
    page = result_page(answer)
    assert "Predicted Dice 0.84" in page and "Disagreement 0.16" in page

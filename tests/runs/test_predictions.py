"""Predictions of all parts of a split, plain or gzipped."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from annotriage.errors import AnnotriageError
from annotriage.runs.files import RunFiles
from annotriage.runs.predictions import read_predictions

LINES = [
    "image,split,dice,predicted_dice,lower,upper,predicted_area",
    "a.png,train,0.9,0.8,0.7,0.95,3",
    "'=b.png,validation,0.8,,,,",
    "c.png,test,0.7,0.75,0.6,0.9,3",
]


@pytest.mark.parametrize("zipped", [False, True])
def test_all_parts_are_read(tmp_path: Path, zipped: bool) -> None:
    data = "\n".join(LINES).encode()
    if zipped:
        (tmp_path / "predictions.csv.gz").write_bytes(gzip.compress(data))
    else:
        (tmp_path / "predictions.csv").write_bytes(data)
    found = read_predictions(RunFiles(tmp_path))
    assert found is not None
    assert found.names == ("a.png", "=b.png", "c.png") and found.parts == ("train", "validation", "test")
    np.testing.assert_array_equal(found.dice, [0.9, 0.8, 0.7])
    np.testing.assert_array_equal(found.predicted, [0.8, np.nan, 0.75])
    assert found.rows("train", "validation").tolist() == [0, 1] and found.names_of("test") == ("c.png",)


def test_a_run_without_predictions_has_none(tmp_path: Path) -> None:
    assert read_predictions(RunFiles(tmp_path)) is None


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "is empty"),
        ("image,split,dice\n", "has no column predicted_dice"),
        ("\n".join([LINES[0], "c.png,test,0.7,much,0,1,"]), "is damaged"),
        ("\n".join([LINES[0], "c.png,test,0.7"]), "is damaged"),
        ("\n".join([LINES[0], "a.png,train,,0.7,0,1,"]), "is damaged"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(tmp_path: Path, text: str, match: str) -> None:
    (tmp_path / "predictions.csv").write_text(text)
    with pytest.raises(AnnotriageError, match=match):
        read_predictions(RunFiles(tmp_path))

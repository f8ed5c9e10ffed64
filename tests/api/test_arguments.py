"""What the functions for notebooks refuse, and that the sentence names it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import annotriage
from annotriage.errors import AnnotriageError
from tests.agreement.masks import disc, write_mask
from tests.pictures import write_pictures
from tests.tiny_models import write_tiny_model

TABLE = pd.DataFrame({"image": ["a"], "dice_mean": [0.5]})


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda masks: annotriage.agree(masks, label=1), "label takes a str, not int: 1"),  # type: ignore[arg-type]
        (lambda masks: annotriage.agree(masks, label=(255, 0, 0)), "label takes a str, not tuple"),  # type: ignore[arg-type]
        (lambda masks: annotriage.agree(masks, pattern=3), "pattern takes a str"),  # type: ignore[arg-type]
        (lambda masks: annotriage.agree(masks, threads="2"), "threads takes a whole number"),  # type: ignore[arg-type]
        (lambda masks: annotriage.agree(masks, threads=1.5), "threads takes a whole number"),  # type: ignore[arg-type]
        (lambda masks: annotriage.agree({"ann": masks}), "masks takes a path or several"),  # type: ignore[arg-type]
        (lambda _: annotriage.agree(TABLE), "masks takes a path or several"),  # type: ignore[arg-type]
        (lambda _: annotriage.compare(TABLE), "runs takes a path or several"),  # type: ignore[arg-type]
        (lambda _: annotriage.compare("x.csv", rope="y"), "rope takes a number"),  # type: ignore[arg-type]
        (lambda _: annotriage.compare("x.csv", contentious_below=None), "contentious_below takes"),  # type: ignore[arg-type]
        (lambda _: annotriage.diagnosis("x.csv", by=None), "by takes a str, not None"),  # type: ignore[arg-type]
        (lambda _: annotriage.diagnosis("x.csv", adjust="tool"), "adjust takes a list of str"),
        (lambda _: annotriage.diagnosis("x.csv", columns=["dice"]), "columns takes a dict"),  # type: ignore[arg-type]
        (lambda _: annotriage.diagnosis(TABLE), "labels takes a path"),  # type: ignore[arg-type]
        (lambda _: annotriage.train("paper", "x", "x.csv", seed="1"), "seed takes a whole number"),  # type: ignore[arg-type]
        (lambda _: annotriage.train("paper", "x", "x.csv", report=3), "report takes a function"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_type_is_named_before_anything_is_read(call: Callable[[Path], Any], told: str, tmp_path: Path) -> None:
    for who in ("ann", "bea"):
        write_mask(tmp_path / who / "les.png", disc(40, 40, row=20, column=20, radius=9))
    with pytest.raises(TypeError) as caught:
        call(tmp_path)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: annotriage.score(""), "images is empty"),
        (lambda: annotriage.agree(""), "masks is empty"),
        (lambda: annotriage.agree([]), "masks names nothing"),
        (lambda: annotriage.compare(""), "runs is empty"),
        (lambda: annotriage.diagnosis(""), "labels is empty"),
        (lambda: annotriage.compare("x.csv", contentious_below=2), "from 0 to 1"),
        (lambda: annotriage.compare("x.csv", rope=float("nan")), "rope is nan"),
        (lambda: annotriage.agree("x", threads=0), "threads is 0"),
        (lambda: annotriage.score("x", threads=-1), "threads is -1"),
        (lambda: annotriage.train("paper", "x", "x.csv", seed=-1), "seed is -1"),
        (lambda: annotriage.score("x" * 5000), "no file and no folder xx"),
    ],
)
def test_a_value_that_means_nothing_is_a_sentence(call: Callable[[], Any], told: str) -> None:
    """An empty name is what a variable holds that was never set: it is not the folder that Python runs in."""
    with pytest.raises(AnnotriageError, match=told):
        call()


def test_a_column_of_files_is_several_files_and_a_mapping_is_none(tmp_path: Path) -> None:
    write_pictures(tmp_path / "photos", 2)
    model = write_tiny_model(tmp_path / "tiny.onnx")
    files = sorted((tmp_path / "photos").iterdir())
    wanted = annotriage.score(files, model).predicted_dice.tolist()
    names = list(map(str, files))
    for given in (pd.Series(names), pd.Series(files), np.array(names), np.array(files, dtype=object)):
        assert annotriage.score(given, model).predicted_dice.tolist() == wanted
    for wrong in ({"a": np.zeros((9, 9, 3), np.uint8)}, b"photos"):
        with pytest.raises(TypeError, match="An image is given as"):
            annotriage.score(wrong, model)  # type: ignore[arg-type]

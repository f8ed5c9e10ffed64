"""`annotriage.calibrate`: as the command does it."""

from pathlib import Path

import pytest

import annotriage
from annotriage.errors import AnnotriageError
from annotriage.model_file import Calibrations, ModelFile, calibration_of
from tests.commands.test_calibrate import folder as folder
from tests.commands.test_calibrate import labels as labels
from tests.commands.test_calibrate import model as model

pytestmark = pytest.mark.slow


def test_it_returns_what_it_keeps(model: ModelFile, folder: Path, labels: Path) -> None:
    only = annotriage.calibrate(model.path, folder, labels, drawn="hand", keep=False)
    assert Calibrations().read(model) is None
    card = annotriage.calibrate(str(model.path), folder, labels, drawn="hand")
    assert card == only == Calibrations().read(model)
    assert card.helps and card.used and card.after.mae < card.before.mae
    assert str(card).startswith("It helps: on images that it had not met, mean absolute error")
    annotriage.calibrate(model.path, folder, labels, drawn="hand", use=False)
    assert calibration_of(model) is None


def test_what_is_wrong_is_said(model: ModelFile, folder: Path, labels: Path) -> None:
    with pytest.raises(AnnotriageError, match="Nothing is measured"):
        annotriage.calibrate(model.path, folder)
    with pytest.raises(TypeError, match="labels takes"):
        annotriage.calibrate(model.path, folder, 7)  # type: ignore[arg-type]

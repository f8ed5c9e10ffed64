"""A model's card says how it was fitted to the user's team."""

from pathlib import Path

import pytest

from annotriage.desktop.dialogs.model_card import card_html
from annotriage.model_file import open_model_file
from tests.model_file.test_calibrations import card_of
from tests.tiny_models import TINY_WAYS, write_tiny_model


@pytest.mark.slow
def test_the_card_says_what_was_calibrated_and_whether_it_helps(tmp_path: Path) -> None:
    model = open_model_file(write_tiny_model(tmp_path / "tiny.onnx", ways=TINY_WAYS))
    assert "Calibrated to your team" not in card_html(model.card, bundled=False)
    page = card_html(model.card, bundled=False, calibration=card_of(model, tmp_path))
    assert "Calibrated to your team" in page and "to 40 images (labels.csv), for “by hand”" in page
    assert "It helps: on images that it had not met" in page and "Predictions are made with it." in page

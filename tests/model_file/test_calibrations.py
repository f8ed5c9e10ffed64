"""The calibration of a model as a file: kept whole, read with every check, gone with its model."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotriage.errors import AnnotriageError
from annotriage.images.fingerprint import fingerprint
from annotriage.measures.calibrating import Answer, fit_calibration
from annotriage.measures.intervals import ConformalFactors, interval
from annotriage.model_file import Calibrations, ModelFile, ModelLibrary, calibration_of, open_model_file
from annotriage.model_file.calibrations import CalibrationCard, calibration_card
from tests.tiny_models import TINY_WAYS, write_tiny_model


@pytest.fixture
def model(tmp_path: Path) -> ModelFile:
    return open_model_file(write_tiny_model(tmp_path / "tiny.onnx", ways=TINY_WAYS))


def card_of(model: ModelFile, folder: Path, *, used: bool | None = None, shift: float = -0.3) -> CalibrationCard:
    rng = np.random.default_rng(0)
    dice = rng.uniform(0.4, 0.95, 40)
    spread = np.full(40, 0.1)
    ends = interval(dice, spread, ConformalFactors(1, 1, 0.9, 10))
    measured = np.clip(dice + shift + rng.normal(0, 0.03, 40), 0, 1)
    fit = fit_calibration(measured, {"hand": Answer(dice, spread, ends)}, model=model.key, now="hand", way="hand")
    files = [folder / f"{place}.png" for place in range(40)]
    for place, file in enumerate(files):
        file.write_bytes(bytes([place]))
    return calibration_card(fit, model, files, source="labels.csv", used=used)


def test_what_is_written_is_read_and_used(model: ModelFile, tmp_path: Path) -> None:
    assert Calibrations().read(model) is None and calibration_of(model) is None
    card = card_of(model, tmp_path)
    assert card.helps and card.used
    path = Calibrations().write(card, model)
    assert path.parent == ModelLibrary().folder
    assert Calibrations().read(model) == card
    found = calibration_of(model)
    assert found == card.calibration and found is not None
    assert found.words == "calibrated on 40 images of yours" and found.way == "hand"
    assert fingerprint(tmp_path / "7.png") in card.met and len(card.met) == 40
    assert ModelLibrary().list()[0].problem is None  # it is no model
    assert Calibrations().remove(model) and not Calibrations().remove(model)
    assert calibration_of(model) is None


def test_one_that_is_not_shown_to_help_is_kept_and_not_used(model: ModelFile, tmp_path: Path) -> None:
    card = card_of(model, tmp_path, shift=0.0)
    assert not card.helps and not card.used
    Calibrations().write(card, model)
    assert calibration_of(model) is None
    Calibrations().write(card_of(model, tmp_path, shift=0.0, used=True), model)
    assert calibration_of(model) is not None


def test_it_goes_with_its_model(model: ModelFile, tmp_path: Path) -> None:
    library = ModelLibrary()
    entry = library.import_model(model.path)
    kept = Calibrations().write(card_of(model, tmp_path), model)
    assert [each.calibration is not None for each in library.list() if each.name == entry.name] == [True]
    library.remove(entry.name)
    assert not kept.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"model": "f" * 16},
        {"shift": 99},
        {"slope": 0},
        {"images": 29},
        {"below": None},
        {"way": "fill"},
        {"gain_low": 1.0},
        {"fitted_to": "AAAA"},
        {"before": {"mae": 2, "coverage": 1, "width": 0}},
        {"more": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_damaged_file_gets_a_sentence_and_the_model_works_without(
    model: ModelFile, tmp_path: Path, change: dict[str, object]
) -> None:
    path = Calibrations().write(card_of(model, tmp_path), model)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(AnnotriageError, match=r"The model works without it; calibrate anew, or remove it"):
        Calibrations().read(model)
    assert calibration_of(model) is None


@pytest.mark.slow
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cut=st.integers(0, 600), junk=st.binary(max_size=6))
def test_no_bytes_bring_it_down(model: ModelFile, tmp_path: Path, cut: int, junk: bytes) -> None:
    path = Calibrations().path(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(card_of(model, tmp_path).model_dump_json().encode()[:cut] + junk)
    with pytest.raises(AnnotriageError, match="calibration"):
        Calibrations().read(model)


def test_a_folder_in_its_place_is_said(model: ModelFile) -> None:
    Calibrations().path(model).mkdir(parents=True)
    with pytest.raises(AnnotriageError, match="cannot be read"):
        Calibrations().read(model)
    with pytest.raises(AnnotriageError, match="cannot be deleted"):
        Calibrations().remove(model)

"""For whom a folder's predictions hold once the model is calibrated: one place knows, and it can be switched off."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from annotriage.images import find_images
from annotriage.model_file import Calibrations, ModelFile, open_model_file
from annotriage.scoring.prediction import Prediction
from annotriage.triage.folder_scoring import FolderScoring
from annotriage.triage.store import SessionStore
from annotriage.triage.team_choice import choose_way, chosen_team, team_of
from tests.model_file.test_calibrations import card_of
from tests.pictures import write_pictures
from tests.tiny_models import TINY_WAYS, write_tiny_model


@pytest.fixture
def model(tmp_path: Path) -> ModelFile:
    return open_model_file(write_tiny_model(tmp_path / "tiny.onnx", ways=TINY_WAYS))


@pytest.mark.slow
def test_a_calibration_holds_for_its_way_and_for_those_who_did_not_say(model: ModelFile, tmp_path: Path) -> None:
    assert team_of(model, None).is_plain
    Calibrations().write(card_of(model, tmp_path), model)  # by hand
    assert team_of(model, None).words == team_of(model, "hand").words == "by hand, calibrated on 40 images of yours"
    assert team_of(model, "hand_fill").calibration is None
    assert team_of(model, "mixed").calibration is None
    assert team_of(model, None, calibrated=False).is_plain
    other = replace(model, sha256="9" * 64)
    assert team_of(other, "hand").calibration is None


@pytest.mark.slow
def test_a_folder_reads_calibrated_numbers_and_nothing_is_computed_anew(model: ModelFile, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    write_pictures(folder, 3)
    files = find_images(folder)
    with SessionStore() as store:
        said = [
            Prediction(
                file.path, 0.6, 0.5, 0.7, by_way=np.array([[0.6, 0.1], [dice, 0.1], [0.3, 0.1]], dtype=np.float32)
            )
            for file, dice in zip(files, (0.5, 0.7, 0.9), strict=True)
        ]
        store.keep(folder, model.key, list(zip(files, said, strict=True)))
        card = card_of(model, tmp_path)
        Calibrations().write(card, model)
        scoring = FolderScoring(folder, model, store)
        assert scoring.team_note == ""
        numbers = scoring.stored_numbers()
        made = card.calibration
        expected = made.applied(np.array([0.5, 0.7, 0.9], np.float32), np.full(3, 0.1, np.float32))
        found = np.column_stack([numbers.predicted_dice, numbers.lower, numbers.upper])
        np.testing.assert_allclose(found, expected, atol=1e-6)
        choose_way(store, folder, "hand_fill")
        assert FolderScoring(folder, model, store).team.calibration is None
        Calibrations().path(model).write_text("{")
        team, note = chosen_team(store, folder, model)
        assert team.way == "hand_fill" and "is damaged" in note and "works without it" in note

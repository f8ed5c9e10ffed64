"""`annotriage calibrate`: from measured agreement to numbers that hold for the team, and every way of saying no."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from annotriage.commands.app import app
from annotriage.errors import AnnotriageError
from annotriage.images.fingerprint import packed
from annotriage.model_file import Calibrations, ModelFile, calibration_of, open_model_file
from annotriage.triage.measured import MaskSource, MeasuredImage, SourceKind
from annotriage.triage.measured_images import MeasuredImages
from annotriage.triage.store import SessionStore
from annotriage.triage.team_choice import choose_way
from tests.tiny_models import TINY_WAYS, tiny_card, write_tiny_model

IMAGES = 44


def said_by_hand(grey: int) -> float:
    """Return what the tiny model says of a grey image for people who draw by hand."""
    return 1 - (0.5 + 0.25 * ((grey / 255) - 0.5) / 0.25)


GREYS = [40 + 4 * place for place in range(IMAGES)]


@pytest.fixture
def model(tmp_path: Path) -> ModelFile:
    return open_model_file(write_tiny_model(tmp_path / "tiny.onnx", ways=TINY_WAYS))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    place.mkdir()
    for number, grey in enumerate(GREYS):
        Image.new("RGB", (40, 40), (grey,) * 3).save(place / f"i{number:02}.png")
    return place


def agreement(shift: float, seed: int = 0) -> list[float]:
    """Return what a team agreed on that draws by hand, off the model's answer by so much."""
    off = np.random.default_rng(seed).normal(0, 0.02, IMAGES)
    return np.clip([said_by_hand(grey) + shift + each for grey, each in zip(GREYS, off, strict=True)], 0, 1).tolist()


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return table(tmp_path / "metrics.csv", agreement(0.25))


def table(path: Path, dice: list[float]) -> Path:
    lines = [f"i{place:02}.png,2,{each:.4f}" for place, each in enumerate(dice)]
    path.write_text("\n".join(["image,count,dice_mean", *lines]) + "\n")
    return path


def invoke(*given: object, code: int = 0) -> str:
    result = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "100"}).invoke(app, ["calibrate", *map(str, given)])
    if isinstance(result.exception, AnnotriageError):
        raise result.exception
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


@pytest.mark.slow
def test_a_team_that_agrees_better_is_predicted_better(
    model: ModelFile, folder: Path, labels: Path, tmp_path: Path
) -> None:
    said = invoke(model.path, "--images", folder, "--labels", labels, "--drawn", "hand", "--out", tmp_path / "c.json")
    assert "It helps: on images that it had not met, mean absolute error 0.2" in said
    assert "to 44 images (metrics.csv), for “by hand”" in said and "Predictions are made with it." in said
    card = Calibrations().read(model)
    assert card is not None and card.way_was_known and card.after.mae < 0.05 < card.before.mae
    assert json.loads((tmp_path / "c.json").read_text())["shift"] == card.shift
    again = invoke(model.path, "--images", folder, "--labels", labels, "--drawn", "hand")
    assert "in the place of the one before" in again
    assert Calibrations().read(model) == card  # what was scored is read, and chance is the same

    assert "It helps" in invoke(model.path, "--show")
    assert json.loads(invoke(model.path, "--show", "--json"))["images"] == IMAGES
    assert "It is switched off." in invoke(model.path, "--no-use")
    assert calibration_of(model) is None
    assert "Predictions are made with it." in invoke(model.path, "--use")
    assert calibration_of(model) == card.calibration
    assert "is not calibrated any more" in invoke(model.path, "--remove")
    assert "was not calibrated" in invoke(model.path, "--remove")
    with pytest.raises(AnnotriageError, match="is not calibrated"):
        invoke(model.path, "--show")


@pytest.mark.slow
def test_the_way_that_fits_best_is_found(model: ModelFile, folder: Path, tmp_path: Path) -> None:
    said = invoke(model.path, "--images", folder, "--labels", table(tmp_path / "m.csv", agreement(0.0)))
    assert "the way of drawing that fits best" in said and "It helps" in said
    found = calibration_of(model)
    assert found is not None and found.way == "hand"


@pytest.mark.slow
def test_what_does_not_help_is_kept_and_not_used(model: ModelFile, folder: Path, tmp_path: Path) -> None:
    given = (model.path, "--images", folder, "--labels", table(tmp_path / "m.csv", agreement(0.0)), "--drawn", "hand")
    said = invoke(*given)
    assert "It is not shown to help" in said and "made without it" in said
    assert calibration_of(model) is None and Calibrations().read(model) is not None
    invoke(*given, "--use")
    assert calibration_of(model) is not None


@pytest.mark.slow
def test_what_was_measured_of_the_folder_serves_as_well(model: ModelFile, folder: Path) -> None:
    with pytest.raises(AnnotriageError, match="Nothing is measured of the images"):
        invoke(model.path, "--images", folder)
    source = MaskSource(SourceKind.FILES, "masks of readers", (Path("readers"),))
    measured = [
        MeasuredImage(f"i{place:02}.png", dice, dice, ("alice", "bob")) for place, dice in enumerate(agreement(0.25))
    ]
    with SessionStore() as store:
        MeasuredImages(store, folder).write(source, measured[:29])
        choose_way(store, folder, "hand")
    with pytest.raises(AnnotriageError, match="at least 30 images"):
        invoke(model.path, "--images", folder)
    with SessionStore() as store:
        MeasuredImages(store, folder).write(source, measured)
    said = invoke(model.path, "--images", folder)
    assert "It helps" in said and "what was measured of photos), for “by hand”" in said


@pytest.mark.slow
def test_pairs_say_how_they_drew(model: ModelFile, folder: Path, tmp_path: Path) -> None:
    lines = ["image,mask1,mask2,annotator1,annotator2,dice,tool1,tool2"]
    for place, dice in enumerate(agreement(0.25)):
        lines += [f"i{place:02}.png,a,b,A01,A02,{dice:.4f},T1,T1", f"i{place:02}.png,a,c,A01,ST,0.99,T1,ST"]
        if place % 2:
            lines.append(f"i{place:02}.png,a,d,A01,A03,0.1,T1,T2")
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("\n".join(lines) + "\n")
    said = invoke(model.path, "--images", folder, "--pairs", pairs)
    assert "It helps" in said and "to 44 images (pairs.csv), for “by hand”" in said
    with pytest.raises(AnnotriageError, match="There is no way of drawing 'cold'"):
        invoke(model.path, "--images", folder, "--pairs", pairs, "--drawn", "cold")
    with pytest.raises(AnnotriageError, match="at least 30 images"):  # 22 pairs
        invoke(model.path, "--images", folder, "--pairs", pairs, "--drawn", "hand_fill")
    pairs.write_text("\n".join(line for line in lines if not line.endswith("T2")) + "\n")
    with pytest.raises(AnnotriageError, match=r"No pair in .* drew by hand and flood fill; pairs there drew: hand"):
        invoke(model.path, "--images", folder, "--pairs", pairs, "--drawn", "hand_fill")


@pytest.mark.slow
def test_images_that_the_model_learned_from_are_left_out_and_counted(
    folder: Path, labels: Path, tmp_path: Path
) -> None:
    files = sorted(folder.iterdir())
    data = tiny_card().data.model_copy(update={"learned": packed(files[:5])})
    path = write_tiny_model(tmp_path / "met.onnx", ways=TINY_WAYS, data=data)
    given = (path, "--images", folder, "--labels", labels, "--drawn", "hand")
    said = invoke(*given)
    assert "Left out: 5 images that the model learned from" in said and "to 39 images" in said
    data = tiny_card().data.model_copy(update={"learned": packed(files[:20])})
    write_tiny_model(path, ways=TINY_WAYS, data=data)
    with pytest.raises(AnnotriageError, match=r"here are 24 images.* Left out: 20 images that the model learned from"):
        invoke(*given)


@pytest.mark.slow
def test_unreadable_images_are_named_and_patients_stay_together(
    model: ModelFile, folder: Path, labels: Path, tmp_path: Path
) -> None:
    whole = (folder / "i07.png").read_bytes()
    (folder / "i07.png").write_bytes(whole[: len(whole) // 2])
    clinical = tmp_path / "clinical.csv"
    clinical.write_text("isic_id,patient_id\n" + "\n".join(f"i{place:02},P{place // 2}" for place in range(IMAGES)))
    said = invoke(model.path, "--images", folder, "--labels", labels, "--drawn", "hand", "--clinical", clinical, code=3)
    assert "i07.png" in said and "to 43 images of 22 patients or lesions" in said


@pytest.mark.parametrize(
    "given",
    [(), ("--labels", "labels"), ("--show", "--remove"), ("--images", "folder", "--show"), ("--drawn", "hand")],
    ids=str,
)
def test_what_contradicts_itself_is_refused(
    model: ModelFile, folder: Path, labels: Path, given: tuple[str, ...]
) -> None:
    files = {"folder": folder, "labels": labels}
    invoke(model.path, *(files.get(each, each) for each in given), code=2)


@pytest.mark.slow
def test_score_follows_and_can_leave_it_out(model: ModelFile, folder: Path, labels: Path, tmp_path: Path) -> None:
    invoke(model.path, "--images", folder, "--labels", labels, "--drawn", "by hand")
    out = tmp_path / "ranking.csv"

    def scored(*more: str) -> tuple[float, str]:
        given = ["score", folder, "--model", model.path, "--out", out, *more]
        said = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "200"}).invoke(app, [*map(str, given)])
        assert said.exit_code == 0, said.output
        with out.open() as file:
            return float(np.mean([float(row["predicted_dice"]) for row in csv.DictReader(file)])), said.output

    plain, said = scored("--uncalibrated")
    assert "calibrated on" not in said
    calibrated, said = scored()
    assert "by hand, calibrated on 44 images of yours" in said
    assert abs(calibrated - plain) > 0.02
    again, _ = scored("--uncalibrated")
    assert again == plain

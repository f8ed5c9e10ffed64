"""`annotriage agree --folder`: the agreement beside the predictions of a folder's images."""

import csv
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from annotriage.commands.agree import register
from annotriage.errors import AnnotriageError
from annotriage.triage.measured_images import MeasuredImages
from annotriage.triage.ranking import RankedImage, with_measured, write_ranking
from annotriage.triage.store import SessionStore
from tests.agreement.masks import disc, write_mask


def annotriage(*arguments: str | Path) -> Result:
    app = typer.Typer()

    @app.command()
    def another() -> None:
        """Stand in for the other verbs."""

    register(app)
    return CliRunner(env={"COLUMNS": "300", "NO_COLOR": "1"}).invoke(app, ["agree", *map(str, arguments)])


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Masks of three images by two people, and two of the images."""
    for number in range(3):
        write_mask(tmp_path / "masks" / "bob" / f"x{number}.png", disc())
        write_mask(tmp_path / "masks" / "eve" / f"x{number}.png", disc(column=40 + 5 * number))
    (tmp_path / "images").mkdir()
    for number in range(2):
        noise = np.random.default_rng(number).integers(0, 255, (60, 80, 3), np.uint8)
        Image.fromarray(noise).save(tmp_path / "images" / f"x{number}.jpg")
    return tmp_path


def kept(study: Path) -> dict[str, float]:
    with SessionStore() as store:
        return {name: one.dice for name, one in MeasuredImages(store, study / "images").read().items()}


def test_it_is_kept_for_the_folder_and_what_is_not_of_it_is_counted(study: Path) -> None:
    done = annotriage(study / "masks", "--folder", study / "images", "--no-distances", "--out", study / "metrics.csv")
    assert done.exit_code == 3 and "one may be a copy of the other" in done.output
    assert "2 images of" in done.output and "1 drawn image is not in the folder (x2)." in done.output
    table = list(csv.DictReader((study / "metrics.csv").open(encoding="utf-8-sig")))
    expected = {f"{row['image']}.jpg": float(row["dice_mean"]) for row in table if row["image"] != "x2"}
    assert kept(study) == pytest.approx(expected, abs=1e-6)


def test_measured_again_it_takes_the_place_of_what_these_masks_said(study: Path) -> None:
    annotriage(study / "masks", "--folder", study / "images")
    write_mask(study / "masks" / "eve" / "x1.png", disc())
    annotriage(study / "masks", "--folder", study / "images")
    assert kept(study) == {"x0.jpg": 1.0, "x1.jpg": 1.0}
    with SessionStore() as store:
        assert len(MeasuredImages(store, study / "images").sources()) == 1


def test_masks_of_other_images_are_refused(study: Path) -> None:
    for path in (study / "images").iterdir():
        path.rename(path.with_name(f"other_{path.name}"))
    done = annotriage(study / "masks", "--folder", study / "images")
    assert isinstance(done.exception, AnnotriageError) and "None of the masks is of an image in" in str(done.exception)
    assert kept(study) == {}


def test_a_consensus_is_no_person(study: Path) -> None:
    done = annotriage(study / "masks", "--folder", study / "images", "--keep-consensus")
    assert done.exit_code == 2 and "leave --keep-consensus out" in done.output


def test_lists_have_it_behind_their_other_columns(study: Path) -> None:
    annotriage(study / "masks", "--folder", study / "images")
    rows = [
        RankedImage(1, "x0.jpg", 0.5, 0.5, 0.4, 0.6, {"count": 2.0}, None),
        RankedImage(None, "y.jpg", None, None, None, None, {}, "broken"),
    ]
    with SessionStore() as store:
        lines, more = with_measured(rows, MeasuredImages(store, study / "images").read())
    write_ranking(lines, study / "list.csv", further=["count", *more])
    first, second = csv.DictReader((study / "list.csv").open(encoding="utf-8-sig"))
    assert list(first)[-3:] == ["count", "measured_dice", "readers"]
    assert (first["measured_dice"], first["readers"], second["measured_dice"]) == ("1.0000", "2", "")
    assert with_measured(rows, {}) == (rows, ())

"""From people's masks to a ranking: agree, train, score, each reading what the one before wrote."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import binary_dilation, gaussian_filter, shift

from annotriage.regressors.recipes.recipe import recipe_toml
from tests.agreement.masks import Mask, write_mask
from tests.end_to_end.program import run
from tests.regressors.small import small_recipe

pytestmark = pytest.mark.slow

IMAGES = 24


def redrawn(mask: Mask, rng: np.random.Generator) -> Mask:
    """Draw a mask as another person might: smoother, and out here and in there."""
    wobble = gaussian_filter(rng.normal(size=mask.shape), 20)
    return gaussian_filter(mask.astype(float), 8) + wobble / wobble.std() * rng.uniform(0.02, 0.25) > 0.5


def second_annotator(mask: Mask, rng: np.random.Generator) -> Mask:
    match rng.integers(3):
        case 0:
            return binary_dilation(mask, iterations=int(rng.integers(2, 30)))
        case 1:
            return shift(mask.astype(float), rng.uniform(-30, 30, 2), order=0) > 0.5
        case _:
            return redrawn(mask, rng)


@pytest.fixture
def data(shared_data: Path, tmp_path: Path) -> Path:
    """Real images; masks by one person as they are, by another as JPEG, by a third of every fourth image."""
    rng = np.random.default_rng(0)
    real = sorted((shared_data / "isic" / "masks").iterdir())[:IMAGES]
    (tmp_path / "images").mkdir()
    (tmp_path / "masks" / "ann").mkdir(parents=True)
    for number, path in enumerate(real):
        stem = path.name.removesuffix("_segmentation.png")
        (tmp_path / "images" / f"{stem}.jpg").symlink_to(shared_data / "isic" / "images" / f"{stem}.jpg")
        shutil.copy(path, tmp_path / "masks" / "ann" / path.name)
        mask = np.asarray(Image.open(path)) > 127
        write_mask(tmp_path / "masks" / "ben" / f"{stem}.png.jpg", second_annotator(mask, rng))
        if number % 4 == 0:
            write_mask(tmp_path / "masks" / "cleo" / f"{stem}_mask.png", second_annotator(mask, rng))
    (tmp_path / "masks" / "cleo" / f"{stem}_mask.png").write_bytes(b"")
    return tmp_path


def test_nothing_is_edited_by_hand(data: Path) -> None:
    home = data / "home"
    agreed = run("agree", data / "masks", "--out", data / "metrics.csv", home=home)
    assert agreed.returncode == 3, agreed.stderr
    assert "The file is empty" in agreed.stdout, "and no more than that one mask is wrong"
    assert f"of {IMAGES} images by 3 annotators" in " ".join(agreed.stderr.split())
    rows = list(csv.DictReader((data / "metrics.csv").open(newline="", encoding="utf-8")))
    assert len(rows) == IMAGES
    dice = [float(row["dice_mean"]) for row in rows]
    assert all(0.2 < each < 1 for each in dice) and max(dice) - min(dice) > 0.1
    assert sorted({row["count"] for row in rows}) == ["2", "3"]
    assert [bool(row["error"]) for row in rows].count(True) == 1

    recipe = small_recipe(
        image_size=32,
        further_targets=["jaccard_mean", "fleiss_kappa"],
        fit={"epochs": 1, "batch_size": 8, "early_stopping": {"patience": 0}},
    )
    (data / "tiny.toml").write_text(recipe_toml(recipe))
    trained = run(
        *("train", data / "tiny.toml", "--images", data / "images", "--labels", data / "metrics.csv"),
        *("--out", data / "run"),
        home=home,
    )
    assert trained.returncode == 0, trained.stderr
    assert "left out" not in trained.stdout, "every image has its label"

    scored = run(
        *("score", data / "images", "--model", data / "run" / "small.onnx", "--out", data / "scores.csv"), home=home
    )
    assert scored.returncode == 0, scored.stderr
    scores = list(csv.DictReader((data / "scores.csv").open(newline="", encoding="utf-8")))
    assert [row["rank"] for row in scores] == [str(rank) for rank in range(1, IMAGES + 1)]
    assert {Path(row["image"]).stem for row in scores} == {row["image"] for row in rows}
    assert all(row["fleiss_kappa"] for row in scores)

"""The guide's page on Python: its code, block by block, does what the page says."""

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import binary_dilation

from annotriage.desktop.guide.guide_pages import guide_folder
from annotriage.regressors.recipes.recipe import recipe_toml
from tests.agreement.masks import write_mask
from tests.comparison.made_runs import write_grid
from tests.regressors.small import small_recipe

pytestmark = pytest.mark.slow

IMAGES = 20


def blocks() -> list[str]:
    """Return the page's code: what is indented by four, blank lines between included."""
    text = (guide_folder() / "python.md").read_text(encoding="utf-8")
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.MULTILINE)
    return [re.sub(r"^    ", "", each, flags=re.MULTILINE).strip() for each in found if each.strip()]


@pytest.fixture
def folder(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the page takes for granted: real images, masks of two people, a recipe, finished runs."""
    rng = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for path in sorted((shared_data / "isic" / "masks").iterdir())[:IMAGES]:
        stem = path.name.removesuffix("_segmentation.png")
        shutil.copy(shared_data / "isic" / "images" / f"{stem}.jpg", tmp_path / "photos")
        mask = np.asarray(Image.open(path)) > 127
        write_mask(tmp_path / "masks" / "ann" / f"{stem}.png", mask)
        write_mask(
            tmp_path / "masks" / "ben" / f"{stem}.png", binary_dilation(mask, iterations=int(rng.integers(2, 30)))
        )
    recipe = small_recipe(
        image_size=32,
        backbone="mobilenet_v3_large",
        fit={"epochs": 1, "batch_size": 8, "early_stopping": {"patience": 0}},
    )
    (tmp_path / "my-recipe.toml").write_text(recipe_toml(recipe), encoding="utf-8")
    write_grid(tmp_path / "runs" / "experiment", {"a": 0.1, "b": 0.2}, runs=4)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    return tmp_path


def test_every_block_runs_in_the_order_of_the_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for block in blocks():
        exec(compile(block, block, "exec"), names)
    said = capsys.readouterr().out
    assert len(names["table"]) == IMAGES and names["table"].error.isna().all()
    assert names["ranking"].disagreement.is_monotonic_decreasing
    assert "bundled" in said and "Friedman" not in said.split("bundled")[0], (
        "models are listed before runs are compared"
    )
    assert len(names["agreement"].images) == IMAGES and len(names["agreement"].pairs) == IMAGES
    assert names["agreement"].images.dice_mean.between(0.5, 1).all()
    assert names["model"].is_file() and names["own"].predicted_dice.notna().all()
    assert str(names["found"]) in said
    with Image.open(folder / "heatmap.png") as picture:
        assert len(set(picture.convert("RGB").getdata())) > 1000, "the picture and its map are in it"
    assert (folder / "runs.svg").read_text(encoding="utf-8").count("<path") > 20, "drawn as vectors"
    assert (folder / "comparison.pdf").read_bytes().startswith(b"%PDF")


def test_all_that_is_public_is_on_the_page() -> None:
    import annotriage

    text = (guide_folder() / "python.md").read_text(encoding="utf-8")
    told = [name for name in annotriage.__all__ if f"annotriage.{name}" in text]
    assert sorted({*told, "AgreementTables"}) == sorted(annotriage.__all__)

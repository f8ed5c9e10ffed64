"""The mask stage of one run taken over by another: whose it may be, and that nothing is fitted again."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from annotriage.errors import AnnotriageError
from annotriage.regressors.backbones import registry as backbones
from annotriage.regressors.backbones.backbone import ConvolutionalBackbone
from annotriage.regressors.pipeline.shared_mask_stage import has_mask_stage, same_mask_stage
from annotriage.regressors.pipeline.train import train
from annotriage.regressors.recipes.recipe import Recipe
from tests.regressors.small import small_recipe, write_folder, write_table

pytestmark = pytest.mark.slow


class StopHere(Exception):
    """Ends a run at the stage after its masks."""


@pytest.fixture(autouse=True)
def tiny_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ConvolutionalBackbone("shufflenet_v2_x0_5", stages=("conv1", "maxpool", "stage2", "stage3", "conv5"))
    monkeypatch.setitem(backbones.BACKBONES, "tiny", row)


def recipe_of(fold: int = 1, **changes: object) -> Recipe:
    values: dict[str, object] = {
        "backbone": "tiny",
        "image_size": 32,
        "split": {"folds": 3, "fold": fold},
        "mask_head": {"enabled": True},
        "mask_stage": {"batch_size": 8, "rounds": [{"image_size": 32, "epochs": 2}]},
        "fit": {"epochs": 1, "batch_size": 8},
    }
    return small_recipe(**(values | changes))


def masks_only(recipe: Recipe, folder: Path, run: Path, **how: Any) -> list[dict[str, Any]]:
    """Train until the masks are done; return the events."""
    events: list[dict[str, Any]] = []

    def listen(event: dict[str, Any]) -> None:
        events.append(event)
        if event.get("stage") not in (None, "masks"):
            raise StopHere

    with pytest.raises(StopHere):
        train(
            recipe, folder / "images", folder / "metrics.csv", run, masks=folder / "masks", report=listen, **how
        )  # fmt: skip
    return events


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """Return a folder of data whose run `first` has finished its masks."""
    write_folder(tmp_path, 36, unlabelled=24)
    masks_only(recipe_of(1), tmp_path, tmp_path / "first")
    return tmp_path


def weights(run: Path) -> dict[str, torch.Tensor]:
    loaded: dict[str, torch.Tensor] = torch.load(run / "checkpoints/masks/finished.pt", weights_only=True)
    return loaded


def test_another_fold_takes_the_masks_over_and_fits_none(first: Path) -> None:
    events = masks_only(recipe_of(2), first, first / "second", outlines=first / "first")
    assert not [event for event in events if event["event"] == "epoch"]
    one, two = weights(first / "first"), weights(first / "second")
    assert one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)
    stages = [row["stage"] for row in csv.DictReader((first / "second" / "curve.csv").open())]
    assert stages == ["masks", "masks"]
    assert json.loads((first / "second" / "versions.json").read_text())["outlines_of"] == "first"
    tests = [set(json.loads((first / run / "split.json").read_text())["test"]) for run in ("first", "second")]
    assert not tests[0] & tests[1]


def test_they_are_what_the_run_would_have_learned_itself(first: Path) -> None:
    masks_only(recipe_of(2), first, first / "own")
    one, own = weights(first / "first"), weights(first / "own")
    for name in one:
        torch.testing.assert_close(one[name], own[name], rtol=1e-3, atol=1e-4)


def test_a_run_that_has_its_own_keeps_it(first: Path) -> None:
    masks_only(recipe_of(2, seed=4), first, first / "own")
    before = weights(first / "own")
    masks_only(recipe_of(2, seed=4), first, first / "own", outlines=first / "first", resume=True)
    assert all(torch.equal(value, before[name]) for name, value in weights(first / "own").items())


def test_whose_masks_may_not_be_taken_over(first: Path) -> None:
    with pytest.raises(AnnotriageError, match=r"another recipe \(seed, mask_stage differ\)"):
        other = recipe_of(2, seed=3, mask_stage={"batch_size": 4, "rounds": [{"image_size": 32, "epochs": 2}]})
        train(
            other, first / "images", first / "metrics.csv", first / "a", masks=first / "masks", outlines=first / "first"
        )
    with pytest.raises(AnnotriageError, match=r"holds no finished mask stage .*finished\.pt"):
        train(recipe_of(2), first / "images", first / "metrics.csv", first / "b", masks=first / "masks", outlines=first)
    with pytest.raises(AnnotriageError, match="has no mask_stage that could be taken over"):
        without = recipe_of(2, mask_stage=None)
        train(
            without,
            first / "images",
            first / "metrics.csv",
            first / "c",
            masks=first / "masks",
            outlines=first / "first",
        )
    rows = list(csv.reader((first / "metrics.csv").open()))[1:]
    write_table(first / "metrics.csv", [tuple(row) for row in rows[:-1]])  # the last image is one without a label now
    with pytest.raises(AnnotriageError, match="it may have seen images on which this run is to be tested"):
        train(
            recipe_of(2), first / "images", first / "metrics.csv", first / "d", masks=first / "masks",
            outlines=first / "first",
        )  # fmt: skip


def test_which_recipes_share_their_masks(first: Path) -> None:
    assert has_mask_stage(first / "first") and not has_mask_stage(first)
    assert same_mask_stage(recipe_of(1), recipe_of(2, name="other", fit={"epochs": 9}))
    assert not same_mask_stage(recipe_of(1), recipe_of(1, seed=1))
    assert not same_mask_stage(recipe_of(1), recipe_of(1, weights="imagenet"))

"""One fit: what a stop leaves, what a resume goes on from, and that both come to what an undisturbed fit comes to."""

import csv
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from annotriage.regressors.backbones import registry as backbones
from annotriage.regressors.backbones.backbone import ConvolutionalBackbone
from annotriage.regressors.data.pixels import PackedImages, PlainBatches, ShuffledBatches, pack_pixels, to_network
from annotriage.regressors.fitting.controls import Stopped
from annotriage.regressors.fitting.fit_module import Weights, distance, resized
from annotriage.regressors.fitting.fit_stage import fit_stage
from annotriage.regressors.fitting.inference import predict
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.recipes.recipe import Recipe
from annotriage.regressors.recipes.sections import Loss
from tests.regressors.small import awake_network, small_recipe

pytestmark = pytest.mark.slow

TRAIN, VALIDATION = list(range(24)), list(range(24, 36))


@pytest.fixture(autouse=True)
def tiny_backbone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Add the smallest of torchvision's networks to the table: a checkpoint of it is 4 MB instead of 130."""
    row = ConvolutionalBackbone("shufflenet_v2_x0_5", stages=("conv1", "maxpool", "stage2", "stage3", "conv5"))
    monkeypatch.setitem(backbones.BACKBONES, "tiny", row)
    yield


@pytest.fixture(scope="module")
def data() -> PackedImages:
    """Pack 36 pictures whose brightness is their Dice."""
    rng = np.random.default_rng(0)
    dice = rng.uniform(0.2, 1, 36).astype(np.float32)
    pixels = np.clip(dice[:, None, None, None] * 200 + rng.normal(0, 10, (36, 32, 32, 3)), 0, 255).astype(np.uint8)
    return PackedImages(pixels, dice[:, None])


def recipe_of(epochs: int = 4, **fit: Any) -> Recipe:
    augmentation = {"rotation_degrees": 20, "zoom": 0.1, "mixup": 0.4}
    return small_recipe(
        backbone="tiny", image_size=32, fit={"epochs": epochs, "batch_size": 8, "augmentation": augmentation} | fit
    )


def fit_it(
    recipe: Recipe,
    data: PackedImages,
    folder: Path,
    *,
    validation: list[int] = VALIDATION,
    heard: Callable[[dict[str, Any]], None] = lambda _: None,
) -> Regressor:
    torch.manual_seed(0)
    network = Regressor(recipe)
    fit_stage(
        network,
        data,
        ShuffledBatches(TRAIN, recipe.fit.batch_size, seed=1),
        validation,
        fit=recipe.fit,
        weights=Weights(),
        folder=folder / "fit",
        stage="fit",
        curve=folder / "curve.csv",
        report=heard,
        seed=3,
        image_sizes=[32] * recipe.fit.epochs,
    )
    return network.eval()


def curve(folder: Path) -> list[dict[str, str]]:
    with (folder / "curve.csv").open() as source:
        rows = list(csv.DictReader(source))
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def same(a: Regressor, b: Regressor) -> bool:
    pairs = zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    return all(torch.allclose(x, y, atol=1e-6) for x, y in pairs)


def stop_at(epoch: int) -> Callable[[dict[str, Any]], None]:
    """Press Ctrl-C when an epoch is told of, which is before its checkpoint is written."""

    def heard(event: dict[str, Any]) -> None:
        if event["event"] == "epoch" and event["epoch"] == epoch:
            raise KeyboardInterrupt

    return heard


def epochs_into(told: list[int]) -> Callable[[dict[str, Any]], None]:
    """Note the epochs that are told of."""
    return lambda event: told.append(event["epoch"]) if event["event"] == "epoch" else None


@pytest.mark.parametrize("schedule", ["plateau", "one_cycle"])
def test_a_stopped_fit_goes_on_to_what_an_undisturbed_one_comes_to(
    schedule: str, data: PackedImages, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # A plateau at once: what its schedule has seen must survive the stop, or the rates differ.
    recipe = recipe_of(
        schedule={"name": schedule, "patience": 0, "factor": 0.3},
        optimiser={"learning_rate": 0.02},
        early_stopping={"keep_best": False, "patience": 0},
    )
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    parts.mkdir()
    undisturbed = fit_it(recipe, data, whole)

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(Stopped):
        fit_it(recipe, data, parts, heard=stop_at(3))
    assert signal.getsignal(signal.SIGINT) is handler, "Ctrl-C must go on working"
    assert not (parts / "fit" / "finished.pt").exists() and (parts / "fit" / "last.ckpt").exists()

    told: list[int] = []
    resumed = fit_it(recipe, data, parts, heard=epochs_into(told))
    assert told == [3, 4]
    assert [row["epoch"] for row in curve(parts)] == ["1", "2", "3", "4"]
    assert curve(parts) == curve(whole)
    assert same(resumed, undisturbed)
    assert [file.name for file in (parts / "fit").iterdir()] == ["finished.pt"]
    assert capfd.readouterr() == ("", ""), "Lightning's remarks are none of the user's business"


def test_a_stopped_fit_goes_on_after_its_last_epoch_also_where_that_was_not_its_best(
    data: PackedImages, tmp_path: Path
) -> None:
    # So fast that it gets worse from the second epoch on.
    recipe = recipe_of(
        4,
        optimiser={"learning_rate": 0.05},
        schedule={"name": "constant"},
        early_stopping={"patience": 0},
    )
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    parts.mkdir()
    undisturbed = fit_it(recipe, data, whole)
    losses = [float(row["validation_loss"]) for row in curve(whole)]
    assert min(losses[:3]) < losses[2], "the third epoch is not to be the best"
    with pytest.raises(Stopped):
        fit_it(recipe, data, parts, heard=stop_at(4))
    told: list[int] = []
    resumed = fit_it(recipe, data, parts, heard=epochs_into(told))
    assert told == [4] and curve(parts) == curve(whole) and same(resumed, undisturbed)


def test_a_finished_stage_is_not_fitted_again(data: PackedImages, tmp_path: Path) -> None:
    first = fit_it(recipe_of(1), data, tmp_path)
    told: list[Any] = []
    again = fit_it(recipe_of(1), data, tmp_path, heard=told.append)
    assert not told and same(first, again) and len(curve(tmp_path)) == 1


def test_a_stop_between_the_last_epoch_and_the_end_loses_nothing(
    data: PackedImages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Regressor, "cpu", full)
        with pytest.raises(OSError, match="No space"):
            fit_it(recipe_of(2), data, tmp_path)
    told: list[Any] = []
    fit_it(recipe_of(2), data, tmp_path, heard=told.append)
    assert not told and [row["epoch"] for row in curve(tmp_path)] == ["1", "2"]


def test_a_stop_in_the_first_epoch_starts_again_with_one_line_an_epoch(data: PackedImages, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        fit_it(recipe_of(2), data, tmp_path, heard=stop_at(1))
    fit_it(recipe_of(2), data, tmp_path)
    assert [row["epoch"] for row in curve(tmp_path)] == ["1", "2"]


def test_the_best_epoch_is_kept_and_a_fit_that_gets_worse_ends_early(data: PackedImages, tmp_path: Path) -> None:
    recipe = recipe_of(
        30,
        precision="float32",  # as answers are given, which are compared with the curve
        optimiser={"learning_rate": 0.05},
        schedule={"name": "constant"},
        early_stopping={"patience": 2},
        augmentation={"rotation_degrees": 0},
    )
    network = fit_it(recipe, data, tmp_path)
    losses = [float(row["validation_loss"]) for row in curve(tmp_path)]
    assert len(losses) < 30 and min(losses) == losses[-3]
    said = predict(network, data, VALIDATION)["dice"]
    assert np.mean((said - data.targets[VALIDATION, 0]) ** 2) == pytest.approx(min(losses), rel=1e-3)


def test_a_fit_learns(data: PackedImages, tmp_path: Path) -> None:
    recipe = recipe_of(
        20,
        batch_size=4,
        optimiser={"learning_rate": 5e-3},
        schedule={"name": "one_cycle"},
        loss={"name": "smooth_l1"},
        augmentation={"rotation_degrees": 0},
    )
    network = fit_it(recipe, data, tmp_path, validation=[])
    losses = [float(row["train_loss"]) for row in curve(tmp_path)]
    assert np.mean(losses[-4:]) < 0.6 * np.mean(losses[:2])
    assert (predict(network, data, TRAIN)["spread"] > 0).all()


def test_answers_are_averaged_over_flips_and_turns(data: PackedImages) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (8, 32, 32, 3), dtype=np.uint8)
    packed = PackedImages(pixels, data.targets[:8])
    turned = PackedImages(np.ascontiguousarray(np.rot90(pixels, axes=(1, 2))), data.targets[:8])
    network = awake_network(recipe_of(), like=to_network(packed.at_size(range(8))))
    once = [predict(network, each, [0, 1, 2])["dice"] for each in (packed, turned)]
    eight = [predict(network, each, [0, 1, 2], views=8)["dice"] for each in (packed, turned)]
    assert np.abs(once[0] - once[1]).max() > 1e-2
    np.testing.assert_allclose(eight[0], eight[1], atol=1e-4)


def test_losses_are_the_named_ones() -> None:
    said, true = torch.tensor([0.2, 0.9]), torch.tensor([0.5, 0.85])
    assert distance(said, true, Loss(name="mse")).item() == pytest.approx((0.09 + 0.0025) / 2)
    assert distance(said, true, Loss(name="l1")).item() == pytest.approx(0.175)
    assert distance(said, true, Loss(name="smooth_l1", beta=0.1)).item() == pytest.approx((0.25 + 0.0125) / 2)


def test_images_and_masks_are_shrunk_together() -> None:
    images, masks = torch.rand(2, 3, 64, 64), torch.rand(2, 64, 64)
    small, small_masks = resized(images, masks, 32)
    assert small.shape == (2, 3, 32, 32) and small_masks is not None and small_masks.shape == (2, 32, 32)
    assert torch.allclose(small_masks.mean((1, 2)), masks.mean((1, 2)), atol=1e-5)
    assert resized(images, None, 64)[0] is images


def test_batches_go_through_all_rows_in_an_order_of_their_epoch() -> None:
    batches = ShuffledBatches(range(10, 30), 5, beside=range(3), beside_size=2, seed=4)
    first, again = list(batches), list(batches)
    batches.set_epoch(1)
    other = list(batches)
    assert first == again != other and len(first) == len(batches) == 4
    assert sorted(row for batch in first for row in batch[:5]) == list(range(10, 30))
    assert all(len(set(batch[5:])) == 2 and set(batch[5:]) <= {0, 1, 2} for batch in first)
    assert list(PlainBatches([5, 6, 7], 2)) == [[5, 6], [7]] and len(PlainBatches([5, 6, 7], 2)) == 2
    assert list(ShuffledBatches([1, 2, 3], 8)), "fewer rows than a batch are one batch"


def test_packed_pixels_are_those_of_scoring_and_bad_files_are_named(shared_data: Path, tmp_path: Path) -> None:
    from annotriage.images import read_rgb

    good = sorted((shared_data / "isic" / "images").iterdir())[:2]
    bad = tmp_path / "cut.jpg"
    bad.write_bytes(good[0].read_bytes()[:2000])
    problems = pack_pixels([good[0], bad, good[1]], 64, tmp_path / "pixels.npy")
    packed = np.load(tmp_path / "pixels.npy", mmap_mode="r")
    assert list(problems) == [bad] and not packed[1].any()
    np.testing.assert_array_equal(packed[0], read_rgb(good[0], (64, 64)))
    np.testing.assert_array_equal(packed[2], read_rgb(good[1], (64, 64)))

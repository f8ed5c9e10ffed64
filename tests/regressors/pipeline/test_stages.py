"""Where the last layer starts: at the best line through the lesion terms, by the recipe's own measure of an error."""

import numpy as np
import pytest
import torch

from annotriage.regressors.data.pixels import PackedImages
from annotriage.regressors.fitting.inference import predict
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.pipeline.stages import start_head
from tests.regressors.small import awake_network, small_recipe

pytestmark = pytest.mark.slow


def some_data(count: int = 60) -> PackedImages:
    rng = np.random.default_rng(0)
    dice = np.where(rng.random(count) < 0.2, rng.uniform(0, 0.4, count), rng.normal(0.9, 0.03, count)).clip(0, 1)
    pixels = rng.integers(0, 255, (count, 64, 64, 3), np.uint8)
    return PackedImages(pixels, dice.astype(np.float32)[:, None])


def errors(network: Regressor, data: PackedImages) -> np.ndarray:
    rows = list(range(len(data)))
    return predict(network, data, rows)["dice"] - data.targets[rows, 0]


def test_the_line_is_best_by_the_loss_that_comes_next() -> None:
    data, rows = some_data(), list(range(60))
    found = {}
    for loss in ("l1", "mse"):
        network = awake_network(small_recipe(mask_head={"enabled": True}))
        start_head(network, data, rows, loss)
        found[loss] = errors(network, data)
    assert np.abs(found["l1"]).mean() < np.abs(found["mse"]).mean()
    assert (found["mse"] ** 2).mean() < (found["l1"] ** 2).mean()
    # No other line through the same terms is better by absolute errors.
    network = awake_network(small_recipe(mask_head={"enabled": True}))
    start_head(network, data, rows, "l1")
    best = np.abs(errors(network, data)).mean()
    for k in range(3):
        for step in (-0.01, 0.01):
            with torch.no_grad():
                network.term_weights[0, k] += step
            assert np.abs(errors(network, data)).mean() >= best - 1e-6
            with torch.no_grad():
                network.term_weights[0, k] -= step


def test_without_a_mask_head_it_starts_at_the_mean() -> None:
    data = some_data()
    network = awake_network(small_recipe())
    start_head(network, data, list(range(60)), "l1")
    assert float(network.linear.bias[0].detach()) == pytest.approx(float(data.targets.mean()))

"""Settling: weights between two states, and an expected error that fits the network that comes of it."""

import numpy as np
import pytest
import torch

from annotriage.regressors.data.pixels import PackedImages
from annotriage.regressors.fitting.inference import predict
from annotriage.regressors.networks.way_heads import LEAST_SPREAD
from annotriage.regressors.networks.weight_interpolation import interpolate_weights, refit_spread
from tests.regressors.small import awake_network, small_recipe

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_each_weight_lies_that_far_on_its_way(share: float) -> None:
    network, end = (awake_network(small_recipe(mask_head={"enabled": True}), seed) for seed in (1, 2))
    start = {name: value.clone() for name, value in network.state_dict().items()}
    there = {name: value.clone() for name, value in end.state_dict().items()}
    interpolate_weights(end, start, share)
    for name, value in end.state_dict().items():
        if value.is_floating_point():
            assert torch.allclose(value, (1 - share) * start[name] + share * there[name], atol=1e-6), name


def test_the_expected_error_is_what_the_teachers_told() -> None:
    rng = np.random.default_rng(0)
    network = awake_network(small_recipe(mask_head={"enabled": True}))
    data = PackedImages(rng.integers(0, 255, (40, 64, 64, 3), np.uint8), np.zeros((40, 1), np.float32))
    rows = list(range(40))
    said = predict(network, data, rows)
    # As a softplus of the terms and the Dice, which the layer can tell exactly.
    told = np.log1p(np.exp(-2 + 0.5 * said["terms"][:, 0] - 0.3 * said["terms"][:, 2] - said["dice"])) + LEAST_SPREAD
    before = said["spread"]
    returned = refit_spread(network, said, told[:, None])[:, 0]
    again = predict(network, data, rows)
    assert np.abs(before - told).mean() > 0.01
    assert again["spread"] == pytest.approx(told, rel=1e-3) and returned == pytest.approx(again["spread"], rel=1e-4)
    assert np.array_equal(again["dice"], said["dice"])


def test_an_error_of_nothing_is_no_trouble() -> None:
    network = awake_network(small_recipe(mask_head={"enabled": True}))
    by_way = np.linspace(0, 1, 9, dtype=np.float32)[:, None, None] * np.ones((1, 1, 2), np.float32)
    said = {"by_way": by_way, "terms": np.zeros((9, 3), np.float32)}
    assert np.isfinite(refit_spread(network, said, np.zeros((9, 1)))).all()


def test_each_way_has_an_expected_error_of_its_own() -> None:
    rng = np.random.default_rng(0)
    network = awake_network(small_recipe(mask_head={"enabled": True}))
    network.add_ways(2)
    assert network.ways is not None
    network.ways.dice.bias.data += torch.tensor([0.2, -0.1])
    data = PackedImages(rng.integers(0, 255, (40, 64, 64, 3), np.uint8), np.zeros((40, 1), np.float32))
    said = predict(network, data, list(range(40)))
    dice, terms = said["by_way"][:, :, 0], said["terms"]
    told = np.log1p(np.exp(-2 + terms[:, :1] * [0.5, -0.2, 0.1] - dice * [1, 0.5, 2])) + LEAST_SPREAD
    returned = refit_spread(network, said, told)
    again = predict(network, data, list(range(40)))["by_way"]
    assert again[:, :, 1] == pytest.approx(told, rel=1e-3) and returned == pytest.approx(told, rel=1e-3)
    assert np.array_equal(again[:, :, 0], dice)

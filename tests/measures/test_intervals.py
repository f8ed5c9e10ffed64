"""Intervals: as many hold the truth as promised, on data like those that the factors were measured on."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotriage.measures.intervals import (
    ConformalFactors,
    conformal_factors,
    fewest_images,
    interval,
    too_few_sentence,
)

SPREADS = st.floats(0.001, 2)


def drawn(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw Dice, predictions and spreads as real ones are: errors lean down, and the spread only half knows them."""
    predicted = rng.uniform(0.3, 1.0, n)
    scale = rng.uniform(0.02, 0.2, n)
    true = np.clip(predicted + rng.normal(0, scale) - rng.exponential(scale / 2), 0, 1)
    return true, predicted, scale * rng.lognormal(0, 0.5, n)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_coverage_on_exchangeable_data_is_the_level(level: float) -> None:
    rng = np.random.default_rng(0)
    held, lean = [], []
    for _ in range(200):
        true, predicted, spread = drawn(rng, 200)
        factors = conformal_factors(true[:100], predicted[:100], spread[:100], level)
        ends = interval(predicted[100:], spread[100:], factors)
        held.append(np.mean((ends[:, 0] <= true[100:]) & (true[100:] <= ends[:, 1])))
        lean.append(np.mean(true[100:] < ends[:, 0]))
    # At least the level (the clamping to 0..1 and the finite-sample correction only add), and not much above it.
    assert level - 0.01 <= np.mean(held) <= level + 0.05
    # Each tail gets no more than its half.
    assert np.mean(lean) <= (1 - level) / 2 + 0.01


@pytest.mark.slow
@settings(max_examples=60)
@given(st.data(), st.floats(0.05, 0.99))
def test_interval_holds_the_clamped_prediction_and_stays_a_dice(data: st.DataObject, level: float) -> None:
    n = data.draw(st.integers(1, 40))
    true = data.draw(arrays(np.float64, n, elements=st.floats(0, 1)))
    predicted = data.draw(arrays(np.float32, n, elements=st.floats(-1, 2, width=32)))
    spread = data.draw(arrays(np.float64, n, elements=SPREADS))
    factors = conformal_factors(true, np.clip(predicted, 0, 1), spread, level)
    ends = interval(predicted, spread, factors)
    middle = np.clip(predicted.astype(np.float64), 0, 1)
    assert ends.shape == (n, 2) and (ends >= 0).all() and (ends <= 1).all()
    assert (ends[:, 0] <= middle).all() and (middle <= ends[:, 1]).all()
    assert factors.images == n and factors.level == level


@pytest.mark.slow
@settings(max_examples=60)
@given(st.data())
def test_factors_grow_with_the_level(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 60))
    true, predicted = (data.draw(arrays(np.float64, n, elements=st.floats(0, 1))) for _ in range(2))
    spread = data.draw(arrays(np.float64, n, elements=SPREADS))
    low, high = sorted(data.draw(st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99))))
    narrow, wide = (conformal_factors(true, predicted, spread, level) for level in (low, high))
    assert narrow.below <= wide.below and narrow.above <= wide.above
    inner, outer = interval(predicted, spread, narrow), interval(predicted, spread, wide)
    assert (outer[:, 0] <= inner[:, 0]).all() and (inner[:, 1] <= outer[:, 1]).all()


def test_the_images_it_was_measured_on_are_covered() -> None:
    true, predicted, spread = drawn(np.random.default_rng(3), 400)
    ends = interval(predicted, spread, conformal_factors(true, predicted, spread))
    assert np.mean((ends[:, 0] <= true) & (true <= ends[:, 1])) >= 0.9


def test_wider_where_the_spread_is_larger() -> None:
    ends = interval(np.full(3, 0.5), np.array([0.05, 0.1, 0.2]), ConformalFactors(1.5, 1.0, 0.9, 50))
    np.testing.assert_allclose(ends, [[0.425, 0.55], [0.35, 0.6], [0.2, 0.7]])


def test_too_few_images_give_the_largest_residual() -> None:
    factors = conformal_factors(np.array([0.5, 0.2]), np.array([0.6, 0.6]), np.array([0.1, 0.1]))
    assert math.isclose(factors.below, 4.0) and math.isclose(factors.above, -1.0)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95])
def test_too_few_images_for_a_level_are_said(level: float) -> None:
    fewest = fewest_images(level)
    for images in (1, fewest - 1, fewest, fewest + 1):
        cut_off = math.ceil(round((images + 1) * (1 - (1 - level) / 2), 9)) > images
        assert bool(too_few_sentence(images, level)) == cut_off
    assert fewest_images(0.9) == 19
    assert "from 7 images only; at least 19 are needed" in too_few_sentence(7)

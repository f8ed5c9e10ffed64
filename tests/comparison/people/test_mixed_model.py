"""The model of people and images against statsmodels, and its intervals against leaving each image out."""

import math
import warnings
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.regression.linear_model import GLS
from statsmodels.regression.mixed_linear_model import MixedLM

from annotriage.comparison.people import mixed_model
from annotriage.comparison.people.mixed_model import ImageModel, against_others, comparable, independent

Floats = NDArray[np.float64]


def team(seed: int, images: int = 30, people: int = 4) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return values, people and images of a team whose members drew some of the images each, each in its own way."""
    chance = np.random.default_rng(seed)
    drawn = chance.random((images, people)) < 0.7
    drawn[:, :2] |= drawn.sum(axis=1, keepdims=True) < 2
    at, who = np.nonzero(drawn)
    noise = chance.standard_t(5, len(at)) * (0.1 + 0.05 * who)
    return chance.normal(0, 0.8, images)[at] + 0.1 * who + noise, np.eye(people)[who], at.astype(np.int64)


@pytest.mark.parametrize("seed", range(5))
def test_estimates_are_those_of_statsmodels(seed: int) -> None:
    y, people, images = team(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = MixedLM(y, people, groups=images).fit(reml=True)
    model = ImageModel(y, people, images)
    assert model.coefficients == pytest.approx(reference.fe_params, abs=1e-6)
    assert model.between == pytest.approx(float(reference.cov_re[0, 0]) / reference.scale)
    assert model.note == ""


def test_intervals_leave_out_one_image_at_a_time() -> None:
    y, people, images = team(7)
    model = ImageModel(y, people, images)

    def fitted(kept: NDArray[np.bool_]) -> Floats:
        same = images[kept][:, None] == images[kept][None, :]
        fit = GLS(y[kept], people[kept], sigma=np.eye(int(kept.sum())) + model.between * same).fit()
        return np.asarray(fit.params)

    whole = fitted(np.ones(len(y), bool))
    weights = against_others(2, range(4), 4)
    left = np.array([weights @ (whole - fitted(images != image)) for image in np.unique(images)])
    found = model.difference(weights, 20)
    half = (found.high - found.low) / 2
    from scipy import stats

    error = math.sqrt((left**2).sum() * (1 - 1 / len(left)))
    assert found.df <= 20
    assert half == pytest.approx(error * stats.t.ppf(0.975, found.df))
    assert found.value == pytest.approx(weights @ whole)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(found.value) / error, found.df))


@pytest.mark.slow
@settings(max_examples=20)
@given(st.integers(0, 10_000), st.randoms())
def test_no_order_matters(seed: int, chance: Random) -> None:
    y, people, images = team(seed, images=12, people=3)
    order = list(range(len(y)))
    chance.shuffle(order)
    weights = against_others(0, range(3), 3)
    one = ImageModel(y, people, images).difference(weights, 9)
    other = ImageModel(y[order], people[order], images.max() - images[order]).difference(weights, 9)
    assert (one.value, one.low) == pytest.approx((other.value, other.low), abs=1e-4)


def test_who_shares_no_images_cannot_be_compared() -> None:
    people = np.eye(4)[[0, 1, 0, 1, 2, 3, 2, 3]]
    images = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    model = ImageModel(np.arange(8.0), people, images)
    assert comparable(model, range(4), 4) == [[0, 1], [2, 3]]


def test_who_alone_uses_a_tool_cannot_be_told_from_it() -> None:
    people = np.eye(3)[[0, 1, 2] * 6]
    images = np.repeat(np.arange(6), 3)
    tool = (people[:, 2] > 0).astype(float)[:, None]
    model = ImageModel(np.random.default_rng(0).normal(size=18), np.hstack([people, tool]), images)
    assert comparable(model, range(3), 4) == [[0, 1], [2]]


def test_values_without_any_difference() -> None:
    model = ImageModel(np.ones(12), np.eye(2)[[0, 1] * 6], np.repeat(np.arange(6), 2))
    found = model.difference(against_others(0, range(2), 2), 5)
    assert (found.value, found.p) == (pytest.approx(0), 1.0)


def test_a_model_that_finds_no_answer_compares_within_images(monkeypatch: pytest.MonkeyPatch) -> None:
    y, people, images = team(3)

    def fails(*_: object, **__: object) -> None:
        raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setattr(MixedLM, "fit", fails)
    model = ImageModel(y, people, images)
    assert math.isinf(model.between) and "found no answer" in model.note
    fixed = np.hstack([people, np.eye(images.max() + 1)[images]])
    reference = np.linalg.lstsq(fixed, y, rcond=None)[0]
    weights = against_others(1, range(4), 4)
    assert model.difference(weights, 20).value == pytest.approx(weights @ reference[:4])


def test_large_teams_take_the_share_of_images_from_some_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    y, people, images = team(4, images=60)
    whole = ImageModel(y, people, images)
    monkeypatch.setattr(mixed_model, "MOST_IMAGES", 40)
    some = ImageModel(y, people, images)
    assert some.between != whole.between
    assert some.coefficients == pytest.approx(whole.coefficients, abs=0.02)


def test_columns_that_are_sums_of_others() -> None:
    columns = np.array([[1.0, 0, 1, 2], [0, 1, 1, 0], [1, 0, 1, 5]])
    assert independent(columns).tolist() == [0, 1, 3]

"""Outline teachers: what they say of an image comes from other folds, and where they err more they say so."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import spearmanr

from annotriage.regressors.data.pairs import EXPERTS, WITH_NOVICE, Pairs
from annotriage.regressors.data.pixels import PackedImages
from annotriage.regressors.pipeline.learned_ways import only_mixed
from annotriage.regressors.pipeline.outline_teachers import (
    cross_fitted,
    cross_fitted_ways,
    outline_predictions,
)
from tests.regressors.small import awake_network, small_recipe

pytestmark = pytest.mark.slow


def made(n: int, seed: int, others: int = 0) -> tuple[NDArray[np.float64], ...]:
    """Numbers whose first column says the Dice, the less surely the larger the second."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n + others, 4))
    dice = 0.8 + 0.1 * np.tanh(numbers[:, 0]) + 0.08 * (numbers[:, 1] > 0) * rng.normal(size=n + others)
    fold_of = rng.permutation(np.arange(n) % 5)
    return numbers[:n], dice[:n].clip(0, 1), fold_of, numbers[n:], dice[n:]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), fold=st.integers(0, 4))
def test_an_answer_does_not_depend_on_labels_of_its_own_fold(seed: int, fold: int) -> None:
    known, dice, fold_of, _, _ = made(60, seed)
    other = np.where(fold_of == fold, np.random.default_rng(seed).uniform(0, 1, 60), dice)
    before, after = (cross_fitted(known, labels, fold_of, known[:0])[0] for labels in (dice, other))
    mine = fold_of == fold
    assert np.array_equal(before[mine, 0], after[mine, 0])
    assert not np.array_equal(before[~mine, 0], after[~mine, 0])


def test_they_find_what_the_numbers_say_and_how_sure_it_is() -> None:
    known, dice, fold_of, others, true = made(400, 1, others=200)
    blind, told = cross_fitted(known, dice, fold_of, others)
    assert blind.shape == (400, 2) and told.shape == (200, 2) and (blind[:, 1] > 0).all() and (told[:, 1] > 0).all()
    for said, real, numbers in ((blind, dice, known), (told, true, others)):
        assert np.abs(said[:, 0] - real).mean() < 0.6 * np.abs(np.median(real) - real).mean()
        unsure = numbers[:, 1] > 0
        assert said[unsure, 1].mean() > 1.5 * said[~unsure, 1].mean()
        assert said[:, 1].mean() == pytest.approx(np.abs(said[:, 0] - real).mean(), rel=0.25)


def test_images_without_a_label_may_be_missing() -> None:
    known, dice, fold_of, others, _ = made(30, 2)
    blind, told = cross_fitted(known, dice, fold_of, others)
    assert np.isfinite(blind).all() and told.shape == (0, 2)


def test_they_look_at_the_lesion_map_alone() -> None:
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 255, (24, 64, 64, 3), np.uint8)
    targets = np.full((24, 1), np.nan, np.float32)
    targets[:20, 0] = rng.uniform(0.5, 1, 20)
    network = awake_network(small_recipe(mask_head={"enabled": True}))
    data = PackedImages(pixels, targets)
    learned, free, fold_of = list(range(20)), [20, 21, 22, 23], np.arange(20) % 2
    ways = only_mixed(targets, 20)
    blind, told = outline_predictions(network, data, learned, fold_of, free, 2, ways)
    assert blind.shape == (20, 1, 2) and told.shape == (4, 1, 2)
    network.linear.weight.data.mul_(5)  # the head has no say in it
    again = outline_predictions(network, data, learned, fold_of, free, 2, ways)
    assert np.array_equal(blind, again[0]) and np.array_equal(told, again[1])
    # Turned by half a turn, images say the same to eight views.
    turned = PackedImages(np.ascontiguousarray(pixels[:, ::-1, ::-1]), targets)
    one, other = (outline_predictions(network, each, learned, fold_of, free, 8, ways)[0] for each in (data, turned))
    assert spearmanr(one[:, 0, 0], other[:, 0, 0]).statistic > 0.99


def made_pairs(n: int, seed: int) -> tuple[NDArray[np.float64], Pairs, NDArray[np.integer]]:
    """One or two pairs an image, by hand or with flood fill; filling takes more from images of a small first number."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n, 4))
    row = np.repeat(np.arange(n), 2)[rng.random(2 * n) < 0.7]
    way, skill = rng.integers(0, 2, len(row)), np.where(rng.random(len(row)) < 0.5, EXPERTS, WITH_NOVICE)
    dice = 0.9 - way * 0.15 + (0.02 + 0.08 * way) * np.tanh(numbers[row, 0]) - 0.04 * (skill == WITH_NOVICE)
    dice += 0.02 * rng.normal(size=len(row))
    return numbers, Pairs(row, way, skill, dice.clip(0, 1)), rng.permutation(np.arange(n) % 5)


def test_an_answer_for_a_way_does_not_depend_on_pairs_of_its_own_fold() -> None:
    known, pairs, fold_of = made_pairs(80, 0)
    mine = fold_of == 2
    other = Pairs(pairs.row, pairs.way, pairs.skill, np.where(mine[pairs.row], 0.1, pairs.dice))
    before, after = (
        cross_fitted_ways(known, each, fold_of, known[:0], ["hand", "hand_fill"])[0] for each in (pairs, other)
    )
    assert np.array_equal(before[mine, :, 0], after[mine, :, 0])
    assert not np.array_equal(before[~mine, :, 0], after[~mine, :, 0])


def test_each_way_is_answered_by_what_its_pairs_say() -> None:
    known, pairs, fold_of = made_pairs(400, 1)
    others = np.random.default_rng(2).normal(size=(100, 4))
    blind, told = cross_fitted_ways(known, pairs, fold_of, others, ["hand", "hand_fill"])
    assert blind.shape == (400, 2, 2) and told.shape == (100, 2, 2) and (told[:, :, 1] > 0).all()
    for said, numbers in ((blind, known), (told, others)):
        for way in range(2):
            # On the mean over the skills of those who drew so.
            novice = (pairs.skill[pairs.way == way] == WITH_NOVICE).mean()
            true = 0.9 - way * 0.15 + (0.02 + 0.08 * way) * np.tanh(numbers[:, 0]) - 0.04 * novice
            assert np.abs(said[:, way, 0] - true).mean() < 0.02
    own = pairs.by_way(400, 2)
    errors = np.abs(blind[:, :, 0] - own)
    assert blind[:, :, 1].mean(0) == pytest.approx(np.nanmean(errors, 0), rel=0.25)


def test_an_image_of_many_pairs_counts_as_much_as_one_of_few() -> None:
    known, pairs, fold_of = made_pairs(60, 3)
    again = np.concatenate([np.arange(len(pairs.row)), *[np.flatnonzero(pairs.row == pairs.row[0])] * 9])
    many = Pairs(pairs.row[again], pairs.way[again], pairs.skill[again], pairs.dice[again])
    one, other = (
        cross_fitted_ways(known, each, fold_of, known, ["hand", "hand_fill"])[1][:, :, 0] for each in (pairs, many)
    )
    # But for the skills, of which a way's answer is the mean over pairs, and the solver's last digits.
    assert np.abs(one - other).max() < 0.02


def test_a_way_of_one_fold_alone_is_answered_too() -> None:
    known, pairs, fold_of = made_pairs(60, 4)
    alone = (pairs.way == 0) | (fold_of[pairs.row] == 1)
    blind, told = cross_fitted_ways(known, pairs.taken(alone), fold_of, known[:5], ["hand", "hand_fill"])
    assert np.isfinite(blind).all() and np.isfinite(told).all()

"""Dice, Jaccard and kappa against scikit-learn and statsmodels."""

import math

import numpy as np
import pytest
from hypothesis import given
from sklearn.metrics import f1_score, jaccard_score
from statsmodels.stats.inter_rater import fleiss_kappa as reference_kappa

from annotriage.agreement.overlaps import dice, dice_table, fleiss_kappa, jaccard, jaccard_table, overlaps
from tests.agreement.masks import Mask, blob, stacks

EMPTY, FULL = np.zeros((5, 7), np.bool_), np.ones((5, 7), np.bool_)


@pytest.mark.slow
def test_dice_and_jaccard_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        height, width = rng.integers(1, 60, 2).tolist()
        first, second = blob(rng, height, width), blob(rng, height, width)
        flat = first.ravel(), second.ravel()
        assert dice(first, second) == pytest.approx(f1_score(*flat, zero_division=1.0), abs=1e-9)
        assert jaccard(first, second) == pytest.approx(jaccard_score(*flat, zero_division=1.0), abs=1e-9)


@pytest.mark.slow
@given(stacks)
def test_kappa_is_that_of_statsmodels(masks: Mask) -> None:
    marked = masks.sum(axis=0).ravel()
    ours = fleiss_kappa(overlaps(masks), masks[0].size)
    if masks.any() and not masks.all():
        assert ours == pytest.approx(reference_kappa(np.stack([marked, len(masks) - marked], axis=1)), abs=1e-9)
    else:
        assert math.isnan(ours), "chance alone agrees fully: nothing to correct by"


def test_kappa_by_hand() -> None:
    # Of four pixels, two annotators agree on three. Marked: 3 of 8. Chance: (3/8)^2 + (5/8)^2 = 34/64.
    masks = np.array([[[1, 1, 0, 0]], [[1, 0, 0, 0]]], np.bool_)
    assert fleiss_kappa(overlaps(masks), 4) == pytest.approx((3 / 4 - 34 / 64) / (1 - 34 / 64))
    assert math.isnan(fleiss_kappa(overlaps(masks[:1]), 4)), "one annotator alone"


def test_counts_of_pixels() -> None:
    masks = np.array([[[1, 1, 0, 0]], [[0, 1, 1, 1]], [[0, 0, 0, 0]]], np.bool_)
    assert overlaps(masks).tolist() == [[2, 1, 0], [1, 3, 0], [0, 0, 0]]


@pytest.mark.parametrize(("measure", "table"), [(dice, dice_table), (jaccard, jaccard_table)])
def test_two_empty_masks_agree_and_one_does_not(measure: object, table: object) -> None:
    assert callable(measure) and callable(table)
    assert measure(EMPTY, EMPTY) == 1
    assert measure(EMPTY, FULL) == measure(FULL, EMPTY) == 0
    assert measure(FULL, FULL) == 1
    assert table(overlaps(np.stack([EMPTY, EMPTY, FULL]))).tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]


def test_large_images_do_not_overflow() -> None:
    counts = np.full((100, 100), 300_000_000, np.int64)
    assert fleiss_kappa(counts, 600_000_000) == pytest.approx(1)

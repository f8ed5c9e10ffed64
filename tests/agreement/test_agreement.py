"""All measures of one image together."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotriage.agreement.agreement import Agreement, deviation, mean, measure_masks
from tests.agreement.masks import Mask, disc, stacks


def figures(agreement: Agreement) -> list[float]:
    return [
        agreement.dice_mean,
        agreement.dice_std,
        agreement.dice_min,
        agreement.jaccard_mean,
        agreement.jaccard_std,
        agreement.jaccard_min,
        agreement.hausdorff_mean,
        agreement.hd95_mean,
        agreement.assd_mean,
        agreement.fleiss_kappa,
    ]


@settings(max_examples=60)
@given(stacks)
def test_ranges(masks: Mask) -> None:
    agreement = measure_masks(masks)
    number = len(masks)
    assert agreement.count == number
    assert len(agreement.pairs) == number * (number - 1) // 2
    for pair in agreement.pairs:
        assert 0 <= pair.jaccard <= pair.dice <= 1
        assert pair.dice == pytest.approx(2 * pair.jaccard / (1 + pair.jaccard))
        if not math.isnan(pair.distances.hausdorff):
            assert 0 <= pair.distances.hausdorff <= agreement.diagonal
            assert 0 <= pair.distances.assd
            assert 0 <= pair.distances.hd95 <= agreement.diagonal
    assert agreement.dice_min <= agreement.dice_mean <= 1
    assert math.isnan(agreement.fleiss_kappa) or agreement.fleiss_kappa <= 1
    assert mean(agreement.with_rest) == pytest.approx(agreement.dice_mean)


@pytest.mark.slow
@settings(max_examples=60)
@given(stacks, st.randoms(use_true_random=False))
def test_the_order_of_annotators_does_not_matter(masks: Mask, random: "np.random.RandomState") -> None:
    order = list(range(len(masks)))
    random.shuffle(order)
    one, other = measure_masks(masks), measure_masks(masks[order])
    assert figures(other) == pytest.approx(figures(one), nan_ok=True)
    assert [one.with_rest[place] for place in order] == pytest.approx(list(other.with_rest))


@settings(max_examples=60)
@given(stacks)
def test_those_who_drew_the_same_agree(masks: Mask) -> None:
    agreement = measure_masks(np.stack([masks[0]] * 3))
    assert (agreement.dice_mean, agreement.dice_std, agreement.jaccard_min) == (1, 0, 1)
    assert agreement.hausdorff_mean == agreement.hd95_mean == agreement.assd_mean == 0
    assert all(pair.same == masks[0].any() for pair in agreement.pairs)
    if masks[0].any() and not masks[0].all():
        assert agreement.fleiss_kappa == pytest.approx(1)


@pytest.mark.slow
@settings(max_examples=60)
@given(stacks, st.integers(0, 5), st.integers(0, 5))
def test_a_part_with_all_marks_says_the_same_as_the_whole(masks: Mask, above: int, left: int) -> None:
    whole = np.pad(masks, ((0, 0), (above, 2), (left, 3)))
    part = measure_masks(masks, whole.shape[1:])
    assert figures(part) == pytest.approx(figures(measure_masks(whole)), nan_ok=True)
    assert part.size == whole.shape[1:]


def test_a_single_pair_has_no_deviation_and_three_have() -> None:
    masks = np.stack([disc(), disc(column=45), disc(column=55)])
    assert math.isnan(measure_masks(masks[:2]).dice_std)
    agreement = measure_masks(masks)
    dice = [pair.dice for pair in agreement.pairs]
    assert agreement.dice_std == pytest.approx(np.std(dice, ddof=1))
    assert agreement.dice_min == min(dice)
    assert agreement.with_rest[0] == pytest.approx((dice[0] + dice[1]) / 2)


def test_pairs_without_a_distance_are_left_out_of_its_mean() -> None:
    masks = np.stack([disc(), disc(column=45), np.zeros((60, 80), np.bool_)])
    agreement = measure_masks(masks)
    assert agreement.hausdorff_mean == 5
    assert agreement.dice_min == 0
    assert math.isnan(measure_masks(masks[1:]).hd95_mean)


def test_without_distances_there_are_none() -> None:
    agreement = measure_masks(np.stack([disc(), disc(column=45)]), with_distances=False)
    assert math.isnan(agreement.assd_mean)
    assert agreement.dice_mean > 0.5


def test_one_mask_is_refused() -> None:
    with pytest.raises(ValueError, match="two"):
        measure_masks(disc()[None])


def test_means_of_nothing() -> None:
    assert math.isnan(mean([])) and math.isnan(mean([math.nan]))
    assert math.isnan(deviation([1.0, math.nan]))
    assert mean([1.0, math.nan, 2.0]) == 1.5

"""Consensus masks and maps of disagreement."""

import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings

from annotriage.agreement.consensus import Consensus, consensus, disagreement_map, majority, staple, votes
from annotriage.agreement.overlaps import dice
from annotriage.errors import AnnotriageError
from tests.agreement.masks import Mask, disc, stacks


@pytest.mark.slow
@given(stacks)
def test_votes_and_majority(masks: Mask) -> None:
    assert (votes(masks) == masks.sum(axis=0)).all()
    assert (majority(masks) == (masks.mean(axis=0) > 0.5)).all()


def test_the_majority_of_two_is_what_both_marked() -> None:
    first, second = disc(), disc(column=45)
    assert (majority(np.stack([first, second])) == (first & second)).all()


@pytest.mark.slow
@given(stacks)
def test_the_map_is_the_share_of_differing_pairs(masks: Mask) -> None:
    pairs = [first != second for first, second in combinations(masks, 2)]
    np.testing.assert_allclose(disagreement_map(masks), np.mean(pairs, axis=0), atol=1e-6)


def test_the_map_of_many_annotators() -> None:
    masks = np.zeros((300, 1, 2), np.bool_)
    masks[:150, 0, 0] = True
    assert disagreement_map(masks).tolist() == [[pytest.approx(150 * 150 / (150 * 299)), 0]]


def test_staple_trusts_those_who_agree() -> None:
    good = [disc(), disc(radius=15.5), disc(column=40.5)]
    bad = disc(row=10, column=10, radius=9)
    agreed = staple(np.stack([*good, bad]))
    assert dice(agreed, good[0]) > 0.97
    assert not (agreed & bad & ~good[0] & ~good[1] & ~good[2]).any()


def test_staple_is_what_simpleitk_computes() -> None:
    import SimpleITK as sitk

    masks = np.stack([disc(), disc(column=44), disc(row=33), disc(radius=9)])
    estimated = sitk.STAPLEImageFilter()
    estimated.SetForegroundValue(1)
    image = estimated.Execute([sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in masks])
    assert (staple(masks) == (sitk.GetArrayFromImage(image) >= 0.5)).all()
    assert (consensus(masks, Consensus.STAPLE) == staple(masks)).all()
    assert (consensus(masks, Consensus.MAJORITY) == majority(masks)).all()


@settings(max_examples=30)
@given(stacks)
def test_staple_of_those_who_drew_the_same_is_that(masks: Mask) -> None:
    assert (staple(np.stack([masks[0]] * 3)) == masks[0]).all()


def test_without_simpleitk_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    with pytest.raises(AnnotriageError, match=r"\[staple\]"):
        staple(np.stack([disc(), disc(column=44)]))

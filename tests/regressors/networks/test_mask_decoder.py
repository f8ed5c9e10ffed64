"""The lesion map: its shape, its terms by hand, and a loss that a right outline makes small."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from annotriage.regressors.networks.mask_decoder import lesion_terms, mask_loss
from tests.regressors.small import POOLED, awake_network, small_recipe

pytestmark = pytest.mark.slow

NAMES = ("expected_dice", "threshold_dice", "log_area", "softness")


@pytest.mark.parametrize("backbone", POOLED)
def test_map_has_half_the_images_resolution(backbone: str) -> None:
    network = awake_network(small_recipe(backbone=backbone, mask_head={"enabled": True}))
    with torch.no_grad():
        answer = network(torch.randn(2, 3, 96, 64))
    assert answer.lesion_logits is not None and answer.lesion_logits.shape == (2, 48, 32)
    assert answer.terms.shape == (2, 3)


def test_the_dice_never_bends_the_lesion_map() -> None:
    network = awake_network(small_recipe(mask_head={"enabled": True})).train()
    network(torch.randn(2, 3, 64, 64)).dice.sum().backward()
    assert network.mask_head is not None
    assert all(parameter.grad is None for parameter in network.mask_head.parameters())
    assert network.term_weights.grad is not None


def disc(radius: float, softness: float, size: int = 64) -> Tensor:
    axis = (torch.arange(size) + 0.5) / size - 0.5
    return torch.sigmoid((radius - torch.hypot(axis[:, None], axis[None, :])) / softness)[None]


def test_terms_of_a_sharp_outline() -> None:
    found = dict(zip(NAMES, lesion_terms(disc(0.3, 1e-4), NAMES)[0].tolist(), strict=True))
    assert found["expected_dice"] == pytest.approx(1, abs=1e-3)
    assert found["threshold_dice"] == pytest.approx(1, abs=5e-3)
    assert found["softness"] == pytest.approx(0, abs=1e-3)
    assert found["log_area"] == pytest.approx(np.log(np.pi * 0.3**2), abs=0.03)


def test_terms_by_hand() -> None:
    lesion = torch.zeros(1, 10, 10)
    lesion[0, :2], lesion[0, 2:4] = 1.0, 0.45  # 20 pixels sure, 20 pixels doubtful
    found = dict(zip(NAMES, lesion_terms(lesion, NAMES)[0].tolist(), strict=True))
    assert found["expected_dice"] == pytest.approx(2 * 20 / (29 + 20), abs=1e-3)
    assert found["log_area"] == pytest.approx(np.log(0.29), abs=1e-4)
    assert found["softness"] == pytest.approx(20 * 0.45 * 0.55 / 29, abs=1e-3)
    # Of the levels 0.1 .. 0.9, four lie below the doubtful 20 pixels (area 40) and five above (area 20).
    areas = np.array([40] * 4 + [20] * 5)
    pairs = 2 * np.minimum.outer(areas, areas) / np.add.outer(areas, areas)
    assert found["threshold_dice"] == pytest.approx(pairs.mean(), abs=5e-3)


def test_terms_fall_as_the_border_softens() -> None:
    soft = lesion_terms(torch.cat([disc(0.3, s) for s in (0.001, 0.02, 0.05, 0.1)]), NAMES)
    assert (soft[:, 0].diff() < 0).all() and (soft[:, 1].diff() < 0).all() and (soft[:, 3].diff() > 0).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), power=st.floats(0.1, 8))
def test_terms_stay_within_their_ranges(seed: int, power: float) -> None:
    torch.manual_seed(seed)
    terms = lesion_terms(torch.rand(3, 16, 16) ** power, NAMES)
    assert torch.isfinite(terms).all()
    assert (terms[:, [0, 1, 3]] >= 0).all() and (terms[:, [0, 1, 3]] <= 1 + 1e-5).all() and (terms[:, 2] <= 0).all()


def test_terms_of_no_lesion_at_all_are_numbers() -> None:
    terms = lesion_terms(torch.zeros(2, 8, 8), NAMES)
    assert torch.isfinite(terms).all() and terms[0, 2] == pytest.approx(np.log(1e-4))


def test_terms_come_in_the_order_asked_for() -> None:
    lesion = disc(0.2, 0.05)
    assert torch.equal(lesion_terms(lesion, NAMES[::-1]), lesion_terms(lesion, NAMES).flip(1))


def test_loss_is_small_for_the_right_outline_and_large_for_the_wrong() -> None:
    mask = disc(0.3, 1e-4)
    right = (disc(0.3, 1e-4, 32).clamp(1e-4, 1 - 1e-4)).logit()
    assert mask_loss(right, mask) < 0.2 < mask_loss(torch.zeros(1, 32, 32), mask) < mask_loss(-right, mask)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
def test_without_overlap_the_loss_is_smallest_at_the_share_of_people_who_call_it_lesion(share: float) -> None:
    masks = torch.full((1, 16, 16), share)
    tried = torch.linspace(0.02, 0.98, 97)
    losses = torch.stack([mask_loss(torch.full((1, 8, 8), p).logit(), masks, 0.0) for p in tried.tolist()])
    assert float(tried[losses.argmin()]) == pytest.approx(share, abs=0.011)
    with_overlap = torch.stack([mask_loss(torch.full((1, 8, 8), p).logit(), masks, 2.0) for p in tried.tolist()])
    assert float(tried[with_overlap.argmin()]) > share + 0.05, "overlap makes it surer"

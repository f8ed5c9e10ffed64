"""Terms of a lesion map laid out over its locations: exact sums, and only where people may differ."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from annotriage.regressors.networks.contributions import BASES, contributions, level_sets
from annotriage.regressors.networks.mask_decoder import lesion_terms

pytestmark = pytest.mark.slow

NAMES = tuple(BASES)


def disc(radius: float, softness: float, size: int = 48, left: float = 0.0) -> Tensor:
    """Return a (1, size, size) map of a disc whose border is soft."""
    y, x = torch.meshgrid(*(torch.linspace(-1, 1, size),) * 2, indexing="ij")
    return torch.sigmoid((radius - torch.hypot(y, x - left)) / softness)[None]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**31 - 1), st.integers(1, 3), st.integers(4, 40), st.integers(4, 40), st.floats(0.05, 8)
)  # fmt: skip
def test_base_plus_mean_is_the_term_of_any_map(seed: int, count: int, height: int, width: int, sharp: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    lesion = torch.sigmoid(sharp * torch.randn(count, height, width, generator=generator, dtype=torch.float64))
    maps = contributions(lesion, NAMES)
    assert maps.shape == (count, len(NAMES), height, width)
    bases = torch.tensor([BASES[name] for name in NAMES], dtype=torch.float64)
    torch.testing.assert_close(bases + maps.mean((2, 3)), lesion_terms(lesion, NAMES), rtol=1e-6, atol=1e-6)


def test_the_threshold_dice_is_that_of_sets_compared_pair_by_pair() -> None:
    lesion = disc(0.5, 0.1)[0]
    sets = level_sets(lesion[None])[0].numpy()
    expected = np.zeros(lesion.shape)
    for a in sets:
        for b in sets:
            expected -= np.abs(a - b) / (a.sum() + b.sum() + 2e-3) / 81
    np.testing.assert_allclose(
        contributions(lesion[None], ("threshold_dice",))[0, 0], expected * lesion.numel(), atol=1e-5
    )


@pytest.mark.parametrize("name", ["expected_dice", "threshold_dice"])
def test_a_dice_loses_at_the_border_alone_and_more_where_it_is_soft(name: str) -> None:
    sharp, soft = (contributions(disc(0.5, softness), (name,))[0, 0] for softness in (0.02, 0.15))
    assert (sharp <= 1e-6).all() and (soft <= 1e-6).all(), "no place makes people agree more than they do"
    strongest = float(sharp.min())
    assert sharp[24, 24] > 0.02 * strongest and sharp[0, 0] > 0.02 * strongest, "middle and skin are certain"
    assert float(soft.mean()) < 3 * float(sharp.mean())
    place = abs(2 * int(soft[24].argmin()) / 47 - 1)  # from the disc's middle, whose radius is a half
    assert place == pytest.approx(0.5, abs=0.13), "the strongest place is the border"


def test_half_a_lesion_that_is_certain_takes_nothing() -> None:
    size = 48
    left, right = disc(0.3, 0.01, left=-0.5), disc(0.3, 0.2, left=0.5)
    lesion = torch.cat([left[..., : size // 2], right[..., size // 2 :]], -1)
    lost = contributions(lesion, ("expected_dice",))[0, 0]
    assert float(lost[:, size // 2 :].mean()) < 10 * float(lost[:, : size // 2].mean())


def test_an_empty_map_is_no_reason_to_fail() -> None:
    for value in (0.0, 1.0):
        maps = contributions(torch.full((2, 8, 8), value), NAMES)
        assert torch.isfinite(maps).all()

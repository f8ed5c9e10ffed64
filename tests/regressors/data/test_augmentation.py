"""Augmentation: nothing where nothing is on, masks where the images went, and blends that are blends."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from annotriage.regressors.data.augmentation import _grid, _transforms, augment, mixup, smear_borders
from annotriage.regressors.networks.mask_decoder import lesion_terms
from annotriage.regressors.recipes.sections import Augmentation

pytestmark = pytest.mark.slow

NOTHING = Augmentation(horizontal_flip=False, rotation_degrees=0)


def spots(n: int = 8, size: int = 48) -> tuple[Tensor, Tensor]:
    """Draw n images, each white where its mask is 1: a soft spot off the centre."""
    axis = (torch.arange(size) + 0.5) / size - 0.5
    distance = torch.hypot(axis[:, None] + 0.15, axis[None, :] - 0.1)
    mask = torch.sigmoid((0.2 - distance) * 40).expand(n, -1, -1)
    return mask[:, None].expand(-1, 3, -1, -1).clone(), mask.clone()


@settings(max_examples=30, deadline=None)
@given(
    how=st.builds(
        Augmentation,
        horizontal_flip=st.booleans(),
        vertical_flip=st.booleans(),
        rotation_degrees=st.floats(0, 180),
        zoom=st.floats(0, 0.5),
        shift=st.floats(0, 0.5),
        colour=st.floats(0, 0.5),
    ),
    seed=st.integers(0, 2**31),
)
def test_shapes_and_ranges_stay(how: Augmentation, seed: int) -> None:
    torch.manual_seed(seed)
    images, masks = torch.rand(3, 3, 24, 24), torch.rand(3, 24, 24)
    changed, moved = augment(images, masks, how)
    assert changed.shape == images.shape and moved is not None and moved.shape == masks.shape
    for each in (changed, moved):
        assert torch.isfinite(each).all() and each.min() >= -1e-6 and each.max() <= 1 + 1e-6


def test_nothing_on_changes_nothing() -> None:
    images, masks = torch.rand(4, 3, 16, 16), torch.rand(4, 16, 16)
    changed, moved = augment(images, masks, NOTHING)
    assert torch.equal(changed, images) and moved is not None and torch.equal(moved, masks)
    assert augment(images, None, NOTHING)[1] is None


def test_flips_are_exact_and_happen_half_of_the_time() -> None:
    torch.manual_seed(0)
    images, masks = torch.rand(400, 3, 6, 6), torch.rand(400, 6, 6)
    both = Augmentation(horizontal_flip=True, vertical_flip=True, rotation_degrees=0)
    changed, moved = augment(images, masks, both)
    assert moved is not None
    count = {}
    for name, axes in {"none": (), "across": (-1,), "down": (-2,), "both": (-1, -2)}.items():
        same = (changed == images.flip(axes)).flatten(1).all(1)
        assert torch.equal(moved[same], masks.flip(axes)[same])
        count[name] = int(same.sum())
    assert sum(count.values()) == 400 and all(60 < each < 140 for each in count.values())


def test_one_flip_alone_never_does_the_other() -> None:
    images = torch.rand(50, 3, 6, 6)
    changed, _ = augment(images, None, NOTHING.model_copy(update={"vertical_flip": True}))
    either = (changed == images).flatten(1).all(1) | (changed == images.flip(-2)).flatten(1).all(1)
    assert either.all()


@pytest.mark.parametrize("change", [{"rotation_degrees": 180}, {"zoom": 0.3}, {"shift": 0.2}])
def test_masks_move_with_their_images(change: dict[str, float]) -> None:
    torch.manual_seed(1)
    images, masks = spots()
    changed, moved = augment(images, masks, NOTHING.model_copy(update=change))
    assert moved is not None
    assert torch.allclose(changed[:, 0], moved, atol=1e-5), "the mask is the image's first channel, and stays it"
    assert (changed - images).abs().mean() > 0.01
    assert (changed[0] - changed[1]).abs().mean() > 0.005, "each image is changed in its own way"


def test_rotation_keeps_the_area_and_its_angle_is_bounded() -> None:
    torch.manual_seed(2)
    images, masks = spots(64)
    _, moved = augment(images, masks, NOTHING.model_copy(update={"rotation_degrees": 10.0}))
    assert moved is not None
    assert torch.allclose(moved.sum((1, 2)), masks.sum((1, 2)), rtol=0.02)
    axis = torch.arange(48) - 23.5

    def angle(mask: Tensor) -> Tensor:
        x, y = (mask.sum(1) * axis).sum(1), (mask.sum(2) * axis).sum(1)
        return torch.rad2deg(torch.atan2(y, x))

    turned = angle(moved) - angle(masks)
    assert turned.abs().max() <= 10.3 and turned.min() < -5 and turned.max() > 5


def test_colour_changes_leave_masks_and_places_alone() -> None:
    torch.manual_seed(3)
    images, masks = spots()
    changed, moved = augment(images * 0.5 + 0.2, masks, NOTHING.model_copy(update={"colour": 0.3}))
    assert moved is not None and torch.equal(moved, masks)
    for before, after in zip(masks, changed.mean(1), strict=True):
        assert torch.corrcoef(torch.stack([before.flatten(), after.flatten()]))[0, 1] > 0.99


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), n=st.integers(1, 6), alpha=st.floats(0.05, 2))
def test_mixup_is_one_convex_blend_of_images_and_targets(seed: int, n: int, alpha: float) -> None:
    torch.manual_seed(seed)
    images, targets = torch.rand(n, 3, 4, 4), torch.rand(n, 2)
    mixed, mixed_targets = mixup(images, targets, alpha)
    assert mixed.min() >= images.min() - 1e-6 and mixed.max() <= images.max() + 1e-6
    # The same share blends images and targets: both laid side by side are one linear map of what they were.
    before = torch.cat([images.flatten(1), targets], 1).double()
    after = torch.cat([mixed.flatten(1), mixed_targets], 1).double()
    if n > 1:
        blend = torch.linalg.lstsq(before.T, after.T).solution.T
        assert torch.allclose(blend.sum(1), torch.ones(n, dtype=torch.float64), atol=1e-3)
        assert torch.all(blend.diagonal() >= 0.5 - 1e-3), "the larger part stays the image's own"
    else:
        assert torch.allclose(mixed, images)


def test_smeared_borders_fade_in_image_and_mask_alike() -> None:
    torch.manual_seed(0)
    axis = (torch.arange(64) + 0.5) / 64 - 0.5
    masks = (torch.hypot(axis[:, None], axis[None, :]) < 0.25).float().expand(2, -1, -1)
    images = 0.8 - 0.5 * masks[:, None].expand(-1, 3, -1, -1)
    blurred, soft = smear_borders(images, masks, 0.04)
    assert blurred.shape == images.shape and soft.shape == masks.shape
    assert soft.min() >= 0 and soft.max() <= 1 + 1e-6 and blurred.min() >= 0.3 - 1e-5 and blurred.max() <= 0.8 + 1e-5
    # Far from the border nothing happens, and the fade lies where the border was.
    assert torch.allclose(blurred[:, :, 32, 32], images[:, :, 32, 32], atol=1e-3)
    assert torch.allclose(blurred[:, :, 0, 0], images[:, :, 0, 0], atol=1e-3)
    assert torch.allclose(soft.sum((1, 2)), masks.sum((1, 2)), rtol=0.02)
    band = (soft - masks).abs() > 0.1
    assert band.any() and not band[:, 28:36, 28:36].any()
    # And the outline says of itself that people would agree less.
    names = ("threshold_dice",)
    assert (lesion_terms(soft, names) < lesion_terms(masks, names)).all()


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    n=st.integers(1, 4),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    degrees=st.floats(0, 180),
    zoom=st.floats(0, 0.5),
    shift=st.floats(0, 0.5),
)
def test_pixels_come_from_where_torchs_own_grid_takes_them(
    seed: int, n: int, height: int, width: int, degrees: float, zoom: float, shift: float
) -> None:
    torch.manual_seed(seed)
    how = Augmentation(vertical_flip=True, rotation_degrees=degrees, zoom=zoom, shift=shift)
    transforms = _transforms(n, how, torch.zeros(n))
    theirs = F.affine_grid(transforms, [n, 3, height, width], align_corners=False)
    assert torch.allclose(_grid(transforms, height, width), theirs, atol=2e-6)


def test_angles_flips_zoom_and_shift_are_spread_evenly_over_their_ranges() -> None:
    torch.manual_seed(4)
    n, how = 4000, Augmentation(vertical_flip=True, rotation_degrees=10.0, zoom=0.3, shift=0.2)
    transforms = _transforms(n, how, torch.zeros(n)).double()
    # The matrix is rotation x zoom x diag(across, down), and 10 degrees do not change the diagonal's signs.
    across, down = transforms[:, 0, 0].sign(), transforms[:, 1, 1].sign()
    angle = torch.atan2(transforms[:, 1, 0] * across, transforms[:, 0, 0] * across)
    found = {
        "rotation": torch.rad2deg(angle) / 10,
        "zoom": torch.linalg.det(transforms[:, :, :2]).abs().log() / 2 / 0.3,
        "across": transforms[:, 0, 2] / 0.4,
        "down": transforms[:, 1, 2] / 0.4,
    }
    even = (torch.arange(n) + 0.5) / n * 2 - 1
    for name, values in found.items():
        # Kolmogorov and Smirnov's distance, which for 4000 even draws is above 0.03 once in a thousand times.
        assert float((values.sort().values - even).abs().max()) / 2 < 0.035, name
    for signs in (across, down, across * down):
        assert abs(float(signs.mean())) < 0.06

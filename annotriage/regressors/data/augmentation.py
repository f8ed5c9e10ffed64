"""Random changes to whole batches, on the device that trains: one resampling an image, whatever is switched on."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from annotriage.regressors.recipes.sections import Augmentation


def augment(images: Tensor, masks: Tensor | None, how: Augmentation) -> tuple[Tensor, Tensor | None]:
    """Change a batch at random.

    Parameters
    ----------
    images : Tensor
        (N, 3, H, W) in 0..1.
    masks : Tensor or None
        (N, H, W) in 0..1; moved along with the images.
    how : Augmentation
        Which changes, how large.

    Returns
    -------
    tuple
        Images and masks of the same shapes and ranges.
    """
    if how.rotation_degrees or how.zoom or how.shift:
        grid = _grid(_transforms(len(images), how, images), *images.shape[-2:])
        # Reflection: a black corner would be a border to draw, and the Dice is about borders.
        images = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
        if masks is not None:
            masks = F.grid_sample(masks[:, None], grid, padding_mode="reflection", align_corners=False)[:, 0]
    else:
        images, masks = _flip(images, masks, how)
    if how.colour:
        images = _recolour(images, how.colour)
    return images, masks


def _uniform(n: int, like: Tensor) -> Tensor:
    """Draw n numbers in -1..1."""
    return torch.rand(n, device=like.device) * 2 - 1


def _coin(n: int, on: bool, like: Tensor) -> Tensor:
    """Draw n signs: +1, or -1 half of the time when `on`."""
    return torch.where(torch.rand(n, device=like.device) < (0.5 if on else 0.0), -1.0, 1.0)


def _transforms(n: int, how: Augmentation, like: Tensor) -> Tensor:
    """Compose flips, rotation, zoom and shift into (n, 2, 3) affine matrices."""
    angle = _uniform(n, like) * math.radians(how.rotation_degrees)
    zoom = torch.exp(_uniform(n, like) * how.zoom)
    across, down = _coin(n, how.horizontal_flip, like), _coin(n, how.vertical_flip, like)
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    shift = torch.stack([_uniform(n, like), _uniform(n, like)], 1) * how.shift * 2  # the grid spans -1..1
    rows = [
        torch.stack([cos * across, -sin * down, shift[:, 0]], 1),
        torch.stack([sin * across, cos * down, shift[:, 1]], 1),
    ]
    return torch.stack(rows, 1)


def _grid(transforms: Tensor, height: int, width: int) -> Tensor:
    """Lay out (n, 2, 3) matrices as `F.affine_grid` does, in a quarter of its time: as sums instead of products.

    Returns
    -------
    Tensor
        (n, height, width, 2), where each pixel comes from.
    """
    across, down = (
        (torch.arange(n, device=transforms.device, dtype=transforms.dtype) * 2 + 1) / n - 1 for n in (width, height)
    )
    along_rows = across[None, :, None] * transforms[:, None, :, 0]
    along_columns = down[None, :, None] * transforms[:, None, :, 1] + transforms[:, None, :, 2]
    return along_rows[:, None] + along_columns[:, :, None]


def _flip(images: Tensor, masks: Tensor | None, how: Augmentation) -> tuple[Tensor, Tensor | None]:
    """Flip without resampling."""
    for axis, on in ((-1, how.horizontal_flip), (-2, how.vertical_flip)):
        flipped = _coin(len(images), on, images) < 0
        images = torch.where(flipped[:, None, None, None], images.flip(axis), images)
        if masks is not None:
            masks = torch.where(flipped[:, None, None], masks.flip(axis), masks)
    return images, masks


def _recolour(images: Tensor, most: float) -> Tensor:
    """Change brightness, contrast and saturation by factors, and the channels' balance by less."""
    n = len(images)

    def factor(share: float = 1.0, channels: int = 1) -> Tensor:
        return 1 + (torch.rand(n, channels, 1, 1, device=images.device) * 2 - 1) * most * share

    images = images * factor()
    level = images.mean((1, 2, 3), keepdim=True)
    images = (images - level) * factor() + level
    grey = images.mean(1, keepdim=True)
    images = (images - grey) * factor() + grey
    # A strong shift of hue would turn skin into what no camera shows; lamps differ by some percent a channel.
    return (images * factor(0.4, 3)).clamp(0, 1)


def smear_borders(images: Tensor, masks: Tensor, widest: float = 0.05) -> tuple[Tensor, Tensor]:
    """Smear the border of each lesion in its image, and its mask by as much: a border that nobody could draw exactly.

    An edge that is blurred by a Gaussian fades as the Gaussian's distribution function; people may draw anywhere along
    that fade, so the same fade is what the mask becomes. It teaches the lesion map that soft means uncertain, which
    expert masks, sharp even around blurred lesions, do not.

    Parameters
    ----------
    images : Tensor
        (N, 3, H, W) in 0..1.
    masks : Tensor
        (N, H, W) in 0..1.
    widest : float
        Largest standard deviation of the blur as a share of the side; each call draws one between 0.01 and this.
    """
    sigma = float(torch.empty(1).uniform_(0.01, widest)) * images.shape[-1]
    soft = _blur(masks[:, None], sigma)
    band = (6 * soft * (1 - soft)).clamp(0, 1)
    return images * (1 - band) + _blur(images, sigma) * band, soft[:, 0]


def _blur(planes: Tensor, sigma: float) -> Tensor:
    """Blur (N, C, H, W) by a Gaussian, reflecting at the edges."""
    reach = min(int(3 * sigma) + 1, planes.shape[-1] - 1)
    steps = torch.arange(-reach, reach + 1, device=planes.device, dtype=planes.dtype)
    kernel = torch.exp(-0.5 * (steps / sigma) ** 2)
    kernel = kernel / kernel.sum()
    flat = planes.reshape(-1, 1, *planes.shape[-2:])
    with torch.autocast(planes.device.type, enabled=False):  # eight bits of mantissa are too few for pixels
        flat = F.conv2d(F.pad(flat, (reach, reach, 0, 0), mode="reflect"), kernel.view(1, 1, 1, -1))
        flat = F.conv2d(F.pad(flat, (0, 0, reach, reach), mode="reflect"), kernel.view(1, 1, -1, 1))
    return flat.reshape(planes.shape)


def mixup(images: Tensor, targets: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
    """Blend each image and its targets with another of the batch (Zhang et al. 2018, arXiv 1710.09412).

    Parameters
    ----------
    images : Tensor
        (N, 3, H, W).
    targets : Tensor
        (N, T).
    alpha : float
        Of the Beta(alpha, alpha) from which the batch's share is drawn; the larger part stays the image's own.
    """
    share = float(torch.distributions.Beta(alpha, alpha).sample())
    share = max(share, 1 - share)
    other = torch.randperm(len(images), device=images.device)
    return share * images + (1 - share) * images[other], share * targets + (1 - share) * targets[other]

"""The decoder of lesion masks, and the terms of its probability map that enter the predicted Dice."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from annotriage.regressors.networks.contributions import level_sets

WIDTHS = (
    32,
    64,
    96,
    128,
    128,
)  # channels at strides 2, 4, 8, 16, 32; narrow, so that the whole file stays small


class MaskDecoder(nn.Module):
    """A feature pyramid from the backbone's five stages to lesion logits at half the input's resolution.

    Parameters
    ----------
    channels : sequence of int
        Channels of the backbone's stages at strides 2, 4, 8, 16, 32.
    """

    def __init__(self, channels: list[int]) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(c, w, 1, bias=False) for c, w in zip(channels, WIDTHS, strict=True))
        self.lateral_norm = nn.ModuleList(nn.BatchNorm2d(w) for w in WIDTHS)
        self.narrow = nn.ModuleList(nn.Conv2d(WIDTHS[i + 1], WIDTHS[i], 1, bias=False) for i in range(4))
        self.smooth = nn.ModuleList(
            nn.Sequential(nn.Conv2d(w, w, 3, padding=1, bias=False), nn.BatchNorm2d(w), nn.ReLU()) for w in WIDTHS[:4]
        )
        self.logits = nn.Conv2d(WIDTHS[0], 1, 1)

    def forward(self, stages: list[Tensor]) -> Tensor:
        """Turn stage maps (N, C, H/2^k, W/2^k), k = 1..5, into lesion logits (N, H/2, W/2)."""
        x = F.relu(self.lateral_norm[4](self.lateral[4](stages[4])))
        for level in (3, 2, 1, 0):
            # The 1x1 convolution comes before the upsampling: the same result at a quarter of the work.
            x = F.interpolate(self.narrow[level](x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = F.relu(self.lateral_norm[level](x + self.lateral[level](stages[level])))
            x = self.smooth[level](x)
        logits: Tensor = self.logits(x)[:, 0]
        return logits


def lesion_terms(lesion: Tensor, names: tuple[str, ...]) -> Tensor:
    """Sum up lesion probability maps in the numbers that enter the predicted Dice.

    Parameters
    ----------
    lesion : Tensor
        (N, h, w) probabilities, 0..1.
    names : tuple of str
        Which terms, in order:

        - ``expected_dice``: soft Dice between the map p and its own threshold t = [p > 1/2],
          2 sum(p t) / (sum p + sum t): to first order the Dice that somebody who draws the likeliest border expects
          against people who differ as p says (Dice 1945 for the coefficient; its soft form as in Milletari et al.
          2016, V-Net, without the squares).
        - ``threshold_dice``: mean Dice between the map's own level sets at 0.1, 0.2, ..., 0.9, every pair of levels.
          Level sets are nested, so the Dice of two is 2 min(a, b) / (a + b) of their areas.
        - ``log_area``: natural logarithm of the lesion's share of the image, not below 1e-4.
        - ``softness``: sum p (1 - p) over sum p, the share of the lesion that is border band.

    Returns
    -------
    Tensor
        (N, len(names)).
    """
    area = lesion.sum((1, 2))
    terms: dict[str, Tensor] = {}
    if "expected_dice" in names:
        inside = (lesion > 0.5).to(lesion.dtype)
        terms["expected_dice"] = (2 * (lesion * inside).sum((1, 2)) + 1e-3) / (area + inside.sum((1, 2)) + 1e-3)
    if "threshold_dice" in names:
        areas = level_sets(lesion).sum((2, 3)) + 1e-3
        smaller = torch.minimum(areas[:, :, None], areas[:, None, :])
        terms["threshold_dice"] = (2 * smaller / (areas[:, :, None] + areas[:, None, :])).mean((1, 2))
    if "log_area" in names:
        terms["log_area"] = lesion.mean((1, 2)).clamp_min(1e-4).log()
    if "softness" in names:
        terms["softness"] = (lesion * (1 - lesion)).sum((1, 2)) / (area + 1e-3)
    return torch.stack([terms[name] for name in names], 1)


def mask_loss(logits: Tensor, masks: Tensor, overlap_weight: float = 0.5) -> Tensor:
    """Binary cross-entropy plus a share of a soft Dice loss.

    Cross-entropy alone is a proper score: smallest where each probability is the share of people who would call that
    location lesion. The soft Dice loss draws outlines that overlap more, and makes the network surer than it should be.

    Parameters
    ----------
    logits : Tensor
        (N, h, w).
    masks : Tensor
        (N, H, W) in 0..1, averaged down to (h, w): a border pixel's target is the share of it that is lesion.
    overlap_weight : float
        Of the soft Dice loss.
    """
    target = F.interpolate(masks[:, None], size=logits.shape[-2:], mode="area")[:, 0]
    p = logits.sigmoid()
    overlap = (2 * (p * target).sum((1, 2)) + 1) / (p.sum((1, 2)) + target.sum((1, 2)) + 1)
    return F.binary_cross_entropy_with_logits(logits, target) + overlap_weight * (1 - overlap.mean())

"""Per-location contributions to the terms of a lesion map: what is added to a class activation map."""

import torch
from torch import Tensor

BASES = {"expected_dice": 1.0, "threshold_dice": 1.0, "softness": 0.0}
"""Terms that are sums over locations, and their value without any contribution: a Dice starts at 1, and every location
that one person may count as lesion and another not takes from it."""


def contributions(lesion: Tensor, names: tuple[str, ...]) -> Tensor:
    """Return the contribution of each location to terms of lesion maps: ``term = base + mean over locations``, exactly.

    Parameters
    ----------
    lesion : Tensor
        (N, h, w) probabilities, 0..1.
    names : tuple of str
        Keys of `BASES`; see `annotriage.regressors.networks.mask_decoder.lesion_terms` for what the terms are.

    Returns
    -------
    Tensor
        (N, len(names), h, w), in units of the term; a Dice's are 0 or below.

    Notes
    -----
    With p the map, t = [p > 1/2] and n = h w locations, 1 - ``expected_dice`` is the sum of
    (p + t - 2 p t) / (sum p + sum t). For level sets a inside b, 1 - Dice(a, b) is the sum of (b - a) / (|a| + |b|),
    where a and b are 0 or 1 (or, as they are here, a steep sigmoid between): 1 - ``threshold_dice`` is the mean of that
    over pairs of levels.
    """
    locations = lesion.shape[1] * lesion.shape[2]
    maps: dict[str, Tensor] = {}
    area = lesion.sum((1, 2), keepdim=True)
    if "expected_dice" in names:
        inside = (lesion > 0.5).to(lesion.dtype)
        apart = lesion + inside - 2 * lesion * inside
        maps["expected_dice"] = -locations * apart / (area + inside.sum((1, 2), keepdim=True) + 1e-3)
    if "threshold_dice" in names:
        sets = level_sets(lesion)
        areas = sets.sum((2, 3)) + 1e-3
        count = areas.shape[1]
        place = torch.arange(count, device=lesion.device)
        # Of two levels the lower one has the larger set: what is in it and not in the other counts against the Dice.
        sign = torch.sign(place[None, :] - place[:, None]).to(lesion.dtype)
        each = (sign / (areas[:, :, None] + areas[:, None, :])).sum(2) * 2 / count**2
        maps["threshold_dice"] = -locations * torch.einsum("nlhw,nl->nhw", sets, each)
    if "softness" in names:
        maps["softness"] = locations * lesion * (1 - lesion) / (area + 1e-3)
    return torch.stack([maps[name] for name in names], 1)


def level_sets(lesion: Tensor) -> Tensor:
    """Return the level sets (N, 9, h, w) of lesion maps (N, h, w) at 0.1, 0.2, ..., 0.9.

    A steep sigmoid in place of a hard threshold: areas of small lesions then change smoothly with the image. Five of
    its widths lie between the levels and 0 or 1, so that plain skin counts as nothing.
    """
    levels = torch.linspace(0.1, 0.9, 9, device=lesion.device)
    return torch.stack([torch.sigmoid((lesion - level) / 0.02) for level in levels], 1)

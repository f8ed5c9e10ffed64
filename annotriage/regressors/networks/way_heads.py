"""Answers for ways of drawing beside the mixed one: linear layers on what the network sees already."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from annotriage.regressors.networks.outline_correction import OutlineCorrection

LEAST_SPREAD = 1e-3
"""An expected error is never smaller: intervals are scaled by it."""


class WayHeads(nn.Module):
    """Dice and expected error by way: bias + features . w + terms . v each, the error from the way's Dice as well.

    Parameters
    ----------
    width, terms : int
        Features and terms of the lesion map.
    ways : int
        How many there are beside mixed.
    """

    def __init__(self, width: int, terms: int, ways: int) -> None:
        super().__init__()
        self.dice = nn.Linear(width, ways)
        self.term_weights = nn.Parameter(torch.zeros(ways, terms))
        self.spread = nn.Linear(width + terms, ways)
        self.spread_of_dice = nn.Parameter(torch.zeros(ways))
        nn.init.zeros_(self.spread.weight)
        nn.init.constant_(self.spread.bias, -2.3)  # as for mixed

    def forward(self, pooled: Tensor, terms: Tensor, correction: OutlineCorrection | None = None) -> Tensor:
        """Return (N, ways, 2) of features (N, width) and terms (N, T)."""
        dice = self.dice(pooled) + terms @ self.term_weights.T
        if correction is not None:
            dice = correction.of_ways(dice, terms)
        # The spread learns from the features and changes none.
        beside = self.spread(torch.cat([pooled.detach(), terms.detach()], 1)) + dice.detach() * self.spread_of_dice
        return torch.stack([dice, F.softplus(beside) + LEAST_SPREAD], 2)

"""What straight lines leave of the Dice, by way of drawing: support vector regressions on the outline's terms."""

import torch
from torch import Tensor, nn

from annotriage.regressors.networks.radial import RadialRegression

WAY_SCALE = 2.0
"""How far apart two ways of drawing lie for the regression, in standard deviations of an outline's term / sqrt 2."""


class OutlineCorrection(nn.Module):
    """Corrections of the lines by way; ways that no image at hand was drawn in follow from the others.

    Parameters
    ----------
    mixed : RadialRegression
        On (N, T) terms.
    ways : RadialRegression or None
        On (N, T + W + T): the terms, the way, and the terms once more where somebody filled.
    fills : Tensor
        (W,) of the ways at hand: 1 where one of the pair fills, else 0.
    derived : DerivedWays or None
    """

    def __init__(
        self, mixed: RadialRegression, ways: RadialRegression | None, fills: Tensor, derived: "DerivedWays | None"
    ) -> None:
        super().__init__()
        self.mixed, self.ways, self.derived = mixed, ways, derived
        self.fills: Tensor
        self.codes: Tensor
        self.register_buffer("fills", fills.float())
        self.register_buffer("codes", WAY_SCALE * torch.eye(len(fills)))

    def of_ways(self, lines: Tensor, terms: Tensor) -> Tensor:
        """Return (N, K) Dice of ways beside mixed from what their lines (N, K) say of images with terms (N, T)."""
        if self.ways is None:
            return lines
        count, size = len(self.fills), terms.shape[1]
        corrected = []
        for way in range(count):
            code = self.codes[way].expand(terms.shape[0], count)
            asked = torch.cat([terms, code, terms * self.fills[way]], 1)
            corrected.append(lines[:, way] + self.ways(asked))
        at_hand = torch.stack(corrected, 1)
        assert size * 2 + count == self.ways.support.shape[1]
        return at_hand if self.derived is None else torch.cat([at_hand, self.derived(at_hand)], 1)


class DerivedWays(nn.Module):
    """Answers for ways that no image at hand was drawn in, as `annotriage.regressors.pipeline.tool_model` gives them.

    Parameters
    ----------
    intercept, slope : Tensor
        (W + D,) on the logit, of the ways at hand and of the derived ones.
    shares : Tensor
        (W,) what each way at hand has in the image's number.
    edge : float
        A Dice is held so far from 0 and 1.
    """

    def __init__(self, intercept: Tensor, slope: Tensor, shares: Tensor, edge: float) -> None:
        super().__init__()
        self.edge = edge
        for name, values in (("intercept", intercept), ("slope", slope), ("shares", shares)):
            self.register_buffer(name, values.float())
        self.intercept: Tensor
        self.slope: Tensor
        self.shares: Tensor

    def forward(self, at_hand: Tensor) -> Tensor:
        """Return (N, D) Dice from those (N, W) of the ways at hand."""
        count = len(self.shares)
        held = at_hand.clamp(self.edge, 1 - self.edge)
        logit = held.log() - (1 - held).log()
        number = (logit - self.intercept[:count]) @ self.shares
        return torch.sigmoid(self.intercept[count:] + number[:, None] * self.slope[count:])

"""A support vector regression inside a network: what a straight line leaves of the Dice, and how it is laid out."""

import torch
from torch import Tensor, nn

WIDTH = 0.05
"""Factor of the exponent of the radial kernel, on standardised numbers."""
_NODES, _SHARES = (
    (0.0694318442, 0.3300094782, 0.6699905218, 0.9305681558),
    (
        0.1739274226,
        0.3260725774,
        0.3260725774,
        0.1739274226,
    ),
)
"""Gauss and Legendre's quadrature of four points, on 0..1."""


class RadialRegression(nn.Module):
    """f(x) = intercept + sum of coefficients x exp(-width |x - support|^2), as scikit-learn's SVR with a radial kernel.

    Parameters
    ----------
    support : Tensor
        (S, D).
    coefficients : Tensor
        (S,)
    intercept : float
    """

    def __init__(self, support: Tensor, coefficients: Tensor, intercept: float) -> None:
        super().__init__()
        self.support: Tensor
        self.coefficients: Tensor
        self.intercept: Tensor
        self.register_buffer("support", support.float())
        self.register_buffer("coefficients", coefficients.float())
        self.register_buffer("intercept", torch.tensor(float(intercept)))

    def forward(self, x: Tensor) -> Tensor:
        """Return f (N,) of (N, D)."""
        found: Tensor = self._kernel(x) @ self.coefficients + self.intercept
        return found

    def gradient(self, x: Tensor) -> Tensor:
        """Return the gradient (N, D) of f at (N, D)."""
        pulled = self._kernel(x) * self.coefficients
        found: Tensor = 2 * WIDTH * (pulled @ self.support - x * pulled.sum(1, keepdim=True))
        return found

    def secants(self, start: Tensor, end: Tensor) -> Tensor:
        """Return (N, D) factors c for which f(end) - f(start) = sum of c (end - start), exactly.

        They are the mean of the gradient on the straight line between the two (integrated gradients; Sundararajan, Taly
        and Yan 2017, arXiv 1703.01365), and what the quadrature misses is shared out by the squares of the steps.
        """
        step = end - start
        mean = sum(
            (share * self.gradient(start + node * step) for node, share in zip(_NODES, _SHARES, strict=True)),
            torch.zeros_like(step),
        )
        missed = self(end) - self(start) - (mean * step).sum(1)
        found: Tensor = mean + missed[:, None] * step / (step.square().sum(1, keepdim=True) + 1e-12)
        return found

    def _kernel(self, x: Tensor) -> Tensor:
        apart: Tensor = x.square().sum(1, keepdim=True) + self.support.square().sum(1) - 2 * x @ self.support.T
        return torch.exp(-WIDTH * apart)

"""Weight-space interpolation between a network before and after its fit (WiSE-FT)."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.networks.way_heads import LEAST_SPREAD


def interpolate_weights(network: Regressor, start: Mapping[str, Tensor], share: float) -> None:
    """Interpolate a network's weights, in place, linearly between `start` and those that its fit ended with.

    A fit to few and noisy labels improves the predictions and forgets some of what the network had learned before;
    interpolated weights keep most of the gain and lose less of the rest.

    Parameters
    ----------
    network : Regressor
        As its fit left it.
    start : mapping of str to Tensor
        The state from which it was fitted.
    share : float
        0 is the start, 1 the end of the fit.

    References
    ----------
    Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", arXiv 2109.01903.
    """
    end = network.state_dict()
    network.load_state_dict(
        {
            name: torch.lerp(start[name], value, share) if value.is_floating_point() else value
            for name, value in end.items()
        }
    )


def refit_spread(
    network: Regressor, predicted: Mapping[str, NDArray[np.float32]], spread: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Refit the layer of the expected error to the terms and the Dice of a network whose weights were interpolated.

    Parameters
    ----------
    network : Regressor
        Changed in place.
    predicted : mapping of str to ndarray
        Its ``by_way`` (N, K, 2) and ``terms`` (N, M) of N images.
    spread : ndarray
        (N, K) the expected absolute error by way that their teachers predicted, > `LEAST_SPREAD`.

    Returns
    -------
    ndarray
        (N, K) the expected error that the network now gives.
    """
    given = np.empty(spread.shape, np.float32)
    for way in range(spread.shape[1]):
        dice = predicted["by_way"][:, way, 0]
        known = np.column_stack([predicted["terms"], dice, np.ones(len(spread))]).astype(np.float64)
        beyond = np.maximum(np.asarray(spread[:, way], np.float64) - LEAST_SPREAD, 1e-6)
        found, *_ = np.linalg.lstsq(known, np.log(np.expm1(beyond)), rcond=None)  # the inverse of softplus
        given[:, way] = np.log1p(np.exp(known @ found)) + LEAST_SPREAD
        terms, of_dice = torch.from_numpy(found[:-2].astype(np.float32)), float(found[-2])
        with torch.no_grad():
            layer = network.spread if way == 0 or network.ways is None else network.ways.spread
            row = max(way - 1, 0)
            layer.weight[row].zero_()
            layer.bias[row] = float(found[-1])
            if way == 0 or network.ways is None:
                layer.weight[0, -1] = of_dice
                layer.weight[0, layer.in_features - 1 - len(terms) : -1] = terms
            else:
                layer.weight[row, layer.in_features - len(terms) :] = terms
                network.ways.spread_of_dice[row] = of_dice
    return given

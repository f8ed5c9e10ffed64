"""A student settled between the weights that it started from and those that its fit ended with."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from annotriage.regressors.networks.regressor import LEAST_SPREAD, Regressor


def interpolate_weights(network: Regressor, start: Mapping[str, Tensor], share: float) -> None:
    """Move a network's weights, in place, back to a share of the way from `start`.

    A fit to few and noisy labels takes a network to where it knows more, and holds on to less of what it knew; part of
    the way has most of the one and little of the other.

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
    network: Regressor, said: Mapping[str, NDArray[np.float32]], spread: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Fit the layer of the expected error anew, to the lesion terms and the Dice of a network that has moved.

    Parameters
    ----------
    network : Regressor
        Changed in place.
    said : mapping of str to ndarray
        Its ``dice`` (N,) and ``terms`` (N, K) of N images.
    spread : ndarray
        (N,) the expected absolute error that their teachers told, > `LEAST_SPREAD`.

    Returns
    -------
    ndarray
        (N,) the expected error that the network now gives.
    """
    known = np.column_stack([said["terms"], said["dice"], np.ones(len(spread))]).astype(np.float64)
    beyond = np.maximum(np.asarray(spread, np.float64) - LEAST_SPREAD, 1e-6)
    found, *_ = np.linalg.lstsq(known, np.log(np.expm1(beyond)), rcond=None)  # the inverse of softplus
    with torch.no_grad():
        network.spread.weight.zero_()
        network.spread.weight[0, -len(found) + 1 :] = torch.from_numpy(found[:-1].astype(np.float32))
        network.spread.bias[0] = float(found[-1])
    return (np.log1p(np.exp(known @ found)) + LEAST_SPREAD).astype(np.float32)

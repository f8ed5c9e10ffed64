"""Teachers of a distillation that predict the Dice from terms of the lesion map alone."""

import numpy as np
from numpy.typing import NDArray

from annotriage.regressors.data.pixels import PackedImages
from annotriage.regressors.fitting.inference import lesion_term_values
from annotriage.regressors.networks.regressor import Regressor

Floats = NDArray[np.float32]

NUMBERS = ("expected_dice", "threshold_dice", "log_area", "softness")
MARGIN = 0.02
"""Errors of a Dice smaller than this cost a support vector regression nothing."""
SOFTNESS, WIDTH = 1.0, 0.05
"""Of the regression: what an error costs, and the exponent's factor of its radial kernel on standardised numbers. In
cross-validation on the images that the bundled model learned from, values from 0.5 to 3 and 0.03 to 0.1 make no
difference that matters."""
NEIGHBOURS = 60
"""How many images' errors make the expected error of one that resembles them."""


def outline_predictions(
    network: Regressor,
    data: PackedImages,
    learned: list[int],
    fold_of: NDArray[np.integer],
    unlabelled: list[int],
    views: int,
) -> tuple[Floats, Floats]:
    """Predict each labelled image by a regression that has not seen its fold, and the others by the mean of all.

    Parameters
    ----------
    network : Regressor
        After the mask stage.
    data : PackedImages
    learned : list of int
        L labelled rows.
    fold_of : ndarray
        (L,) the fold of each.
    unlabelled : list of int
        F rows without a label.
    views : int
        Flips and quarter turns over which an image's numbers are averaged.

    Returns
    -------
    tuple of ndarray
        (L, 2) and (F, 2): Dice, not clamped, and expected absolute error.
    """
    numbers = lesion_term_values(network, data, learned + unlabelled, NUMBERS, views).astype(np.float64)
    known = numbers[: len(learned)]
    numbers = (numbers - known.mean(0)) / np.maximum(known.std(0), 1e-9)
    known, others = numbers[: len(learned)], numbers[len(learned) :]
    return cross_fitted(known, data.targets[learned, 0].astype(np.float64), fold_of, others)


def cross_fitted(
    known: NDArray[np.float64], dice: NDArray[np.float64], fold_of: NDArray[np.integer], others: NDArray[np.float64]
) -> tuple[Floats, Floats]:
    """Predict (L, K) numbers with a Dice, each without its fold, and (F, K) numbers without one.

    The expected error is the mean error of the images with the most similar numbers, those of the same fold left out.
    """
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.svm import SVR

    folds = np.unique(fold_of)
    out_of_fold = np.empty(len(known))
    pseudo_labels = np.zeros((len(folds), len(others)))
    for k, fold in enumerate(folds):
        seen = fold_of != fold
        regression = SVR(C=SOFTNESS, gamma=WIDTH, epsilon=MARGIN).fit(known[seen], dice[seen])
        out_of_fold[~seen] = regression.predict(known[~seen])
        if len(others):
            pseudo_labels[k] = regression.predict(others)
    errors = np.abs(np.clip(out_of_fold, 0, 1) - dice)
    spread, pseudo_spread = np.empty(len(known)), np.zeros(len(others))
    for fold in folds:
        seen = fold_of != fold
        near = KNeighborsRegressor(min(NEIGHBOURS, int(seen.sum()))).fit(known[seen], errors[seen])
        spread[~seen] = near.predict(known[~seen])
        if len(others):
            pseudo_spread += near.predict(others) / len(folds)
    answers = np.column_stack([out_of_fold, np.maximum(spread, 1e-3)])
    return answers.astype(np.float32), np.column_stack([pseudo_labels.mean(0), np.maximum(pseudo_spread, 1e-3)]).astype(
        np.float32
    )

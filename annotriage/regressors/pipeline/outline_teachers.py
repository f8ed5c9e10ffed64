"""Teachers of a distillation that predict the Dice from terms of the lesion map, and the tools of a pair, alone."""

import numpy as np
from numpy.typing import NDArray

from annotriage.regressors.data.pairs import Pairs
from annotriage.regressors.data.pixels import PackedImages
from annotriage.regressors.fitting.inference import lesion_term_values
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.pipeline.learned_ways import LearnedWays
from annotriage.regressors.pipeline.outline_regression import PairDesign, fit_regression, fit_ways
from annotriage.regressors.recipes.sections import OUTLINE_TERMS

Floats = NDArray[np.float32]

NEIGHBOURS = 60
"""How many images' errors make the expected error of one that resembles them."""


def outline_predictions(
    network: Regressor,
    data: PackedImages,
    learned: list[int],
    fold_of: NDArray[np.integer],
    unlabelled: list[int],
    views: int,
    ways: LearnedWays,
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
    ways : LearnedWays
        K ways of drawing.

    Returns
    -------
    tuple of ndarray
        (L, K, 2) and (F, K, 2): Dice, not clamped, and expected absolute error.
    """
    numbers = lesion_term_values(network, data, learned + unlabelled, OUTLINE_TERMS, views).astype(np.float64)
    known = numbers[: len(learned)]
    numbers = (numbers - known.mean(0)) / np.maximum(known.std(0), 1e-9)
    known, others = numbers[: len(learned)], numbers[len(learned) :]
    found = [
        each[:, None] for each in cross_fitted(known, data.targets[learned, 0].astype(np.float64), fold_of, others)
    ]
    if ways.at_hand:
        of_ways = cross_fitted_ways(known, ways.learned.among(learned), fold_of, others, ways.at_hand)
        found = [np.concatenate([mixed, more], 1) for mixed, more in zip(found, of_ways, strict=True)]
    blind, told = (ways.with_derived(each) for each in found)
    return blind, told


def cross_fitted(
    known: NDArray[np.float64], dice: NDArray[np.float64], fold_of: NDArray[np.integer], others: NDArray[np.float64]
) -> tuple[Floats, Floats]:
    """Predict (L, K) numbers with a Dice, each without its fold, and (F, K) numbers without one.

    The expected error is the mean error of the images with the most similar numbers, those of the same fold left out.
    """
    from sklearn.neighbors import KNeighborsRegressor

    folds = np.unique(fold_of)
    out_of_fold = np.empty(len(known))
    pseudo_labels = np.zeros((len(folds), len(others)))
    for k, fold in enumerate(folds):
        seen = fold_of != fold
        regression = fit_regression(known[seen], known[seen], dice[seen])
        out_of_fold[~seen] = regression.predict(known[~seen], known[~seen])
        if len(others):
            pseudo_labels[k] = regression.predict(others, others)
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


def cross_fitted_ways(
    known: NDArray[np.float64], pairs: Pairs, fold_of: NDArray[np.integer], others: NDArray[np.float64], ways: list[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Predict (L, N) numbers of labelled images, each without its fold, and (F, N) of others, for each way of drawing.

    A regression a fold, on all pairs of its images at once, so that ways drawn seldom learn from the others: of the
    image's numbers, of the way, of the numbers once more where one of the pair filled (there they count most), and of
    the two people's skills. A way's answer is the mean over the skills of those who drew so. The expected error is that
    of images with similar numbers, of the same way and of other folds.

    Parameters
    ----------
    known : ndarray
        (L, N) standardised.
    pairs : Pairs
        Of the labelled images.
    fold_of : ndarray
        (L,)
    others : ndarray
        (F, N) standardised likewise.
    ways : list of str
        W keys of `annotriage.measures.ways.WAYS`, each of which has pairs.

    Returns
    -------
    tuple of ndarray
        (L, W, 2) and (F, W, 2): Dice, not clamped, and expected absolute error.
    """
    from sklearn.neighbors import KNeighborsRegressor

    count, folds, design = len(ways), np.unique(fold_of), PairDesign.of(pairs, ways)
    said, told = np.zeros((len(known), count, 2)), np.zeros((len(others), count, 2))
    for fold in folds:
        seen, mine = fold_of[pairs.row] != fold, fold_of == fold
        regression = fit_ways(known, pairs.taken(seen), design)
        for way in range(count):
            for numbers, answers, part in ((known[mine], said, mine), (others, told, slice(None))):
                if len(numbers):
                    same = np.full(len(numbers), way)
                    of_folds = 1 if answers is said else len(folds)
                    found = regression.predict(design.line(numbers, same), design.radial(numbers, same))
                    answers[part, way, 0] += found / of_folds
    true = pairs.by_way(len(known), count)
    errors = np.abs(np.clip(said[:, :, 0], 0, 1) - true)
    for way in range(count):
        has = ~np.isnan(errors[:, way])
        for fold in folds:
            seen, mine = has & (fold_of != fold), fold_of == fold
            if not seen.any():  # all of them are of one fold
                seen = has
            near = KNeighborsRegressor(min(NEIGHBOURS, int(seen.sum()))).fit(known[seen], errors[seen, way])
            said[mine, way, 1] = near.predict(known[mine])
            if len(others):
                told[:, way, 1] += near.predict(others) / len(folds)
    for answers in (said, told):
        np.maximum(answers[:, :, 1], 1e-3, out=answers[:, :, 1])
    return said, told

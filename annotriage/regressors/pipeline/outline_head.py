"""The regression on outlines, put into the network itself: what is measured in folds is then what ships."""

import numpy as np
import torch
from numpy.typing import NDArray

from annotriage.regressors.data.pixels import PackedImages
from annotriage.regressors.fitting.inference import lesion_term_values
from annotriage.regressors.networks.outline_correction import DerivedWays, OutlineCorrection
from annotriage.regressors.networks.radial import RadialRegression
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.pipeline.learned_ways import LearnedWays
from annotriage.regressors.pipeline.outline_regression import (
    OutlineRegression,
    PairDesign,
    fit_regression,
    fit_ways,
)
from annotriage.regressors.pipeline.tool_model import EDGE

Floats = NDArray[np.float64]


def fit_outline_head(network: Regressor, data: PackedImages, learned: list[int], views: int, ways: LearnedWays) -> None:
    """Fit the regression to all labelled images and make it the network's head, in place; features have no part in it.

    Parameters
    ----------
    network : Regressor
        After the mask stage; its terms are `annotriage.regressors.recipes.sections.OUTLINE_TERMS`.
    data : PackedImages
    learned : list of int
        L labelled rows.
    views : int
        Flips and quarter turns over which an image's numbers are averaged.
    ways : LearnedWays
    """
    raw = lesion_term_values(network, data, learned, network.term_names, views)
    network.set_term_scale(torch.from_numpy(raw))
    numbers = ((raw - network.term_mean.numpy()) / network.term_sd.numpy()).astype(np.float64)
    mixed = fit_regression(numbers, numbers, data.targets[learned, 0].astype(np.float64))
    network.ways = None
    network.add_ways(len(ways.keys) - 1)
    of_ways = None
    fills: Floats = np.zeros(0)
    with torch.no_grad():
        network.linear.weight[0].zero_()
        network.linear.bias[0] = mixed.intercept
        network.term_weights[0] = torch.from_numpy(mixed.slopes.astype(np.float32))
        if network.ways is not None:
            pairs = ways.learned.among(learned)
            design = PairDesign.of(pairs, ways.at_hand)
            regression = fit_ways(numbers, pairs, design)
            fills, of_ways = design.fills, _radial(regression)
            network.ways.dice.weight.zero_()
            for way in range(len(ways.at_hand)):
                intercept, slopes = design.line_of(way, regression)
                network.ways.dice.bias[way] = intercept
                network.ways.term_weights[way] = torch.from_numpy(slopes.astype(np.float32))
    network.correction = OutlineCorrection(_radial(mixed), of_ways, torch.from_numpy(fills), _derived(ways))


def _radial(regression: OutlineRegression) -> RadialRegression:
    bent = regression.radial
    support, coefficients = (torch.from_numpy(np.asarray(each)) for each in (bent.support_vectors_, bent.dual_coef_[0]))
    return RadialRegression(support, coefficients, float(bent.intercept_[0]))


def _derived(ways: LearnedWays) -> DerivedWays | None:
    if ways.tools is None or not ways.derived:
        return None
    tools, count = ways.tools, len(ways.at_hand)
    slope, noise = tools.slope[:count], tools.noise[:count]
    shares = slope / noise**2 / (slope**2 / noise**2).sum()
    intercept, slopes, of_number = (torch.from_numpy(each) for each in (tools.intercept, tools.slope, shares))
    return DerivedWays(intercept, slopes, of_number, EDGE)

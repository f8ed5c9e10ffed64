"""The regression inside the network: scikit-learn's own answer, and laid out without a remainder."""

import numpy as np
import pytest
import torch
from sklearn.svm import SVR

from annotriage.regressors.data.pairs import EXPERTS, UNKNOWN, WITH_NOVICE, Pairs
from annotriage.regressors.networks.outline_correction import DerivedWays, OutlineCorrection
from annotriage.regressors.networks.radial import WIDTH, RadialRegression
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.pipeline.outline_regression import PairDesign, fit_regression, fit_ways
from annotriage.regressors.pipeline.tool_model import EDGE, ToolModel
from tests.regressors.small import small_recipe

pytestmark = pytest.mark.slow
TERMS = ["expected_dice", "threshold_dice", "log_area", "softness"]


def made_up(images: int = 80, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(images, 4))
    return numbers, np.clip(0.8 + 0.1 * numbers[:, 0] - 0.05 * numbers[:, 3] ** 2 + rng.normal(0, 0.05, images), 0, 1)


def radial(regression: SVR) -> RadialRegression:
    support, coefficients = (torch.from_numpy(each) for each in (regression.support_vectors_, regression.dual_coef_[0]))
    return RadialRegression(support, coefficients, float(regression.intercept_[0]))


def test_it_is_scikit_learns_regression() -> None:
    numbers, dice = made_up()
    theirs = SVR(C=1, gamma=WIDTH, epsilon=0.02).fit(numbers, dice)
    new = np.random.default_rng(1).normal(0, 3, (50, 4))
    ours = radial(theirs)(torch.from_numpy(new.astype(np.float32)))
    np.testing.assert_allclose(ours.numpy(), theirs.predict(new), atol=2e-5)


def test_its_gradient_is_that_of_torch_and_its_secants_leave_nothing() -> None:
    numbers, dice = made_up()
    ours = radial(SVR(C=1, gamma=WIDTH, epsilon=0.02).fit(numbers, dice))
    rng = np.random.default_rng(2)
    start, end = (torch.from_numpy(rng.normal(0, 2, (40, 4)).astype(np.float32)) for _ in range(2))
    end.requires_grad_()
    (gradient,) = torch.autograd.grad(ours(end).sum(), end)
    torch.testing.assert_close(ours.gradient(end), gradient, atol=1e-5, rtol=1e-4)
    parts = (ours.secants(start, end) * (end - start)).sum(1)
    torch.testing.assert_close(parts, ours(end) - ours(start), atol=1e-5, rtol=1e-5)
    # Where nothing moves there is nothing to lay out, and no division by nothing.
    assert torch.isfinite(ours.secants(end, end)).all()


def test_far_from_all_images_the_line_goes_on() -> None:
    numbers, dice = made_up()
    regression = fit_regression(numbers, numbers, dice)
    far = np.array([[-40.0, 0, 0, 0]])
    line = regression.intercept + far @ regression.slopes
    assert regression.predict(far, far) - line == pytest.approx(regression.radial.intercept_[0], abs=1e-3)


def test_ways_in_the_network_are_those_of_the_regression() -> None:
    numbers, dice = made_up(120)
    rng = np.random.default_rng(3)
    way, skill = rng.integers(0, 2, 120), rng.integers(0, 3, 120)
    pairs = Pairs(np.arange(120), way, skill, np.clip(dice - 0.2 * way * (numbers[:, 0] < 0), 0, 1))
    design = PairDesign.of(pairs, ["hand", "hand_fill"])
    regression = fit_ways(numbers, pairs, design)
    tools = ToolModel(np.array([1.5, 0.5, 2.0]), np.array([0.8, 1.0, 0.5]), np.array([0.5, 1.0, 0.4]), 0.2)
    shares = tools.slope[:2] / tools.noise[:2] ** 2
    shares /= (tools.slope[:2] * shares).sum()
    derived = DerivedWays(*(torch.from_numpy(each) for each in (tools.intercept, tools.slope, shares)), EDGE)
    correction = OutlineCorrection(radial(regression.radial), None, torch.zeros(0), None)  # mixed is not asked here
    correction = OutlineCorrection(correction.mixed, radial(regression.radial), torch.from_numpy(design.fills), derived)
    terms = torch.from_numpy(numbers.astype(np.float32))
    lines = []
    for each in range(2):
        intercept, slopes = design.line_of(each, regression)
        lines.append(intercept + numbers @ slopes)
    ours = correction.of_ways(torch.from_numpy(np.stack(lines, 1).astype(np.float32)), terms).numpy()
    for each in range(2):
        # What a way answers is the mean over the skills of those who drew so.
        same, counts = np.full(120, each), np.bincount(skill[way == each], minlength=3) / (way == each).sum()
        said = sum(
            share * regression.predict(design.line(numbers, same, np.full(120, level)), design.radial(numbers, same))
            for level, share in zip((EXPERTS, WITH_NOVICE, UNKNOWN), counts, strict=True)
        )
        np.testing.assert_allclose(ours[:, each], said, atol=3e-5)
    np.testing.assert_allclose(ours[:, 2:], tools.answers(ours[:, :2].astype(float), [0, 1], [2]), atol=1e-4)


def test_the_heatmap_is_the_prediction_laid_out() -> None:
    torch.manual_seed(0)
    network = Regressor(small_recipe(mask_head={"enabled": True, "terms": TERMS})).eval()
    numbers, dice = made_up()
    regression = fit_regression(numbers, numbers, dice)
    network.set_term_scale(torch.tensor(np.random.default_rng(4).normal([0.8, 0.7, -2, 0.2], 0.1, (50, 4))).float())
    with torch.no_grad():
        network.linear.weight[0].zero_()
        network.linear.bias[0] = regression.intercept
        network.term_weights[0] = torch.from_numpy(regression.slopes.astype(np.float32))
        network.correction = OutlineCorrection(radial(regression.radial), None, torch.zeros(0), None)
        answer = network(torch.randn(6, 3, network.image_size, network.image_size))
        parts = network.term_parts(answer.terms)
    expected = regression.predict(answer.terms.numpy().astype(float), answer.terms.numpy().astype(float))
    np.testing.assert_allclose(answer.dice.numpy(), expected, atol=1e-4)
    beside = parts[:, TERMS.index("log_area")]
    laid_out = answer.heatmap.mean((1, 2)) + network.heatmap_bias + beside
    torch.testing.assert_close(laid_out, answer.dice, atol=1e-4, rtol=1e-4)
    mapped = [k for k, name in enumerate(TERMS) if name != "log_area"]
    torch.testing.assert_close(parts[:, mapped].sum(1), answer.heatmap.mean((1, 2)), atol=1e-4, rtol=1e-4)

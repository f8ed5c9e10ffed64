"""What tools do to a Dice, found again in pairs that were drawn from a known model."""

import numpy as np
import pytest
from scipy import stats

from annotriage.regressors.pipeline.tool_model import EDGE, fit_tool_model

INTERCEPT, SLOPE, NOISE, ALONE = np.array([1.8, 0.9, 2.4]), np.array([0.8, 1.2, 0.5]), np.array([0.4, 0.6, 0.3]), 0.3


def drawn(images: int, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Two or three pairs an image; of the third way every second one by one person alone."""
    draw = np.random.default_rng(seed)
    number = draw.normal(size=images)
    image = np.repeat(np.arange(images), 3)[draw.random(images * 3) < 0.8]
    way = draw.integers(0, 3, len(image))
    same = draw.random(len(image)) < 0.5
    y = INTERCEPT[way] + SLOPE[way] * number[image] + ALONE * same + NOISE[way] * draw.normal(size=len(image))
    return np.unique(image, return_inverse=True)[1], way, 1 / (1 + np.exp(-y)), same


@pytest.mark.slow
def test_the_model_is_found_again() -> None:
    found = fit_tool_model(*drawn(3000), 3)
    assert found.intercept == pytest.approx(INTERCEPT, abs=0.1)
    assert found.slope == pytest.approx(SLOPE, abs=0.12)
    assert found.noise == pytest.approx(NOISE, abs=0.1)
    assert found.alone == pytest.approx(ALONE, abs=0.08)


@pytest.mark.slow
def test_no_other_parameters_near_by_are_likelier() -> None:
    """The fit's own likelihood beside scipy's multivariate normal, image by image."""
    image, way, dice, same = drawn(60, 1)
    found = fit_tool_model(image, way, dice, same, 3)
    held = np.clip(dice, EDGE, 1 - EDGE)
    y = np.log(held / (1 - held))

    def likelihood(a: np.ndarray, b: np.ndarray, s: np.ndarray, alone: float) -> float:
        total = 0.0
        for each in range(image.max() + 1):
            mine = image == each
            slopes = b[way[mine]]
            cov = np.outer(slopes, slopes) + np.diag(s[way[mine]] ** 2)
            total += stats.multivariate_normal.logpdf(y[mine], a[way[mine]] + alone * same[mine], cov)
        alike = sum(((np.log(v) - np.log(v).mean()) ** 2).sum() for v in (b, s)) / 0.5**2
        return total - 0.5 * (alike + (alone / 0.5) ** 2)

    best = likelihood(found.intercept, found.slope, found.noise, found.alone)
    draw = np.random.default_rng(2)
    for _ in range(30):
        a = found.intercept + draw.normal(0, 0.05, 3)
        b, s = (values * np.exp(draw.normal(0, 0.05, 3)) for values in (found.slope, found.noise))
        assert likelihood(a, b, s, found.alone + draw.normal(0, 0.05)) <= best + 1e-3


@pytest.mark.slow
def test_another_way_is_answered_from_those_that_are_known() -> None:
    found = fit_tool_model(*drawn(3000), 3)
    number = np.array([-1.5, 0.0, 1.5])
    known = 1 / (1 + np.exp(-(INTERCEPT[:2] + number[:, None] * SLOPE[:2])))
    expected = 1 / (1 + np.exp(-(INTERCEPT[2] + number * SLOPE[2])))
    assert found.answers(known, [0, 1], [2])[:, 0] == pytest.approx(expected, abs=0.03)

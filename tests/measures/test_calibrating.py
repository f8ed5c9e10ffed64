"""A calibration: what it fits, that its intervals hold, and that it says it helps only where it does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotriage.errors import AnnotriageError
from annotriage.measures import calibrating
from annotriage.measures.calibrating import Answer, fit_calibration, shift_and_slope
from annotriage.measures.calibration import LEAST_SLOPE, MOST_SLOPE, Calibration, logit
from annotriage.measures.intervals import ConformalFactors, conformal_factors, inside, interval

Floats = np.ndarray


def team(
    rng: np.random.Generator, n: int, *, shift: float = 0.0, slope: float = 1.0, noise: float = 0.6
) -> tuple[Floats, Answer]:
    """Draw what a team agreed on, and a model that would be right if shift were 0 and slope 1."""
    told = rng.normal(1.4, 1.0, n)
    y = 1 / (1 + np.exp(-(shift + slope * told + rng.standard_t(4, n) * noise)))
    dice = 1 / (1 + np.exp(-told))
    spread = rng.uniform(0.08, 0.12, n)
    return y, Answer(dice, spread, interval(dice, spread, ConformalFactors(2.2, 1.4, 0.9, 500)))


def fit(y: Floats, answer: Answer, **how: object) -> calibrating.Fit:
    return fit_calibration(y, {"mixed": answer}, model="0" * 16, now="mixed", **how)  # type: ignore[arg-type]


@pytest.mark.slow
def test_without_shrinkage_it_is_hubers_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    import statsmodels.api as sm

    monkeypatch.setattr(calibrating, "SAY_ONE", 0.0)
    monkeypatch.setattr(calibrating, "SAY_ZERO", 0.0)
    rng = np.random.default_rng(3)
    x = rng.normal(1, 1, 61)
    y = 0.4 + 1.3 * x + rng.standard_t(2, 61) * 0.4
    (shift,), (slope,) = shift_and_slope(x, y, np.ones((1, 61), np.bool_))
    said = sm.RLM(y, sm.add_constant(x), M=sm.robust.norms.HuberT(1.345)).fit(maxiter=200, tol=1e-10)
    assert (shift, slope) == pytest.approx(tuple(said.params), abs=2e-3)


@pytest.mark.slow
def test_its_intervals_are_mapies_jackknife() -> None:
    from mapie.conformity_scores import AbsoluteConformityScore
    from mapie.regression import CrossConformalRegressor
    from sklearn.base import BaseEstimator, RegressorMixin
    from sklearn.model_selection import LeaveOneOut

    class OnLogit(RegressorMixin, BaseEstimator):  # type: ignore[misc]
        def fit(self, X: Floats, y: Floats) -> "OnLogit":
            ours = shift_and_slope(logit(X[:, 0]), logit(y), np.ones((1, len(y)), np.bool_))
            self.shift_, self.slope_ = ours[0][0], ours[1][0]
            self.n_features_in_ = 1
            return self

        def predict(self, X: Floats) -> Floats:
            return 1 / (1 + np.exp(-(self.shift_ + self.slope_ * logit(X[:, 0]))))

    y, answer = team(np.random.default_rng(5), 39, shift=0.3)
    flat = Answer(answer.dice, np.ones(39), answer.ends)  # MAPIE's residuals are not scaled
    found = fit(y, flat).calibration
    reference = CrossConformalRegressor(
        OnLogit(),
        confidence_level=0.9,
        conformity_score=AbsoluteConformityScore(sym=False),
        method="base",
        cv=LeaveOneOut(),
    )
    reference.fit_conformalize(answer.dice[:, None], y)
    at = np.array([0.5, 0.7, 0.9])
    middle, ends = reference.predict_interval(at[:, None])
    ours = found.applied(at, np.ones(3))
    np.testing.assert_allclose(ours[:, 0], middle, atol=1e-9)
    np.testing.assert_allclose(ours[:, 1:], np.clip(ends[:, :, 0], 0, 1), atol=1e-6)


@pytest.mark.slow
def test_a_shifted_team_is_found_and_its_intervals_hold() -> None:
    rng = np.random.default_rng(0)
    helped, held = [], []
    for _ in range(30):
        y, answer = team(rng, 60, shift=-1.0)
        found = fit(y, answer)
        helped.append(found.helps)
        new_y, new = team(rng, 300, shift=-1.0)
        said = found.calibration.applied(new.dice, new.spread)
        assert np.abs(said[:, 0] - new_y).mean() < np.abs(new.dice - new_y).mean()
        held.append(inside(new_y, said[:, 1], said[:, 2]).mean())
    assert np.mean(helped) > 0.9
    assert 0.89 < np.mean(held) < 0.95


@pytest.mark.slow
def test_a_team_that_is_as_the_model_says_is_rarely_told_that_it_helps() -> None:
    rng = np.random.default_rng(1)
    found = [fit(*team(rng, 45)) for _ in range(60)]
    assert sum(each.lessens for each in found) <= 4
    assert np.mean([each.gain for each in found]) < 0.002


@pytest.mark.slow
def test_the_way_that_fits_best_is_found_and_the_one_that_is_known_is_taken() -> None:
    rng = np.random.default_rng(2)
    y, right = team(rng, 80, noise=0.3)
    wrong = Answer(rng.permutation(right.dice), right.spread, right.ends)
    answers = {"mixed": wrong, "hand": right}
    found = fit_calibration(y, answers, model="0" * 16, now="mixed")
    assert found.calibration.way == "hand" and not found.way_was_known
    assert found.helps and found.before.mae > found.after.mae
    told = fit_calibration(y, answers, model="0" * 16, now="mixed", way="mixed")
    assert told.calibration.way == "mixed" and told.way_was_known
    assert not told.lessens or told.after.mae > found.after.mae


def test_below_thirty_images_it_is_refused_with_a_sentence() -> None:
    y, answer = team(np.random.default_rng(4), 29)
    with pytest.raises(AnnotriageError, match=r"at least 30 images .* here are 29 images\. .* 1 more image, "):
        fit(y, answer)
    y, answer = team(np.random.default_rng(4), 40)
    with pytest.raises(AnnotriageError, match="of 4 patients only"):
        fit(y, answer, groups=np.arange(40) % 4)


@pytest.mark.slow
def test_images_of_one_patient_are_never_on_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = np.random.default_rng(0).integers(0, 20, 60)
    seen = []
    plain = calibrating._left_out

    def noted(together: Floats, folds: int, rng: np.random.Generator) -> Floats:
        found = plain(together, folds, rng)
        seen.append((together, found))
        return found

    monkeypatch.setattr(calibrating, "_left_out", noted)
    y, answer = team(np.random.default_rng(1), 60)
    assert fit(y, answer, groups=groups).groups == len(set(groups.tolist()))
    assert len(seen) > 10
    for together, left in seen:
        assert (left.sum(0) == 1).all() and left.any(1).all()
        for group in set(together.tolist()):
            assert np.unique(left[:, together == group], axis=1).shape[1] == 1


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    arrays(np.float64, 33, elements=st.floats(0, 1)),
    arrays(np.float64, 33, elements=st.floats(0, 1)),
    st.sampled_from([1e-3, 0.1, 2.0]),
)
def test_whatever_was_measured_the_result_is_a_calibration(y: Floats, dice: Floats, spread: float) -> None:
    spreads = np.full(33, spread)
    found = fit(y, Answer(dice, spreads, interval(dice, spreads, ConformalFactors(1, 1, 0.9, 100))))
    made = found.calibration
    assert LEAST_SLOPE <= made.slope <= MOST_SLOPE and np.isfinite(made.shift)
    said = made.applied(dice, spreads)
    assert ((said >= 0) & (said <= 1)).all()
    assert (said[:, 1] <= said[:, 0]).all() and (said[:, 0] <= said[:, 2]).all()
    order = np.argsort(dice)
    assert (np.diff(said[order, 0]) >= -1e-12).all()  # the ranking of one way stays
    assert found.gain_low <= found.gain <= found.gain_high
    assert found.gain == pytest.approx(found.before.mae - found.after.mae)


def test_the_same_images_give_the_same_calibration() -> None:
    y, answer = team(np.random.default_rng(6), 31)
    assert fit(y, answer) == fit(y, answer)


def test_applied_is_the_formula() -> None:
    made = Calibration("0" * 16, "mixed", 0.5, 0.8, conformal_factors(*np.full((3, 40), 0.5)), 40)
    dice = np.array([0.3, 0.9])
    said = made.applied(dice, np.full(2, 0.1))
    np.testing.assert_allclose(said[:, 0], 1 / (1 + np.exp(-(0.5 + 0.8 * np.log(dice / (1 - dice))))))

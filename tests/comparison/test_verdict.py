"""The verdict on a new model: right about what is more than chance, and honest about what it cannot know."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotriage.comparison import verdict as verdicts
from annotriage.comparison.verdict import (
    FEWEST,
    Finding,
    guessing_sentence,
    judge,
    judge_against_guessing,
    paired_difference,
)
from annotriage.model_file.exposure import Exposure, Met

Floats = NDArray[np.float64]


def models(images: int, new: float, other: float, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    """Return labels that lean to one side, as real ones do, and predictions with the noises given."""
    rng = np.random.default_rng(seed)
    true = np.clip(1 - rng.gamma(1.2, 0.12, images), 0, 1)
    return true, true + rng.normal(0, new, images), true + rng.normal(0, other, images)


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "RESAMPLES", 499)


def test_a_model_that_is_clearly_better_is_called_better() -> None:
    found = judge(*models(200, 0.05, 0.15), name="the model in use (bundled)")
    assert found.finding is Finding.BETTER
    assert found.headline == "Better than the model in use (bundled)"
    assert f"off by {found.mae.new:.3f} on average, the model in use (bundled) by {found.mae.other:.3f}" in (
        found.sentence
    )
    assert "more than chance" in found.sentence
    assert found.mae.low <= found.mae.difference <= found.mae.high < 0
    assert not found.cautions


def test_a_model_that_is_clearly_worse_is_called_worse() -> None:
    found = judge(*models(200, 0.15, 0.05))
    assert found.finding is Finding.WORSE
    assert found.headline.startswith("Worse")
    assert 0 < found.mae.low <= found.mae.difference <= found.mae.high


def test_models_that_are_alike_are_not_told_apart() -> None:
    found = judge(*models(100, 0.1, 0.1))
    assert found.finding is Finding.NO_DIFFERENCE
    assert "may be chance" in found.sentence
    assert "less to" in found.sentence
    assert "more fits these images" in found.sentence


def test_a_difference_that_is_sure_but_tiny_is_said_to_be_hardly_noticed() -> None:
    true = np.linspace(0.2, 0.8, 400)
    wobble = np.random.default_rng(1).normal(0, 0.001, 400)
    found = judge(true, true + 0.100 + wobble, true + 0.103)
    assert found.finding is Finding.BETTER
    assert "hardly be noticed" in found.sentence


def test_squared_errors_are_mentioned_where_they_say_something_else() -> None:
    # Better in most images by a little, far off in a few.
    true = np.full(200, 0.7)
    other = true + np.random.default_rng(0).normal(0.10, 0.01, 200)
    new = true + np.random.default_rng(1).normal(0.07, 0.01, 200)
    new[:4] = 0.0
    found = judge(true, new, other)
    assert found.finding is Finding.BETTER
    assert found.mse.finding is Finding.NO_DIFFERENCE
    assert "By squared errors, in which the few large misses count most, it is no different" in found.sentence


@pytest.mark.parametrize("images", [1, 2, FEWEST - 1])
def test_from_too_few_images_nothing_is_concluded(images: int) -> None:
    found = judge(*models(images, 0.01, 0.3))
    assert found.finding is Finding.TOO_FEW
    assert np.isnan(found.mae.low)
    assert "cannot tell a difference from chance" in found.sentence
    assert f"At least {FEWEST} test images" in found.cautions[-1]
    assert "better" not in found.headline.lower()


def test_few_images_are_a_caution() -> None:
    found = judge(*models(30, 0.02, 0.2))
    assert found.finding is Finding.BETTER
    assert any("Only 30 test images" in caution for caution in found.cautions)


def test_many_images_of_few_patients_are_few() -> None:
    true, new, other = models(200, 0.01, 0.3)
    found = judge(true, new, other, groups=[f"patient {k % 5}" for k in range(200)])
    assert found.finding is Finding.TOO_FEW
    assert found.groups == 5
    assert "patients or lesions" in found.cautions[-1]


def test_the_same_model_is_recognised() -> None:
    true, new, _ = models(50, 0.1, 0.1)
    found = judge(true, new, new.copy())
    assert found.finding is Finding.SAME
    assert "It is the same model." in found.sentence
    assert not found.cautions


def test_a_difference_that_is_the_same_in_all_images_is_no_chance() -> None:
    true = np.full(40, 0.5)
    found = judge(true, true + 0.1, true + 0.2)
    assert found.finding is Finding.BETTER
    assert found.mae.low == pytest.approx(found.mae.high)


def test_images_of_a_patient_are_drawn_together(few_draws: None) -> None:
    """Copies of an image are no further evidence: groups make the interval as wide as that of the originals."""
    true, new, other = models(40, 0.1, 0.12)
    once = paired_difference(np.abs(new - true), np.abs(other - true))
    errors = (np.repeat(np.abs(new - true), 5), np.repeat(np.abs(other - true), 5))
    grouped = paired_difference(*errors, groups=[f"{k:02}" for k in range(40) for _ in range(5)])
    naive = paired_difference(*errors)
    assert grouped.high - grouped.low == pytest.approx(once.high - once.low, rel=0.01)
    assert naive.high - naive.low < 0.6 * (once.high - once.low)


def test_the_mean_stays_that_over_images_where_groups_differ_in_size() -> None:
    rng = np.random.default_rng(2)
    new, other = rng.uniform(0, 0.2, 90), rng.uniform(0, 0.2, 90)
    new[:30] = 0.9  # one patient with a third of the images
    groups = ["large"] * 30 + [f"small {k}" for k in range(60)]
    found = paired_difference(new, other, groups)
    assert found.difference == pytest.approx(float((new - other).mean()))
    assert found.low <= found.difference <= found.high


@pytest.mark.slow
def test_of_alike_models_few_are_called_different(few_draws: None) -> None:
    """5 in 100 are meant to be; twice that would be a broken interval."""
    wrong = 0
    for seed in range(200):
        true, new, other = models(100, 0.1, 0.1, seed)
        found = paired_difference(np.abs(new - true), np.abs(other - true), seed=seed).finding
        wrong += found in (Finding.BETTER, Finding.WORSE)
    assert wrong <= 20


@pytest.mark.slow
@settings(max_examples=40)
@given(st.integers(FEWEST, 120), st.floats(0.01, 0.3), st.floats(0.01, 0.3), st.integers(0, 10_000))
def test_swapping_the_models_turns_the_verdict_round(images: int, first: float, second: float, seed: int) -> None:
    true, new, other = models(images, first, second, seed)
    errors = np.abs(new - true), np.abs(other - true)
    there, back = paired_difference(*errors, seed=seed), paired_difference(*errors[::-1], seed=seed)
    assert there.difference == pytest.approx(-back.difference)
    # The same draws, mirrored: only BCa's interpolation of percentiles differs.
    width = there.high - there.low
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=0.02 * width)


@pytest.mark.slow
@settings(max_examples=40)
@given(st.integers(1, 120), st.floats(0.0, 0.3), st.floats(0.0, 0.3), st.integers(0, 10_000), st.booleans())
def test_whatever_comes_the_finding_fits_its_interval(
    images: int, first: float, second: float, seed: int, grouped: bool
) -> None:
    true, new, other = models(images, first, second, seed)
    groups = [f"{k // 2}" for k in range(images)] if grouped else None
    found = judge(true, new, other, groups=groups, seed=seed)
    units = (images + 1) // 2 if grouped else images
    for each in (found.mae, found.mse):
        if each.finding is Finding.TOO_FEW:
            assert units < FEWEST
        elif each.finding is not Finding.SAME:
            assert units >= FEWEST
            assert each.low <= each.high
            assert (each.finding is Finding.BETTER) == (each.high < 0)
            assert (each.finding is Finding.WORSE) == (each.low > 0)
    assert "nan" not in found.sentence
    assert found.sentence.endswith(".")


def test_predictions_are_clamped_as_every_screen_shows_them() -> None:
    true = np.full(30, 1.0)
    found = judge(true, np.full(30, 1.7), np.linspace(0.5, 0.9, 30))
    assert found.mae.new == 0


def test_it_is_repeatable() -> None:
    first, second = judge(*models(60, 0.1, 0.12)), judge(*models(60, 0.1, 0.12))
    assert first == second


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="as many"):
        judge(np.ones(3), np.ones(3), np.ones(2))
    with pytest.raises(ValueError, match="at least one"):
        judge(np.ones(0), np.ones(0), np.ones(0))


def test_beside_a_guess() -> None:
    true, new, _ = models(150, 0.03, 0.1)
    found = judge_against_guessing(true, new, true)
    assert found.finding is Finding.BETTER
    assert "better than a guess" in guessing_sentence(found)
    guess = judge_against_guessing(true, np.full(150, np.median(true)), true)
    assert guess.finding is Finding.SAME
    assert "learned nothing" in guessing_sentence(guess)
    worse = judge_against_guessing(true, 1 - new, true)
    assert "worse than a guess" in guessing_sentence(worse)
    noise = judge_against_guessing(true, np.median(true) + (new - true), true)
    assert noise.finding is not Finding.BETTER


# Has the other model seen the test images?


def test_what_the_model_in_use_may_have_seen_is_said() -> None:
    better = judge(*models(100, 0.03, 0.2), name="the model in use", met=Met(Exposure.MAYBE))
    assert "better all the same" in better.cautions[0]
    assert better.cautions[0].startswith("The model in use learned from the same table")
    worse = judge(*models(100, 0.2, 0.03), met=Met(Exposure.MAYBE))
    assert "not fair" in worse.cautions[0]
    assert worse.headline == "Worse here than the model in use, which has probably seen some of these images"
    unknown = judge(*models(100, 0.2, 0.03), met=Met(Exposure.UNKNOWN))
    assert "taken for granted" in unknown.cautions[0]
    seen = judge(*models(100, 0.2, 0.03), met=Met(Exposure.SEEN, 31))
    assert seen.cautions[0].startswith("The model in use learned from 31 of the 100 test images, and looks better")
    assert seen.headline == "Worse here than the model in use, which has seen some of these images"

"""The sentences below the figures of a result, and the numbers in them."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotriage.comparison.run_types import ImageErrors
from annotriage.comparison.triage_quality import triage_quality
from annotriage.trainings.result_words import (
    coverage_of,
    coverage_sentence,
    errors_sentence,
    scatter_sentence,
    triage_sentence,
)
from annotriage.trainings.results import groups_of

Floats = NDArray[np.float64]


def images_of(dice: Floats, predicted: Floats, half: float = 0.1) -> ImageErrors:
    """Return test images with intervals of one width."""
    return ImageErrors(
        tuple(f"im{k}.png" for k in range(len(dice))), dice, predicted, predicted - half, predicted + half, dice
    )


def spread(count: int = 200) -> Floats:
    return np.linspace(0.05, 0.95, count)


def test_intervals_that_hold_too_little_are_said_to_be_too_narrow() -> None:
    found = coverage_of(images_of(spread(), spread() + np.where(np.arange(200) % 2, 0.15, 0.05)), 0.9)
    assert found is not None
    assert found.shares[0] == 0.5
    assert "50 % lie inside" in coverage_sentence(found)
    assert "too narrow" in coverage_sentence(found)


def test_intervals_that_hold_all_are_said_to_be_wide() -> None:
    found = coverage_of(images_of(spread(), spread()), 0.9)
    assert "wider than they need be" in coverage_sentence(found)


def test_intervals_that_hold_what_they_are_meant_to() -> None:
    found = coverage_of(images_of(spread(), spread() + np.where(np.arange(200) % 10, 0.05, 0.15)), 0.9)
    assert "The two fit each other." in coverage_sentence(found)


def test_a_run_without_intervals_says_so() -> None:
    images = images_of(spread(), spread(), half=float("nan"))
    assert coverage_of(images, 0.9) is None
    assert coverage_sentence(None) == "This run has no intervals."


@pytest.mark.slow
@settings(max_examples=25)
@given(st.integers(1, 150), st.integers(0, 1000), st.floats(0.01, 0.5))
def test_every_image_is_counted_once_by_what_was_predicted(count: int, seed: int, half: float) -> None:
    rng = np.random.default_rng(seed)
    found = coverage_of(images_of(rng.uniform(0, 1, count), rng.uniform(-0.1, 1.1, count), half), 0.9)
    assert found is not None
    assert found.counts[0] == count
    assert sum(found.counts[1:]) in (0, count)
    assert all(each >= 8 for each in found.counts[1:])
    assert (found.lows <= found.shares + 1e-12).all()
    assert (found.shares <= found.highs + 1e-12).all()


@pytest.mark.parametrize(
    ("bias", "said"),
    [(0.1, "0.100 too much agreement"), (-0.1, "0.100 too little agreement"), (0.0, "neither way")],
)
def test_which_way_it_errs(bias: float, said: str) -> None:
    noise = np.resize([0.05, -0.05], 200)
    predicted = np.linspace(0.2, 0.8, 200) + bias + noise
    assert said in errors_sentence(images_of(np.linspace(0.2, 0.8, 200), predicted))


def test_the_largest_error_is_named() -> None:
    predicted = spread(20)
    predicted[3] += 0.5
    assert errors_sentence(images_of(spread(20), predicted)).endswith("The largest error is 0.50, in im3.png.")


def test_a_model_that_says_the_same_of_all_images_has_no_correlation() -> None:
    assert "nearly the same for all images" in scatter_sentence(images_of(spread(), np.full(200, 0.8)))
    assert "correlation: 1.00" in scatter_sentence(images_of(spread(), spread()))


def test_what_the_first_fifth_finds() -> None:
    dice = np.concatenate([np.full(40, 0.5), np.full(160, 0.9)])
    perfect = triage_quality("m", [images_of(dice, dice)], 0.7)
    words = triage_sentence(perfect, ("the model in use", perfect.found / 2))
    assert "finds 100 % of the contentious images (people's Dice below 0.7: 40)" in words
    assert words.endswith("With the model in use it is 50 %.")
    few = dice.copy()
    few[5:] = 0.9
    assert "so few of them" in triage_sentence(triage_quality("m", [images_of(few, few)], 0.7), None)
    none = triage_quality("m", [images_of(np.full(50, 0.9), np.full(50, 0.9))], 0.7)
    assert "nothing can be said of triage" in triage_sentence(none, None)


def test_patients_are_known_by_the_column_that_was_chosen(tmp_path: Path) -> None:
    clinical = tmp_path / "clinical.csv"
    clinical.write_text("isic_id,SubjectNr\na,1\nb,1\nc,2\n")
    run = SimpleNamespace(split={"grouped_by": ["patient_id"]})
    found = groups_of(run, clinical, ("dice=d", "patient_id=SubjectNr"))  # type: ignore[arg-type]
    assert found is not None and found["a"] == found["b"] != found["c"]
    assert groups_of(run, clinical) is None  # type: ignore[arg-type]

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from annotriage.comparison.documents.outcome import outcome_document
from annotriage.comparison.reports.text import as_text
from annotriage.measures.outcome import FEWEST, TriageOutcome, triage_outcome

NONE = float("nan")


def outcome(
    measured: list[float], in_front: list[bool], predicted: float | list[float] = 0.8, **more: object
) -> TriageOutcome:
    dice = np.broadcast_to(np.array(predicted, float), len(measured))
    return triage_outcome(
        dice,
        dice - 0.2,
        dice + 0.2,
        np.array(measured),
        np.array(in_front),
        **more,  # type: ignore[arg-type]
    )


def test_where_all_is_measured_there_is_nothing_to_estimate() -> None:
    found = outcome([0.5] * 8 + [0.9] * 2 + [0.5] * 2 + [0.9] * 18, [True] * 10 + [False] * 20)
    assert (found.front.contentious, found.rest.contentious) == (8, 2)
    assert found.found is not None and (found.found.value, found.found.low, found.found.high) == (0.8, 0.8, 0.8)
    assert found.missed is not None and found.missed.high == 0 and found.outlines_saved == 0
    assert found.chance is not None and found.chance.value == pytest.approx(1 / 3)


def test_of_the_first_alone_nothing_is_said_of_what_was_missed() -> None:
    found = outcome([0.5] * 20 + [NONE] * 80, [True] * 20 + [False] * 80)
    assert found.found is None and found.chance is None and found.missed is None
    assert found.front.contentious == 20 and found.outlines_saved == 80
    assert not found.error_is_of_all


def test_errors_of_a_small_folder_of_which_all_is_measured_are_of_all() -> None:
    found = outcome([0.5] * 4 + [0.9] * 16, [True] * 4 + [False] * 16)
    assert found.error_is_of_all and found.error is not None
    assert found.error.value == pytest.approx((4 * 0.3 + 16 * 0.1) / 20)


def test_parts_are_scaled_each_by_itself() -> None:
    measured = [0.5] * 6 + [0.9] * 4 + [NONE] * 10 + [0.5] + [0.9] * 9 + [NONE] * 70
    found = outcome(measured, [True] * 20 + [False] * 80)
    assert found.found is not None
    assert found.found.value == pytest.approx(20 * 0.6 / (20 * 0.6 + 80 * 0.1))
    assert found.found.low < found.found.value < found.found.high
    assert found.missed is not None and found.missed.value == pytest.approx(80 * 0.1 - 1)
    assert found.error_is_of_all and found.error is not None
    errors = {0.5: 0.3, 0.9: 0.1}
    front, rest = 0.6 * errors[0.5] + 0.4 * errors[0.9], 0.1 * errors[0.5] + 0.9 * errors[0.9]
    assert found.error.value == pytest.approx(0.2 * front + 0.8 * rest)


def test_how_many_the_intervals_hold_is_a_share_with_wilsons_ends() -> None:
    found = outcome([0.65] * 12 + [0.3] * 8, [True] * 20)
    assert (found.held, found.held_of) == (12, 20)
    ends = binomtest(12, 20).proportion_ci(method="wilson")
    assert found.held_share is not None and found.held_share.low == pytest.approx(ends.low)
    assert found.bias is not None and found.bias.value == pytest.approx(0.8 - (12 * 0.65 + 8 * 0.3) / 20)


def test_hours_are_those_of_outlines_that_nobody_drew_a_second_time() -> None:
    found = outcome([0.9] * 10 + [NONE] * 90, [True] * 10 + [False] * 90, seconds=np.full(20, 120.0))
    assert found.hours_saved is not None and found.hours_saved.value == pytest.approx(3.0)
    assert found.hours_saved.low == found.hours_saved.high == pytest.approx(3.0)
    assert outcome([0.9], [True], seconds=np.full(FEWEST - 1, 60.0)).hours_saved is None


def test_without_anything_measured_nothing_is_said() -> None:
    found = outcome([NONE] * 5, [True] * 2 + [False] * 3)
    assert all(
        each is None for each in (found.found, found.chance, found.missed, found.error, found.bias, found.held_share)
    )


@pytest.mark.slow
@given(st.lists(st.tuples(st.sampled_from([NONE, 0.1, 0.69, 0.7, 1.0]), st.booleans()), min_size=1, max_size=60))
def test_estimates_are_within_what_is_possible(images: list[tuple[float, bool]]) -> None:
    found = outcome([dice for dice, _ in images], [front for _, front in images])
    for share in filter(None, (found.found, found.chance, found.held_share)):
        assert 0 <= share.low <= share.value + 1e-9 and share.value <= share.high + 1e-9 <= 1 + 1e-8
    unseen = found.rest.images - found.rest.measured
    assert found.missed is None or 0 <= found.missed.low <= found.missed.high <= unseen
    assert found.front.images + found.rest.images == len(images)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """200 folders of 300 images, 60 in front, of which all are measured, and 30 of the rest."""
    rng = np.random.default_rng(1)
    held = {"found": 0, "missed": 0, "error": 0}
    for seed in range(200):
        true = np.where(rng.random(300) < np.where(np.arange(300) < 60, 0.6, 0.1), 0.5, 0.9)
        predicted = np.clip(true + rng.normal(0, 0.15, 300), 0, 1)
        in_front = np.arange(300) < 60
        chosen = np.concatenate([np.arange(60), 60 + rng.choice(240, 30, replace=False)])
        measured = np.full(300, np.nan)
        measured[chosen] = true[chosen]
        found = triage_outcome(predicted, predicted, predicted, measured, in_front, seed=seed)
        contentious = true < 0.7
        assert found.found is not None and found.missed is not None and found.error is not None
        share = contentious[in_front].sum() / contentious.sum()
        held["found"] += found.found.low <= share <= found.found.high
        missed = int((contentious & ~in_front & np.isnan(measured)).sum())
        held["missed"] += found.missed.low <= missed <= found.missed.high
        held["error"] += found.error.low <= np.abs(predicted - true).mean() <= found.error.high
    assert min(held.values()) >= 0.92 * 200, held


@pytest.mark.slow
@pytest.mark.parametrize("count", [5, 6])
def test_few_images_warn_of_nothing_where_nothing_is_wrong(count: int) -> None:
    """300 folders whose predictions lean to no side, of which few images of each part are measured."""
    warned = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        predicted = rng.uniform(0.5, 0.9, 70)
        measured = np.full(70, np.nan)
        chosen = np.concatenate([rng.choice(14, count, False), 14 + rng.choice(56, count, False)])
        measured[chosen] = predicted[chosen] + rng.standard_t(4, 2 * count) * 0.06
        found = triage_outcome(predicted, predicted - 1, predicted + 1, measured, np.arange(70) < 14, seed=seed)
        assert found.bias is not None and found.error is not None and found.error.low <= found.error.value
        warned += found.bias.surely_low > 0 or found.bias.surely_high < 0
    assert warned <= 12, warned


def test_images_that_were_calibrated_on_say_nothing_of_errors() -> None:
    measured = [0.5] * 10 + [0.9] * 20
    fitted = np.array(([True] * 2 + [False] * 8) + [True] * 10 + [False] * 10)
    found = outcome(measured, [True] * 10 + [False] * 20, fitted=fitted)
    assert found.fitted == 12 and found.held_of == 18
    assert found.front.contentious == 10  # of what was found they do
    assert found.error_is_of_all and found.error is not None
    assert found.error.value == pytest.approx((10 * 0.3 + 20 * 0.1) / 30)
    assert outcome(measured, [True] * 10 + [False] * 20, fitted=np.ones(30, bool)).error is None


def test_a_control_sample_that_is_too_small_is_named_as_what_is_lacking() -> None:
    control = np.arange(60) >= 58
    found = outcome([0.5] * 10 + [0.9] * 50, [True] * 10 + [False] * 50, control=control)
    assert found.rest.measured == 50 and found.found is not None, "all of it is measured: nothing stands for anything"
    found = outcome([0.5] * 10 + [NONE] * 5 + [0.9] * 45, [True] * 10 + [False] * 50, control=control)
    said = as_text(outcome_document(found))
    assert "fewer than 5 images of the control sample, which alone stands for the rest," in " ".join(said.split())
    assert "in the rest were drawn" not in said

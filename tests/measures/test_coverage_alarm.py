"""The alarm of the intervals: a fair bet, so that it is rarely false however often it is asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.measures.coverage_alarm import FALSE_ALARMS, coverage_alarm
from annotriage.measures.intervals import conformal_factors

STREAMS, LONG = 1000, 120


def streams(images: int | None, wider: float, seed: int = 0) -> list[np.ndarray]:
    """Draw streams of residuals against the intervals that so many images gave: `wider` than theirs were."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(STREAMS):
        if images is None:
            below = above = 1.6448536
        else:
            factors = conformal_factors(np.zeros(images), rng.standard_normal(images), np.ones(images))
            below, above = factors.above, factors.below
        off = wider * rng.standard_normal(LONG)
        found.append((off < -below) | (off > above))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("images", [None, 30, 64])
def test_of_a_thousand_streams_without_a_shift_at_most_the_stated_rate_alarms(images: int | None) -> None:
    fired = sum(coverage_alarm(each, images=images).fires for each in streams(images, 1.0))
    assert fired / STREAMS <= FALSE_ALARMS


@pytest.mark.slow
def test_without_the_odds_of_few_images_it_would_be_false_too_often() -> None:
    fired = sum(coverage_alarm(each).fires for each in streams(39, 1.0))
    assert fired / STREAMS > FALSE_ALARMS


@pytest.mark.slow
def test_a_shift_is_found() -> None:
    found = [coverage_alarm(each, images=120) for each in streams(120, 1.8)]
    fired = [each.fired_at for each in found if each.fired_at is not None]
    assert len(fired) / STREAMS > 0.95
    assert np.median(fired) < 50


@pytest.mark.parametrize("images", [None, 30, 200])
@given(left=st.lists(st.booleans(), max_size=12))
def test_every_bet_is_fair(left: list[bool], images: int | None) -> None:
    """The stake is not expected to change: with the chances of the next image, its two outcomes average to itself."""

    def stake(outside: list[bool]) -> float:
        found = coverage_alarm(np.array(outside, np.bool_), images=images, rate=1e-12)
        return found.evidence

    # Evidence is the largest stake so far: of streams in which all leave it is the stake itself.
    run = [True] * len(left)
    level, out = 0.9, 0.1
    if images is not None:
        rank = min(images, int(np.ceil(round((images + 1) * (1 + level) / 2, 9))))
        out = (2 * (images + 1 - rank) + len(run)) / (images + 1 + len(run))
    now, more = stake(run), stake([*run, True])
    assert more >= now
    assert more / now <= 1 / out + 1e-9  # no outcome may pay more than its odds


@given(st.lists(st.booleans(), max_size=60), st.lists(st.booleans(), max_size=20))
def test_an_alarm_stays_whatever_comes(first: list[bool], then: list[bool]) -> None:
    before = coverage_alarm(np.array(first, np.bool_))
    after = coverage_alarm(np.array([*first, *then], np.bool_))
    assert not before.fires or after.fired_at == before.fired_at
    assert after.evidence >= before.evidence >= 1
    assert after.images == len(first) + len(then) and after.outside == sum(first) + sum(then)


def test_nothing_measured_is_no_alarm() -> None:
    assert not coverage_alarm(np.zeros(0, np.bool_)).fires

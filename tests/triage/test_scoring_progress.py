"""How long it takes: a rate that a pause or a burst does not spoil."""

import pytest

from annotriage.triage.scoring_progress import Phase, Progress, Rate


def test_a_steady_pace_is_told_as_it_is() -> None:
    now = 0.0
    rate = Rate(lambda: now)
    assert rate.value() is None
    for _ in range(200):
        now += 0.1
        rate.add(5)
    assert rate.value() == pytest.approx(50)


def test_the_pace_of_long_ago_does_not_count() -> None:
    now = 0.0
    rate = Rate(lambda: now)
    for _ in range(100):
        now += 0.1
        rate.add(100)
    for _ in range(200):
        now += 0.1
        rate.add(1)
    assert rate.value() == pytest.approx(10, rel=0.1)


def test_after_a_pause_it_begins_anew() -> None:
    now = 0.0
    rate = Rate(lambda: now)
    rate.add(1)
    now = 1.0
    rate.add(10)
    rate.restart()
    assert rate.value() is None


def test_time_left() -> None:
    assert Progress(Phase.SCORING, 50, 150, 10.0).seconds_left == 10.0
    assert Progress(Phase.SCORING, 50, 150, None).seconds_left is None

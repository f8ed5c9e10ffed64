"""What a control sample tells of a folder: what the ranking misses; what else is measured tells nothing of that."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from annotriage.measures.outcome import triage_outcome
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.folder_outcome import _in_front, images_in_front
from tests.triage.test_budget import folder_of


def outcome(measured: np.ndarray[Any, Any], front: np.ndarray[Any, Any], control: np.ndarray[Any, Any] | None) -> Any:
    nothing = np.full(len(measured), np.nan)
    return triage_outcome(np.full(len(measured), 0.8), nothing, nothing, measured, front, control=control)


def test_only_what_chance_chose_stands_for_the_rest() -> None:
    # 100 images, 20 in front and measured; of the 80 others chance chose 20 (2 contentious), and 10 were drawn twice as
    # somebody found them odd: all contentious.
    measured = np.full(100, np.nan)
    measured[:20], measured[20:40], measured[40:50] = 0.5, 0.9, 0.4
    measured[20:22] = 0.5
    front, control = np.arange(100) < 20, (np.arange(100) >= 20) & (np.arange(100) < 40)
    found = outcome(measured, front, control)
    assert (found.rest.measured, found.rest.contentious, found.rest.standing) == (30, 12, (20, 2))
    assert found.missed.value == pytest.approx(50 * 2 / 20)
    assert found.found.value == pytest.approx(20 / (20 + 12 + 5))
    plain = outcome(measured, front, None)
    assert plain.missed.value == pytest.approx(50 * 12 / 30), "as if all of them had been chosen by chance"
    few = outcome(np.where(control & (np.arange(100) > 23), np.nan, measured), front, control)
    assert few.missed is None, "four are too few, whatever else is measured"


@pytest.mark.slow
def test_its_interval_holds_what_is_missed_as_often_as_it_says() -> None:
    drawn = np.random.default_rng(0)
    truth = np.where(drawn.uniform(size=400) < 0.12, 0.4, 0.9)
    front = np.arange(400) < 80
    held = 0
    for _ in range(150):
        control = np.zeros(400, bool)
        control[drawn.choice(np.arange(80, 400), 30, replace=False)] = True
        missed = outcome(np.where(front | control, truth, np.nan), front, control).missed
        unseen = int((truth[~front & ~control] < 0.7).sum())
        held += missed.low <= unseen <= missed.high
    assert held / 150 > 0.89, "95 %, less what 150 draws may be off"


def test_what_is_in_front_is_what_was_chosen() -> None:
    catalogue = folder_of(50)
    order = catalogue.ranked()
    expert = Review(Decision.EXPERT)

    def say(chosen: list[int], control: list[int]) -> None:
        names = catalogue.names
        catalogue.set_reviews(dict.fromkeys(names(chosen), expert))
        catalogue.set_reviews(dict.fromkeys(names(control), Review(Decision.EXPERT, control=True)))

    rows = np.arange(50)
    say(order[:8].tolist(), order[[20, 30]].tolist())
    assert images_in_front(catalogue) == 8, "the control sample was not chosen"
    assert set(np.flatnonzero(_in_front(catalogue, rows, None))) == set(order[:8].tolist())
    # A second send takes more of the ranking, past an image that chance had chosen before: it stands in front by now.
    say(cast("list[int]", order[8:20].tolist() + order[21:24].tolist()), [])
    assert set(np.flatnonzero(_in_front(catalogue, rows, None))) == set(order[:24].tolist())
    # Different images: what was chosen is in front, wherever the ranking has it.
    say(cast("list[int]", order[[40, 45]].tolist()), [])
    assert set(np.flatnonzero(_in_front(catalogue, rows, None))) == {*order[:20], *order[21:24], *order[[40, 45]]}
    assert set(np.flatnonzero(_in_front(catalogue, rows, 5))) == set(order[:5].tolist()), "or as is said"


def test_without_a_control_sample_it_is_the_ranking(tmp_path: Path) -> None:
    catalogue = folder_of(50)
    order = catalogue.ranked()
    catalogue.set_reviews(dict.fromkeys(catalogue.names(order[30:34].tolist()), Review(Decision.EXPERT)))
    assert set(np.flatnonzero(_in_front(catalogue, np.arange(50), None))) == set(order[:4].tolist())

"""The catalogue: ranks as in the ranking's table, orders, filters, what is kept when a folder is listed anew."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.images import ImageFile
from annotriage.scoring.prediction import Prediction
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.catalogue_changes import stand_where
from annotriage.triage.decisions import DECISIONS, Decision, Review
from annotriage.triage.ranking import rank
from annotriage.triage.sort_keys import SortKey
from tests.triage.known_before import know_as_before

FOLDER = Path("batch")


def image(number: int, *, size: int = 1, problem: str | None = None) -> ImageFile:
    name = f"lesion {number}.jpg"
    return ImageFile(FOLDER / name, name, size, 1, problem)


def prediction(dice: float | None, *, half: float = 0.1, error: str | None = None) -> Prediction:
    if dice is None:
        return Prediction(FOLDER, error=error)
    return Prediction(FOLDER, dice, max(0.0, dice - half), min(1.0, dice + half))


def catalogue_of(*dice: float | None) -> Catalogue:
    catalogue = Catalogue(FOLDER, [image(number) for number in range(len(dice))])
    for row, value in enumerate(dice):
        if value is not None:
            catalogue.set_prediction(row, prediction(value))
    return catalogue


some_dice = st.lists(st.none() | st.floats(0, 1, width=32), max_size=30)
some_decisions = st.lists(st.sampled_from(DECISIONS), min_size=30, max_size=30)


@pytest.mark.slow
@given(some_dice)
def test_ranks_are_those_of_the_table(dice: list[float | None]) -> None:
    catalogue = catalogue_of(*dice)
    named = [(catalogue.images[row].name, prediction(value)) for row, value in enumerate(dice) if value is not None]
    table = {line.image: line.rank for line in rank(named)}
    assert {catalogue.images[row].name: place for row, place in enumerate(catalogue.ranks()) if place} == table


@pytest.mark.slow
@given(some_dice, some_decisions, st.sampled_from(SortKey), st.booleans())
def test_every_order_shows_each_readable_image_once(
    dice: list[float | None], decisions: list[Decision], key: SortKey, reverse: bool
) -> None:
    catalogue = catalogue_of(*dice)
    catalogue.set_reviews({image(row).name: Review(decisions[row]) for row in range(len(dice))})
    if dice:
        catalogue.set_prediction(0, prediction(None, error="The file is empty."))
    order = catalogue.order(key, reverse=reverse).tolist()
    assert sorted(order) == list(range(1, len(dice)))


@pytest.mark.slow
@given(some_dice, st.sampled_from([SortKey.DISAGREEMENT, SortKey.INTERVAL]), st.booleans())
def test_numbers_are_sorted_and_what_has_none_comes_last(dice: list[float | None], key: SortKey, reverse: bool) -> None:
    catalogue = catalogue_of(*dice)
    values = catalogue.disagreement if key is SortKey.DISAGREEMENT else catalogue.interval_width()
    shown = values[catalogue.order(key, reverse=reverse)]
    known = shown[~np.isnan(shown)]
    assert np.isnan(shown[len(known) :]).all()
    steps = np.diff(known.round(4))
    assert (steps >= 0).all() if reverse else (steps <= 0).all()


def test_by_assignee_names_go_from_a_to_z_and_nobody_comes_last() -> None:
    catalogue = catalogue_of(0.9, 0.1, 0.5, 0.3, 0.2)
    for row, name in ((0, "moss"), (2, "Moss"), (3, "Ash")):
        catalogue.set_reviews({image(row).name: Review(assignee=name)})
    in_order, reverse = catalogue.order(SortKey.ASSIGNEE).tolist(), catalogue.order(SortKey.ASSIGNEE, reverse=True)
    assert (in_order[0], in_order[3:]) == (3, [1, 4])
    assert reverse.tolist()[2:] == [3, 1, 4]


def test_files_are_sorted_by_size_and_date() -> None:
    sizes, dates = (3, 1, 2), (10, 30, 20)
    images = [
        ImageFile(FOLDER / f"{n}.jpg", f"{n}.jpg", size, date, None)
        for n, (size, date) in enumerate(zip(sizes, dates, strict=True))
    ]
    catalogue = Catalogue(FOLDER, images)
    assert catalogue.order(SortKey.SIZE).tolist() == [0, 2, 1]
    assert catalogue.order(SortKey.SIZE, reverse=True).tolist() == [1, 2, 0]
    assert catalogue.order(SortKey.DATE).tolist() == [1, 2, 0]


def test_a_replaced_file_stays_where_it_was_until_it_is_scored_again() -> None:
    before = catalogue_of(0.9, 0.1, 0.5)
    after = Catalogue(FOLDER, [image(0), image(1), image(2, size=99), image(3)])
    know_as_before(after, before)
    stand_where(after, before)
    assert after.order().tolist() == after.order(SortKey.DECISION).tolist() == [1, 2, 0, 3]
    assert after.order(SortKey.INTERVAL).tolist() == [0, 1, 2, 3]  # all of them as wide
    assert after.ranks().tolist() == [2, 1, 0, 0]  # but it has no number and no rank
    again = Catalogue(FOLDER, [image(0), image(1), image(2, size=77), image(3)])
    know_as_before(again, after)
    stand_where(again, after)  # replaced once more before it was scored
    assert again.order().tolist() == [1, 2, 0, 3]
    again.set_prediction(2, prediction(0.95))
    assert again.order().tolist() == [1, 0, 2, 3]


def test_a_folder_stands_before_a_name_only_where_names_are_equal() -> None:
    names = ["a/deep.jpg", "b/deep.jpg", "b/other.jpg", "plain.jpg"]
    catalogue = Catalogue(FOLDER, [ImageFile(FOLDER / name, name, 1, 1, None) for name in names])
    assert [catalogue.short_name(row) for row in range(4)] == ["a/deep.jpg", "b/deep.jpg", "other.jpg", "plain.jpg"]


def test_by_decision_experts_come_first_and_the_contentious_first_among_them() -> None:
    catalogue = catalogue_of(0.9, 0.1, 0.5, 0.3)
    chosen = {0: Decision.EXPERT, 2: Decision.EXPERT, 3: Decision.EXCLUDE}
    catalogue.set_reviews({image(row).name: Review(decision) for row, decision in chosen.items()})
    assert catalogue.order(SortKey.DECISION).tolist() == [2, 0, 3, 1]
    assert catalogue.order(SortKey.DECISION, reverse=True).tolist() == [1, 3, 2, 0]


def test_filters_narrow_by_range_decision_and_text() -> None:
    catalogue = catalogue_of(0.9, 0.1, None, 0.3)
    catalogue.set_reviews({image(0).name: Review(Decision.ROUTINE, "Ada", "Hair over the BORDER")})
    assert set(catalogue.order(shown=Filter(low=0.5)).tolist()) == {1, 3}
    assert set(catalogue.order(shown=Filter(high=0.5)).tolist()) == {0}
    assert set(catalogue.order(shown=Filter()).tolist()) == {0, 1, 2, 3}
    assert set(catalogue.order(shown=Filter(decisions=frozenset({Decision.ROUTINE}))).tolist()) == {0}
    assert set(catalogue.order(shown=Filter(text="border")).tolist()) == {0}
    assert set(catalogue.order(shown=Filter(text="ada")).tolist()) == {0}
    assert set(catalogue.order(shown=Filter(text="SION 3")).tolist()) == {3}


def test_the_summary_counts_readable_images() -> None:
    catalogue = Catalogue(FOLDER, [image(0), image(1), image(2, problem="The file is empty.")])
    catalogue.set_prediction(0, prediction(0.4))
    catalogue.set_reviews({image(0).name: Review(Decision.EXPERT), image(2).name: Review(Decision.EXPERT)})
    summary = catalogue.summary()
    assert (summary.total, summary.scored, summary.unreadable) == (2, 1, 1)
    assert (summary.experts, summary.decided, summary.left) == (1, 1, 1)


def test_the_histogram_counts_each_prediction_once() -> None:
    catalogue = catalogue_of(0.0, 0.04, 1.0, None)
    counts = catalogue.histogram(10)
    assert counts.sum() == 3
    assert counts[9] == 2 and counts[0] == 1


def test_an_image_that_could_be_read_at_last_is_no_problem_any_more() -> None:
    catalogue = catalogue_of(None)
    catalogue.set_prediction(0, prediction(None, error="You have no permission to read it."))
    assert catalogue.waiting() == [] and len(catalogue.order()) == 0
    catalogue.set_prediction(0, prediction(0.5))
    assert not catalogue.problems and catalogue.order().tolist() == [0]


def test_forgetting_predictions_keeps_decisions() -> None:
    catalogue = catalogue_of(0.2, 0.4)
    catalogue.set_reviews({image(0).name: Review(Decision.EXCLUDE)})
    catalogue.forget_predictions()
    assert catalogue.waiting() == [0, 1]
    assert catalogue.review_at(0).decision is Decision.EXCLUDE


def test_taking_a_review_back_leaves_nothing() -> None:
    catalogue = catalogue_of(0.2)
    catalogue.set_reviews({image(0).name: Review(Decision.EXCLUDE)})
    assert catalogue.set_reviews({image(0).name: Review()}) == [0]
    assert catalogue.reviews == {}
    assert catalogue.summary().left == 1

"""Errors by way of drawing: each image by the answer for its own way, beside that for a mixture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from annotriage.agreement.people.drawn import DrawnPair
from annotriage.comparison.by_kind import FEWEST
from annotriage.comparison.model_by_way import SEVERAL, errors_by_way, left_out_words, ways_of_images
from tests.tiny_models import TINY_WAYS, tiny_card

CARD = tiny_card(ways=TINY_WAYS)


def pair(image: str, *tools: str, people: tuple[str, str] = ("A", "B")) -> DrawnPair:
    return DrawnPair(image, *people, 0.5, (tools[0], tools[1]))


def test_an_image_has_a_way_where_all_its_people_drew_in_one() -> None:
    pairs = [
        pair("a", "T1", "T1"),
        pair("b", "T2", "T1"),
        pair("c", "T1", "T1"),
        pair("c", "T1", "T2", people=("A", "C")),
        pair("d", "T1", "pencil"),
        pair("e", "T1", "T1"),
        pair("e", "T2", "T2", people=("C", "C")),
        pair("f", "T1", "T1"),
        pair("f", "T1", "", people=("A", "C")),
    ]
    ways = ways_of_images(["A", "b", "c", "d", "e", "f", "nowhere"], pairs)
    assert ways == ["hand", "hand_fill", SEVERAL, None, "hand", SEVERAL, None]
    several, unknown = left_out_words(ways)
    assert "2 images were drawn in several ways" in several
    assert "2 images of which" in unknown


@pytest.mark.slow
@given(seed=st.integers(0, 2**32 - 1))
def test_each_way_is_measured_by_its_own_answer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ways = rng.permutation(["hand"] * 30 + ["hand_fill"] * 25 + ["fill"] * 22 + [SEVERAL] * 3).tolist()
    dice, said = rng.random(80), rng.random(80)
    computed = np.column_stack([said, said - 0.1, said + 0.1])
    by_way = np.stack([np.column_stack([rng.random(80), np.full(80, 0.1)]) for _ in TINY_WAYS], axis=1)
    every, *found = errors_by_way(CARD, dice, computed, by_way, ways, below=0.6)
    assert every.mixture.images == 77
    assert every.own is None, "some of them were drawn in a way that the model does not know"
    assert [each.mixture.images for each in found] == [30, 22, 25]
    assert [each.words for each in found] == ["by hand", "semi-automatic (flood fill)", "by hand and flood fill"]
    for each, way in zip(found, ("hand", "fill", "hand_fill"), strict=True):
        rows = np.array(ways) == way
        assert each.mixture.mae == pytest.approx(np.abs(said - dice)[rows].mean())
        assert each.mixture.median_mae == pytest.approx(np.abs(dice[rows] - np.median(dice[rows])).mean())
        if way == "fill":
            assert each.own is None
            assert each.figures()["own"] is None
            continue
        own = by_way[rows, 1 if way == "hand" else 2, 0]
        assert each.own is not None
        assert each.own.mae == pytest.approx(np.abs(own - dice[rows]).mean())
        assert each.own.spearman == pytest.approx(stats.spearmanr(own, dice[rows]).statistic)
        first = np.argsort(own)[: round(0.2 * rows.sum())]
        contentious = dice[rows] < 0.6
        assert each.own.contentious == contentious.sum()
        assert each.own.found_in_fifth == pytest.approx(contentious[first].sum() / contentious.sum())
        card_way = CARD.way(way)
        assert card_way is not None
        low, high = np.clip(own - card_way.below * 0.1, 0, 1), np.clip(own + card_way.above * 0.1, 0, 1)
        assert each.own.coverage == pytest.approx(((low <= dice[rows]) & (dice[rows] <= high)).mean())


def test_a_model_that_knows_no_ways_is_measured_all_the_same() -> None:
    dice = np.linspace(0, 1, 40)
    computed = np.column_stack([dice, dice, dice])
    every, hand, others = errors_by_way(tiny_card(), dice, computed, None, ["hand"] * 30 + ["fill"] * 10)
    assert (every.own, hand.own, others.own) == (None, None, None)
    assert hand.mixture.mae == 0
    assert str(FEWEST) in others.words


def test_without_a_way_there_is_nothing_to_say() -> None:
    assert errors_by_way(CARD, np.ones(2), np.ones((2, 3)), np.ones((2, 3, 2)), [None, SEVERAL]) == ()

"""Ways of drawing of a run: whose pairs count, and intervals that hold in each, against MAPIE."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mapie.conformity_scores import AbsoluteConformityScore
from mapie.regression import SplitConformalRegressor
from sklearn.dummy import DummyRegressor

from annotriage.measures.intervals import interval
from annotriage.measures.ways import MIXED
from annotriage.regressors.data.run_data import RunData, gather
from annotriage.regressors.pipeline.learned_ways import LearnedWays, learned_ways
from tests.regressors.small import small_recipe, write_folder, write_pairs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> RunData:
    folder = tmp_path_factory.mktemp("ways")
    images, table, _ = write_folder(folder, 120)
    pairs = write_pairs(folder / "pairs.csv", table, elsewhere=30, alone=25)
    return gather(small_recipe(), images, table, None, None, pairs=pairs)


def parts(data: RunData) -> tuple[list[int], list[int]]:
    return data.rows(data.split.train + data.split.validation), data.rows(data.split.test)


def test_pairs_of_images_that_nothing_is_learned_from_are_left_out(data: RunData) -> None:
    learned, test = parts(data)
    found = learned_ways(data, learned, test, far=True)
    assert found.keys == [MIXED, "hand", "hand_fill", "fill"] and found.derived == 1
    assert not {*found.learned.row.tolist()} & {*test}
    # Of test images it is known how they were drawn, for measuring.
    assert all(found.kinds[row] == ("hand", "hand_fill", MIXED)[int(data.stems[row][-7:]) % 3] for row in test)
    assert data.pairs is not None
    other = replace(data.pairs, dice=np.where(np.isin(data.pairs.rows(data.stems), test), 0.123, data.pairs.dice))
    data_of_others = replace_pairs(data, other)
    again = learned_ways(data_of_others, learned, test, far=True)
    assert found.tools is not None and again.tools is not None
    assert np.array_equal(found.tools.intercept, again.tools.intercept)
    assert np.array_equal(found.learned.dice, again.learned.dice)


def replace_pairs(data: RunData, pairs: object) -> RunData:
    values = {name: getattr(data, name) for name in RunData.__slots__ if name not in ("further_mean", "further_sd")}
    return RunData(**(values | {"pairs": pairs}))


def test_without_pairs_there_is_mixed_alone(data: RunData) -> None:
    found = learned_ways(replace_pairs(data, None), *parts(data), far=True)
    assert (found.keys, found.derived, found.at_hand) == ([MIXED], 0, [])
    assert np.array_equal(found.own[:, 0], data.targets[:, 0])


def made(sizes: dict[str, int], seed: int = 0) -> tuple[LearnedWays, np.ndarray]:
    """Images of which each was drawn in one way, and answers that err more in one way than in another."""
    draw = np.random.default_rng(seed)
    keys, count = [MIXED, *sizes], sum(sizes.values())
    own = np.full((count, len(keys)), np.nan, np.float32)
    own[:, 0] = draw.uniform(0.3, 0.9, count)
    begin = 0
    for way, size in enumerate(sizes.values(), 1):
        own[begin : begin + size, way] = own[begin : begin + size, 0]
        begin += size
    errors = draw.normal(0, 1, (count, len(keys))) * np.linspace(0.02, 0.1, len(keys))
    spread = draw.uniform(0.5, 1.5, (count, len(keys)))
    by_way = np.stack([np.clip(own[:, :1] + errors * spread, 0, 1), spread], 2).astype(np.float32)
    nothing = np.zeros(0, np.intp)
    from annotriage.regressors.data.pairs import Pairs

    pairs = Pairs(nothing, nothing, nothing, np.zeros(0))
    return LearnedWays(keys, own, [MIXED] * count, pairs, 0, None, [0] * 9, [0] * 9, [0] * 9), by_way


def test_intervals_of_each_way_are_those_of_mapie() -> None:
    ways, by_way = made({"hand": 60, "hand_fill": 45, "corrected": 25})
    rows = list(range(len(by_way)))
    factors = ways.factors(rows, by_way)
    for way in range(len(ways.keys)):
        mine = ~np.isnan(ways.own[:, way])
        scaled = (ways.own[mine, way].astype(np.float64) - by_way[mine, way, 0]) / by_way[mine, way, 1]
        nought = np.zeros((int(mine.sum()), 1))
        centre = DummyRegressor(strategy="constant", constant=0.0).fit(nought, scaled)
        mapie = SplitConformalRegressor(
            centre, confidence_level=0.9, conformity_score=AbsoluteConformityScore(sym=False), prefit=True
        ).conformalize(nought, scaled)
        ends = mapie.predict_interval(nought[:1])[1][0, :, 0]
        assert (-factors[way].below, factors[way].above) == pytest.approx(tuple(ends), abs=1e-6), ways.keys[way]
        assert factors[way].images == mine.sum()


def test_intervals_hold_in_each_way_on_new_images() -> None:
    sizes = {"hand": 200, "hand_fill": 200, "corrected": 200}
    held = []
    for seed in range(20):
        ways, by_way = made(sizes, seed)
        half = np.random.default_rng(seed).permutation(len(by_way)) % 2 == 0
        factors = ways.factors(np.flatnonzero(half).tolist(), by_way[half])
        for way in range(1, 4):
            new = ~half & ~np.isnan(ways.own[:, way])
            ends = interval(by_way[new, way, 0], by_way[new, way, 1], factors[way])
            true = ways.own[new, way]
            held.append(((ends[:, 0] <= true) & (true <= ends[:, 1])).mean())
    assert 0.89 < np.mean(held) < 0.93


def test_a_way_of_few_images_or_none_says_so() -> None:
    ways, by_way = made({"hand": 60, "corrected": 12})
    ways.keys.append("hand_fill")
    ways.own = np.column_stack([ways.own, np.full(len(ways.own), np.nan, np.float32)])
    by_way = np.concatenate([by_way, by_way[:, :1]], 1)
    rows = list(range(len(by_way)))
    factors = ways.factors(rows, by_way)
    assert (factors[3].below, factors[3].above, factors[3].images) == (factors[0].below, factors[0].above, 0)
    ends = np.zeros((len(rows), 4, 3))
    told = {way.key: way.note for way in ways.card(factors, rows, ends, ways.own[:, 0])}
    assert told[MIXED] == told["hand"] == ""
    assert "12 images only" in told["corrected"] and "as far as for all ways together" in told["hand_fill"]


def test_the_real_pairs(shared_data: Path) -> None:
    folder = shared_data
    data = gather(
        small_recipe(), folder / "isic" / "images", folder / "isic" / "metrics.csv",
        folder / "ima" / "image_metadata.csv", None, pairs=folder / "ima" / "pairwise_metrics.csv",
    )  # fmt: skip
    found = learned_ways(data, *parts(data), far=True)
    assert found.keys == [MIXED, "hand", "corrected", "hand_fill", "hand_corrected", "fill_corrected", "fill"]
    # All pairs of flood fill are of one person alone, those of patients of test images left out.
    assert 100 < found.alone[-1] == found.pairs[-1] < 151 and found.images[-1] == 0
    assert sum(kind != MIXED for kind in found.kinds) == 258 + 214 + 149 + 87 + 69

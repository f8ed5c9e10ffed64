"""Images unlike what the model knows: told, counted, behind all others, and in nobody's list."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from annotriage.images import ImageFile
from annotriage.model_file import FeatureSpace, open_model_file
from annotriage.scoring.prediction import Prediction
from annotriage.scoring.scorer import Scorer
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.image_filter import Filter
from annotriage.triage.next_step import NEXT_STEPS, NextStep
from annotriage.triage.ranking import rank
from annotriage.triage.selection import cutoff_of_share, most_contentious
from annotriage.triage.session import Session
from annotriage.triage.sort_keys import SortKey, by_disagreement
from annotriage.triage.store import SessionStore
from tests.tiny_models import write_tiny_model

SPACE = FeatureSpace(size=16, unlike_above=0.2, sentence="Grey is known, black and white are not.")
"""The tiny model's features are the brightness of the sixteenths less 0.5, so that what is unlike can be said."""


def a_catalogue(disagreement: list[float], unlikeness: list[float]) -> Catalogue:
    names = [f"{number:03d}.png" for number in range(len(disagreement))]
    catalogue = Catalogue(Path("f"), [ImageFile(Path(name), name, 1, 1, None) for name in names])
    for row, (value, far) in enumerate(zip(disagreement, unlikeness, strict=True)):
        if not np.isnan(value):
            catalogue.set_prediction(row, Prediction(Path(names[row]), 1 - value, 0.0, 1.0, unlikeness=far))
    return catalogue


def test_how_far_off_is_the_root_mean_square_by_the_limit() -> None:
    features = np.random.default_rng(0).normal(size=(5, 16)).astype(np.float32)
    expected = [np.linalg.norm(row) / 4 / 0.2 for row in features]
    assert SPACE.unlikeness(features) == pytest.approx(expected, rel=1e-5)
    assert np.isnan(SPACE.unlikeness(features[:, :5])).all()
    assert np.isnan(SPACE.unlikeness(np.full((1, 16), np.nan))).all()


@given(
    st.lists(
        st.tuples(st.one_of(st.just(float("nan")), st.floats(0, 1)), st.booleans()),
        max_size=30,
    ),
    st.booleans(),
)
def test_the_order_has_like_then_unlike_then_unknown(pairs: list[tuple[float, bool]], reverse: bool) -> None:
    values = np.array([value for value, _ in pairs])
    unlike = np.array([far for _, far in pairs], dtype=bool)
    order = by_disagreement(values, unlike, reverse=reverse).tolist()
    assert sorted(order) == list(range(len(pairs)))
    part = [2 if np.isnan(values[row]) else int(unlike[row]) for row in order]
    assert part == sorted(part)
    for which in (0, 1):
        shown = [round(values[row], 4) for row, its in zip(order, part, strict=True) if its == which]
        assert shown == sorted(shown, reverse=not reverse)


def test_ranks_choices_and_cutoffs_leave_them_behind() -> None:
    catalogue = a_catalogue([0.9, 0.5, 0.7, 0.2, np.nan], [1.5, 0.3, 0.9, 4.0, np.nan])
    assert catalogue.unlike.tolist() == [True, False, False, True, False]
    assert catalogue.ranked().tolist() == [2, 1, 0, 3]
    assert catalogue.order(SortKey.DISAGREEMENT, reverse=True).tolist() == [1, 2, 3, 0, 4]
    assert most_contentious(catalogue, count=3).tolist() == [2, 1]
    assert most_contentious(catalogue, cutoff=0.1).tolist() == [2, 1]
    assert most_contentious(catalogue, share=0.5).tolist() == [2]
    assert most_contentious(catalogue, count=3, unlike=True).tolist() == [2, 1, 0]
    assert cutoff_of_share(catalogue, 0.5) == 0.7
    assert catalogue.order(shown=Filter(unlike=True)).tolist() == [0, 3]
    assert catalogue.summary().unlike == 2
    every = np.arange(5)
    assert [catalogue.open_above(row, every) for row in range(5)] == [2, 1, 0, 3, 2]


def test_a_prediction_that_is_not_trusted_surprises_nobody() -> None:
    catalogue = a_catalogue([0.9, 0.9], [1.5, 0.3])
    catalogue.lower[:], catalogue.upper[:] = 0.05, 0.15
    catalogue.set_reviews({image.name: Review(decision=Decision.EXPERT) for image in catalogue.images})
    catalogue.measured.dice[:] = 0.95
    catalogue.measured.count[:] = 2
    assert [NEXT_STEPS[step] for step in catalogue.next_steps()] == [NextStep.ENOUGH, NextStep.ALIKE]


def test_it_is_known_again_from_the_store_and_forgotten_with_the_model(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for name, value in (("black", 0), ("grey", 120), ("white", 255)):
        noise = np.random.default_rng(1).integers(0, 30, (40, 40, 3))
        Image.fromarray(np.clip(value + noise - 15, 0, 255).astype(np.uint8)).save(folder / f"{name}.png")
    model = open_model_file(write_tiny_model(tmp_path / "tiny.onnx", features=SPACE))
    with SessionStore(tmp_path / "store.sqlite") as store:
        session = Session(folder, model, store)
        fresh = {Path(str(each.image)).stem: each for each in session.score()}
        again = Session(folder, model, store)
        assert {name: each.is_unlike for name, each in fresh.items()} == {"black": True, "grey": False, "white": True}
        for name, prediction in again.predictions.items():
            assert prediction.unlikeness == pytest.approx(fresh[Path(name).stem].unlikeness)
        assert [row.image for row in rank(again.results())] == ["grey.png", "black.png", "white.png"]
        catalogue = again.catalogue(again.images, again.stored_numbers())
        assert catalogue.unlikeness == pytest.approx(
            [again.predictions[image.name].unlikeness for image in again.images]
        )
        other = again.catalogue(again.images, again.stored_numbers())
        other.forget_predictions()
        assert np.isnan(other.unlikeness).all()


def test_a_model_without_features_calls_nothing_unlike(tmp_path: Path) -> None:
    model = open_model_file(write_tiny_model(tmp_path / "tiny.onnx"))
    only = next(Scorer(model, threads=1).score([np.zeros((40, 40, 3), np.uint8)]))
    assert only.unlikeness is None
    assert not only.is_unlike
    assert rank([("a", only)])[0].unlike == ""

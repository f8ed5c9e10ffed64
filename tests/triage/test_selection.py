"""Which images are the most contentious."""

from pathlib import Path

import numpy as np
import pytest

from annotriage.images import ImageFile
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.selection import cutoff_of_share, most_contentious


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """Return ten images: 0 cannot be read, 1 is not scored, 2..9 are 0.2, 0.3, ..., 0.9 but 7 is as 8."""
    images = [
        ImageFile(tmp_path / f"{n}.jpg", f"{n}.jpg", 1, 1, "The file is empty." if n == 0 else None) for n in range(10)
    ]
    catalogue = Catalogue(tmp_path, images)
    catalogue.disagreement[:] = [0.99, np.nan, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 0.8, 0.9]
    catalogue.set_reviews({"9.jpg": Review(Decision.EXCLUDE), "6.jpg": Review(Decision.UNDECIDED, note="?")})
    return catalogue


def test_the_first_of_the_ranking(catalogue: Catalogue) -> None:
    assert most_contentious(catalogue, count=3, undecided_only=False).tolist() == [9, 7, 8]
    assert most_contentious(catalogue, count=3).tolist() == [7, 8, 6], "a note is no decision"
    assert most_contentious(catalogue, count=0).tolist() == []
    assert most_contentious(catalogue, count=100).tolist() == [7, 8, 6, 5, 4, 3, 2]


@pytest.mark.parametrize(("share", "count"), [(0.0, 0), (0.01, 1), (0.125, 1), (0.25, 2), (0.3, 3), (0.375, 3)])
def test_a_share_is_of_all_images_with_a_prediction(catalogue: Catalogue, share: float, count: int) -> None:
    assert len(most_contentious(catalogue, share=share)) == count
    assert len(most_contentious(catalogue, share=share, undecided_only=False)) == count


def test_a_share_that_is_a_whole_number_is_not_rounded_up(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path, [ImageFile(tmp_path / f"{n}", f"{n:02}", 1, 1, None) for n in range(30)])
    catalogue.disagreement[:] = 0.5
    assert most_contentious(catalogue, share=0.1).tolist() == [0, 1, 2]
    assert len(most_contentious(catalogue, share=1.0)) == 30


def test_a_cutoff_catches_what_the_filter_shows(catalogue: Catalogue) -> None:
    assert most_contentious(catalogue, cutoff=0.6).tolist() == [7, 8, 6]
    for cutoff in (0.0, 0.2, 0.3, 0.55, 0.9, 1.0):
        caught = set(most_contentious(catalogue, cutoff=cutoff, undecided_only=False).tolist())
        shown = set(catalogue.order(shown=Filter(low=cutoff)).tolist())
        assert caught == shown - {1}, "what is not scored is not caught"


def test_nothing_is_caught_where_nothing_is_scored(tmp_path: Path) -> None:
    assert most_contentious(Catalogue(tmp_path, []), share=0.5).tolist() == []


@pytest.mark.parametrize(
    "measures", [{}, {"count": 1, "share": 0.5}, {"share": 1.5}, {"share": float("nan")}, {"count": -1}]
)
def test_measures_that_make_no_sense(catalogue: Catalogue, measures: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        most_contentious(catalogue, **measures)


def scored(folder: Path, values: list[float]) -> Catalogue:
    catalogue = Catalogue(folder, [ImageFile(folder / f"{n}", f"{n:03}", 1, 1, None) for n in range(len(values))])
    catalogue.disagreement[:] = values
    return catalogue


def test_the_cutoff_of_a_share_catches_it_exactly_with_as_few_digits_as_do(tmp_path: Path) -> None:
    assert cutoff_of_share(scored(tmp_path, [0.9, 0.5, 0.3, 0.2, 0.1]), 0.2) == 0.9
    close = scored(tmp_path, [0.2689, 0.2684, 0.2681, 0.2671, 0.266, 0.1, 0.1, 0.1, 0.1, 0.1])
    for count, expected in ((1, 0.2689), (2, 0.2684), (3, 0.268), (4, 0.267), (5, 0.26)):
        cutoff = cutoff_of_share(close, count / 10)
        assert cutoff == expected
        assert len(most_contentious(close, cutoff=cutoff, undecided_only=False)) == count


def test_no_share_of_many_images_is_missed(tmp_path: Path) -> None:
    for seed in range(20):
        values = np.random.default_rng(seed).beta(2, 9, 500)
        catalogue = scored(tmp_path, values.tolist())
        cutoff = cutoff_of_share(catalogue, 0.2)
        above = len(most_contentious(catalogue, cutoff=cutoff, undecided_only=False))
        last = np.sort(catalogue.disagreement)[::-1][99].round(4)
        assert above == max(100, int((catalogue.disagreement.round(4) >= last).sum())), "but for those written alike"


def test_images_predicted_alike_are_not_parted(tmp_path: Path) -> None:
    catalogue = scored(tmp_path, [0.9, 0.4, 0.4, 0.4, 0.1])
    cutoff = cutoff_of_share(catalogue, 0.4)
    assert cutoff == 0.4 and len(most_contentious(catalogue, cutoff=cutoff)) == 4

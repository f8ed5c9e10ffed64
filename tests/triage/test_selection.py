"""Which images are the most contentious."""

from pathlib import Path

import numpy as np
import pytest

from annotriage.images import ImageFile
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.selection import most_contentious


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

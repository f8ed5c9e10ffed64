"""Images of one prediction have no order, so none is found by its name."""

import itertools

import numpy as np
import pytest

from annotriage.measures.triage import found_first


def test_without_ties_they_are_counted() -> None:
    found = found_first(np.array([True, False, True, False]), np.array([0.1, 0.2, 0.3, 0.4]), np.array([1, 2, 3, 4]))
    assert found.tolist() == [1, 1, 2, 2]


def test_one_prediction_for_all_finds_what_chance_finds() -> None:
    contentious = np.arange(20) < 5  # the first by name
    assert found_first(contentious, np.full(20, 0.8), np.array([1, 4, 10, 20])) == pytest.approx([0.25, 1, 2.5, 5])


def test_ties_are_the_mean_over_all_orders() -> None:
    contentious, predicted = np.array([True, False, True, False, False]), np.array([0.5, 0.5, 0.5, 0.2, 0.9])
    counts = []
    for order in itertools.permutations(range(5)):
        if all(a <= b for a, b in itertools.pairwise(predicted[list(order)])):
            counts.append(np.cumsum(contentious[list(order)]))
    tops = np.arange(1, 6)
    assert found_first(contentious, predicted, tops) == pytest.approx(np.mean(counts, axis=0))

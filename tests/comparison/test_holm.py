"""Holm's correction is statsmodels', without its search for garbage."""

import gc
import math
import threading
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from annotriage.comparison.comparing import compare
from annotriage.comparison.holm import holm
from tests.comparison.made_runs import write_grid


def test_it_is_that_of_statsmodels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "collect", lambda *_: 0)  # a tenth of a second each time
    random = np.random.default_rng(0)
    for count in [1, 2, 3, 6, 15] * 20:
        p = random.beta(0.3, 1, count).round(2)  # with ties, 0 and 1 among them
        assert holm(p.tolist()) == pytest.approx(multipletests(p, method="holm")[1].tolist(), abs=1e-12)


def test_what_could_not_be_computed_counts_as_no_test() -> None:
    first, unknown, second = holm([0.01, math.nan, 0.03])
    assert (first, second) == (0.02, 0.03) and math.isnan(unknown)


def test_a_comparison_collects_no_garbage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs in a thread, where what belongs to a window must not be thrown away."""
    grid = write_grid(tmp_path, {"a": 0.1, "b": 0.2, "c": 0.15}, runs=3, images=40, test=15)
    calls: list[str] = []
    monkeypatch.setattr(gc, "collect", lambda *_: calls.append(threading.current_thread().name))
    compare(grid)
    assert not calls

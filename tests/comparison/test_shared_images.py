from pathlib import Path

import numpy as np
import pytest

from annotriage.comparison.comparing import compare
from annotriage.comparison.pairing import paired
from annotriage.comparison.runs import read_runs
from annotriage.comparison.shared_images import ratio_tested, shares_in_common
from tests.comparison.made_runs import runs_of, write_grid, write_run

DICE = {f"im{k}.jpg": 0.5 + k / 100 for k in range(40)}


def write(folder: Path, first: int, name: str) -> None:
    tested = list(DICE)[first : first + 10]
    for model, off in (("a", 0.01 * (first + int(name))), ("b", 0.002 * (first + 3 * int(name)))):
        write_run(folder / f"{model}-{name}", model, int(name), DICE, {image: DICE[image] - off for image in tested})


def test_shares_are_those_of_the_images(tmp_path: Path) -> None:
    for name, first in (("1", 0), ("2", 5)):
        write(tmp_path, first, name)
    table = paired(read_runs([tmp_path]))
    assert ratio_tested(table) == pytest.approx(10 / 30)
    # 5 of 10 for the test; of each 30 to learn from, the other run tests 5.
    assert shares_in_common(table) == pytest.approx((5 / 10, 25 / 30))


def test_one_split_for_all_runs_is_not_corrected(tmp_path: Path) -> None:
    for name in ("1", "2"):
        write(tmp_path, 0, name)
    table = paired(read_runs([tmp_path]))
    assert len(set(table.splits)) == 1
    assert ratio_tested(table) is None


def test_runs_that_do_not_know_their_images_are_not_corrected() -> None:
    table = paired(runs_of(np.array([[0.1, 0.2], [0.11, 0.19], [0.12, 0.22]])))
    assert ratio_tested(table) is None and shares_in_common(table) is None


def test_the_note_says_by_how_much_intervals_are_wider(tmp_path: Path) -> None:
    write_grid(tmp_path, {"a": 0.05, "b": 0.1}, runs=4, images=60, test=15)
    found = compare([tmp_path]).over_runs
    assert found is not None
    # 15 to 45: 1 + 4 / 3 times the variance.
    assert f"{(1 + 4 / 3) ** 0.5:.1f} times as wide" in " ".join(found.notes)
    assert all(pair.p_corrected is not None for pair in found.pairs)

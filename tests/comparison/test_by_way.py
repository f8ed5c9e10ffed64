"""Folds put together, by how people drew: what the way of drawing adds to a prediction is seen beside it."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from annotriage.commands.app import app
from annotriage.comparison.by_way import ALL, SEVERAL, errors_by_way
from annotriage.comparison.comparing import compare
from annotriage.comparison.runs import read_runs
from annotriage.measures.kinds import kind_measures
from annotriage.measures.ways import MIXED, WAYS


def write_folds(folder: Path, *, ways: bool = True) -> dict[str, NDArray[np.float64]]:
    """Write three folds of 60 images; return by image its Dice, what is said as mixed, and what for its own way."""
    draw = np.random.default_rng(0)
    kinds = ["hand", "hand_fill", MIXED]
    known: dict[str, NDArray[np.float64]] = {}
    for k in range(60):
        dice = draw.uniform(0.6, 0.95) if k % 3 != 1 else draw.uniform(0.3, 0.8)
        known[f"i{k:02d}.jpg"] = np.array([dice, 0.75, dice + draw.normal(0, 0.03)]).clip(0, 1).round(6)
    for fold in range(3):
        run = folder / f"fold-{fold + 1:02d}"
        run.mkdir(parents=True)
        rows, test = [], []
        for k, (name, (dice, mixed, own)) in enumerate(known.items()):
            part = "test" if k // 3 % 3 == fold else ("validation" if k % 2 else "train")
            row: dict[str, object] = {
                "image": name, "split": part, "dice": dice, "predicted_dice": mixed, "lower": mixed - 0.2, "upper": 1.0
            }  # fmt: skip
            if ways:
                row["way"] = kinds[k % 3]
                for way in kinds[:2]:  # of another way than its own it would say something else
                    said = own if way == kinds[k % 3] else 0.1
                    row |= {f"predicted_dice_{way}": said, f"lower_{way}": said - 0.1, f"upper_{way}": said + 0.1}
            rows.append(row)
            test += [(dice, mixed)] if part == "test" else []
        with (run / "predictions.csv").open("w", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        errors = np.array([mixed - dice for dice, mixed in test])
        (run / "metrics.json").write_text(json.dumps({"mse": (errors**2).mean(), "mae": np.abs(errors).mean()}))
        (run / "recipe.toml").write_text(f'name = "one"\n[split]\nfolds = 3\nfold = {fold + 1}\n')
    return known


@pytest.mark.slow
def test_every_image_counts_once_for_mixed_and_once_for_its_own_way(tmp_path: Path) -> None:
    known = write_folds(tmp_path)
    lines = {(line.kind, line.told): line.measures for line in compare(tmp_path).by_way}
    hand, fill = WAYS["hand"], WAYS["hand_fill"]
    assert list(lines) == [
        (ALL, False), (ALL, True), (hand, False), (hand, True), (fill, False), (fill, True), (SEVERAL, False)
    ]  # fmt: skip
    values = np.array(list(known.values()))
    place = np.arange(60) % 3
    for kind, rows in ((hand, place == 0), (fill, place == 1)):
        dice, mixed, own = values[rows].T
        expected = kind_measures(dice, mixed, mixed - 0.2, np.ones(20)).as_dict()
        assert lines[kind, False].as_dict() == pytest.approx(expected)
        assert lines[kind, True].mae == pytest.approx(np.abs(own - dice).mean())
        assert lines[kind, True].coverage == pytest.approx((np.abs(own - dice) <= 0.1 + 1e-9).mean())
    said = np.where(place == 2, values[:, 1], values[:, 2])  # drawn in several ways: asked for as mixed
    assert lines[ALL, True].mae == pytest.approx(np.abs(said - values[:, 0]).mean())
    assert lines[ALL, False].images == lines[ALL, True].images == 60 and lines[SEVERAL, False].images == 20


@pytest.mark.slow
def test_the_command_prints_them(tmp_path: Path) -> None:
    write_folds(tmp_path)
    done = CliRunner().invoke(app, ["compare", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "By the way in which images were drawn" in done.output
    lines = [line for line in done.output.splitlines() if re.match(r"by hand and flood fill +its way +20 ", line)]
    assert len(lines) == 1, done.output


def test_runs_of_before_know_no_ways(tmp_path: Path) -> None:
    write_folds(tmp_path, ways=False)
    assert errors_by_way("one", [run.images for run in read_runs([tmp_path])]) == ()
    assert compare(tmp_path).by_way == ()

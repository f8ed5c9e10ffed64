"""From a folder of real images and a table to a model in use, in a real window, without a command line."""

import csv
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from annotriage.model_file import ModelLibrary
from tests.end_to_end.xvfb import screen, skip_without_xvfb

pytestmark = [pytest.mark.usefixtures("qt"), pytest.mark.slow]
COUNT = 64
RECIPE = """
name = "small"
backbone = "mobilenet_v3_large"
weights = "none"
image_size = 32

[fit]
epochs = 2
batch_size = 8

[fit.early_stopping]
patience = 0
"""


def small_copy(shared_data: Path, folder: Path) -> tuple[Path, Path]:
    """Link some labelled images and write the lines of their labels; return the folder and the table."""
    images, table = folder / "batch", folder / "metrics.csv"
    images.mkdir()
    with (shared_data / "isic" / "metrics.csv").open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    column = next(name for name in ("image", "image_id", "isic_id", "ISIC_id") if name in rows[0])
    there = {path.stem: path for path in (shared_data / "isic" / "images").glob("*.jpg")}
    chosen = [row for row in rows if Path(row[column]).stem in there][:COUNT]
    for row in chosen:
        path = there[Path(row[column]).stem]
        os.symlink(path, images / path.name)
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(chosen)
    return images, table


@pytest.mark.timeout(900)
def test_a_model_is_trained_installed_and_used_in_the_window(shared_data: Path, tmp_path: Path) -> None:
    skip_without_xvfb()
    pytest.importorskip("torch")
    home, pictures = tmp_path / "home", tmp_path / "pictures"
    for folder in (home / "recipes", pictures):
        folder.mkdir(parents=True)
    recipe = home / "recipes" / "very small.toml"
    recipe.write_text(RECIPE, encoding="utf-8")
    images, table = small_copy(shared_data, tmp_path)
    own = {"ANNOTRIAGE_HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-m", "tests.end_to_end.training_window", *map(str, (images, table, recipe, pictures))]
    with screen() as shown:
        done = subprocess.run(
            command, env=shown.environment | own, capture_output=True, text=True, timeout=840, check=False
        )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"
    assert "Traceback" not in done.stderr, done.stderr
    steps = done.stdout.splitlines()
    assert steps[0] == "small"
    assert steps[1] == "started"
    assert steps[2].startswith("Training: "), steps  # in the status line
    assert steps[3] in ("found again at 3", "found again at 4")
    assert steps[4:] == ["installed", f"scored {COUNT} images with small", "closed"]
    assert "small" in [entry.name for entry in ModelLibrary(home).list()]
    (training,) = (home / "trainings").glob("*/training.json")
    assert json.loads(training.read_text(encoding="utf-8"))["state"] == "done"
    metrics = json.loads((training.parent / "small" / "run-01" / "metrics.json").read_text(encoding="utf-8"))
    assert 0 < metrics["mae"] < 1
    with closing(sqlite3.connect(home / "sessions.sqlite")) as store:
        ranked = store.execute("SELECT count(*) FROM predictions WHERE error IS NULL").fetchone()
        decided = store.execute("SELECT decision FROM reviews WHERE decision != 'undecided'").fetchall()
    assert decided == [("expert",)]
    assert ranked == (2 * COUNT,)  # by the bundled model, and by the new one

"""A training made up for tests: run folders with working model files, and the pictures that they were tested on."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.comparison.made_runs import write_run
from tests.pictures import write_picture
from tests.tiny_models import write_tiny_model

TEST_IMAGES = 30
TRAIN_IMAGES = 20


def write_training(
    folder: Path,
    pictures: Path,
    *,
    runs: int = 1,
    noise: float = 0.02,
    test: int = TEST_IMAGES,
) -> Path:
    """Write the folder of a training with finished runs of a model `mine`.

    People agree on bright images, as the tiny model predicts; a run's predictions are the truth with some noise, the
    least of all that of run 1.
    """
    rng = np.random.default_rng(0)
    names = [f"im{k:03d}.png" for k in range(test + TRAIN_IMAGES)]
    brightness = dict(zip(names, np.linspace(0.15, 0.95, len(names)).tolist(), strict=True))
    for name, value in brightness.items():
        write_picture(pictures / name, value, height=24, width=32)
    dice = {name: float(np.clip(0.2 + 0.8 * value, 0, 1)) for name, value in brightness.items()}
    tested = [str(name) for name in rng.choice(names, test, replace=False)]
    for number in range(1, runs + 1):
        predicted = {name: dice[name] + float(rng.normal(0, noise * number)) for name in tested}
        run = write_run(folder / "mine" / f"run-{number:02d}", "mine", number, dice, predicted)
        _name_validation(run, number)
        write_tiny_model(run / "mine.onnx", name="mine", title="mine", recipe={"name": "mine", "seed": number})
    (folder / "recipes").mkdir(parents=True, exist_ok=True)
    for number in range(1, runs + 1):
        (folder / "recipes" / f"mine-run-{number:02d}.toml").write_text("")
    values = {
        "title": "My training", "created": "2026-01-01T10:00:00", "images": str(pictures), "labels": "labels.csv",
        "clinical": None, "masks": None, "columns": [], "recipes": ["mine"], "runs": runs, "device": "auto",
        "seconds": None, "state": "done", "sentence": "",
    }  # fmt: skip
    (folder / "training.json").write_text(json.dumps(values))
    return folder


def _name_validation(run: Path, number: int) -> None:
    """Make the last images that were not tested validation images, with an error that rises with the run's number."""
    lines = (run / "predictions.csv").read_text().splitlines()
    train = [k for k, line in enumerate(lines) if ",train," in line][-5:]
    for k in train:
        cells = lines[k].split(",")
        cells[1], cells[3] = "validation", f"{float(cells[2]) - 0.05 * number:.6f}"
        lines[k] = ",".join(cells)
    (run / "predictions.csv").write_text("\n".join(lines) + "\n")


def write_model_in_use(home: Path, **changes: Any) -> None:
    """Put a tiny model called `used` into the library and make it the default."""
    (home / "models").mkdir(parents=True, exist_ok=True)
    write_tiny_model(home / "models" / "used.onnx", name="used", title="used", **changes)
    (home / "default-model.json").write_text('{"default": "used"}')

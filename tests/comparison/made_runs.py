"""Runs made up for tests: run folders as training leaves them, and tables of runs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.reports.report import document_of
from annotriage.comparison.reports.text import as_text
from annotriage.comparison.results import Comparison
from annotriage.comparison.run_types import Run

Floats = NDArray[np.float64]

# Built so that Kruskal-Wallis on their z-scores gives the paper's Table 3: (3, 10) errors, in ten-thousandths.
TABLE_3_MSE = (
    (337, 334, 345, 341, 344, 336, 342, 337, 340, 337),
    (384, 382, 379, 384, 378, 387, 384, 385, 382, 385),
    (412, 412, 418, 416, 418, 413, 414, 419, 413, 416),
)
TABLE_3_MAE = (
    (1335, 1335, 1331, 1345, 1348, 1329, 1347, 1352, 1338, 1353),
    (1370, 1388, 1374, 1385, 1350, 1374, 1376, 1390, 1381, 1378),
    (1410, 1405, 1418, 1428, 1412, 1417, 1413, 1404, 1418, 1416),
)
PAPER_MODELS = ("resnet18", "efficientnet_b0", "vit_b_32")


def printed(found: Comparison) -> str:
    """Return a comparison as the terminal shows it."""
    return as_text(document_of(found))


def runs_of(errors: Floats, models: Sequence[str] | None = None) -> list[Run]:
    """Return runs with the MSE and MAE `errors` (N, K), without images."""
    names = models or [f"model {k}" for k in range(errors.shape[1])]
    return [
        Run(model=model, backbone="", run=str(number), source=Path("made"), mse=float(value), mae=float(value))
        for k, model in enumerate(names)
        for number, value in enumerate(errors[:, k])
    ]


def write_table(path: Path, mse: Floats, mae: Floats, models: Sequence[str]) -> Path:
    """Write a table of runs, (N, K) errors."""
    lines = ["model,run,mse,mae"]
    for k, model in enumerate(models):
        lines += [f"{model},{n},{float(mse[n, k])!r},{float(mae[n, k])!r}" for n in range(len(mse))]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_run(
    folder: Path,
    model: str,
    seed: int,
    dice: Mapping[str, float],
    predicted: Mapping[str, float],
    *,
    table: str = "table",
    backbone: str = "resnet18",
) -> Path:
    """Write the folder of a run; images of `dice` that have no prediction were for training."""
    folder.mkdir(parents=True, exist_ok=True)
    test = sorted(predicted)
    train = sorted(set(dice) - set(test))
    y = np.array([dice[name] for name in test])
    p = np.clip(np.array([predicted[name] for name in test]), 0, 1)
    known = np.array([dice[name] for name in train]) if train else y
    metrics = {
        "mse": float(((p - y) ** 2).mean()),
        "mse_sd": float(((p - y) ** 2).std(ddof=1)),
        "mae": float(np.abs(p - y).mean()),
        "mae_sd": float(np.abs(p - y).std(ddof=1)),
        "mean_mse": float(((y - known.mean()) ** 2).mean()),
        "median_mae": float(np.abs(y - np.median(known)).mean()),
    }
    (folder / "metrics.json").write_text(json.dumps(metrics))
    split = {"table_sha256": table, "grouped_by": [], "train": train, "validation": [], "test": test}
    (folder / "split.json").write_text(json.dumps(split))
    (folder / "versions.json").write_text(json.dumps({"seed": seed}))
    (folder / "recipe.toml").write_text(f'name = "{model}"\nbackbone = "{backbone}"\nseed = {seed}\n')
    lines = ["image,split,dice,predicted_dice,lower,upper"]
    lines += [f"{name},train,{dice[name]:.6f},0.8,0.5,1.0" for name in train]
    lines += [
        f"{name},test,{dice[name]:.6f},{guess:.6f},{max(0.0, guess - 0.2):.6f},{min(1.0, guess + 0.2):.6f}"
        for name, guess in zip(test, p.tolist(), strict=True)
    ]
    (folder / "predictions.csv").write_text("\n".join(lines) + "\n")
    return folder


def write_grid(
    folder: Path, models: Mapping[str, float], runs: int = 4, images: int = 120, test: int = 40, seed: int = 0
) -> Path:
    """Write runs of models, each with its noise, on shared splits: ``folder/MODEL/run-01``."""
    rng = np.random.default_rng(seed)
    dice = {f"im{k:05d}.jpg": float(value) for k, value in enumerate(np.clip(1 - rng.gamma(1.2, 0.12, images), 0, 1))}
    for number in range(1, runs + 1):
        tested = rng.choice(sorted(dice), test, replace=False)
        for model, noise in models.items():
            predicted = {str(name): 0.35 + 0.6 * dice[str(name)] + rng.normal(0, noise) for name in tested}
            write_run(folder / model / f"run-{number:02d}", model, number, dice, predicted)
    return folder


def write_folds(folder: Path, models: Mapping[str, float], folds: int = 4, images: int = 120, seed: int = 0) -> Path:
    """Write a cross-validation of models, each with its noise: ``folder/MODEL/fold-01``, all of one seed."""
    rng = np.random.default_rng(seed)
    dice = {f"im{k:05d}.jpg": float(value) for k, value in enumerate(np.clip(1 - rng.gamma(1.2, 0.12, images), 0, 1))}
    for number, tested in enumerate(np.array_split(rng.permutation(sorted(dice)), folds), 1):
        for model, noise in models.items():
            predicted = {str(name): 0.35 + 0.6 * dice[str(name)] + rng.normal(0, noise) for name in tested}
            run = write_run(folder / model / f"fold-{number:02d}", model, 0, dice, predicted)
            with (run / "recipe.toml").open("a") as recipe:
                recipe.write(f"[split]\nfolds = {folds}\nfold = {number}\n")
    return folder

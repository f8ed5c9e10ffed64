"""The curve of a run: a line an epoch, with losses and errors."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COLUMNS = (
    "stage", "epoch", "train_loss", "validation_loss", "validation_mse", "validation_mae", "mask_loss", "seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Epoch:
    """A line of a run's curve; NaN: not measured."""

    stage: str
    epoch: int
    train_loss: float
    validation_loss: float
    validation_mae: float
    seconds: float


def read_curve(path: Path) -> list[Epoch]:
    """Read a run's curve; a line that is damaged is passed over."""
    found: list[Epoch] = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                try:
                    found.append(epoch_of(row))
                except (ValueError, TypeError, KeyError):
                    continue
    except (OSError, UnicodeDecodeError, csv.Error):
        return found
    return found


def epoch_of(row: Mapping[str, Any]) -> Epoch:
    """Return a line of a curve from an event or a line of its file."""
    numbers = (number_of(row.get(name)) for name in ("train_loss", "validation_loss", "validation_mae", "seconds"))
    return Epoch(
        str(row["stage"]), int(row["epoch"]), *(math.nan if number is None else number for number in numbers)
    )  # fmt: skip


def number_of(value: object) -> float | None:
    """Return what is said as a number; None: it is none, or not finite."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None

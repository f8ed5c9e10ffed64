"""What was measured of a run: the lines of its curve and its hardest images, from events or from files."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_HARDEST = 12
"""Images that are named as the hardest ones."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """A line of a run's curve; NaN: not measured."""

    stage: str
    epoch: int
    train_loss: float
    validation_loss: float
    validation_mae: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Hard:
    """An image on which a prediction was far off."""

    image: str
    true: float
    predicted: float


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


def hardest_of(said: object) -> list[Hard]:
    """Return the hardest images as an event names them."""
    found = []
    for each in said if isinstance(said, list) else []:
        match each:
            case {"image": str(name), "true": (int() | float()) as true, "predicted": (int() | float()) as predicted}:
                found.append(Hard(name, float(true), float(predicted)))
    return found[:MOST_HARDEST]


def number_of(value: object) -> float | None:
    """Return what is said as a number; None: it is none, or not finite."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None

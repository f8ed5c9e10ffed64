"""Callbacks at the end of an epoch: the line of the curve, and the state that makes a resumed fit the same fit."""

import contextlib
import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import lightning as pl
import torch
from lightning.pytorch.callbacks import Callback

from annotriage.runs.curve import COLUMNS
from annotriage.runs.states import Event

Report = Callable[[dict[str, Any]], None]


class Curve(Callback):
    """Writes a line an epoch to a CSV file and tells the reporter; the line is whole or absent."""

    def __init__(self, file: Path, stage: str, epochs: int, report: Report, clock: Callable[[], float]) -> None:
        self.file, self.stage, self.epochs, self.report, self.clock = file, stage, epochs, report, clock
        self.started = clock()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the epoch's clock."""
        self.started = self.clock()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the epoch's line."""
        measured = {k: float(v) for k, v in trainer.callback_metrics.items()}
        row = {
            "stage": self.stage,
            "epoch": trainer.current_epoch + 1,
            "seconds": round(self.clock() - self.started, 2),
        }
        row |= {k: round(v, 6) for k, v in measured.items() if k in COLUMNS and math.isfinite(v)}
        new = not self.file.exists()
        with self.file.open("a", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, COLUMNS)
            if new:
                writer.writeheader()
            writer.writerow(row)
        self.report({"event": Event.EPOCH, "epochs": self.epochs, **row})


class Continuity(Callback):
    """Carries over a stop what Lightning's checkpoints leave out, so that a resumed fit draws the same random numbers.

    A checkpoint is written at the end of an epoch, before a plateau schedule has looked at that epoch, and without the
    random numbers' state.
    """

    def __init__(self, watched: str) -> None:
        self.watched, self.measured = watched, math.nan
        self.loaded: dict[str, Any] | None = None

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note what a plateau schedule will be shown."""
        self.measured = float(trainer.callback_metrics.get(self.watched, math.nan))

    def state_dict(self) -> dict[str, Any]:
        """Return what the checkpoint is to hold."""
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
        return {"measured": self.measured, "cpu": torch.get_rng_state(), "cuda": cuda}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Keep what the checkpoint held until the first batch."""
        self.loaded = state_dict

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, _: int) -> None:
        """Go on from there."""
        if self.loaded is None:
            return
        for each in trainer.lr_scheduler_configs:
            if each.reduce_on_plateau:
                cast("Any", each.scheduler).step(self.loaded["measured"])
        torch.set_rng_state(self.loaded["cpu"])
        torch.empty((), dtype=torch.int64).random_()  # the number that an epoch's loader draws before its first batch
        if len(self.loaded["cuda"]) == torch.cuda.device_count():
            torch.cuda.set_rng_state_all(self.loaded["cuda"])
        self.loaded = None


def drop_lines_after(curve: Path, stage: str, epochs: int) -> None:
    """Take back the lines of epochs that a resumed fit will run again, and what a full disk has left of a line."""
    if not curve.exists():
        return
    kept = []
    with curve.open(newline="", encoding="utf-8", errors="replace") as source:
        for row in csv.DictReader(source):
            with contextlib.suppress(ValueError, TypeError, KeyError):
                float(row["seconds"])  # the last column
                if row["stage"] != stage or int(row["epoch"]) <= epochs:
                    kept.append({name: row[name] for name in COLUMNS})
    beside = curve.with_suffix(".part")
    with beside.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(kept)
    beside.replace(curve)

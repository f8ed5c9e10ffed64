"""Callbacks for those who follow a fit: progress, hardest images, pause and early end."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning as pl
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from annotriage.names import counted
from annotriage.regressors.fitting.callbacks import Report
from annotriage.regressors.fitting.controls import Controls
from annotriage.runs.notes import OR_ANEW, damaged, read_note
from annotriage.runs.states import Event
from annotriage.writing import replace_file

STEP_SECONDS = 0.5
HARDEST = 12


class FinishRequested(Exception):
    """A person wants the fit to end now; caught by the fit.

    Attributes
    ----------
    epochs : int
        How many epochs are whole.
    """

    def __init__(self, epochs: int) -> None:
        super().__init__(f"ended after {counted(epochs, 'epochs')}")
        self.epochs = epochs


class PauseAndFinish(Callback):
    """Pauses a fit, or ends it, before the next batch."""

    def __init__(self, controls: Controls, stage: str, last: Path) -> None:
        self.controls, self.stage, self.last = controls, stage, last

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, _: int) -> None:
        """Rest, or leave the fit. One that has no epoch to keep yet goes on to the end of its first."""
        self.controls.wait_while_paused()
        if self.controls.wants_finish(self.stage) and self.last.exists():
            raise FinishRequested(trainer.current_epoch)

    def on_validation_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, *_: int
    ) -> None:
        """Rest."""
        self.controls.wait_while_paused()


class Steps(Callback):
    """Tells, at most twice a second, how far the epoch is and how many images a second it learns from."""

    def __init__(self, stage: str, epochs: int, report: Report, controls: Controls) -> None:
        self.stage, self.epochs, self.report, self.clock = stage, epochs, report, controls.clock
        self.began = self.told = 0.0
        self.images = 0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Count anew."""
        self.began, self.told, self.images = self.clock(), 0.0, 0

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: dict[str, Tensor], batch_idx: int
    ) -> None:
        """Tell."""
        self.images += len(batch["targets"])
        now = self.clock()
        if now - self.told < STEP_SECONDS:
            return
        self.told = now
        self.report(
            {
                "event": Event.STEP,
                "stage": self.stage,
                "epoch": trainer.current_epoch + 1,
                "epochs": self.epochs,
                "step": batch_idx + 1,
                "steps": int(trainer.num_training_batches),
                "seconds": round(now - self.began, 2),
                "images_per_second": round(self.images / max(now - self.began, 1e-6), 2),
            }
        )


class Hardest(Callback):
    """Tells after each epoch on which validation images the prediction is furthest off.

    Parameters
    ----------
    names : sequence of str
        Of the validation images, in the order in which they are measured.
    """

    def __init__(self, names: Sequence[str], stage: str, report: Report) -> None:
        self.names, self.stage, self.report = names, stage, report
        self.pairs: list[Tensor] = []

    def on_validation_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin anew."""
        self.pairs = []

    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: dict[str, Tensor],
        *_: int,
    ) -> None:
        """Keep what was predicted."""
        if isinstance(outputs, Tensor):
            self.pairs.append(torch.stack([batch["targets"][:, 0], outputs.detach()], 1).float().cpu())

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Tell."""
        if not self.pairs:
            return
        pairs = torch.cat(self.pairs)
        pairs[:, 1].clamp_(0, 1)
        worst = (pairs[:, 0] - pairs[:, 1]).abs().argsort(descending=True)[:HARDEST].tolist()
        images = [
            {"image": self.names[k], "true": round(float(pairs[k, 0]), 4), "predicted": round(float(pairs[k, 1]), 4)}
            for k in worst
        ]
        self.report({"event": Event.HARDEST, "stage": self.stage, "epoch": trainer.current_epoch + 1, "images": images})


class EarlyEnd:
    """The note, beside a stage's checkpoints, that a person ended it; it outlives the process."""

    NAME = "ended-early.json"

    def __init__(self, folder: Path) -> None:
        self._file = folder / self.NAME

    def __bool__(self) -> bool:
        """Return whether there is one."""
        return self._file.exists()

    def note(self, stage: str, epoch: int, epochs: int) -> None:
        """Write it: after which epoch of how many."""
        replace_file(self._file, json.dumps({"stage": stage, "epoch": epoch, "epochs": epochs}).encode())


def ended_early(checkpoints: Path) -> list[dict[str, Any]]:
    """Read a run's notes of stages that a person ended: ``stage``, ``epoch`` and ``epochs`` of each."""
    noted = []
    for file in sorted(checkpoints.glob(f"*/{EarlyEnd.NAME}")):
        known = read_note(file, OR_ANEW)
        if not {"stage", "epoch", "epochs"} <= known.keys():
            raise damaged(file, "it does not say which fit it ended", OR_ANEW)
        noted.append(known)
    return noted

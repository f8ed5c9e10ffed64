"""One fit by Lightning: a network, its batches, its loss; a curve, checkpoints, and a way to go on after a stop."""

import contextlib
import csv
import logging
import math
import signal
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import lightning as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader

from annotriage.regressors.augmentation import augment, mixup, smear_borders
from annotriage.regressors.mask_head import lesion_terms, mask_loss
from annotriage.regressors.network import Answer, Regressor
from annotriage.regressors.pixels import PackedImages, PlainBatches, ShuffledBatches, to_network
from annotriage.regressors.recipe import Fit, Loss, Optimiser, Schedule

Report = Callable[[dict[str, Any]], None]


class Stopped(Exception):
    """The user stopped a fit; what was done up to the last epoch is on disk."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each loss counts beside the Dice's 1."""

    dice: float = 1.0
    further: float = 0.0
    mask: float = 0.0


class FitModule(pl.LightningModule):
    """What Lightning needs to know of a network to fit it.

    Parameters
    ----------
    network : Regressor
    fit : Fit
        The recipe's section for this fit.
    weights : Weights
    total_steps : int
        Optimiser steps of the whole fit, which schedules need.
    image_sizes : sequence of int
        Size of the images in each epoch; they are brought to it where the pack holds them larger.
    validated : bool
        Whether images are kept apart to measure on after each epoch.
    """

    def __init__(
        self,
        network: Regressor,
        fit: Fit,
        weights: Weights,
        total_steps: int,
        image_sizes: Sequence[int],
        validated: bool,
    ) -> None:
        super().__init__()
        self.image_sizes, self.validated = image_sizes, validated
        self.network, self.how, self.loss_weights, self.total_steps = network, fit, weights, total_steps

    def _answer(self, image: Tensor) -> Answer:
        return cast("Answer", self.network(to_network(image).contiguous(memory_format=torch.channels_last)))

    def training_step(self, batch: dict[str, Tensor], _: int) -> Tensor:
        """Return the batch's loss."""
        image, targets = batch["image"].float() / 255, batch["targets"]
        masks = batch["mask"].float() / 255 if "mask" in batch else None
        image, masks = resized(image, masks, self.image_sizes[self.current_epoch])
        image, masks = augment(image, masks, self.how.augmentation)
        if self.how.augmentation.border_blur and masks is not None:
            image, masks, targets = self._smeared(image, masks, targets, batch["has_mask"])
        labelled = ~torch.isnan(targets[:, 0])
        if self.how.augmentation.mixup and bool(labelled.any()):
            mixed, mixed_targets = mixup(image[labelled], targets[labelled], self.how.augmentation.mixup)
            image, targets = image.clone(), targets.clone()
            image[labelled], targets[labelled] = mixed, mixed_targets
        answer = self._answer(image)
        loss = image.new_zeros(())
        if self.loss_weights.dice and bool(labelled.any()):
            predicted, true = answer.dice[labelled], targets[labelled, 0]
            dice_loss = distance(predicted, true, self.how.loss)
            spread = answer.spread[labelled]
            if "spread" in batch:
                # A student learns the spread that its teachers found on images new to them; its own errors on images
                # it learns from would say too little.
                spread_loss = F.smooth_l1_loss(spread.log(), batch["spread"][labelled].log(), beta=0.5)
            else:
                # Laplace's negative log-likelihood with the mean held fixed: the spread learns the size of errors.
                error = (predicted.detach() - true).abs()
                spread_loss = (error / spread + spread.log()).mean()
            loss = loss + self.loss_weights.dice * dice_loss + 0.1 * spread_loss
            self.log("train_loss", dice_loss, on_step=False, on_epoch=True, batch_size=len(true))
        known = ~torch.isnan(targets[:, 1:])
        if self.loss_weights.further and bool(known.any()):
            loss = loss + self.loss_weights.further * F.smooth_l1_loss(answer.further[known], targets[:, 1:][known])
        if self.loss_weights.mask and masks is not None and answer.lesion_logits is not None:
            outlined = batch["has_mask"]
            if bool(outlined.any()):
                outline_loss = mask_loss(answer.lesion_logits[outlined], masks[outlined])
                loss = loss + self.loss_weights.mask * outline_loss
                self.log("mask_loss", outline_loss, on_step=False, on_epoch=True, batch_size=int(outlined.sum()))
        return loss

    def _smeared(
        self, image: Tensor, masks: Tensor, targets: Tensor, has_mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Smear some borders; the Dice of such an image falls by what its smeared outline says of itself."""
        chosen = has_mask & (torch.rand(len(image), device=image.device) < self.how.augmentation.border_blur)
        if not bool(chosen.any()):
            return image, masks, targets
        image, masks, targets = image.clone(), masks.clone(), targets.clone()
        image[chosen], masks[chosen] = smear_borders(image[chosen], masks[chosen])
        targets[chosen, 0] *= lesion_terms(masks[chosen], ("threshold_dice",))[:, 0]
        return image, masks, targets

    def validation_step(self, batch: dict[str, Tensor], _: int) -> None:
        """Log the validation loss, MSE and MAE, or the mask loss where there is no Dice to fit."""
        answer = self._answer(resized(batch["image"].float() / 255, None, self.image_sizes[self.current_epoch])[0])
        size = len(batch["image"])
        if self.loss_weights.dice:
            true = batch["targets"][:, 0]
            self.log("validation_loss", distance(answer.dice, true, self.how.loss), batch_size=size)
            self.log("validation_mse", F.mse_loss(answer.dice, true), batch_size=size)
            self.log("validation_mae", F.l1_loss(answer.dice, true), batch_size=size)
        elif answer.lesion_logits is not None:
            self.log(
                "validation_loss",
                mask_loss(answer.lesion_logits, batch["mask"].float() / 255),
                batch_size=size,
            )

    def configure_optimizers(self) -> Any:
        """Build the recipe's optimiser and schedule."""
        how = self.how.optimiser
        head = [
            *self.network.linear.parameters(),
            self.network.term_weights,
            *self.network.spread.parameters(),
        ]
        ids = {id(p) for p in head}
        groups = [
            {"params": [p for p in self.network.parameters() if id(p) not in ids], "lr": how.learning_rate},
            {"params": head, "lr": how.learning_rate * how.head_rate},
        ]
        optimiser = build_optimiser(groups, how)
        # Where nothing is kept apart there is only the training loss to go by.
        watched = "validation_loss" if self.validated else "train_loss"
        return with_schedule(optimiser, self.how.schedule, self.total_steps, watched)


def resized(images: Tensor, masks: Tensor | None, size: int) -> tuple[Tensor, Tensor | None]:
    """Shrink images (N, 3, H, W) and masks (N, H, W) to a square of `size`, with antialiasing."""
    if images.shape[-1] == size:
        return images, masks
    images = F.interpolate(images, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
    return images, None if masks is None else F.interpolate(masks[:, None], size=(size, size), mode="area")[:, 0]


def distance(predicted: Tensor, true: Tensor, loss: Loss) -> Tensor:
    """Compute the recipe's loss between (N,) predicted and true Dice."""
    if loss.name == "mse":
        return F.mse_loss(predicted, true)
    if loss.name == "l1":
        return F.l1_loss(predicted, true)
    return F.smooth_l1_loss(predicted, true, beta=loss.beta)


def build_optimiser(groups: list[dict[str, Any]], how: Optimiser) -> torch.optim.Optimizer:
    """Build the optimiser a recipe names."""
    if how.name == "sgd":
        return torch.optim.SGD(groups, momentum=how.momentum, weight_decay=how.weight_decay)
    kind = torch.optim.Adam if how.name == "adam" else torch.optim.AdamW
    return kind(groups, weight_decay=how.weight_decay)


def with_schedule(optimiser: torch.optim.Optimizer, how: Schedule, steps: int, watched: str) -> Any:
    """Join an optimiser with the schedule a recipe names, in the form Lightning wants."""
    if how.name == "constant":
        return optimiser
    if how.name == "plateau":
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, factor=how.factor, patience=how.patience)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": plateau, "monitor": watched}}
    schedule: torch.optim.lr_scheduler.LRScheduler
    if how.name == "one_cycle":
        rates = [group["lr"] for group in optimiser.param_groups]
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, rates, total_steps=steps + 1, pct_start=max(how.warm_up, 1 / (steps + 1))
        )
    else:
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class Curve(Callback):
    """Writes a line an epoch to a CSV file and tells the reporter; the line is whole or absent."""

    COLUMNS = (
        "stage",
        "epoch",
        "train_loss",
        "validation_loss",
        "validation_mse",
        "validation_mae",
        "mask_loss",
        "seconds",
    )

    def __init__(self, file: Path, stage: str, epochs: int, report: Report) -> None:
        self.file, self.stage, self.epochs, self.report = file, stage, epochs, report
        self.started = time.monotonic()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the epoch's clock."""
        self.started = time.monotonic()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the epoch's line."""
        measured = {k: float(v) for k, v in trainer.callback_metrics.items()}
        row = {
            "stage": self.stage,
            "epoch": trainer.current_epoch + 1,
            "seconds": round(time.monotonic() - self.started, 2),
        }
        row |= {k: round(v, 6) for k, v in measured.items() if k in self.COLUMNS and math.isfinite(v)}
        new = not self.file.exists()
        with self.file.open("a", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, self.COLUMNS)
            if new:
                writer.writeheader()
            writer.writerow(row)
        self.report({"event": "epoch", "epochs": self.epochs, **row})


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


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep Lightning's remarks on hardware, workers and its makers' products from whoever reads the run's output."""
    loggers = [logging.getLogger(name) for name in ("lightning", "lightning.pytorch", "lightning.fabric")]
    levels = [each.level for each in loggers]
    with warnings.catch_warnings():
        for about in (
            ".*does not have many workers",
            ".*have no `val_dataloader`",
            "Checkpoint directory",
            ".*lr_scheduler.step",
            ".*isinstance.*Leaf",
        ):
            warnings.filterwarnings("ignore", message=about)
        for each in loggers:
            each.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for each, level in zip(loggers, levels, strict=True):
                each.setLevel(level)


def fit_stage(
    network: Regressor,
    data: PackedImages,
    train: ShuffledBatches,
    validation: list[int],
    *,
    fit: Fit,
    weights: Weights,
    folder: Path,
    stage: str,
    curve: Path,
    report: Report,
    seed: int,
    image_sizes: Sequence[int],
) -> None:
    """Fit a network in place, or take up a fit where it stopped.

    Parameters
    ----------
    network : Regressor
        Holds the fitted weights afterwards.
    data : PackedImages
    train : ShuffledBatches
        Rows to learn from.
    validation : list of int
        Rows to measure on after each epoch; may be empty, then nothing stops early.
    fit, weights
        How.
    folder : Path
        For this stage's checkpoints. A stage that has its ``finished.pt`` is not fitted again.
    stage, curve, report
        The stage's name, the CSV file its lines go to, and who hears of each epoch.
    seed : int
        Of augmentation, and dropout where there is any.
    image_sizes : sequence of int
        Height and width at which the network sees the images, an epoch each.

    Raises
    ------
    Stopped
        The user stopped it (Ctrl-C); a later call goes on after the last whole epoch.
    """
    finished = folder / "finished.pt"
    if finished.exists():
        network.load_state_dict(torch.load(finished, weights_only=True))
        return
    folder.mkdir(parents=True, exist_ok=True)
    network.train()  # whatever was asked of it before; Lightning leaves modules in the mode it finds them in
    module = FitModule(
        network.to(memory_format=torch.channels_last),
        fit,
        weights,
        len(train) * fit.epochs,
        image_sizes,
        bool(validation),
    )
    keep_best = fit.early_stopping.keep_best and bool(validation)
    checkpoint = ModelCheckpoint(
        folder,
        filename="best",
        monitor="validation_loss" if keep_best else None,
        save_last=True,
        enable_version_counter=False,
    )
    watched = "validation_loss" if validation else "train_loss"
    callbacks: list[Callback] = [checkpoint, Curve(curve, stage, fit.epochs, report), Continuity(watched)]
    if fit.early_stopping.patience and validation:
        callbacks.append(EarlyStopping("validation_loss", patience=fit.early_stopping.patience))
    last = folder / "last.ckpt"
    epochs_done = 0
    if last.exists():
        epochs_done = int(torch.load(last, weights_only=False, map_location="cpu")["epoch"]) + 1
    _drop_lines_after(curve, stage, epochs_done)
    pl.seed_everything((seed * 1000 + epochs_done) % 2**32, verbose=False)
    interrupt = signal.getsignal(signal.SIGINT)
    quietly = contextlib.ExitStack()
    quietly.enter_context(_quietly())
    trainer = pl.Trainer(
        max_epochs=fit.epochs,
        callbacks=callbacks,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        precision=cast("Any", "bf16-mixed" if fit.precision == "bfloat16" else "32-true"),
        accelerator="auto",
        devices=1,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        log_every_n_steps=1_000_000,
    )
    try:
        trainer.fit(
            module,
            DataLoader(data, sampler=train, batch_size=None),
            DataLoader(data, sampler=PlainBatches(validation), batch_size=None) if validation else None,
            ckpt_path=str(last) if last.exists() else None,
            weights_only=False,  # our own checkpoint of this very run, optimiser and all
        )
    except SystemExit:
        # Lightning leaves Ctrl-C without effect once it has seen one, and the program by an exit of its own.
        with contextlib.suppress(ValueError):  # not the main thread
            signal.signal(signal.SIGINT, interrupt)
        raise Stopped from None
    finally:
        quietly.close()
    if trainer.interrupted:
        raise Stopped
    best = folder / "best.ckpt"
    if keep_best and best.exists():
        state = torch.load(best, weights_only=False, map_location="cpu")["state_dict"]
        network.load_state_dict({k.removeprefix("network."): v for k, v in state.items()})
    network.cpu()
    beside = folder / "finished.part"
    torch.save(network.state_dict(), beside)
    beside.replace(finished)
    for file in (best, last):
        file.unlink(missing_ok=True)


def _drop_lines_after(curve: Path, stage: str, epochs: int) -> None:
    """Take back the lines of epochs that a resumed fit will run again."""
    if not curve.exists():
        return
    with curve.open(newline="", encoding="utf-8") as source:
        rows = [r for r in csv.DictReader(source) if not (r["stage"] == stage and int(r["epoch"]) > epochs)]
    beside = curve.with_suffix(".part")
    with beside.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, Curve.COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    beside.replace(curve)


@torch.no_grad()
def answers(network: Regressor, data: PackedImages, rows: list[int], views: int = 1) -> dict[str, NDArray[np.float32]]:
    """Ask a network about rows, averaged over flips and quarter turns.

    Returns
    -------
    dict
        ``dice`` (N,), ``spread`` (N,), ``further`` (N, T), ``terms`` (N, K).
    """
    network.eval()
    found: dict[str, list[Tensor]] = {"dice": [], "spread": [], "further": [], "terms": []}
    for batch in PlainBatches(rows):
        image = to_network(data.at_size(batch, network.image_size))
        seen = [network(turned) for turned in _views(image, views)]
        for name, values in found.items():
            values.append(torch.stack([getattr(answer, name) for answer in seen]).mean(0))
    return {name: torch.cat(values).float().numpy() for name, values in found.items()}


def _views(image: Tensor, views: int) -> list[Tensor]:
    """Flip and turn images: 1 as they are, 2 with the mirror image, up to all 8 symmetries of the square."""
    both = [image, image.flip(-1)]
    return [torch.rot90(each, turn, (-2, -1)) for turn in range(4) for each in both][:views]

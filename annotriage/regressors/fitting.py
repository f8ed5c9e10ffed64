"""One fit by Lightning, with checkpoints and a way to go on after a stop."""

import contextlib
import logging
import signal
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import lightning as pl
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from torch.utils.data import DataLoader

from annotriage.regressors.fit_callbacks import Continuity, Curve, Report, drop_lines_after
from annotriage.regressors.fit_module import FitModule, Weights
from annotriage.regressors.network import Regressor
from annotriage.regressors.pixels import PackedImages, PlainBatches, ShuffledBatches
from annotriage.regressors.recipe import Fit


class Stopped(Exception):
    """The user stopped a fit; what was done up to the last epoch is on disk."""


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
    drop_lines_after(curve, stage, epochs_done)
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

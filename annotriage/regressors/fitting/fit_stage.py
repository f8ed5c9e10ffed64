"""One fit by Lightning, with checkpoints and a way to go on after a stop."""

import contextlib
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning as pl
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from torch.utils.data import DataLoader

from annotriage.errors import AnnotriageError
from annotriage.regressors.data.pixels import PackedImages, PlainBatches, ShuffledBatches
from annotriage.regressors.fitting.callbacks import Continuity, Curve, Report, drop_lines_after
from annotriage.regressors.fitting.checkpoints import load_numbers, load_or_forget, put_weights, save_whole
from annotriage.regressors.fitting.controls import Controls, Stopped
from annotriage.regressors.fitting.devices import device_of
from annotriage.regressors.fitting.fit_module import FitModule, Weights
from annotriage.regressors.fitting.live_callbacks import EarlyEnd, FinishRequested, Hardest, PauseAndFinish, Steps
from annotriage.regressors.fitting.malloc import keep_freed_memory
from annotriage.regressors.fitting.precision import depthwise_in_float32, precision_of
from annotriage.regressors.fitting.trainer import make_trainer, quietly
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.recipes.sections import Fit
from annotriage.runs.files import FINISHED


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
    device: str = "auto",
    controls: Controls | None = None,
    names: Sequence[str] = (),
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
    device : {"auto", "cpu", "cuda", "mps"}
    controls : Controls, optional
        Through which a person lets it rest, or ends it early and keeps the best epoch.
    names : sequence of str
        Of all rows; where they are given, the hardest validation images are told after each epoch.

    Raises
    ------
    Stopped
        The user stopped it (Ctrl-C); a later call goes on after the last whole epoch.
    """
    finished = folder / FINISHED
    if (weights_there := load_or_forget(finished)) is not None:
        put_weights(network, weights_there, finished)
        return
    if len(train.rows) < 2:
        raise AnnotriageError(
            f"The stage {stage} has only one image to learn from, which teaches nothing. Label more images, or give "
            "the training part a larger share (split.train)."
        )
    folder.mkdir(parents=True, exist_ok=True)
    controls = controls or Controls()
    best, last, early = folder / "best.ckpt", folder / "last.ckpt", EarlyEnd(folder)
    there = load_or_forget(last)
    epochs_done = 0 if there is None else _epochs_of(there, last)
    del there  # as large as the network and its optimiser
    drop_lines_after(curve, stage, epochs_done)
    keep_best = fit.early_stopping.keep_best and bool(validation)
    if not (early and epochs_done):
        network.train()  # whatever was asked of it before; Lightning leaves modules in the mode it finds them in
        module = FitModule(
            network.to(memory_format=torch.channels_last),
            fit,
            weights,
            len(train) * fit.epochs,
            image_sizes,
            bool(validation),
        )
        callbacks = [
            *_callbacks(fit, folder, keep_best, bool(validation)),
            PauseAndFinish(controls, stage, last),
            Curve(curve, stage, fit.epochs, report, controls.clock),
            Steps(stage, fit.epochs, report, controls),
        ]
        if names and validation:
            callbacks.append(Hardest([names[row] for row in validation], stage, report))
        where = device_of(device).name
        precision = precision_of(fit.precision, where)
        pl.seed_everything((seed * 1000 + epochs_done) % 2**32, verbose=False)
        try:
            with depthwise_in_float32(network, precision, where):
                _run(module, data, train, validation, make_trainer(fit, device, precision, callbacks), last)
        except FinishRequested as end:
            early.note(stage, end.epochs, fit.epochs)
    controls.finished()
    network.cpu()
    source = best if keep_best else last
    if (keep_best or early) and source.exists():
        put_weights(network, _network_of(load_numbers(source)), source)
    save_whole(network.state_dict(), finished)
    for file in (best, last):
        file.unlink(missing_ok=True)


def _network_of(checkpoint: dict[str, Any]) -> dict[str, Any] | None:
    """Return the network's own weights in what Lightning wrote."""
    state = checkpoint.get("state_dict")
    return {str(k).removeprefix("network."): v for k, v in state.items()} if isinstance(state, dict) else None


def _epochs_of(checkpoint: dict[str, Any], file: Path) -> int:
    epoch = checkpoint.get("epoch")
    if not isinstance(epoch, int) or _network_of(checkpoint) is None:
        raise AnnotriageError(f"{file} is no checkpoint of a fit. Remove it and resume: the stage begins anew.")
    return epoch + 1


def _callbacks(fit: Fit, folder: Path, keep_best: bool, validated: bool) -> list[Callback]:
    """Return what keeps checkpoints, ends a fit that gets no better, and makes a resumed fit the same fit."""
    callbacks: list[Callback] = [Continuity("validation_loss" if validated else "train_loss")]
    if keep_best:
        callbacks.append(
            ModelCheckpoint(folder, filename="best", monitor="validation_loss", enable_version_counter=False)
        )
    # Not by `save_last`, which keeps the last epoch only where it was the best as well.
    callbacks.append(ModelCheckpoint(folder, filename="last", monitor=None, enable_version_counter=False))
    if fit.early_stopping.patience and validated:
        callbacks.append(EarlyStopping("validation_loss", patience=fit.early_stopping.patience))
    return callbacks


def _run(
    module: FitModule,
    data: PackedImages,
    train: ShuffledBatches,
    validation: list[int],
    trainer: pl.Trainer,
    last: Path,
) -> None:
    """Let Lightning fit, from the last checkpoint where there is one; raise `Stopped` where it was stopped."""
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        with quietly(), keep_freed_memory():
            trainer.fit(
                module,
                DataLoader(data, sampler=train, batch_size=None),
                DataLoader(data, sampler=PlainBatches(validation), batch_size=None) if validation else None,
                ckpt_path=str(last) if last.exists() else None,
                weights_only=True,
            )
    except SystemExit:
        # Lightning leaves Ctrl-C without effect once it has seen one, and the program by an exit of its own.
        with contextlib.suppress(ValueError):  # not the main thread
            signal.signal(signal.SIGINT, interrupt)
        raise Stopped from None
    if trainer.interrupted:
        raise Stopped

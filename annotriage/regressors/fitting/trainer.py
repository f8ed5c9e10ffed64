"""Lightning's trainer as every fit has it: on one device, without its own files, and silent."""

import contextlib
import logging
import warnings
from collections.abc import Iterator
from typing import Any, cast

import lightning as pl
from lightning.pytorch.callbacks import Callback

from annotriage.regressors.fitting.checkpoints import WholeCheckpoints
from annotriage.regressors.fitting.devices import device_of
from annotriage.regressors.fitting.precision import Precision
from annotriage.regressors.recipes.sections import Fit


def make_trainer(fit: Fit, device: str, precision: Precision, callbacks: list[Callback], **more: Any) -> pl.Trainer:
    """Make the trainer of one fit.

    Parameters
    ----------
    fit : Fit
    device : {"auto", "cpu", "cuda", "mps"}
    precision : {"float32", "bfloat16"}
    callbacks : list of Callback
    more
        Lightning's own parameters.

    Raises
    ------
    AnnotriageError
        This computer has no such device.
    """
    with quietly():
        return pl.Trainer(
            **{"max_epochs": fit.epochs} | more,
            callbacks=callbacks,
            plugins=[WholeCheckpoints()],
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            precision=cast("Any", "bf16-mixed" if precision == "bfloat16" else "32-true"),
            accelerator=device_of(device).name,
            devices=1,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
            log_every_n_steps=1_000_000,
        )


@contextlib.contextmanager
def quietly() -> Iterator[None]:
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

"""How long a recipe takes on this computer: measured on a few real steps of it, never guessed."""

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback
from torch.utils.data import DataLoader

from annotriage.datasets.columns import chosen_columns
from annotriage.regressors.data.data_paths import DataPaths
from annotriage.regressors.data.pixels import PackedImages, PlainBatches, ShuffledBatches, pack_pixels
from annotriage.regressors.data.run_data import RunData, gather
from annotriage.regressors.fitting.devices import device_of, devices
from annotriage.regressors.fitting.eta import ImageCounts, work_of
from annotriage.regressors.fitting.fit_module import FitModule, Weights
from annotriage.regressors.fitting.inference import predict
from annotriage.regressors.fitting.malloc import keep_freed_memory
from annotriage.regressors.fitting.precision import depthwise_in_float32, precision_of
from annotriage.regressors.fitting.trainer import make_trainer, quietly
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.recipes.recipe import Recipe
from annotriage.regressors.recipes.weights_state import weights_state
from annotriage.runs.states import Event

WARM_UP = 1
"""Steps that do not count: memory is allocated and kernels are chosen in the first."""
FEWEST_STEPS, MOST_STEPS = 2, 12
ENOUGH_SECONDS = 4.0
MOST_IMAGES = 192
LEFT_OUT = (
    "Counted: decoding the images once, every epoch of every stage with its validation, and the predictions at the "
    "end. Left out: starting the program, downloading weights and exporting the model file. Fits that get no better "
    "end earlier."
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds an image takes, by what is done with it, and from how many steps that is known."""

    decoding: float
    learning: float
    measuring: float
    answering: float
    steps: int


def estimate(recipe: Recipe, data: DataPaths, device: str = "auto") -> dict[str, Any]:
    """Time a few steps of a recipe on some of its images, and say how long a run takes.

    Parameters
    ----------
    recipe : Recipe
    data : DataPaths
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    dict
        The event ``estimate``: ``recipe``, ``device``, ``device_words``, ``devices`` (``name`` and ``words`` of each),
        ``parameters``, ``images_per_second`` (learned from), ``seconds_per_epoch`` (of the fit), ``seconds`` (of the
        whole run, at most), ``measured`` (see `Measured`), ``left_out`` (a sentence) and ``weights`` (see
        `weights_state`).

    Raises
    ------
    AnnotriageError
        The data cannot be learned from, or this computer has no such device.
    """
    where = device_of(device)
    columns = chosen_columns(list(data.columns))
    found = gather(recipe, data.all_images, data.labels, data.clinical, data.all_masks, columns, data.pairs)
    images = _images(recipe, found, data.images)
    # Time does not depend on what the weights are, so nothing is downloaded for it.
    network = Regressor(recipe.model_copy(update={"weights": "none"}))
    seconds = _measure(recipe, network, found, where.name)
    unit = seconds.learning / recipe.image_size**2
    work = work_of(recipe, images, seconds.measuring / seconds.learning)
    last = list(work.values())[-1]
    whole = sum(map(sum, work.values())) * unit
    whole += len(found.paths) * seconds.decoding + _answers(recipe, images, found) * seconds.answering
    return {
        "event": Event.ESTIMATE,
        "recipe": recipe.name,
        "device": where.name,
        "device_words": where.words,
        "devices": [each.as_dict() for each in devices()],
        "parameters": sum(each.numel() for each in network.parameters()),
        "images_per_second": round(1 / seconds.learning, 2),
        "seconds_per_epoch": round(last[0] * unit, 2),
        "seconds": round(whole, 1),
        "measured": {name: getattr(seconds, name) for name in Measured.__slots__},
        "left_out": LEFT_OUT,
        "weights": weights_state(recipe),
    }


def _images(recipe: Recipe, found: RunData, own: Path) -> ImageCounts:
    """Count what a run of these data has to do with."""
    unlabelled = len(found.stems) - len(found.labelled)
    outlined = set(found.masks)
    if recipe.mask_stage is not None or recipe.distillation is not None:
        outlined -= set(found.labelled)
    else:
        outlined &= set(found.rows(found.split.train))
    own_masks = len(outlined & {*found.rows_below(own)})
    return ImageCounts(len(found.split.train), len(found.split.validation), len(outlined), unlabelled, own_masks)


def _answers(recipe: Recipe, images: ImageCounts, found: RunData) -> int:
    """Count how often a network is asked about an image outside its fits."""
    asked = images.validation + len(found.labelled)
    if recipe.distillation is not None:
        how = recipe.distillation
        learned, free = images.train + images.validation, images.unlabelled if how.teaches_unlabelled else 0
        asked += (learned + free * (how.folds if how.teachers == "networks" else 1)) * how.views
        if 0 < how.student_share < 1:
            asked += learned + free
    return asked


def _measure(recipe: Recipe, network: Regressor, found: RunData, device: str) -> Measured:
    """Decode some images, then learn from them, and measure on them, as a run does."""
    count = min(len(found.labelled), max(recipe.first_fit.batch_size, 64), MOST_IMAGES)
    rows = [found.labelled[k * len(found.labelled) // count] for k in range(count)]
    with tempfile.TemporaryDirectory(prefix="annotriage-") as folder, torch.random.fork_rng():
        file = Path(folder) / "pixels.npy"
        began = time.perf_counter()
        pack_pixels([found.paths[row] for row in rows], recipe.image_size, file)
        decoding = (time.perf_counter() - began) / count
        pixels = np.load(file)  # whole: the folder goes
    images = PackedImages(pixels, found.standardised()[rows], *_no_masks(recipe, count))
    clock = _StepClock(device)
    steps = WARM_UP + MOST_STEPS
    fit = recipe.first_fit
    many = np.resize(np.arange(count), steps * fit.batch_size).tolist()
    batches = ShuffledBatches(many, fit.batch_size, many if recipe.mask_head.enabled else (), fit.batch_size // 3)
    module = FitModule(
        network.to(memory_format=torch.channels_last),
        fit,
        Weights(further=recipe.further_weight if recipe.further_targets else 0.0, mask=recipe.mask_head.weight),
        steps,
        [recipe.image_size] * fit.epochs,
        validated=False,
    )
    precision = precision_of(fit.precision, device)
    with quietly(), keep_freed_memory(), depthwise_in_float32(network, precision, device):
        try:
            make_trainer(fit, device, precision, [clock], max_epochs=1, enable_checkpointing=False).fit(
                module, DataLoader(images, sampler=batches, batch_size=None)
            )
        except _Enough:
            pass
        learned = clock.an_image()
        clock.seconds.clear()
        plain = PlainBatches(np.resize(np.arange(count), 64 * 4).tolist())
        make_trainer(fit, device, precision, [clock], enable_checkpointing=False).validate(
            module, DataLoader(images, sampler=plain, batch_size=None), verbose=False
        )
    measuring = answering = clock.an_image()
    if device != "cpu":  # where answers are asked for in any case
        began = time.perf_counter()
        predict(network.cpu(), images, list(range(min(count, 32))))
        answering = (time.perf_counter() - began) / min(count, 32)
    return Measured(round(decoding, 6), round(learned, 6), round(measuring, 6), round(answering, 6), clock.steps)


def _no_masks(recipe: Recipe, count: int) -> tuple[Any, Any]:
    """Return empty masks for recipes that learn from masks: what is in them takes no time."""
    if not recipe.mask_head.enabled:
        return None, None
    return np.zeros((count, recipe.image_size, recipe.image_size), np.uint8), np.arange(count) % 3 == 0


class _Enough(Exception):
    """Enough steps are measured."""


class _StepClock(Callback):
    """Times steps from the end of one to the end of the next, the loading of its batch included."""

    def __init__(self, device: str) -> None:
        self.device, self.steps = device, 0
        self.seconds: list[float] = []
        self.began = self.last = time.perf_counter()

    def an_image(self) -> float:
        """Return what an image takes: the median over the steps."""
        return max(statistics.median(self.seconds), 1e-9)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Note a step; end where that is enough."""
        self._note(batch, batch_idx)
        self.steps = len(self.seconds)
        long = self.last - self.began > ENOUGH_SECONDS
        if self.steps >= MOST_STEPS or (long and self.steps >= FEWEST_STEPS):
            raise _Enough

    def on_validation_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int, *_: int
    ) -> None:
        """Note a step."""
        self._note(batch, batch_idx)

    def _note(self, batch: Any, batch_idx: int) -> None:
        if self.device == "cuda":
            torch.cuda.synchronize()
        elif self.device == "mps":
            torch.mps.synchronize()
        now = time.perf_counter()
        if batch_idx >= WARM_UP:
            self.seconds.append((now - self.last) / len(batch["targets"]))
        elif batch_idx == 0:
            self.began = now
        self.last = now

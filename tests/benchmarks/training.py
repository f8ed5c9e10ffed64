"""Training images a second, against a plain DataLoader loop over the same files.

What is measured: epochs of training on images of the ISIC folder as they are (most of 512 x 512 pixels), with two
threads.

- Ours: `fit_stage`, as ``annotriage train`` runs it, Lightning and the checkpoint of each epoch included; on images
  that `pack_pixels` decoded once, before the first epoch. It learns a little more: the spread beside the Dice.
- Plain: a Dataset that opens by PIL in each epoch, torchvision's ``Resize``, ``RandomHorizontalFlip``,
  ``RandomRotation(10)``, ``ToTensor`` and ``Normalize``, torch's DataLoader with two workers that are kept from epoch
  to epoch, and a loop of forward, MSE, backward, Adam.

The network is the same `Regressor` with the same random weights, the flips and rotations are of the same size. The
plain loop computes in 32 bits, as torch does by itself; ours in what `annotriage train` takes where a recipe does not
say (`annotriage.regressors.fitting.precision`): bfloat16 where the processor multiplies it in hardware, with weights,
norms' statistics and sums in 32 bits. Two cases are measured in 32 bits as well. Each side is a process of its own.
They take turns an epoch long, in changing order; the first epoch of each does not count, and the figure is the median
of the ratios of the pairs, so that a busy machine hits both. The ratio of processor time, workers included, stands
beside it: it is what remains where a machine is so busy that seconds mean little.

The target is 1.5 times as many images a second at the sizes that recipes ship with, 192 and 224 pixels. Images of 128
pixels are printed beside them: there a step takes so little time that what happens once an epoch is felt.

Measured with ``--epochs 3`` on two quiet cores of an AMD EPYC with AVX-512 BF16:

==================  ======  =====  ==============
network             pixels  times  processor time
==================  ======  =====  ==============
ResNet-18           128     1.97   2.26
ResNet-18           192     2.29   2.48
ResNet-18           224     2.23   2.39
MobileNetV3         128     1.74   2.35
MobileNetV3         224     2.21   2.56
EfficientNet-B0     128     1.46   1.95
EfficientNet-B0     224     1.98   2.26
EfficientNet-Lite0  192     2.23   2.55
ViT-B/32            128     2.01   2.49
==================  ======  =====  ==============

All in 32 bits: ResNet-18 1.45 at 128 pixels, 1.29 at 192, 1.31 at 224 (pairs that nothing disturbed); MobileNetV3 1.61
at 128, 2.05 at 224; EfficientNet-B0 1.41 at 128, 1.83 at 224; EfficientNet-Lite0 1.89 at 192. So a processor without
bfloat16 misses the target with ResNet-18: at 224 pixels 87 % of our step's time are convolutions, which both sides
leave to the same library.

What was tried, and stays: decoding once; rotations whose grid is laid out by sums; channels-last; fused optimisers,
which go over the weights once; memory that a step frees is kept instead of being given back to the system and fetched
anew (`annotriage.regressors.fitting.malloc`); threads that sleep while they wait (OMP_WAIT_POLICY), which matters where
anything else is at work; bfloat16 with depthwise convolutions in 32 bits (a step of EfficientNet-B0 at 128 pixels: 90
images a second in 32 bits, 65 in 16, 98 so). Tried and dropped: ``torch.backends.mkldnn.conv.fp32_precision = "bf16"``,
which changes no speed here. Not possible: compiling the network, which needs a C++ compiler on the user's computer.
"""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from shutil import rmtree
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from tests.benchmarks.common import SHARED_DATA, THREADS, Options, say, verdict, workplace

NAME = "training"
TARGET = 1.5
IMAGES = 576
"""An epoch, of about as many labelled images as training on the ISIC folder learns from."""
WORKERS = 2
CASES = [
    ("resnet18", 128, "auto"),
    ("resnet18", 192, "auto"),
    ("resnet18", 224, "auto"),
    ("mobilenet_v3_large", 128, "auto"),
    ("mobilenet_v3_large", 224, "auto"),
    ("efficientnet_b0", 128, "auto"),
    ("efficientnet_b0", 224, "auto"),
    ("efficientnet_lite0", 192, "auto"),
    ("vit_b_32", 128, "auto"),
    ("resnet18", 128, "float32"),
    ("resnet18", 224, "float32"),
]
"""Networks, the sizes of their images, and our precision: "auto", as a recipe has it that does not name one, or
"float32" to see what of the ratio is not owed to computing in 16 bits."""
ASKED = (192, 224)
"""Sizes of which the target is asked."""


@dataclass(frozen=True)
class Task:
    """What both sides train on, and where ours puts its files."""

    backbone: str
    size: int
    precision: str
    paths: list[Path]
    folder: Path
    epochs: int

    def network(self) -> Any:
        """Build the network."""
        import torch

        from annotriage.regressors.networks.regressor import Regressor
        from annotriage.regressors.recipes.recipe import Recipe

        torch.manual_seed(0)
        return Regressor(Recipe(name="benchmark", backbone=self.backbone, weights="none", image_size=self.size))

    def bits(self) -> str:
        """Say in what we compute."""
        from annotriage.regressors.fitting.precision import precision_of

        return precision_of(self.precision, "cpu")

    def targets(self) -> "np.ndarray":
        """Return a number for each image."""
        return np.random.default_rng(0).uniform(0.3, 1, len(self.paths)).astype(np.float32)


def measure(options: Options) -> bool:
    """Print images a second and the ratio, network by network."""
    count = max(1, (options.images or IMAGES) // 32) * 32
    ratios = {}
    with workplace(options) as folder:
        paths = _spread(sorted((SHARED_DATA / "isic" / "images").glob("*.jpg")), count)
        for path in paths:
            path.read_bytes()  # from the disk cache for both
        for backbone, size, precision in CASES:
            place = folder / "training" / f"{backbone}-{size}-{precision}"
            rmtree(place, ignore_errors=True)  # a fit that was broken off there would be taken up
            place.mkdir(parents=True)
            ratio = _compare(Task(backbone, size, precision, paths, place, options.epochs + 1))
            if precision == "auto" and size in ASKED:
                ratios[f"{backbone} at {size} px"] = ratio
    return verdict(NAME, min(ratios.values()) >= TARGET, f"{TARGET} with {', '.join(ratios)}")


def _spread(paths: list[Path], count: int) -> list[Path]:
    """Choose images from all over the folder."""
    return [paths[k * len(paths) // count] for k in range(count)]


def _compare(task: Task) -> float:
    """Print a line on one network; return the ratio of images a second."""
    seconds: dict[str, list[float]] = {"ours": [], "plain": []}
    processor: dict[str, list[float]] = {"ours": [], "plain": []}
    memory: dict[str, float] = {}
    with _side(_ours, task) as ours, _side(_plain, task) as plain:
        sides = {"ours": ours, "plain": plain}
        for number in range(task.epochs):
            for name in list(sides)[:: -1 if number % 2 else 1]:
                wall, spent, memory[name] = sides[name].epoch()
                if number:
                    seconds[name].append(wall)
                    processor[name].append(spent)
    ratio, spared = (
        median(plain / ours for ours, plain in zip(each["ours"], each["plain"], strict=True))
        for each in (seconds, processor)
    )
    rates = ", ".join(
        f"{name} {len(task.paths) / median(seconds[name]):.1f} images/s and {memory[name] / 2**30:.1f} GB at most"
        for name in seconds
    )
    say(
        NAME,
        f"{task.backbone} at {task.size} px, {task.bits()}: {ratio:.2f} times the plain loop "
        f"({spared:.2f} in processor time); {rates} "
        f"({task.epochs - 1} epochs of {len(task.paths)} images after the first)",
    )
    return ratio


class Side:
    """One of the two, from outside."""

    def __init__(self, connection: Connection, process: Any) -> None:
        import psutil

        self.connection, self.process = connection, psutil.Process(process.pid)

    def epoch(self) -> tuple[float, float, float]:
        """Let it train an epoch; return seconds, seconds of processor time, and the most bytes that it ever held."""
        spent, begun = self._processor_time(), perf_counter()
        self.connection.send("go on")
        held = self.connection.recv()
        return perf_counter() - begun, self._processor_time() - spent, held

    def _processor_time(self) -> float:
        times = [each.cpu_times() for each in (self.process, *self.process.children(recursive=True))]
        return sum(each.user + each.system for each in times)


@contextmanager
def _side(work: Any, task: Task) -> Iterator[Side]:
    """Start one of the two; it is ended with the block."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=work, args=(there, task))
    process.start()
    there.close()
    try:
        here.recv()  # it is ready
        yield Side(here, process)
    finally:
        here.close()
        process.join(20)
        process.kill()


def _await_turn(connection: Connection) -> None:
    """Tell how much memory this process took at most, and wait until it may go on."""
    connection.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    try:
        connection.recv()
    except EOFError:
        raise SystemExit from None


def _plain(connection: Connection, task: Task) -> None:
    """Train as the plain loop does."""
    import torch

    from tests.benchmarks.plain_training import plain_epochs, plain_loader

    torch.set_num_threads(THREADS)
    loader = plain_loader(task.paths, task.targets(), task.size, WORKERS)
    epochs = plain_epochs(task.network(), lambda: iter(loader), task.epochs)
    _await_turn(connection)
    for _ in epochs:
        _await_turn(connection)


def _ours(connection: Connection, task: Task) -> None:
    """Train as ``annotriage train`` does."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as it does, before torch is there
    import torch

    from annotriage.regressors.data.pixels import PackedImages, ShuffledBatches, pack_pixels
    from annotriage.regressors.fitting.controls import Stopped
    from annotriage.regressors.fitting.fit_module import Weights
    from annotriage.regressors.fitting.fit_stage import fit_stage
    from annotriage.regressors.recipes.sections import Augmentation, Fit, Optimiser, Schedule
    from tests.benchmarks.plain_training import BATCH, DEGREES, LEARNING_RATE, WEIGHT_DECAY

    torch.set_num_threads(THREADS)
    pixels = task.folder / "pixels.npy"
    if pack_pixels(task.paths, task.size, pixels, jobs=THREADS):
        raise AssertionError("an image could not be read")
    data = PackedImages(np.load(pixels, mmap_mode="r"), task.targets()[:, None])

    def heard(event: dict[str, Any]) -> None:
        if event["event"] == "epoch":
            _await_turn(connection)

    _await_turn(connection)
    with suppress(Stopped):
        fit_stage(
            task.network(),
            data,
            ShuffledBatches(range(len(data)), BATCH),
            [],
            fit=Fit(
                epochs=task.epochs,
                batch_size=BATCH,
                precision=task.precision,
                augmentation=Augmentation(horizontal_flip=True, rotation_degrees=DEGREES),
                optimiser=Optimiser(name="adam", learning_rate=LEARNING_RATE, weight_decay=WEIGHT_DECAY),
                schedule=Schedule(name="constant"),
            ),
            weights=Weights(),
            folder=task.folder / "checkpoints",
            stage="benchmark",
            curve=task.folder / "curve.csv",
            report=heard,
            seed=0,
            image_sizes=[task.size] * task.epochs,
        )

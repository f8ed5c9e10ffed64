"""Training images a second, against a plain DataLoader loop over the same files.

What is measured: five epochs (``--epochs``) over the same JPEG files with two threads: by the loader alone on images
of 512 x 512 pixels and on photographs of 3024 x 2016, and on the former with a ResNet-18's training step (forward, MSE,
backward, Adam) behind it.

- Ours: `pack_pixels` decodes each file once to 224 x 224; then `ShuffledBatches`, `PackedImages` and `augment` on whole
  batches. Packing is counted in.
- Plain: a Dataset that opens by PIL in each epoch, torchvision's ``Resize``, ``RandomHorizontalFlip``,
  ``RandomRotation(10)``, ``ToTensor`` and ``Normalize``, torch's DataLoader with its own batches; with 0 and with 2
  workers, which are kept from epoch to epoch.

Both flip and rotate by the same amounts, and the step behind them is the same code. Ours and both plain loops take
turns an epoch long, so that the noise of the machine hits all. The ratio is that of the sums, to the faster plain loop.
The target is that the loader alone is faster; with the step behind it both wait for the step most of the time.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from tests.benchmarks.common import IMAGE_SIZE, THREADS, Options, photographs, real_images, say, verdict, workplace

if TYPE_CHECKING:
    from torch import Tensor

NAME = "training"
IMAGES = 640
PHOTOGRAPHS = 96
BATCH = 32
DEGREES = 10.0

Batches = Iterator[tuple["Tensor", "Tensor"]]
Epoch = Callable[[int], Batches]
"""An epoch's number -> its batches: normalised images (N, 3, H, W) and targets (N,)."""


class OpenedImages(Dataset[tuple["Tensor", "Tensor"]]):
    """Images opened anew whenever they are asked for."""

    def __init__(self, paths: list[Path], targets: "np.ndarray") -> None:
        from torchvision import transforms

        from annotriage.regressors.pixels import IMAGENET_MEAN, IMAGENET_SD

        self.paths, self.targets = paths, torch.from_numpy(targets)
        self.transform = transforms.Compose(
            [
                transforms.Resize((IMAGE_SIZE, IMAGE_SIZE)),
                transforms.RandomHorizontalFlip(),
                transforms.RandomRotation(DEGREES),
                transforms.ToTensor(),
                transforms.Normalize(IMAGENET_MEAN, IMAGENET_SD),
            ]
        )

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, row: int) -> tuple["Tensor", "Tensor"]:
        from PIL import Image

        return self.transform(Image.open(self.paths[row]).convert("RGB")), self.targets[row]


def plain(paths: list[Path], targets: "np.ndarray", workers: int) -> Epoch:
    """Return the plain loop."""
    loader = DataLoader(
        OpenedImages(paths, targets),
        batch_size=BATCH,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
    )
    return lambda _: iter(loader)


def packed(pixels: Path, targets: "np.ndarray") -> Epoch:
    """Return our loop over a packed file."""
    from annotriage.regressors.augmentation import augment
    from annotriage.regressors.pixels import PackedImages, ShuffledBatches, to_network
    from annotriage.regressors.recipe import Augmentation

    data = PackedImages(np.load(pixels, mmap_mode="r"), targets[:, None])
    order = ShuffledBatches(range(len(targets)), BATCH)
    how = Augmentation(horizontal_flip=True, rotation_degrees=DEGREES)

    def epoch(number: int) -> Batches:
        order.set_epoch(number)
        for batch in DataLoader(data, sampler=order, batch_size=None):
            images, _ = augment(batch["image"].float() / 255, None, how)
            yield to_network(images), batch["targets"][:, 0]

    return epoch


class Step:
    """A ResNet-18's training step."""

    def __init__(self) -> None:
        from annotriage.regressors.network import Regressor
        from annotriage.regressors.recipe import Recipe

        torch.manual_seed(0)
        recipe = Recipe(name="benchmark", backbone="resnet18", weights="none", image_size=IMAGE_SIZE)
        self.network = Regressor(recipe).to(memory_format=torch.channels_last).train()
        self.optimiser = torch.optim.Adam(self.network.parameters(), 1e-4)

    def __call__(self, images: "Tensor", targets: "Tensor") -> None:
        predicted = self.network(images.contiguous(memory_format=torch.channels_last)).dice
        loss = torch.nn.functional.mse_loss(predicted, targets)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()


def measure(options: Options) -> bool:
    """Print images a second and the ratio, for the loader alone and with the step."""
    torch.set_num_threads(THREADS)
    sources = real_images()
    with workplace(options) as folder:
        small = [sources[k % len(sources)] for k in range(_whole_batches(options.images or IMAGES))]
        large = photographs(folder / "photographs", _whole_batches(options.images or PHOTOGRAPHS))
        ratios = [
            _compare("loader alone, 512x512", small, None, folder, options.epochs),
            _compare("loader alone, 3024x2016", large, None, folder, options.epochs),
        ]
        _compare("with the training step, 512x512", small, Step(), folder, options.epochs)
    return verdict(NAME, min(ratios) > 1, "the loader alone is faster")


def _whole_batches(count: int) -> int:
    return max(1, count // BATCH) * BATCH


def _compare(title: str, paths: list[Path], step: Step | None, folder: Path, epochs: int) -> float:
    """Print a line on one set of files; return the ratio."""
    from annotriage.regressors.pixels import pack_pixels

    for path in paths:
        path.read_bytes()  # from the disk cache for all
    targets = np.random.default_rng(0).uniform(0.3, 1, len(paths)).astype(np.float32)
    pixels = folder / "training.npy"
    begun = time.perf_counter()
    if pack_pixels(paths, IMAGE_SIZE, pixels, jobs=THREADS):
        raise AssertionError("an image could not be read")
    packing = time.perf_counter() - begun
    loops = {
        "ours": packed(pixels, targets),
        "plain, 0 workers": plain(paths, targets, 0),
        "plain, 2 workers": plain(paths, targets, 2),
    }
    seconds = _take_turns(loops, step, epochs)
    seconds["ours"] += packing
    seen = len(paths) * epochs
    ratio = min(spent for name, spent in seconds.items() if name != "ours") / seconds["ours"]
    rates = ", ".join(f"{name} {seen / spent:.1f}" for name, spent in seconds.items())
    say(
        NAME,
        f"{title}: {ratio:.2f} times the faster plain loop; images/s: {rates} "
        f"({epochs} epochs of {len(paths)} images, {packing:.1f} s of packing counted)",
    )
    return ratio


def _take_turns(loops: dict[str, Epoch], step: Step | None, epochs: int) -> dict[str, float]:
    """Return the seconds of all epochs, by loop."""
    seconds = dict.fromkeys(loops, 0.0)
    for number in range(epochs):
        for name in list(loops)[:: -1 if number % 2 else 1]:
            begun = time.perf_counter()
            for images, targets in loops[name](number):
                if step is not None:
                    step(images, targets)
            seconds[name] += time.perf_counter() - begun
    return seconds

"""What training is compared with: images opened anew in every epoch, and a loop as tutorials have it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from annotriage.regressors.data.pixels import IMAGENET_MEAN, IMAGENET_SD

BATCH = 32
DEGREES = 10.0
LEARNING_RATE = WEIGHT_DECAY = 1e-4


class OpenedImages(Dataset[tuple[Tensor, Tensor]]):
    """Images opened by PIL whenever they are asked for, resized and changed at random by torchvision."""

    def __init__(self, paths: list[Path], targets: NDArray[np.float32], size: int) -> None:
        from torchvision import transforms

        self.paths, self.targets = paths, torch.from_numpy(targets)
        self.transform = transforms.Compose(
            [
                transforms.Resize((size, size)),
                transforms.RandomHorizontalFlip(),
                transforms.RandomRotation(DEGREES),
                transforms.ToTensor(),
                transforms.Normalize(IMAGENET_MEAN, IMAGENET_SD),
            ]
        )

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, row: int) -> tuple[Tensor, Tensor]:
        from PIL import Image

        return self.transform(Image.open(self.paths[row]).convert("RGB")), self.targets[row]


def plain_loader(
    paths: list[Path], targets: NDArray[np.float32], size: int, workers: int
) -> DataLoader[tuple[Tensor, Tensor]]:
    """Return torch's loader over these files; its workers are kept from epoch to epoch."""
    return DataLoader(
        OpenedImages(paths, targets, size),
        batch_size=BATCH,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
    )


def plain_epochs(
    network: torch.nn.Module, batches: Callable[[], Iterator[tuple[Tensor, Tensor]]], epochs: int
) -> Iterator[None]:
    """Train, an epoch each time that the next item is asked for."""
    optimiser = torch.optim.Adam(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    network.train()
    for _ in range(epochs):
        for images, targets in batches():
            loss = torch.nn.functional.mse_loss(network(images).dice, targets)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        yield

"""Training images decoded once, at the network's size, into one file that the system pages in and out as needed."""

import math
import mmap
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import Dataset, Sampler

from annotriage.agreement.mask import A_QUARTER_TURN, lies_across
from annotriage.agreement.mask_files import read_shades
from annotriage.agreement.masks_among import called_a_mask
from annotriage.images import UnreadableImageError, image_size, read_rgb
from annotriage.images.mask_content import looks_like_a_mask

A_MASK = "This is a mask, not a photograph of a lesion."
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SD = (0.229, 0.224, 0.225)


HELD_BYTES = 512 << 20
"""Most bytes of a packed file that a process keeps mapped. The system may hold more of the file, in memory that nobody
else wants; a hundred thousand images at 224 pixels are 15 GB."""


def pack_pixels(paths: Sequence[Path], size: int, file: Path, jobs: int = 4) -> dict[Path, str]:
    """Decode images into ``file``, an array (N, size, size, 3) of uint8 on disk.

    Decoding once instead of once an epoch is half of what makes an epoch cheap. In memory there are never more than
    `jobs` images.

    Returns
    -------
    dict
        Paths that could not be read, or hold a mask and no photograph, with the reason; their pixels stay 0.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    problems: dict[Path, str] = {}

    def decode(k: int) -> NDArray[np.uint8] | None:
        try:
            pixels = read_rgb(paths[k], (size, size))
        except UnreadableImageError as error:
            problems[paths[k]] = str(error)
            return None
        if looks_like_a_mask(pixels, called_one=called_a_mask(paths[k])):
            problems[paths[k]] = A_MASK
            return None
        return pixels

    _pack(decode, range(len(paths)), (len(paths), size, size, 3), file, jobs)
    return problems


def pack_masks(
    masks: dict[int, Path],
    count: int,
    size: int,
    file: Path,
    jobs: int = 4,
    *,
    images: Sequence[Path] | None = None,
    problems: dict[Path, str] | None = None,
    united: set[Path] | None = None,
) -> set[int]:
    """Decode expert masks into ``file``, an array (count, size, size) of uint8, 255 = lesion.

    What they mark is decided as everywhere: see `annotriage.agreement.mask_files`.

    Parameters
    ----------
    masks : dict
        Row to mask file.
    count : int
        Rows of the file.
    size : int
        Pixels of a side.
    file : Path
    jobs : int
    images : sequence of Path or None
        The image of each row: a mask that lies across it, as one that was drawn on the pixels of a photograph before
        it was turned, is not used.
    problems : dict or None
        Takes in the masks that cannot be used, with the reason.
    united : set or None
        Takes in the masks of which several labels are taken together.

    Returns
    -------
    set of int
        The rows that have a mask; the others stay 0.
    """
    good: set[int] = set()
    told = {} if problems is None else problems

    def decode(row: int) -> NDArray[np.uint8] | None:
        try:
            if images is not None and lies_across(image_size(masks[row]), image_size(images[row])):
                told[masks[row]] = A_QUARTER_TURN
                return None
            shades, note = read_shades(masks[row], (size, size))
        except UnreadableImageError as error:
            told[masks[row]] = str(error)
            return None
        good.add(row)
        if note and united is not None:
            united.add(masks[row])
        return np.rint(shades * 255).astype(np.uint8)

    _pack(decode, masks, (count, size, size), file, jobs)
    return good


def _pack(
    decode: Callable[[int], NDArray[np.uint8] | None],
    rows: Iterable[int],
    shape: tuple[int, ...],
    file: Path,
    jobs: int,
) -> None:
    """Write an array of images to a file, row by row as they come; rows not written are 0.

    By ordinary writing and not through a map, in which a full disk would end the process without a word.
    """
    waiting = iter(rows)
    one = threading.Lock()
    with file.open("wb") as out:
        np.lib.format.write_array_header_1_0(out, {"descr": "|u1", "fortran_order": False, "shape": shape})
        begin, stride = out.tell(), math.prod(shape[1:])

        def work(_: int) -> None:
            while True:
                with one:
                    row = next(waiting, None)
                if row is None:
                    return
                pixels = decode(row)
                if pixels is not None:
                    with one:
                        out.seek(begin + row * stride)
                        out.write(np.ascontiguousarray(pixels).data)

        with ThreadPoolExecutor(jobs) as pool:
            try:
                list(pool.map(work, range(jobs)))
            except BaseException:  # a stop, or a full disk: there is nothing more to do
                with one:
                    waiting = iter(())
                raise
        out.truncate(begin + math.prod(shape))  # the last rows may have had no pixels


class PackedImages(Dataset[dict[str, Tensor]]):
    """Batches of packed images with their targets; an item is a whole batch, asked for by its indices.

    Of arrays that are memory maps not more than `HELD_BYTES`, and a batch, stay in this process's memory.

    Parameters
    ----------
    pixels : ndarray
        (N, S, S, 3) uint8, usually a memory map.
    targets : ndarray
        (N, 1 + T) float32: the Dice and the further targets; NaN where unknown.
    masks : ndarray or None
        (N, S, S) uint8, expert masks 0..255.
    has_mask : ndarray or None
        (N,) bool.
    spread : ndarray or None
        (N,) float32, the spread a student learns.
    by_way : ndarray or None
        (N, K - 1, 2) float32, Dice and spread for ways of drawing beside mixed; NaN where unknown, as spreads are that
        nobody teaches.
    """

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        targets: NDArray[np.float32],
        masks: NDArray[np.uint8] | None = None,
        has_mask: NDArray[np.bool_] | None = None,
        spread: NDArray[np.float32] | None = None,
        by_way: NDArray[np.float32] | None = None,
    ) -> None:
        self.pixels, self.targets, self.masks, self.has_mask, self.spread = pixels, targets, masks, has_mask, spread
        self.by_way = by_way
        self._touched = 0

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.pixels)

    def __getitem__(self, rows: Sequence[int]) -> dict[str, Tensor]:
        """Return the batch of the given rows."""
        index = np.asarray(rows)
        batch = {
            "image": torch.from_numpy(np.ascontiguousarray(self.pixels[index])).permute(0, 3, 1, 2),
            "targets": torch.from_numpy(self.targets[index]),
        }
        if self.spread is not None:
            batch["spread"] = torch.from_numpy(self.spread[index])
        if self.by_way is not None:
            batch["by_way"] = torch.from_numpy(self.by_way[index])
        if self.masks is not None and self.has_mask is not None:
            batch["mask"] = torch.from_numpy(self.masks[index])
            batch["has_mask"] = torch.from_numpy(self.has_mask[index])
        self._let_go(sum(batch[name].nbytes for name in ("image", "mask") if name in batch))
        return batch

    def _let_go(self, touched: int) -> None:
        """Unmap what was read once it may be too much; the system hands it back at once if it still has it."""
        self._touched += touched
        if self._touched < HELD_BYTES:
            return
        self._touched = 0
        for array in (self.pixels, self.masks):
            mapped = getattr(array, "_mmap", None)
            if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):  # Windows does so by itself
                mapped.madvise(mmap.MADV_DONTNEED)

    def at_size(self, rows: Sequence[int], size: int | None = None) -> Tensor:
        """Return images (N, 3, size, size) in 0..1, shrunk with antialiasing where they are packed larger."""
        image = self[rows]["image"].float() / 255
        if size is None or image.shape[-1] == size:
            return image
        return F.interpolate(image, size=(size, size), mode="bilinear", antialias=True, align_corners=False)


class ShuffledBatches(Sampler[list[int]]):
    """Batches of labelled rows in an order that seed and epoch decide, each with some rows of a second pool added.

    Parameters
    ----------
    rows : sequence of int
        Gone through once an epoch; the remainder that fills no batch is left for other epochs.
    batch_size : int
        Rows a batch, the second pool's not counted.
    beside : sequence of int
        The second pool (images with an expert mask).
    beside_size : int
        How many of them join each batch, drawn at random.
    seed : int
        Of the order.
    """

    def __init__(
        self,
        rows: Sequence[int],
        batch_size: int,
        beside: Sequence[int] = (),
        beside_size: int = 0,
        seed: int = 0,
    ) -> None:
        self.rows, self.beside = np.asarray(rows), np.asarray(beside)
        self.batch_size = min(batch_size, len(rows))
        self.beside_size = min(beside_size, len(beside))
        self.seed, self.epoch = seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch's order; Lightning calls this, after a resume as well."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Return the number of batches an epoch."""
        return max(1, len(self.rows) // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        """Go through this epoch's batches."""
        rng = np.random.default_rng([self.seed, self.epoch])
        order = rng.permutation(self.rows)
        for k in range(len(self)):
            batch = order[k * self.batch_size : (k + 1) * self.batch_size].tolist()
            yield batch + (
                rng.choice(self.beside, self.beside_size, replace=False).tolist() if self.beside_size else []
            )


class PlainBatches(Sampler[list[int]]):
    """Batches of rows in their order: for validation and for answers."""

    def __init__(self, rows: Sequence[int], batch_size: int = 64) -> None:
        self.rows, self.batch_size = list(rows), batch_size

    def __len__(self) -> int:
        """Return the number of batches."""
        return -(-len(self.rows) // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        """Go through the batches."""
        for k in range(len(self)):
            yield self.rows[k * self.batch_size : (k + 1) * self.batch_size]


def to_network(image: Tensor, mean: Sequence[float] = IMAGENET_MEAN, sd: Sequence[float] = IMAGENET_SD) -> Tensor:
    """Normalise images (N, 3, H, W) in 0..1 as the model card states."""
    shape = (1, 3, 1, 1)
    centre, scale = (torch.tensor(values, device=image.device).view(shape) for values in (mean, sd))
    return image.sub(centre).div_(scale)  # a second copy of every batch would be made, and thrown away, otherwise

"""Agreement of people's masks, images a second, against a plain loop of numpy and distance transforms.

What is measured: images of 3024 x 2016 pixels with masks by two annotators, PNG files of 8-bit grey. One annotator drew
the real masks, enlarged; the other is simulated by shifting and widening them. Decoding is counted on both sides.

- Ours: `measure` with two threads; without the distances between outlines, and with them.
- Plain: file by file by PIL, ``np.asarray(image) > 127``, Dice and Jaccard by numpy's sums as medpy computes them, and
  Fleiss' kappa from a table of counts, a row a pixel, as statsmodels does. With distances: medpy's surfaces by erosion
  and its distance transforms by scipy, and Hausdorff from the same. Once in one thread, as such loops are, and once
  with its images shared out to two threads.

The loops take turns, so that the noise of the machine hits all; their Dice must be the same. Target: at least 20 images
a second without distances.
"""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.common import PHOTOGRAPH, SHARED_DATA, THREADS, Options, say, verdict, workplace

NAME = "agreement"
IMAGES = 100
DISTINCT = 20
IMAGES_WITH_DISTANCES = 6
TARGET = 20

Mask = NDArray[np.bool_]


def measure(options: Options) -> bool:
    """Print images a second and the ratios; return whether the target was met."""
    count = options.images or IMAGES
    with workplace(options) as folder:
        pairs = _masks(folder / "masks", count)
        for pair in pairs:
            for path in pair:
                path.read_bytes()  # from the disk cache for all
        rate = _compare("without distances", pairs, with_distances=False, rounds=2)
        _compare("with distances", pairs[:IMAGES_WITH_DISTANCES], with_distances=True, rounds=1)
    return verdict(NAME, rate >= TARGET, f"at least {TARGET} images/s without distances, 2 cores")


def _masks(folder: Path, count: int) -> list[tuple[Path, Path]]:
    from PIL import Image
    from scipy.ndimage import maximum_filter

    sources = sorted((SHARED_DATA / "isic" / "masks").iterdir())
    chosen = sources[:: max(1, len(sources) // DISTINCT)][:DISTINCT]
    pairs = []
    for number in range(count):
        pair = (folder / "ann" / f"{number:05d}.png", folder / "ben" / f"{number:05d}.png")
        pairs.append(pair)
        if pair[1].exists():
            continue
        first = (folder / "ann" / f"{number % DISTINCT:05d}.png", folder / "ben" / f"{number % DISTINCT:05d}.png")
        for path, source in zip(pair, first, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            if source != path:
                path.write_bytes(source.read_bytes())
        if first == pair:
            large = Image.open(chosen[number]).resize(PHOTOGRAPH, Image.Resampling.BILINEAR)
            marked = (np.asarray(large) > 127).astype(np.uint8) * np.uint8(255)
            Image.fromarray(marked).save(pair[0])
            Image.fromarray(np.roll(maximum_filter(marked, 25), (20, -15), (0, 1))).save(pair[1])
    return pairs


def _compare(title: str, pairs: list[tuple[Path, Path]], *, with_distances: bool, rounds: int) -> float:
    """Print a line; return our images a second."""
    from concurrent.futures import ThreadPoolExecutor

    def plain(pair: tuple[Path, Path]) -> float:
        return _plain_image(pair, with_distances=with_distances)

    def shared_out(pairs: list[tuple[Path, Path]]) -> list[float]:
        with ThreadPoolExecutor(THREADS) as threads:
            return list(threads.map(plain, pairs))

    loops: dict[str, Callable[[list[tuple[Path, Path]]], list[float]]] = {
        "ours": lambda pairs: _ours(pairs, with_distances=with_distances),
        "plain, 1 thread": lambda pairs: list(map(plain, pairs)),
        f"plain, {THREADS} threads": shared_out,
    }
    seconds = dict.fromkeys(loops, 0.0)
    for turn in range(rounds):
        found: dict[str, list[float]] = {}
        for name in list(loops)[:: -1 if turn % 2 else 1]:
            begun = time.perf_counter()
            found[name] = loops[name](pairs)
            seconds[name] += time.perf_counter() - begun
        for dice in found.values():
            np.testing.assert_allclose(dice, found["ours"], rtol=0, atol=1e-12)
    seen = len(pairs) * rounds
    rates = {name: seen / spent for name, spent in seconds.items()}
    ratios = ", ".join(f"{rates['ours'] / rate:.1f} times {name}" for name, rate in rates.items() if name != "ours")
    say(NAME, f"{title}: {ratios}; images/s: {', '.join(f'{name} {rate:.2f}' for name, rate in rates.items())}")
    return rates["ours"]


def _ours(pairs: Iterable[tuple[Path, Path]], *, with_distances: bool) -> list[float]:
    from annotriage.agreement.mask_set import MaskRow, MaskSet
    from annotriage.agreement.measuring import measure as measure_all

    rows = [MaskRow(path.stem, path.parent.name, path) for pair in pairs for path in pair]
    results = list(measure_all(MaskSet(rows), with_distances=with_distances, threads=THREADS))
    if any(each.agreement is None for each in results):
        raise AssertionError("masks could not be compared")
    return [each.agreement.dice_mean for each in results if each.agreement is not None]


def _plain_image(pair: tuple[Path, Path], *, with_distances: bool) -> float:
    from PIL import Image

    first, second = (np.asarray(Image.open(path)) > 127 for path in pair)
    both = np.count_nonzero(first & second)
    sizes = np.count_nonzero(first) + np.count_nonzero(second)
    dice = 2 * both / sizes
    both / np.count_nonzero(first | second)  # Jaccard
    _plain_kappa(first, second)
    if with_distances:
        there, back = _surface_distances(first, second), _surface_distances(second, first)
        max(there.max(), back.max())
        np.percentile(np.hstack([there, back]), 95)
        np.mean([there.mean(), back.mean()])
    return float(dice)


def _plain_kappa(first: Mask, second: Mask) -> float:
    """Do what statsmodels does with a row a pixel."""
    marked = first.ravel().astype(np.int64) + second.ravel()
    table = np.stack([marked, 2 - marked], axis=1) * 1.0
    shares = table.sum(axis=0) / table.sum()
    observed = ((table * table).sum(axis=1) - 2) / 2
    expected = (shares * shares).sum()
    return float((observed.mean() - expected) / (1 - expected))


def _surface_distances(first: Mask, second: Mask) -> NDArray[np.float64]:
    """Do what medpy does."""
    from scipy.ndimage import binary_erosion, distance_transform_edt

    surface, other = (mask ^ binary_erosion(mask) for mask in (first, second))
    distances: NDArray[np.float64] = distance_transform_edt(~other)[surface]
    return distances

"""Small networks, small folders of pictures and real images for the tests of training."""

import csv
import functools
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from annotriage.images import read_rgb
from annotriage.regressors.data.pixels import to_network
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.recipes.recipe import Recipe, parse_recipe

POOLED = ("resnet18", "efficientnet_b0", "efficientnet_lite0", "mobilenet_v3_large")


def small_recipe(**values: object) -> Recipe:
    """Return a recipe of random weights at 64 pixels; `values` as a TOML file would have them."""
    return parse_recipe({"name": "small", "weights": "none", "image_size": 64} | values, "small")


def awake_network(recipe: Recipe, seed: int = 0, like: Tensor | None = None) -> Regressor:
    """Build a network of random weights of which no part is at its neutral start, in evaluation mode.

    Its predictions and maps are of the size that trained ones have, on images `like` those given.
    """
    torch.manual_seed(seed)
    network = Regressor(recipe)
    if like is None:
        like = torch.randn(8, 3, recipe.image_size, recipe.image_size)
    with torch.no_grad():
        # Batch statistics of its own: without them the maps of random networks grow or vanish layer by layer.
        for norm in network.modules():
            if isinstance(norm, nn.BatchNorm2d):
                norm.momentum = None
        if network.trunk.heatmap.exact:
            network.train()
            network(like)
        network.linear.weight.normal_(0, 0.02)
        network.linear.bias.zero_()
        # Predictions of the size that Dice has: what they say of 32-bit sums holds for those.
        pooled = network.eval()(like).dice
        network.linear.weight.mul_(0.15 / pooled.std())
        network.linear.bias.fill_(0.6 - float(pooled.mean() * 0.15 / pooled.std()))
        network.term_weights.normal_(0, 0.05)
        network.term_mean.normal_(0, 0.3)
        network.term_sd.uniform_(0.5, 1.5)
        network.spread.weight.normal_(0, 0.02)
    return network.eval()


@functools.cache
def some_images(folder: Path, count: int, size: int) -> Tensor:
    """Read some of a folder's images, in even steps, normalised: (count, 3, size, size)."""
    paths = sorted(folder.iterdir())
    chosen = paths[:: max(1, len(paths) // count)][:count]
    pixels = np.stack([read_rgb(path, (size, size)) for path in chosen])
    return to_network(torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255)


def write_folder(folder: Path, count: int = 40, *, unlabelled: int = 0, seed: int = 0) -> tuple[Path, Path, Path]:
    """Draw lesions, sharp ones on which people agree and blurred ones on which they do not.

    Returns the folder of images, the metrics table (with ``count`` and ``jaccard_mean``) and the folder of masks.
    """
    rng = np.random.default_rng(seed)
    images, masks, table = folder / "images", folder / "masks", folder / "metrics.csv"
    images.mkdir(parents=True)
    masks.mkdir()
    rows = []
    y, x = np.mgrid[:48, :48] / 48 - 0.5
    for k in range(count + unlabelled):
        softness = rng.uniform(0.01, 0.2)
        distance = np.hypot(y - rng.uniform(-0.1, 0.1), x - rng.uniform(-0.1, 0.1)) - rng.uniform(0.15, 0.3)
        inside = 1 / (1 + np.exp(distance / softness))[..., None]
        picture = np.array([220, 180, 160]) * (1 - inside) + np.array([90, 50, 40]) * inside
        picture = np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)
        name = f"ISIC_{k:07d}"
        Image.fromarray(picture).save(images / f"{name}.png")
        Image.fromarray(np.where(distance < 0, 255, 0).astype(np.uint8)).save(masks / f"{name}_segmentation.png")
        if k < count:
            dice = float(np.clip(1 - 3 * softness + rng.normal(0, 0.03), 0, 1))
            rows.append((f"{name}.png", int(rng.integers(2, 6)), round(dice, 4), round(dice / (2 - dice), 4)))
    write_table(table, rows)
    return images, table, masks


def write_table(path: Path, rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="") as out:
        csv.writer(out).writerows([("image", "count", "dice_mean", "jaccard_mean"), *rows])


def write_pairs(path: Path, table: Path, *, elsewhere: int = 0, alone: int = 0, seed: int = 0) -> Path:
    """Write the pairs of a metrics table's images as IMA++ does: by hand, by hand and flood fill, or both.

    Where somebody filled, the Dice is lower by 0.2. Beside them stand a consensus, pairs of images `elsewhere`, and
    pairs of one person `alone` who filled twice.
    """
    rng = np.random.default_rng(seed)
    with table.open(newline="") as lines:
        dice = {row["image"]: float(row["dice_mean"]) for row in csv.DictReader(lines)}
    dice |= {f"ELSE_{k:07d}.png": float(rng.uniform(0.5, 0.95)) for k in range(elsewhere)}
    columns = ["img_id", "mask1", "mask2", "annotator1", "annotator2", "dice_score", "tool1", "skill_level1", "tool2"]
    rows: list[list[object]] = [[*columns, "skill_level2"]]
    for k, (image, mean) in enumerate(dice.items()):
        for tool, lower in [[("T1", 0.0)], [("T2", 0.2)], [("T1", 0.0), ("T2", 0.2)]][k % 3]:
            value = round(float(np.clip(mean - lower + rng.normal(0, 0.02), 0, 1)), 4)
            rows.append([image, "a", "b", "A1", f"B{tool}", value, "T1", "S1", tool, "S1" if k % 2 else "S2"])
        rows.append([image, "a", "st", "A1", "ST", 0.9, "T1", "S1", "ST", "ST"])
    for k in range(alone):
        rows.append([f"TWICE_{k:05d}.png", "a", "b", "A0", "A0", 0.95 - 0.001 * k, "T2", "S1", "T2", "S1"])
    with path.open("w", newline="") as out:
        csv.writer(out).writerows(rows)
    return path

"""What the benchmarks share: real images, a ResNet-18 that both sides compute, and how a figure is printed."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotriage.regressors.networks.regressor import Regressor

SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
CHECKOUT = Path(__file__).resolve().parents[2]
BUNDLED = CHECKOUT / "resources" / "models"
PHOTOGRAPH = (3024, 2016)
"""Width and height in pixels of what dermatoscope cameras deliver."""
THREADS = 2
IMAGE_SIZE = 224


@dataclass(frozen=True)
class Options:
    """What the command line may change.

    Attributes
    ----------
    images : int or None
        Images to measure with; None: as many as the benchmark's target speaks of.
    epochs : int
        Epochs of the training benchmark.
    python : Path or None
        The interpreter of a light installation; None: one is made.
    folder : Path or None
        Where images are made, and found again by the next run; None: a temporary folder.
    """

    images: int | None = None
    epochs: int = 5
    python: Path | None = None
    folder: Path | None = None


@contextmanager
def workplace(options: Options) -> Iterator[Path]:
    """Give a folder to work in."""
    if options.folder is not None:
        options.folder.mkdir(parents=True, exist_ok=True)
        yield options.folder
    else:
        with tempfile.TemporaryDirectory(prefix="annotriage-benchmark-") as folder:
            yield Path(folder)


def real_images() -> list[Path]:
    """List the labelled real images of 512 x 512 pixels.

    Raises
    ------
    SystemExit
        They are not there.
    """
    from PIL import Image

    folder = SHARED_DATA / "isic" / "images"
    if not folder.is_dir():
        sys.exit(f"The benchmarks need the real images in {folder}.")
    labels = (SHARED_DATA / "isic" / "metrics.csv").read_text().splitlines()[1:]
    stems = {Path(line.split(",")[0]).stem for line in labels}
    paths = [path for path in sorted(folder.glob("*.jpg")) if path.stem in stems]
    return [path for path in paths if Image.open(path).size == (512, 512)]


def photographs(folder: Path, count: int, *, distinct: int = 50, quality: int = 90) -> list[Path]:
    """Make `count` JPEG files of 3024 x 2016 pixels from `distinct` real images, enlarged.

    Enlarged images have no sensor noise, so that the files are smaller than a camera's own (0.4 MB; 1.0 MB with a noise
    of 3 grey levels added) and cost both sides a few milliseconds less to decode.
    """
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    sources = real_images()
    step = max(1, len(sources) // distinct)
    made = []
    for number in range(count):
        path = folder / f"{number:05d}.jpg"
        made.append(path)
        if path.exists():
            continue
        first = folder / f"{number % distinct:05d}.jpg"
        if first != path:
            path.write_bytes(first.read_bytes())
        else:
            large = Image.open(sources[number * step % len(sources)]).convert("RGB")
            large.resize(PHOTOGRAPH, Image.Resampling.LANCZOS).save(path, quality=quality)
    return made


def calibrated_network(images: list[Path]) -> "Regressor":
    """Build an untrained ResNet-18 regressor of 224 px whose predictions on real images spread like Dice values.

    The statistics of its normalisations are measured on `images`, then the linear layer is scaled: mean 0.7 and
    standard deviation 0.12, so that no prediction is clamped and a tolerance is one in units of Dice.
    """
    import torch

    from annotriage.images import read_rgb
    from annotriage.regressors.data.pixels import to_network
    from annotriage.regressors.networks.regressor import Regressor
    from annotriage.regressors.recipes.recipe import Recipe

    torch.manual_seed(0)
    network = Regressor(Recipe(name="benchmark", backbone="resnet18", weights="none", image_size=IMAGE_SIZE))
    pixels = torch.stack([torch.from_numpy(read_rgb(path, (IMAGE_SIZE, IMAGE_SIZE))) for path in images])
    batch = to_network(pixels.permute(0, 3, 1, 2).float() / 255)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = None  # average over all batches seen
        network.train()
        network(batch)
        network.eval()
        dice = network(batch).dice
        scale = 0.12 / dice.std()
        network.linear.weight *= scale
        network.linear.bias.copy_(0.7 - scale * (dice.mean() - network.linear.bias))
    return network


def write_model(network: "Regressor", file: Path, images: list[Path]) -> Path:
    """Export a network to a model file, checked against torch on `images`."""
    import torch

    from annotriage.images import read_rgb
    from annotriage.measures.intervals import ConformalFactors
    from annotriage.regressors.data.pixels import IMAGENET_MEAN, IMAGENET_SD, to_network
    from annotriage.regressors.pipeline.onnx_export import Shipped, export, output_names
    from tests.tiny_models import tiny_card

    pixels = torch.stack([torch.from_numpy(read_rgb(path, (IMAGE_SIZE, IMAGE_SIZE))) for path in images])
    batch = to_network(pixels.permute(0, 3, 1, 2).float() / 255)
    card = tiny_card(
        name="benchmark", height=IMAGE_SIZE, width=IMAGE_SIZE, lesion=False, mean=IMAGENET_MEAN, std=IMAGENET_SD
    )
    shipped = Shipped(network, ConformalFactors(2.0, 2.0, 0.9, 100), [], [])
    export(shipped, output_names(network, ()), card, file, batch, compact=False)
    return file


def any_model(folder: Path) -> Path:
    """Return the bundled model, or one of ours made in `folder` where none is bundled."""
    bundled = bundled_model()
    if bundled is not None:
        return bundled
    file = folder / "benchmark.onnx"
    print(f"No model is bundled: a ResNet-18 of {IMAGE_SIZE} px without mask head takes its place.", flush=True)
    if not file.exists():
        small = real_images()[:32]
        write_model(calibrated_network(small), file, small[:8])
    return file


def bundled_model() -> Path | None:
    """Return the model that ships with the program, if it is there."""
    return next(iter(sorted(BUNDLED.glob("*.onnx"))), None)


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a child process that has a user folder of its own and two threads."""
    own = {"ANNOTRIAGE_HOME": str(home), "OMP_NUM_THREADS": str(THREADS), "ANNOTRIAGE_PROVIDERS": "cpu"}
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | own


def say(name: str, line: str) -> None:
    """Print a figure."""
    print(f"{name}: {line}", flush=True)


def verdict(name: str, met: bool, target: str) -> bool:
    """Print whether a target was met, and return it."""
    say(name, f"target {target}: {'met' if met else 'MISSED'}")
    return met

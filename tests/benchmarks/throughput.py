"""Scoring with heatmaps, against the paper's way, on 3024 x 2016 JPEGs; target: at least 6 times as fast.

What is measured: wall time from a list of files to a prediction and a heatmap of 224 x 224 for each, with two threads.

- Ours: `Scorer` on a model file.
- The paper's way: PIL opens and converts, torchvision's ``Resize((S, S))``, ``ToTensor`` and ``Normalize``, eager
  torch, pytorch-grad-cam's ``GradCAM`` on ``layer4``, an image at a time. One forward pass gives both the prediction
  and the map, which a script that asks the network first and Grad-CAM then would do twice.

Both compute the same ResNet-18 with the same weights. Chunks of both take turns, in changing order, so that the noise
of the machine hits both; the ratio is the median over the chunks. The bundled model, whose network is another (a mask
head beside the regression), is measured in the same turns.

Checked in the same run: on the same pixels the predictions differ by at most 1e-4 and Grad-CAM's map is the positive
part of ours up to scale; on the files themselves, where ours decodes at a reduced DCT scale, the predictions differ by
at most 0.03 on average while they spread by 0.12.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.benchmarks.common import (
    IMAGE_SIZE,
    THREADS,
    Options,
    bundled_model,
    calibrated_network,
    photographs,
    real_images,
    say,
    verdict,
    workplace,
    write_model,
)

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from annotriage.model_file import ModelFile
    from annotriage.regressors.networks.regressor import Regressor

NAME = "throughput"
TARGET = 6.0
IMAGES = 200
CHUNK = 20
SAME_PIXELS = 1e-4
SAME_MAP = 1e-3
OWN_DECODING = 0.03

Results = list[tuple[float, "NDArray[np.float32]"]]
Way = Callable[[list[Path]], Results]


def ours(model: "ModelFile") -> Way:
    """Score by `Scorer`, and enlarge each heatmap as Grad-CAM does."""
    from annotriage.scoring.overlays import resized
    from annotriage.scoring.scorer import Scorer

    def score(paths: list[Path]) -> Results:
        results: Results = []
        for prediction in Scorer(model, threads=THREADS).score(paths):
            assert prediction.predicted_dice is not None and prediction.heatmap is not None
            results.append((prediction.predicted_dice, resized(prediction.heatmap, (IMAGE_SIZE, IMAGE_SIZE))))
        return results

    return score


class PaperWay:
    """Eager torch and pytorch-grad-cam, an image at a time."""

    def __init__(self, network: "Regressor") -> None:
        from pytorch_grad_cam import GradCAM
        from torchvision import transforms
        from torchvision.models import resnet18

        from annotriage.regressors.data.pixels import IMAGENET_MEAN, IMAGENET_SD

        self.model = resnet18(weights=None, num_classes=1)
        weights = dict(network.trunk.stages.state_dict())
        weights |= {f"fc.{name}": value for name, value in network.linear.state_dict().items()}
        self.model.load_state_dict(weights)
        self.model.eval()
        self.cam = GradCAM(model=self.model, target_layers=[self.model.layer4[-1]])
        self.transform = transforms.Compose(
            [
                transforms.Resize((IMAGE_SIZE, IMAGE_SIZE)),
                transforms.ToTensor(),
                transforms.Normalize(IMAGENET_MEAN, IMAGENET_SD),
            ]
        )

    def __call__(self, paths: list[Path]) -> Results:
        from PIL import Image

        return [self.explain(self.transform(Image.open(path).convert("RGB"))[None]) for path in paths]

    def explain(self, image: "torch.Tensor") -> tuple[float, "NDArray[np.float32]"]:
        """Predict and explain one image (1, 3, H, W)."""
        grey = self.cam(input_tensor=image, targets=[_the_output])[0]
        return float(self.cam.outputs.detach()[0, 0]), grey


def _the_output(output: "torch.Tensor") -> "torch.Tensor":
    return output[0]


def measure(options: Options) -> bool:
    """Print the ratio."""
    import torch

    from annotriage.model_file import open_model_file

    torch.set_num_threads(THREADS)
    count = options.images or IMAGES
    with workplace(options) as folder:
        paths = photographs(folder / "photographs", count)
        size = sum(path.stat().st_size for path in paths) / len(paths) / 1e6
        small = real_images()[:64]
        network = calibrated_network(small)
        model = open_model_file(write_model(network, folder / "throughput.onnx", small[:8]))
        paper = PaperWay(network)
        ways: dict[str, Way] = {"ours": ours(model), "the paper's way": paper}
        bundled = bundled_model()
        if bundled is not None:
            ways["bundled model"] = ours(open_model_file(bundled))
        agreed = _check_same_pixels(model, paper, small[64 - min(count, 64) :])
        for way in ways.values():
            way(paths[:THREADS])  # what is only done once is not measured
        seconds, results = _take_turns(ways, paths)
    agreed &= _check_own_decoding(results["ours"], results["the paper's way"])
    for name, chunks in seconds.items():
        wall, cpu = (sum(part) / count * 1000 for part in zip(*chunks, strict=True))
        say(NAME, f"{name}: {1000 / wall:.1f} images/s, {wall:.1f} ms of wall time and {cpu:.1f} ms of CPU an image")
    ratios = {name: _ratios(chunks, seconds["the paper's way"]) for name, chunks in seconds.items()}
    for name in ways:
        if name != "the paper's way":
            low, middle, high = np.quantile(ratios[name], (0, 0.5, 1))
            say(
                NAME,
                f"{name}: {middle:.2f} times the paper's way (median of {len(ratios[name])} chunks, {low:.2f} to "
                f"{high:.2f}; {count} JPEGs of 3024x2016, {size:.2f} MB each)",
            )
    return verdict(
        NAME, agreed and median(ratios["ours"]) >= TARGET, f"at least {TARGET:g} times, and the same numbers"
    )


def _take_turns(
    ways: dict[str, Way], paths: list[Path]
) -> tuple[dict[str, list[tuple[float, float]]], dict[str, Results]]:
    """Return wall and CPU seconds of each chunk, and all results, by way."""
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    results: dict[str, Results] = {name: [] for name in ways}
    for number, start in enumerate(range(0, len(paths), CHUNK)):
        chunk = paths[start : start + CHUNK]
        for name in list(ways)[:: 1 if number % 2 else -1]:
            with _stopwatch() as spent:
                results[name] += ways[name](chunk)
            seconds[name].append((spent[0], spent[1]))
    return seconds, results


@contextmanager
def _stopwatch() -> Iterator[list[float]]:
    spent: list[float] = []
    wall, cpu = time.perf_counter(), time.process_time()
    yield spent
    spent += [time.perf_counter() - wall, time.process_time() - cpu]


def _ratios(ours: list[tuple[float, float]], paper: list[tuple[float, float]]) -> list[float]:
    return [theirs[0] / own[0] for own, theirs in zip(ours, paper, strict=True)]


def _check_same_pixels(model: "ModelFile", paper: PaperWay, paths: list[Path]) -> bool:
    """Compare predictions and maps where both sides are given the same pixels."""
    import torch
    from pytorch_grad_cam.utils.image import scale_cam_image

    from annotriage.scoring.preparing import prepare

    session: Any = model.session(1)
    dice_difference = map_difference = 0.0
    for path in paths:
        image = prepare(path, model.card)[None]
        dice, heatmap = session.run(["predicted_dice", "heatmap"], {"image": image})
        their_dice, their_map = paper.explain(torch.from_numpy(image))
        dice_difference = max(dice_difference, abs(float(dice[0]) - their_dice))
        # As Grad-CAM does: the positive part, brought to 0..1, enlarged.
        own_map = scale_cam_image(scale_cam_image(np.maximum(heatmap, 0), (IMAGE_SIZE, IMAGE_SIZE)))[0]
        map_difference = max(map_difference, float(np.abs(own_map - their_map).max()))
    say(
        NAME,
        f"same pixels, {len(paths)} images: predictions differ by at most {dice_difference:.1e}, the positive part of "
        f"our map from Grad-CAM's by at most {map_difference:.1e} (of 0..1)",
    )
    return dice_difference <= SAME_PIXELS and map_difference <= SAME_MAP


def _check_own_decoding(ours: Results, paper: Results) -> bool:
    """Compare predictions where each side decodes the files by itself."""
    own, theirs = (np.array([dice for dice, _ in results]) for results in (ours, paper))
    difference = np.abs(own - theirs)
    say(
        NAME,
        f"own decoding: predictions differ by {difference.mean():.4f} on average, {difference.max():.4f} at most, "
        f"while they spread by {theirs.std():.3f}",
    )
    return bool(difference.mean() <= OWN_DECODING)

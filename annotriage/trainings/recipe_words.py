"""Durations, networks and weights, in words."""

import math
from dataclasses import dataclass

from annotriage.names import counted


@dataclass(frozen=True, slots=True)
class Known:
    """What is said of a backbone.

    Attributes
    ----------
    title : str
    words : str
        Its size and speed in plain words.
    """

    title: str
    words: str


def backbone_words(name: str) -> Known:
    """Return how a backbone is called, and what it is like."""
    known = {
        "resnet18": Known("ResNet-18", "11 million weights; quick and dependable"),
        "efficientnet_b0": Known("EfficientNet-B0", "4 million weights; small, slower to train than its size tells"),
        "efficientnet_lite0": Known(
            "EfficientNet-Lite0", "3 million weights; brings its ImageNet weights along, needs no connection"
        ),
        "mobilenet_v3_large": Known("MobileNet V3", "4 million weights; the quickest, a little less exact"),
        "vit_b_32": Known("ViT-B/32", "88 million weights; large, best with ImageNet weights"),
    }
    return known.get(name, Known(name, ""))


def duration(seconds: float) -> str:
    """Write a time as people say it: '40 s', '25 min', '3 h 20 min', '2 days'."""
    if seconds < 90:
        return f"{max(5 * round(seconds / 5), 5)} s"
    minutes = math.ceil(seconds / 60)
    if minutes < 90:
        return f"{minutes if minutes < 10 else 5 * math.ceil(minutes / 5)} min"
    if minutes < 48 * 60:
        hours, left = divmod(10 * math.ceil(minutes / 10), 60)
        return ("{hours} h {minutes} min" if left and hours < 10 else "{hours} h").format(
            hours=hours if hours < 10 or not left else hours + 1, minutes=left
        )
    return counted(math.ceil(minutes / 60 / 24), "days")


def rate(images_per_second: float) -> str:
    """Write a speed: '38 images/s'."""
    digits = 0 if images_per_second >= 9.5 else 1
    return f"{images_per_second:.{digits}f} images/s"


def weights_words(state: str) -> str:
    """Write where ImageNet weights stand."""
    return {
        "present": "ImageNet weights are here",
        "download": "ImageNet weights will be downloaded",
        "unreachable": "ImageNet weights are not here and cannot be downloaded",
        "none": "starts from random weights",
    }.get(state, "")


def runs_words(models: int, runs: int) -> str:
    """Write how many trainings there are."""
    if models * runs == 1:
        return "One run"
    if models == 1:
        return f"{runs} runs"
    return f"{models * runs} runs ({models} networks × {runs})"

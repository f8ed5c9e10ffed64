"""Networks and weights, in words."""

from dataclasses import dataclass


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

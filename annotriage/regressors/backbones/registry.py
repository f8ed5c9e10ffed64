"""The backbones that a recipe may name. A new one is one entry: here, or an object of its own that is added here."""

from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.regressors.backbones.backbone import Backbone, ConvolutionalBackbone, TransformerBackbone
from annotriage.regressors.backbones.efficientnet_lite import EfficientNetLite0

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

BACKBONES: dict[str, Backbone] = {
    entry.name: entry
    for entry in (
        ConvolutionalBackbone(
            "resnet18",
            "ResNet-18",
            "11 million weights; quick and dependable",
            stages=("relu", "layer1", "layer2", "layer3", "layer4"),
        ),
        ConvolutionalBackbone(
            "efficientnet_b0",
            "EfficientNet-B0",
            "4 million weights; small, slower to train than its size tells",
            stages=("features.1", "features.2", "features.3", "features.5", "features.8"),
        ),
        EfficientNetLite0(
            "efficientnet_lite0",
            "EfficientNet-Lite0",
            "3 million weights; brings its ImageNet weights along, needs no connection",
            stages=("features.1", "features.2", "features.3", "features.5", "features.8"),
        ),
        ConvolutionalBackbone(
            "mobilenet_v3_large",
            "MobileNet V3",
            "4 million weights; the quickest, a little less exact",
            stages=("features.1", "features.3", "features.6", "features.12", "features.16"),
        ),
        TransformerBackbone("vit_b_32", "ViT-B/32", "88 million weights; large, best with ImageNet weights"),
    )
}


def backbone(name: str) -> Backbone:
    """Look up a backbone.

    Raises
    ------
    AnnotriageError
        The table has no such name; the sentence lists those it has.
    """
    if name not in BACKBONES:
        raise AnnotriageError(f"The recipe's backbone {name!r} is not known. Choose one of {', '.join(BACKBONES)}.")
    return BACKBONES[name]


def build(name: str, weights: str, image_size: int) -> "nn.Module":
    """Build a backbone's network; see `Backbone.build`."""
    return backbone(name).build(weights, image_size)


def weights_file(name: str) -> "Path":
    """Name the file in torch's cache, or in a package, that holds a backbone's ImageNet weights (it need not exist)."""
    return backbone(name).weights.file()

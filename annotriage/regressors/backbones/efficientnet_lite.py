"""EfficientNet-Lite0, built from torchvision's EfficientNet-B0."""

from torch import nn
from torchvision.models import efficientnet_b0
from torchvision.ops import SqueezeExcitation

NORM_EPS, NORM_MOMENTUM = 1e-3, 0.01
"""As in the TensorFlow original: there, momentum 0.99 is what stays of the old average."""


def efficientnet_lite0() -> nn.Module:
    """Build EfficientNet-Lite0 with random weights: B0 without squeeze and excitation, and ReLU6 in place of SiLU.

    Its widths, depths and kernels are those of B0; what is left out are the two parts that processors are slow at.
    TensorFlow pads images at their far edges only, torchvision on both sides: with the published weights each map is
    the original's, moved by one pixel of the layer's input.

    Source: Liu 2020, "Higher accuracy on vision models with EfficientNet-Lite", TensorFlow blog; tensorflow/tpu,
    efficientnet/lite.
    """
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

"""What a backbone is inside a network: features of an image, and what each place of it brings to the prediction."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.fx import GraphModule
from torch.fx.experimental.optimization import fuse


class TrunkOutput(NamedTuple):
    """What a trunk makes of N images.

    Attributes
    ----------
    features : Tensor
        (N, C) what the linear layer reads.
    heatmap : Tensor
        (N, h, w) what each place brings to ``features @ weight``; its mean is that, or as good as `HeatmapKind` says.
    stages : list of Tensor
        Feature pyramid (N, C_k, H/2^k, W/2^k) for k = 1..5, from which a mask decoder reads; empty: there is none.
    """

    features: Tensor
    heatmap: Tensor
    stages: list[Tensor]

    def statistics(self) -> Tensor:
        """Return (N, W) means and standard deviations over the places of each stage's channels, in logarithms.

        Of an image they tell colours, edges and texture, for next to no arithmetic. The last stage, whose means the
        prediction is made of, is left out; where there are no stages, these means are what there is.
        """
        stages = [stage.float() for stage in self.stages[:-1]]
        if not stages:
            return _logarithmic(self.features.float())
        means = [stage.mean((2, 3)) for stage in stages]
        off = [stage - mean[:, :, None, None] for stage, mean in zip(stages, means, strict=True)]
        return _logarithmic(torch.cat([*means, *(each.square().mean((2, 3)).sqrt() for each in off)], 1))


def _logarithmic(values: Tensor) -> Tensor:
    """Bring numbers of any size and sign to one scale, smoothly: what is ten times usual must not hide the rest."""
    return values.sign() * values.abs().log1p()


@dataclass(frozen=True, slots=True)
class HeatmapKind:
    """What a trunk's heatmap is, as the card of a model tells it.

    Attributes
    ----------
    method : str
    sentence : str
        What it means where its mean is not exactly the prediction; empty: it is.
    """

    method: str
    sentence: str = ""

    @property
    def exact(self) -> bool:
        """Whether the mean over the map is exactly what the linear layer makes of the features."""
        return not self.sentence


class Trunk(nn.Module):
    """Base of all trunks.

    Attributes
    ----------
    width : int
        C, the number of features.
    channels : list of int
        Of the five stages of its pyramid; empty: it has none.
    heatmap : HeatmapKind
    """

    heatmap: ClassVar[HeatmapKind]
    width: int
    channels: list[int]

    def forward(self, image: Tensor, weight: Tensor) -> TrunkOutput:
        """Run images through.

        Parameters
        ----------
        image : Tensor
            (N, 3, H, W), normalised.
        weight : Tensor
            (C,) of the linear layer that reads the Dice from the features.
        """
        raise NotImplementedError

    def fold_batch_norms(self) -> None:
        """Fold batch norms into the convolutions before them, in place, where this is more than a sequence's own."""


class ConvolutionalTrunk(Trunk):
    """A convolutional backbone up to its last feature map, which is averaged.

    The linear layer is applied to the feature map before the average instead of after it: the class activation map of
    Zhou et al. 2016, of which the mean is the prediction itself.

    Parameters
    ----------
    model : Module
        In training mode or not, it stays so.
    stages : tuple of str
        Its graph nodes whose outputs lie at strides 2, 4, 8, 16, 32.
    """

    heatmap: ClassVar[HeatmapKind] = HeatmapKind("additive contribution (linear layer applied before the average)")

    def __init__(self, model: nn.Module, stages: tuple[str, ...]) -> None:
        from torchvision.models.feature_extraction import create_feature_extractor

        super().__init__()
        self.stages = create_feature_extractor(model, {s: f"stage{k}" for k, s in enumerate(stages)})
        with torch.no_grad():
            was_training = self.stages.training
            maps = self.stages.eval()(torch.zeros(1, 3, 64, 64))
            self.stages.train(was_training)
        self.channels = [maps[f"stage{k}"].shape[1] for k in range(len(stages))]
        self.width = self.channels[-1]

    def forward(self, image: Tensor, weight: Tensor) -> TrunkOutput:
        """Run images through; see `Trunk.forward`."""
        maps = self.stages(image)
        stages = [maps[f"stage{k}"] for k in range(len(self.channels))]
        features = stages[-1].float()
        return TrunkOutput(features.mean((2, 3)), torch.einsum("nchw,c->nhw", features, weight), stages)

    def fold_batch_norms(self) -> None:
        """Fold them in the graph of the stages."""
        # Of torchvision's module only the graph for evaluation; a copy of it would be in training mode again.
        stages = GraphModule(self.stages, self.stages.graph).eval()
        self.stages = fuse(stages, inplace=True, no_trace=True).eval()

"""A backbone as one entry: its words for people, its network, weights and trunk. It loads torch when asked for them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotriage.regressors.backbones.weights import TorchvisionWeights, Weights, unusable

if TYPE_CHECKING:
    from torch import nn

    from annotriage.regressors.backbones.trunk import Trunk


@dataclass(frozen=True)
class Backbone(ABC):
    """One entry of `annotriage.regressors.backbones.registry.BACKBONES`; all that is asked of a backbone is asked here.

    Attributes
    ----------
    name : str
        Of torchvision's builder function, or of one's own network.
    title, words : str
        How people call it (the name where it has none), and its size and speed in plain words.
    """

    name: str
    title: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        """Call it by its name where it has no title."""
        object.__setattr__(self, "title", self.title or self.name)

    @property
    def has_pyramid(self) -> bool:
        """Whether its trunk has the feature pyramid that a mask head needs."""
        return False

    @property
    @abstractmethod
    def weights(self) -> Weights:
        """Where its ImageNet weights are."""

    @abstractmethod
    def untrained(self, image_size: int) -> "nn.Module":
        """Build its network with random weights, for images of this height and width in pixels."""

    @abstractmethod
    def trunk_of(self, model: "nn.Module") -> "Trunk":
        """Return the trunk of its network."""

    def fitted(self, state: "dict[str, object]", model: "nn.Module", image_size: int) -> "dict[str, object]":
        """Return weights as the network takes them."""
        return state

    def build(self, weights: str, image_size: int) -> "nn.Module":
        """Build its network, with ImageNet weights where they are wanted.

        Parameters
        ----------
        weights : {"imagenet", "none"}
        image_size : int
            Height and width in pixels.

        Raises
        ------
        AnnotriageError
            The weights are not to be had, or their file holds something else; the sentence names the way out.
        """
        model = self.untrained(image_size)
        if weights == "none":
            return model
        state = self.weights.read(self.name)
        try:
            model.load_state_dict(self.fitted(state, model, image_size))
        except Exception as error:  # a dictionary of something else fails in as many ways as there are dictionaries
            raise unusable(self.name, self.weights, error) from None
        return model

    def trunk(self, weights: str, image_size: int) -> "Trunk":
        """Build its trunk; see `build`."""
        return self.trunk_of(self.build(weights, image_size))


@dataclass(frozen=True)
class ConvolutionalBackbone(Backbone):
    """One of torchvision's networks that end in global average pooling and a linear layer.

    Attributes
    ----------
    stages : tuple of str
        Graph nodes whose outputs lie at strides 2, 4, 8, 16, 32; the last one is what global average pooling sees.
    """

    stages: tuple[str, ...] = ()

    @property
    def has_pyramid(self) -> bool:
        """Whether a mask head can read its stages: always."""
        return True

    @property
    def weights(self) -> Weights:
        """Torchvision's own."""
        return TorchvisionWeights(self.name)

    def untrained(self, image_size: int) -> "nn.Module":
        """Let torchvision build it."""
        from torchvision.models import get_model

        return get_model(self.name, weights=None)  # type: ignore[no-any-return]

    def trunk_of(self, model: "nn.Module") -> "Trunk":
        """Return its stages, the last one averaged."""
        from annotriage.regressors.backbones.trunk import ConvolutionalTrunk

        return ConvolutionalTrunk(model, self.stages)


@dataclass(frozen=True)
class TransformerBackbone(Backbone):
    """One of torchvision's vision transformers; its position embeddings are resized to the image."""

    @property
    def weights(self) -> Weights:
        """Torchvision's own."""
        return TorchvisionWeights(self.name)

    def untrained(self, image_size: int) -> "nn.Module":
        """Let torchvision build it for images of this size."""
        from torchvision.models import get_model

        return get_model(self.name, weights=None, image_size=image_size)  # type: ignore[no-any-return]

    def fitted(self, state: "dict[str, object]", model: "nn.Module", image_size: int) -> "dict[str, object]":
        """Resize the position embeddings."""
        from torchvision.models.vision_transformer import interpolate_embeddings

        return interpolate_embeddings(  # type: ignore[no-any-return]
            image_size=image_size, patch_size=model.patch_size, model_state=state
        )

    def trunk_of(self, model: "nn.Module") -> "Trunk":
        """Return it up to its class token."""
        from annotriage.regressors.backbones.transformer import TransformerTrunk

        return TransformerTrunk(model)

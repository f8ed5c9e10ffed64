"""What training can run on, on this computer."""

import os
from dataclasses import asdict, dataclass

import torch

from annotriage.errors import AnnotriageError

CHOICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True, slots=True)
class Device:
    """A processor that can train.

    Attributes
    ----------
    name : {"cpu", "cuda", "mps"}
    words : str
        How a person knows it.
    """

    name: str
    words: str

    def as_dict(self) -> dict[str, str]:
        """Return it as events have it."""
        return asdict(self)


def devices() -> list[Device]:
    """List what there is, the fastest first."""
    found = []
    if torch.cuda.is_available():
        found.append(Device("cuda", torch.cuda.get_device_name(0)))
    if torch.backends.mps.is_available():
        found.append(Device("mps", "graphics processor of this Mac"))
    cores = os.cpu_count() or 1
    return [*found, Device("cpu", f"processor ({cores} core{'s' if cores > 1 else ''})")]


def device_of(choice: str) -> Device:
    """Return the device that a choice means; ``"auto"`` is the fastest.

    Raises
    ------
    AnnotriageError
        This computer has no such device.
    """
    there = devices()
    if choice == "auto":
        return there[0]
    for device in there:
        if device.name == choice:
            return device
    names = ", ".join(f"{device.name} ({device.words})" for device in there)
    raise AnnotriageError(f"This computer cannot train on {choice}. Choose auto or one of: {names}.")

"""In how many bits a fit computes: what a recipe leaves open is decided by the device."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor, nn

Precision = Literal["float32", "bfloat16"]


def precision_of(choice: Literal["auto", "float32", "bfloat16"], device: str) -> Precision:
    """Return what a recipe's precision means here.

    ``"auto"`` is bfloat16 where the device multiplies such numbers in hardware: that about halves the time of a
    ResNet-18 or a ViT-B/32. Weights and what is added up are kept in 32 bits in any case.

    Parameters
    ----------
    choice : {"auto", "float32", "bfloat16"}
    device : {"cpu", "cuda", "mps"}
    """
    if choice != "auto":
        return choice
    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    return "bfloat16" if device == "cpu" and processor_knows_bfloat16() else "float32"


def processor_knows_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware (AVX-512 BF16 or AMX)."""
    # torch before 2.9 has no public way to ask.
    ask = getattr(torch.cpu, "get_capabilities", None)
    if ask is None:
        return bool(torch.cpu._is_avx512_bf16_supported())
    known = ask()
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))


class _InFloat32(nn.Conv2d):
    """A convolution that computes in 32 bits whatever surrounds it."""

    def forward(self, image: Tensor) -> Tensor:
        with torch.autocast(image.device.type, enabled=False):
            return super().forward(image.float())


@contextmanager
def depthwise_in_float32(network: nn.Module, precision: Precision, device: str) -> Iterator[None]:
    """Let a processor compute depthwise convolutions in 32 bits while the block runs.

    There is little to multiply in them, and in 16 bits torch has no quick way to go back through them: an
    EfficientNet-B0 takes a third longer all in 16 bits than all in 32, and a tenth less with this.

    Parameters
    ----------
    network : Module
        Its depthwise convolutions are of another class during the block; their weights are the same.
    precision, device
        What the rest computes in, and where; without effect but for ``"bfloat16"`` on ``"cpu"``.
    """
    slow = precision == "bfloat16" and device == "cpu"
    chosen = [part for part in network.modules() if slow and type(part) is nn.Conv2d and part.groups > 1]
    for part in chosen:
        part.__class__ = _InFloat32
    try:
        yield
    finally:
        for part in chosen:
            part.__class__ = nn.Conv2d

"""In how many bits a fit computes: what a recipe leaves open is decided by the device and the network."""

from typing import Literal

import torch
from torch import nn

Precision = Literal["float32", "bfloat16"]


def precision_of(choice: Literal["auto", "float32", "bfloat16"], network: nn.Module, device: str) -> Precision:
    """Return what a recipe's precision means here.

    ``"auto"`` is bfloat16 where the device multiplies such numbers in hardware, which about halves the time of a
    ResNet-18 or a ViT-B/32. On processors, networks of depthwise convolutions (EfficientNet, MobileNet) are slower in
    16 bits than in 32, so that they stay with these. Weights and what is added up are kept in 32 bits in any case.

    Parameters
    ----------
    choice : {"auto", "float32", "bfloat16"}
    network : Module
    device : {"cpu", "cuda", "mps"}
    """
    if choice != "auto":
        return choice
    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    if device == "cpu" and processor_knows_bfloat16() and not _depthwise(network):
        return "bfloat16"
    return "float32"


def processor_knows_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware (AVX-512 BF16 or AMX)."""
    # torch before 2.9 has no public way to ask.
    ask = getattr(torch.cpu, "get_capabilities", None)
    if ask is None:
        return bool(torch.cpu._is_avx512_bf16_supported())
    known = ask()
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))


def _depthwise(network: nn.Module) -> bool:
    return any(isinstance(part, nn.Conv2d) and part.groups > 1 for part in network.modules())

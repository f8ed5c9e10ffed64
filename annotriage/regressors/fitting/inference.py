"""Inference: predictions of a fitted network on packed images."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from annotriage.regressors.data.pixels import PackedImages, PlainBatches, to_network
from annotriage.regressors.fitting.malloc import keep_freed_memory
from annotriage.regressors.networks.mask_decoder import lesion_terms
from annotriage.regressors.networks.regressor import Regressor


@torch.no_grad()
@keep_freed_memory()
def predict(network: Regressor, data: PackedImages, rows: list[int], views: int = 1) -> dict[str, NDArray[np.float32]]:
    """Return a network's predictions on rows, averaged over flips and quarter turns.

    Returns
    -------
    dict
        ``dice`` (N,), ``spread`` (N,), ``further`` (N, T), ``terms`` (N, M), ``by_way`` (N, K, 2).
    """
    network.eval()
    found: dict[str, list[Tensor]] = {"dice": [], "spread": [], "further": [], "terms": [], "by_way": []}
    for batch in PlainBatches(rows):
        image = to_network(data.at_size(batch, network.image_size))
        seen = [network(turned) for turned in _views(image, views)]
        for name, values in found.items():
            values.append(torch.stack([getattr(answer, name) for answer in seen]).mean(0))
    return {name: torch.cat(values).float().numpy() for name, values in found.items()}


def _views(image: Tensor, views: int) -> list[Tensor]:
    """Flip and turn images: 1 as they are, 2 with the mirror image, up to all 8 symmetries of the square."""
    both = [image, image.flip(-1)]
    return [torch.rot90(each, turn, (-2, -1)) for turn in range(4) for each in both][:views]


@torch.no_grad()
@keep_freed_memory()
def lesion_term_values(
    network: Regressor, data: PackedImages, rows: list[int], names: tuple[str, ...], views: int = 1
) -> NDArray[np.float32]:
    """Return the lesion map's terms (N, K), not standardised, averaged over flips and quarter turns."""
    network.eval()
    found = []
    for batch in PlainBatches(rows):
        seen = _views(to_network(data.at_size(batch, network.image_size)), views)
        maps = [network(turned).lesion_logits.sigmoid() for turned in seen]
        found.append(torch.stack([lesion_terms(lesion, names) for lesion in maps]).mean(0))
    return torch.cat(found).numpy()

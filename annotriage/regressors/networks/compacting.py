"""Folded batch norms and weights in 16 bits, for a small model file that computes just what the network does."""

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from annotriage.regressors.networks.regressor import Regressor


def compact(network: Regressor) -> None:
    """Fold batch norms into the convolutions before them and round every weight to 16 bits, in place.

    The order matters: the exporter folds as well, and what it would make of rounded weights and unrounded norms is no
    longer a number of 16 bits. The network keeps its answers, but for the rounding, and can be trained no further.
    """
    network.eval()
    fold_batch_norms(network)
    with torch.no_grad():
        for values in (*network.parameters(), *network.buffers()):
            if values.is_floating_point():
                values.copy_(values.half().float())


def fold_batch_norms(network: Regressor) -> None:
    """Fold the batch norms of a network in evaluation mode into the convolutions right before them, in place."""
    network.trunk.fold_batch_norms()
    # Sequences may be single nodes of a trunk's graph, and the mask head has none.
    for block in [part for part in network.modules() if isinstance(part, nn.Sequential)]:
        for k in range(len(block) - 1):
            convolution, norm = block[k], block[k + 1]
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                block[k], block[k + 1] = fuse_conv_bn_eval(convolution, norm), nn.Identity()

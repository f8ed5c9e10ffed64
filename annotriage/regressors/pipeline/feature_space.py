"""A place for every image among those learned from: how far off it lies says what a network must not be asked.

Of each stage of a trunk the mean and the spread of its channels over all places are taken: colours, edges and texture,
which cost nothing that can be measured. What the images learned from have in common is left out, what they differ in is
brought to the same size, and one more number says how much of an image lies outside of all of this.

Tried on the bundled model of before: fitted to two thirds of 2,681 images of ISIC and 2,500 (last row: 1,500) of
HAM10000, with the limit at 1 % of the others. Of 402 made-up images these shares were called unlike, in the first rows
by the features that the prediction is made of:

============================================== ===== ===== ===== ===== ======== ============ ==============
how                                            flat  black noise text  overview very blurred small on white
============================================== ===== ===== ===== ===== ======== ============ ==============
Mahalanobis, 63 components                      90 %   0 %  64 %  47 %      3 %          1 %           38 %
distance to the 5th nearest image learned from  23 %   0 %  50 %  43 %      3 %          0 %           35 %
mixture of 6 Gaussians, 31 components           63 %   0 %  40 %  33 %      3 %          4 %           18 %
their roots, 47 components, outside weighed    100 %   0 % 100 %  53 %     87 %         14 %           98 %
statistics of the stages, as below             100 % 100 % 100 % 100 %    100 %        100 %          100 %
============================================== ===== ===== ===== ===== ======== ============ ==============

What remains: photographs in grey (12 % called unlike), and with red and blue exchanged (45 %).
"""

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from annotriage.model_file import FeatureSpace
from annotriage.names import counted
from annotriage.regressors.data.pixels import PackedImages, PlainBatches, to_network
from annotriage.regressors.fitting.malloc import keep_freed_memory

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.regressors.backbones.trunk import Trunk

COMPONENTS = 47
"""With one number for what lies outside: 48 an image."""
_IMAGES_A_COMPONENT = 5
"""Fewer images than this for a component would be told apart by chance."""
SHARE_UNLIKE = 0.01
"""Of the images of the training kind, so many are called unlike."""
_LARGE_OUTSIDE = 2.0
"""So many standard deviations outside weigh as much as all components of an ordinary image."""
_TINY = 1e-6


@torch.no_grad()
@keep_freed_memory()
def statistics_of(trunk: "Trunk", data: PackedImages, rows: list[int], size: int) -> "NDArray[np.float32]":
    """Return the statistics (N, W) of rows of packed images, seen at `size` pixels a side: see `TrunkOutput`."""
    trunk.eval()
    none = torch.zeros(trunk.width)
    found = [trunk(to_network(data.at_size(batch, size)), none).statistics() for batch in PlainBatches(rows)]
    return torch.cat(found).numpy()


class FeatureProjection(nn.Module):
    """Turns statistics (N, W) into features (N, F): components of size 1, and what lies outside of them.

    Parameters
    ----------
    mean : ndarray
        (W,) of the images learned from.
    directions : ndarray
        (F - 1, W), each of length 1, at right angles.
    sizes : ndarray
        (F - 1,) standard deviation along each.
    outside : tuple of float
        Mean and standard deviation of the distance from the components, over images that were not learned from.
    """

    def __init__(
        self,
        mean: "NDArray[np.floating]",
        directions: "NDArray[np.floating]",
        sizes: "NDArray[np.floating]",
        outside: tuple[float, float],
    ) -> None:
        super().__init__()
        self.mean: Tensor
        self.directions: Tensor
        self.sizes: Tensor
        self.register_buffer("mean", torch.as_tensor(mean, dtype=torch.float32))
        self.register_buffer("directions", torch.as_tensor(directions, dtype=torch.float32))
        self.register_buffer("sizes", torch.as_tensor(sizes, dtype=torch.float32))
        self.usual, self.varies = outside
        self.weight = len(sizes) ** 0.5 / _LARGE_OUTSIDE

    def forward(self, statistics: Tensor) -> Tensor:
        """Return (N, F), of images of the training kind about 1 by root mean square."""
        off = statistics - self.mean
        along = off @ self.directions.T
        outside = (off - along @ self.directions).square().sum(1, keepdim=True).sqrt()
        # What lies less far outside than usual is no sign of anything.
        far = ((outside - self.usual) / self.varies).clamp_min(0) * self.weight
        return torch.cat([along / self.sizes, far], 1)


def fit_feature_space(
    learned: "NDArray[np.floating]", held_out: "NDArray[np.floating]"
) -> tuple[FeatureProjection, FeatureSpace]:
    """Find the components of the images learned from, and from which distance on an image is unlike them.

    Parameters
    ----------
    learned : ndarray
        (N, W) statistics of the images that were learned from, labelled or not.
    held_out : ndarray
        (M, W) of others of the same kind.

    Returns
    -------
    tuple
        The projection, and what the model's card says of it.

    Raises
    ------
    ValueError
        There are fewer than two images learned from, none held out, or a number that is not finite.
    """
    if len(learned) < 2 or not len(held_out):
        raise ValueError("a feature space needs two images that were learned from, and one that was not")
    known, others = np.asarray(learned, np.float64), np.asarray(held_out, np.float64)
    if not (np.isfinite(known).all() and np.isfinite(others).all()):
        raise ValueError("statistics of an image are not finite")
    mean = known.mean(0)
    _, lengths, directions = np.linalg.svd(known - mean, full_matrices=False)
    count = max(1, min(COMPONENTS, len(known) // _IMAGES_A_COMPONENT, known.shape[1] - 1))
    sizes = np.maximum(lengths[:count] / len(known) ** 0.5, _TINY)
    directions = directions[:count]
    off = others - mean
    outside = np.linalg.norm(off - off @ directions.T @ directions, axis=1)
    projection = FeatureProjection(
        mean, directions, sizes, (float(outside.mean()), max(float(outside.std()), _TINY))
    ).eval()
    with torch.no_grad():
        features = projection(torch.as_tensor(others, dtype=torch.float32)).numpy()
    far = np.sqrt((features.astype(np.float64) ** 2).mean(1))
    # Rounded upwards: the last digits are another on another day.
    above = max(math.ceil(1e4 * float(np.quantile(far, 1 - SHARE_UNLIKE, method="inverted_cdf"))) / 1e4, _TINY)
    called = int((far > above).sum())
    sentence = (
        f"Of {counted(len(others), 'images')} of the training kind that the features were not made from, {called:,} "
        f"({called / len(others):.1%}) lie farther off than this, and would be called unlike what the model knows."
    )
    return projection, FeatureSpace(size=count + 1, unlike_above=above, sentence=sentence)

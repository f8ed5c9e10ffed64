"""What the annotators of an image agree on, and where they do not."""

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotriage.errors import AnnotriageError


class Consensus(StrEnum):
    """Ways to make one mask of several."""

    STAPLE = "staple"
    MAJORITY = "majority"


def consensus(masks: NDArray[np.bool_], kind: Consensus) -> NDArray[np.bool_]:
    """Make one mask (H, W) of those of several annotators (A, H, W), which are the whole image; see `Consensus`."""
    return staple(masks) if kind is Consensus.STAPLE else majority(masks)


def majority(masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return what more than half of the annotators marked; of two, what both did.

    Parameters
    ----------
    masks : (A, H, W) array of bool

    Returns
    -------
    (H, W) array of bool
    """
    return 2 * votes(masks) > len(masks)


def staple(masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return what the annotators most probably meant, each trusted as far as the others bear him out.

    STAPLE (Warfield, Zou and Wells 2004, IEEE Transactions on Medical Imaging 23, 903-921) as SimpleITK computes it,
    cut at a probability of 0.5. It weighs what nobody marked, too: give it the whole image.

    Parameters
    ----------
    masks : (A, H, W) array of bool

    Returns
    -------
    (H, W) array of bool

    Raises
    ------
    AnnotriageError
        SimpleITK is not installed.
    """
    if not masks.any() or masks.all():  # nothing to estimate from: the algorithm divides by 0
        return np.asarray(masks[0]).copy()
    need_staple()
    import SimpleITK

    toolkit: Any = SimpleITK  # typed in parts only
    images = [toolkit.GetImageFromArray(mask.view(np.uint8)) for mask in np.ascontiguousarray(masks)]
    probability = toolkit.STAPLE(images, 1.0)  # must outlive the view of it
    return np.asarray(toolkit.GetArrayViewFromImage(probability) >= 0.5)


def need_staple() -> None:
    """Raise `AnnotriageError` where STAPLE cannot be computed, before hours of work end in it."""
    try:
        import SimpleITK  # noqa: F401
    except ImportError:
        from annotriage.version import how_to_get

        raise AnnotriageError(
            "STAPLE needs a further package (SimpleITK); the majority does not. " + how_to_get("staple", what="STAPLE")
        ) from None


def disagreement_map(masks: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return for each pixel the share of pairs of annotators of whom one marked it and the other did not.

    It is 1 minus the agreement of one subject in Fleiss' kappa (Fleiss 1971). Where the annotators are split evenly it
    is highest: 1 for two of them, 2/3 for three or four, and nearing 1/2 for many.

    Parameters
    ----------
    masks : (A, H, W) array of bool
        Of at least two annotators.

    Returns
    -------
    (H, W) array of float32, 0..1
    """
    number = len(masks)
    differing = np.array([marked * (number - marked) for marked in range(number + 1)], np.float32)
    return (differing / np.float32(number * (number - 1) / 2))[votes(masks)]


def votes(masks: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Count how many annotators marked each pixel: (H, W) of the masks (A, H, W)."""
    counted = np.zeros(masks.shape[1:], np.uint16)
    for mask in masks:
        counted += mask
    return counted

"""An image, in a file or in memory -> what the network takes in."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeGuard, Union

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

    from annotriage.images.decoding import Picture
    from annotriage.model_file import ModelCard

LesionImage: TypeAlias = Union[Path, "Image", NDArray[np.uint8]]
"""The file of an image, an image of Pillow's, or an (H, W, 3) array of uint8: red, green and blue, sRGB."""


def is_lesion_image(given: object) -> TypeGuard[LesionImage]:
    """Say whether something is what `LesionImage` says, arrays of another shape or kind of number excluded."""
    if isinstance(given, Path):
        return True
    if isinstance(given, np.ndarray):
        return given.dtype == np.uint8 and given.ndim == 3 and given.shape[2] == 3
    pillow = sys.modules.get("PIL.Image")  # whoever has one of its images has loaded it
    return pillow is not None and isinstance(given, pillow.Image)


def prepare(path: Path, card: "ModelCard") -> NDArray[np.float32]:
    """Read an image as the model wants it.

    Parameters
    ----------
    path : Path
        An image file.
    card : ModelCard
        Its input size, mean and standard deviation are used.

    Returns
    -------
    (3, H, W) array of float32
        RGB, squashed to the model's H x W, (value / 255 - mean) / std for each channel.

    Raises
    ------
    annotriage.images.UnreadableImageError
        The file cannot be read as an image.
    """
    return normalise(read_for(path, card).pixels, card)


def read_for(image: LesionImage, card: "ModelCard") -> "Picture":
    """Read an image at the model's input size; raises as `prepare` does."""
    from annotriage.images import picture_of, read_picture

    size = card.input_height, card.input_width
    return read_picture(image, size) if isinstance(image, Path) else picture_of(image, size)


def normalise(rgb: NDArray[np.uint8], card: "ModelCard") -> NDArray[np.float32]:
    """Turn pixels into the network's numbers.

    Parameters
    ----------
    rgb : (H, W, 3) array of uint8
    card : ModelCard
        Its mean and standard deviation are used.

    Returns
    -------
    (3, H, W) array of float32
        (value / 255 - mean) / std for each channel.
    """
    # One multiplication and one addition a pixel instead of a division, a subtraction and a division.
    scale = np.array([1 / (255 * std) for std in card.std], dtype=np.float32)[:, None, None]
    shift = np.array([-m / s for m, s in zip(card.mean, card.std, strict=True)], dtype=np.float32)
    planes = np.ascontiguousarray(rgb.transpose(2, 0, 1), dtype=np.float32)
    planes *= scale
    planes += shift[:, None, None]
    return planes

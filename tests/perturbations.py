"""Changes to real lesion images that make their border harder to agree on, for tests of the bundled model."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

RGB = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def some_lesions(isic: Path, count: int = 100) -> Iterator[tuple[str, RGB, Mask]]:
    """Return name, image (256, 256, 3) and mask (256, 256) of real lesions with an expert's mask, always the same ones.

    Parameters
    ----------
    isic : Path
        Folder with ``images`` and ``masks``.
    count : int
        How many.
    """
    masks = sorted((isic / "masks").glob("*.png"))
    for k in np.random.default_rng(0).choice(len(masks), count, replace=False):
        stem = masks[k].name.removesuffix("_segmentation.png")
        image = Image.open(isic / "images" / f"{stem}.jpg").convert("RGB").resize((256, 256))
        mask = np.asarray(Image.open(masks[k]).convert("L").resize((256, 256))) > 127
        yield stem, np.asarray(image), mask


def blur_half(image: RGB, mask: Mask, sigma: float) -> tuple[RGB, float]:
    """Smear the border right of the lesion's middle; return the image, and where the middle is (share of the width)."""
    middle = round(float(np.nonzero(mask)[1].mean()))
    smeared = image.copy()
    smeared[:, middle:] = blur_border(image, mask, sigma)[:, middle:]
    return smeared, middle / image.shape[1]


def grew_on_the_right(before: NDArray[np.float32], after: NDArray[np.float32], middle: float) -> bool:
    """Return whether the pull towards disagreement, of two heatmaps (h, w), grew more right of the middle than left."""
    change = after - before
    column = round(middle * change.shape[1])
    return bool(change[:, column:].sum() < change[:, :column].sum())


def blur_border(image: RGB, mask: Mask, sigma: float = 0.035) -> RGB:
    """Smear the border: a Gaussian blur (sigma as a share of the side) in a soft band around the mask's outline.

    Parameters
    ----------
    image : ndarray
        (H, W, 3).
    mask : ndarray
        (H, W), True inside the lesion.
    """
    width = sigma * image.shape[0]
    edge = mask ^ ndimage.binary_erosion(mask)
    distance = ndimage.distance_transform_edt(~edge)
    weight = np.clip(2 - distance / (2 * width), 0, 1)[..., None]
    blurred = np.stack([ndimage.gaussian_filter(image[..., k].astype(float), width) for k in range(3)], -1)
    return np.rint(image * (1 - weight) + blurred * weight).astype(np.uint8)


def shrink_lesion(image: RGB, mask: Mask, factor: float = 0.4) -> RGB:
    """Redraw the lesion smaller at its place, on skin grown in from around it.

    Parameters
    ----------
    image, mask
        As for `blur_border`.
    factor : float
        New size as a share of the old, along each side.
    """
    side = image.shape[0]
    outside = ~ndimage.binary_dilation(mask, iterations=max(1, side // 40))
    # Skin that fills the hole: each pixel takes its nearest pixel outside, then the hole is smoothed.
    nearest = ndimage.distance_transform_edt(~outside, return_distances=False, return_indices=True)
    skin = image[nearest[0], nearest[1]].astype(float)
    smooth = np.stack([ndimage.gaussian_filter(skin[..., k], side / 30) for k in range(3)], -1)
    grain = image.astype(float) - np.stack(
        [ndimage.gaussian_filter(image[..., k].astype(float), 3) for k in range(3)], -1
    )
    # the grain of real skin, taken from where there is skin, so that the fill is not suspiciously clean
    filled = np.where(outside[..., None], image, smooth + grain[nearest[0], nearest[1]])
    rows, columns = np.nonzero(mask)
    centre = np.array([rows.mean(), columns.mean()])
    offset = centre - centre / factor
    soft = ndimage.gaussian_filter(
        ndimage.binary_dilation(mask, iterations=max(1, side // 60)).astype(float), side / 120
    )

    def smaller(plane: NDArray[np.floating]) -> NDArray[np.floating]:
        return ndimage.affine_transform(
            ndimage.gaussian_filter(plane, 0.4 / factor), np.full(2, 1 / factor), offset, order=1
        )

    alpha = smaller(soft)[..., None]
    lesion = np.stack([smaller(image[..., k].astype(float)) for k in range(3)], -1)
    return np.rint(np.clip(filled * (1 - alpha) + lesion * alpha, 0, 255)).astype(np.uint8)

"""Colour profiles: what an image's numbers look like, in sRGB, which models and screens take them for."""

import functools
import io
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageCms import ImageCmsTransform

_Profile: TypeAlias = bytes | None
_ALIKE = 2
"""Steps of 255 by which no colour of the cube may move for a profile to count as sRGB itself."""


def profile_of(image: "Image") -> _Profile:
    """Return the ICC profile of an opened image; None where it has none."""
    profile = image.info.get("icc_profile")
    return profile if isinstance(profile, bytes) and profile else None


def waits_for_profile(image: "Image") -> bool:
    """Say whether an image's mode, CMYK or LAB, is brought to RGB by `in_srgb` alone."""
    return image.mode == "LAB" or (image.mode == "CMYK" and _to_srgb(profile_of(image), "CMYK") is not None)


def in_srgb(image: "Image", profile: _Profile) -> "Image":
    """Bring an image of mode L, RGB, LA, RGBA, CMYK or LAB from its profile's colours to sRGB.

    A profile that is damaged, or of another colour space than the image, changes nothing.

    Returns
    -------
    Image
        Of mode L, RGB, LA or RGBA.
    """
    from PIL import Image, ImageCms

    if profile is None and image.mode != "LAB":
        return image
    if image.mode in ("LA", "RGBA"):
        plain = image.convert(image.mode[:-1])
        turned = in_srgb(plain, profile)
        if turned is plain:
            return image
        return Image.merge("RGBA", (*turned.split(), image.getchannel("A")))
    transform = _to_srgb(profile if image.mode != "LAB" else None, image.mode)
    if transform is None:
        return image
    return ImageCms.applyTransform(image, transform) or image


@functools.lru_cache(maxsize=16)
def _to_srgb(profile: _Profile, mode: str) -> "ImageCmsTransform | None":
    """Return what turns the profile's colours to sRGB; None where nothing does, or nothing would change."""
    from PIL import ImageCms

    try:
        lab = profile is None
        source = ImageCms.createProfile("LAB") if lab else ImageCms.getOpenProfile(io.BytesIO(profile or b""))
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
        return transform if mode in ("CMYK", "LAB") or _changes(transform, mode) else None
    except Exception:  # a damaged profile raises nearly anything
        return None


def _changes(transform: "ImageCmsTransform", mode: str) -> bool:
    import numpy as np
    from PIL import Image, ImageCms

    steps = np.linspace(0, 255, 9).round().astype(np.uint8)
    if mode == "L":
        colours = np.arange(256, dtype=np.uint8)[None]
    else:
        colours = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    cube = Image.fromarray(colours)
    turned = ImageCms.applyTransform(cube, transform)
    return bool(np.abs(np.asarray(turned).astype(int) - np.asarray(cube.convert("RGB"))).max() > _ALIKE)

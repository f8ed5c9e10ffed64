"""Which files are masks of the images among which they lie, as far as names and first bytes tell.

Two readings of one rule: a listing leaves the masks out, the viewer draws their contours. What names mean is in
`annotriage.agreement.mask_names`.
"""

import os
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from annotriage.agreement.mask_names import MASK_ENDINGS, is_mask_folder, says_mask, splits
from annotriage.agreement.tool_exports import PICTURE_NOTE, notes_on
from annotriage.names import stem_of

if TYPE_CHECKING:
    from annotriage.images import ImageFile

# What every name that says so has somewhere; others need not be looked at closely.
_MAYBE = re.compile(r"mask|seg|ground|gt|annotation|label|attribute|object|_[st]\d_|_(?:st|mv)_", re.IGNORECASE)
# What tools call pictures of masks; a preview or an overlay may be one of a photograph.
_VISUALIZED = re.compile(r"viz|visuali", re.IGNORECASE)
_PHOTOGRAPHS = {".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".heic", ".webp"}
_PNG = b"\x89PNG\r\n\x1a\n"
_GREY_OR_PALETTE = (0, 3)


def is_mask_name(name: str, stems: Collection[str]) -> bool:
    """Say whether an image's name says for sure that it is a mask of another one.

    Parameters
    ----------
    name : str
        With ``/`` between its parts.
    stems : collection of str
        The stems of all that was found, in small letters.

    Returns
    -------
    bool
        True for ``a_segmentation.png``, ``a_mask.png`` and ``ISIC_0000004_A04_T1_S2_54ea.png``, where there is an
        image of the stem before; and for what lies in a folder of masks and fits an image. False for ``a_bob.png``,
        which may be another image of the lesion: see `without_masks`.
    """
    path = PurePosixPath(name)
    if path.suffix.lower() not in MASK_ENDINGS:
        return False
    stem = stem_of(name).casefold()
    if in_mask_folder(name):
        return stem in stems or any(image in stems for image, _ in splits(stem))
    return any(image in stems and says_mask(rest) for image, rest in splits(stem))


def called_a_mask(path: Path) -> bool:
    """Say whether the name of a file, or of its folder, has a word for masks: a hint, no more."""
    stem = stem_of(path.name)
    return is_mask_folder(path.parent.name) or says_mask(stem) or any(says_mask(rest) for _, rest in splits(stem))


def without_masks(images: "Sequence[ImageFile]") -> "list[ImageFile]":
    """Leave out the masks among the images of a folder; see `images_and_masks`."""
    return images_and_masks(images)[0]


def images_and_masks(images: "Sequence[ImageFile]") -> "tuple[list[ImageFile], list[ImageFile]]":
    """Part the masks among the images of a folder from the images, so that no mask is taken for a lesion.

    In doubt an image stays: ``a_bob.png`` is left out only where ``a`` is an image of another format, and the file is
    a PNG in grey or with a palette, which photographs are not. What stays and is a mask after all is seen by its pixels
    once they are read: see `annotriage.images.mask_content`. Pictures of masks drawn on an image that is there as well
    (``label_viz.png``, ``Visualization/a.png``) are left out with the masks.
    """
    mixed = any(image.name.lower().endswith(tuple(_PHOTOGRAPHS)) for image in images)
    suspects = {
        image.name for image in images if _MAYBE.search(image.name) or (mixed and image.name.lower().endswith(".png"))
    }
    notes = notes_on([image.name for image in images])
    drawn_on = {name for name, note in notes.items() if note == PICTURE_NOTE and _VISUALIZED.search(name)}
    if not suspects and not drawn_on:
        return list(images), []
    outside = [
        image
        for image in images
        if image.name not in drawn_on and (image.name not in suspects or not in_mask_folder(image.name))
    ]
    stems = {stem_of(image.name).casefold() for image in outside}
    photographs = {
        (image.name.rpartition("/")[0], stem_of(image.name).casefold())
        for image in outside
        if image.path.suffix.lower() in _PHOTOGRAPHS
    }

    def shows_another(name: str) -> bool:
        stem = stem_of(name).casefold()
        return stem in stems or any(image in stems for image, _ in splits(stem))

    def is_mask(image: "ImageFile") -> bool:
        folder = image.name.rpartition("/")[0]
        return is_mask_name(image.name, stems) or is_mask_beside(image.path, lambda stem: (folder, stem) in photographs)

    masks = {image.name for image in images if image.name in suspects and is_mask(image)}
    masks |= {name for name in drawn_on if shows_another(name)}
    kept = [image for image in images if image.name not in masks]
    return kept, [image for image in images if image.name in masks]


def is_mask_beside(path: Path, is_photograph: Callable[[str], bool]) -> bool:
    """Say whether a file whose name does not say so is a mask of a photograph in its folder.

    Parameters
    ----------
    path : Path
        It must be a PNG in grey or with a palette.
    is_photograph : callable
        Tells whether the folder has a file of this stem, in small letters, in a format of photographs other than PNG.
    """
    if path.suffix.lower() != ".png":
        return False
    stem = stem_of(path.name).casefold()
    return (is_photograph(stem) or any(is_photograph(image) for image, _ in splits(stem))) and is_grey_png(path)


def is_grey_png(path: Path) -> bool:
    """Say whether a file is a PNG in grey or with a palette, by its first bytes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            head = os.read(descriptor, 26)
        finally:
            os.close(descriptor)
    except OSError:
        return False
    return head.startswith(_PNG) and len(head) == 26 and head[25] in _GREY_OR_PALETTE


def in_mask_folder(name: str) -> bool:
    """Say whether an image's name leads through a folder of masks."""
    *folders, _ = name.split("/")
    return any(is_mask_folder(folder) for folder in folders)

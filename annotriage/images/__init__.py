"""A folder to its lesion image files; a file to RGB pixels at the size asked for, or why not.

Shapes: H and W are the height and width in pixels, after the orientation that the camera wrote down is applied.
"""

from annotriage.images.decoding import image_size, picture_of, read_picture, read_rgb
from annotriage.images.errors import UnreadableImageError
from annotriage.images.finding import ImageFile, find_images, in_natural_order, modified_ns, walk_images
from annotriage.images.natural_order import natural_key
from annotriage.images.pillow import LARGEST_IMAGE

__all__ = [
    "LARGEST_IMAGE",
    "ImageFile",
    "UnreadableImageError",
    "find_images",
    "image_size",
    "in_natural_order",
    "modified_ns",
    "natural_key",
    "picture_of",
    "read_picture",
    "read_rgb",
    "walk_images",
]

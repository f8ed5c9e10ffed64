"""Look through a folder of images: how many there are, what cannot be read, and some to show."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Event

    from annotriage.images import ImageFile

SAMPLE = 120
"""Images that are kept to be shown."""
MOST_PROBLEMS = 200
"""Images that cannot be read of which names are kept; all are counted."""
_EVERY_SECONDS = 0.2


@dataclass(slots=True)
class ImageFolder:
    """What is known of a folder so far. However many images there are, it stays small.

    Attributes
    ----------
    images : int
        That look readable; once all is known, without the masks among them.
    size : int
        Their bytes.
    masks : int
        People's masks among the images, as far as names tell: they are left out, as in the training.
    unreadable : int
        That cannot be read.
    problems : list of tuple of str
        Name and reason of the first of these.
    sample : list of ImageFile
        Some of the images: the first that are found; once all is known every one had the same chance.
    done : bool
        Whether all was looked at.
    """

    images: int = 0
    size: int = 0
    masks: int = 0
    unreadable: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    sample: "list[ImageFile]" = field(default_factory=list)
    done: bool = False


def look_through(folder: Path, stopping: "Event", tell: Callable[[ImageFolder], None]) -> ImageFolder:
    """Look through a folder; several times a second `tell` gets what is known. Ends soon once `stopping` is set.

    Raises
    ------
    AnnotriageError
        The folder cannot be looked at.
    """
    from annotriage.agreement.masks_among import images_and_masks
    from annotriage.images import in_natural_order, walk_images

    known = ImageFolder()
    found: list[ImageFile] = []
    next_look = time.monotonic() + _EVERY_SECONDS
    for image in walk_images(folder):
        if stopping.is_set():
            return known
        if image.problem is not None:
            known.unreadable += 1
            if len(known.problems) < MOST_PROBLEMS:
                known.problems.append((image.name, image.problem))
        else:
            found.append(image)
            known.images += 1
            known.size += image.size
        if time.monotonic() > next_look:
            next_look = time.monotonic() + _EVERY_SECONDS
            tell(replace(known, problems=list(known.problems), sample=found[:SAMPLE]))
    images, masks = images_and_masks(found)
    known.images, known.masks, known.size = len(images), len(masks), sum(image.size for image in images)
    # The same folder shows the same pictures.
    known.sample = in_natural_order(random.Random(0).sample(images, min(SAMPLE, len(images))))
    known.done = True
    return known

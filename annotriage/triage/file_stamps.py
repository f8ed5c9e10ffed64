"""Which file a decision was made on, so that another one in its place is noticed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.images import modified_ns
from annotriage.images.fingerprint import content_of
from annotriage.triage.decisions import FileStamp, Review

if TYPE_CHECKING:
    from annotriage.images import ImageFile

_MOST_BYTES = 256 * 2**20
"""Read for the contents of one action's files; those beyond are known by size and time alone."""
_MOST_FILES = 5000
"""In one action; of more, none is read: opening each would take seconds."""


def stamps_of(images: "Iterable[ImageFile]") -> tuple[dict[str, FileStamp], list[str]]:
    """Look at files that something is being decided about.

    Parameters
    ----------
    images : iterable of ImageFile
        As they were when they were shown.

    Returns
    -------
    stamps : dict of str to FileStamp
        By the images' names.
    replaced : list of str
        Images in whose place another file lies by now. What cannot be looked at (a drive that is away) is not another
        one.
    """
    stamps: dict[str, FileStamp] = {}
    replaced: list[str] = []
    images = list(images)
    left = _MOST_BYTES if len(images) <= _MOST_FILES else -1
    for image in images:
        shown = FileStamp(image.size, image.modified_ns)
        now = _size_and_time(image.path)
        if now is not None and now != shown and shown.modified_ns:
            replaced.append(image.name)
            continue
        left -= image.size
        content = content_of(image.path) if now is not None and left >= 0 else None
        stamps[image.name] = FileStamp(image.size, image.modified_ns, content)
    return stamps, replaced


def same_after_all(reviews: Mapping[str, Review], images: "Iterable[ImageFile]") -> dict[str, Review]:
    """Return the reviews of files that got another time but hold what they held, with that time.

    Whoever copies a folder, or takes it from an archive, gives every file another time.
    """
    found: dict[str, Review] = {}
    for image in images:
        review = reviews.get(image.name)
        if review is None or review.made_on is None or review.made_on.fits(image):
            continue
        made_on = review.made_on
        if made_on.content is not None and made_on.size == image.size and content_of(image.path) == made_on.content:
            found[image.name] = replace(review, made_on=replace(made_on, modified_ns=image.modified_ns))
    return found


def _size_and_time(path: Path) -> FileStamp | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return FileStamp(status.st_size, modified_ns(status))

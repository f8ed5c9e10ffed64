"""The lines of the masks that people drew, for the loader."""

from typing import TYPE_CHECKING

from annotriage.images import UnreadableImageError, image_size

if TYPE_CHECKING:
    from annotriage.desktop.inspector.layers import AnnotatorLines, LinesOf
    from annotriage.images import ImageFile
    from annotriage.triage.annotator_masks import AnnotatorMasks

_MOST = 20
"""Masks of one image that are drawn: more could not be told apart."""


def lines_of_masks(masks: "AnnotatorMasks") -> "LinesOf":
    """Return what finds the annotators' lines of an image, as `ImageLoader.set_sources` takes it.

    A mask that cannot be read has no lines, and its name says so.
    """
    from annotriage.triage.annotator_masks import contours

    def lines_of(image: "ImageFile") -> "list[AnnotatorLines]":
        found: list[AnnotatorLines] = []
        try:
            size = image_size(image.path)
        except UnreadableImageError:
            size = None
        for mask in masks.of(image)[:_MOST]:
            annotator = mask.annotator or mask.path.name
            try:
                lines, note = contours(mask.path, image=size)
                found.append((f"{annotator} {note}" if note else annotator, lines))
            except UnreadableImageError as error:
                words = "{annotator}: the mask cannot be read. {reason}"
                found.append((words.format(annotator=annotator, reason=error), []))
        return found

    return lines_of

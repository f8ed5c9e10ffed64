"""A file that may be a mask, or an annotation in a file, with its name, in which image and annotator may stand."""

from dataclasses import dataclass
from pathlib import Path

from annotriage.agreement.mask_set import MaskRow
from annotriage.annotations.annotation import Annotation


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that may be a mask, or one annotation of a file of them.

    Attributes
    ----------
    path : Path
    name : str
        Its path below what was chosen, with ``/`` between its parts; where several folders were chosen, the chosen
        folder's name comes first. Of an annotation: as if it were a mask; see `annotriage.agreement.found_annotations`.
    parts : tuple of str
        What of `name` may say image or annotator; see `annotriage.agreement.tool_exports.logical_parts`.
    annotation : Annotation or None
        None: the file is a picture.
    image : str
        What the annotation says of which image it is; empty: the name tells.
    annotator : str
        Who drew it, where that is known; empty: the name tells.
    format : str
        Of the annotation; empty: the file is a picture.
    """

    path: Path
    name: str
    parts: tuple[str, ...]
    annotation: Annotation | None = None
    image: str = ""
    annotator: str = ""
    format: str = ""

    def row(self, image: str, annotator: str, note: str = "") -> MaskRow:
        """Return it as a row of the image and the annotator that were read in its name; what it says itself counts."""
        if note:
            return MaskRow("", "", self.path, note, self.annotation)
        note = self.annotation.note if self.annotation is not None else ""
        return MaskRow(self.image or image, self.annotator or annotator, self.path, note, self.annotation)

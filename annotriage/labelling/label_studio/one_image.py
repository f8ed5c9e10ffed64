"""What people drew of one image, as a project exports it, measured."""

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotriage.errors import AnnotriageError
from annotriage.names import without_endings
from annotriage.triage.measured import MaskSource, MeasuredImage

if TYPE_CHECKING:
    from annotriage.agreement.mask_set import MaskRow
    from annotriage.agreement.measuring import ImageAgreement
    from annotriage.images import ImageFile


@dataclass(slots=True)
class OneImage:
    """What was found of one image.

    Attributes
    ----------
    name : str
    measured : MeasuredImage or None
        None: nobody drew it.
    agreement : ImageAgreement or None
        The same with all measures.
    left_out : Counter of str to int
        What was not used, and how often.
    problems : list of str
        A sentence each, which begins with the image's name.
    """

    name: str
    measured: MeasuredImage | None = None
    agreement: "ImageAgreement | None" = None
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def measure_drawn_image(
    drawn: tuple[str, list[dict[str, Any]]],
    *,
    source: MaskSource,
    export: Path,
    images: "Mapping[str, ImageFile]",
    everything: bool,
) -> OneImage:
    """Measure one image; for a worker thread.

    Parameters
    ----------
    drawn : (str, list of dict)
        The image's name, and its tasks as a project exports them.
    source : MaskSource
        The project.
    export : Path
        The file in which the tasks stand.
    images : mapping of str to ImageFile
        Of the folder.
    everything : bool
        Whether to measure how far outlines lie apart, too, which takes as long as all else.
    """
    from annotriage.agreement.mask_set import ImageMasks
    from annotriage.agreement.measuring import measure_image
    from annotriage.triage.measuring import measured_image

    name, tasks = drawn
    image, one = images[name], OneImage(name)
    rows = _rows(image, tasks, export, one) if any(task.get("annotations") for task in tasks) else []
    if not rows:
        return one
    masks = ImageMasks(without_endings(name), tuple(rows))
    one.agreement = measure_image(masks, with_distances=everything, label=source.label)
    seconds = {
        row.annotator: row.annotation.seconds
        for row in rows
        if row.annotation is not None and row.annotation.seconds is not None
    }
    stamp = stamp_of(tasks, source.label)
    one.measured = measured_image(image, one.agreement, source=source, seconds=seconds, stamp=stamp)
    if one.measured.problem:
        one.problems.append(f"{name}: {one.measured.problem}")
    return one


def _rows(image: "ImageFile", tasks: Sequence[Mapping[str, Any]], export: Path, one: OneImage) -> "list[MaskRow]":
    """Return what each person drew of an image; note what is left out."""
    from annotriage.agreement.mask_set import MaskRow
    from annotriage.annotations.reading import read_annotations
    from annotriage.images import image_size

    with tempfile.TemporaryDirectory(prefix="annotriage-") as folder:
        path = Path(folder) / "tasks.json"
        path.write_text(json.dumps(list(tasks)), encoding="utf-8")
        try:
            read = read_annotations(path)
        except AnnotriageError as error:
            one.problems.append(f"{image.name}: {error}")
            return []
    rows = []
    for each in read.annotations if read is not None else ():
        if each.note:
            one.left_out[f"annotations that {each.note.replace('was ', 'were ', 1)}"] += 1
            continue
        # Who marked nothing leaves no size behind.
        size = each.size or image_size(image.path)
        rows.append(MaskRow(without_endings(image.name), each.annotator, export, annotation=replace(each, size=size)))
    return rows


def stamp_of(tasks: Sequence[Mapping[str, Any]], label: str | None) -> str:
    """Return what changes when what was drawn of an image changes."""
    said = sorted(
        f"{annotation.get('id')} {annotation.get('updated_at')}"
        for task in tasks
        for annotation in task.get("annotations") or ()
    )
    return hashlib.blake2b(json.dumps([label, said]).encode(), digest_size=16).hexdigest()

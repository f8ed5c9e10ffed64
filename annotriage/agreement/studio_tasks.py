"""From Label Studio's numbers of tasks, after which it calls its masks, to the images: by its export of the tasks."""

import re
from dataclasses import replace
from pathlib import Path

from annotriage.agreement.mask_set import MaskSet
from annotriage.annotations.image_names import image_of
from annotriage.annotations.label_studio.documents import images_by_task, is_condensed, is_whole
from annotriage.annotations.reading import read_json
from annotriage.errors import AnnotriageError
from annotriage.names import stem_of
from annotriage.tables import read_table

_IMAGE_COLUMNS = ("name", "image", "img", "url", "file")
_TASK = re.compile(r"(?:task-)?(\d+)", re.IGNORECASE)


def are_tasks(found: MaskSet) -> bool:
    """Say whether images are called by numbers of tasks."""
    return any(row.used and row.image.startswith("task-") and _TASK.fullmatch(row.image) for row in found.rows)


def name_tasks(found: MaskSet, path: Path) -> MaskSet:
    """Call images by their names in place of the numbers of tasks.

    Parameters
    ----------
    found : MaskSet
        Of masks whose images are ``task-31`` or ``31``.
    path : Path
        Label Studio's export of its tasks: JSON, JSON_MIN, or a table (CSV) with the columns ``id`` and ``name`` or
        ``image``.

    Raises
    ------
    AnnotriageError
        The file cannot be read, lacks a column, or has none of the tasks; or two tasks are of one image.
    """
    names = _names_in(path)
    rows = []
    unknown: dict[str, None] = {}
    used: dict[str, str] = {}
    for row in found.rows:
        task = _TASK.fullmatch(row.image)
        name = names.get(task[1]) if task is not None else None
        if row.used and not name:
            unknown[row.image] = None
        if name and row.used and used.setdefault(name, row.image) != row.image:
            raise AnnotriageError(
                f"{path} calls the images of {used[name]} and {row.image} both {name}: two images would become one."
            )
        rows.append(replace(row, image=name) if name else row)
    if not used:
        raise AnnotriageError(
            f"{path} names none of the tasks {', '.join(list(unknown)[:3])}: is it of another project?"
        )
    remarks = list(found.remarks)
    if unknown:
        more = ", ..." if len(unknown) > 3 else ""
        remarks.append(
            f"{path.name} does not name {len(unknown):,} of the tasks ({', '.join(list(unknown)[:3])}{more})."
        )
    return MaskSet(rows, found.reading, remarks)


def _names_in(path: Path) -> dict[str, str]:
    """Return the images' names by the tasks' numbers."""
    if path.name.lower().removesuffix(".gz").endswith((".json", ".jsonl")):
        document = read_json(path)
        if not is_whole(document) and not is_condensed(document):
            raise AnnotriageError(f"{path} is no export of Label Studio: export the project's tasks as JSON or CSV.")
        return {number: stem_of(name) for number, name in images_by_task(document).items()}
    table = read_table(path)
    number_at = table.need("the task's number", "id")
    image_at = table.need("the image", *_IMAGE_COLUMNS)
    return {cells[number_at].strip(): stem_of(image_of(cells[image_at])) for cells in table.rows}

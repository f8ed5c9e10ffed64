"""Label Studio's export as JSON, and what its API and its target storages give: tasks with their annotations whole."""

from pathlib import Path
from typing import Any

from annotriage.annotations.annotation import ReadAnnotations
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.label_studio.documents import is_whole, tasks_in
from annotriage.annotations.label_studio.tasks import read_tasks


def is_label_studio(document: Any, path: Path) -> bool:
    """Say whether a document is of this form."""
    return is_whole(document)


def read_label_studio(document: Any, path: Path) -> ReadAnnotations:
    """Read it; see `read_tasks`."""
    return read_tasks(tasks_in(document), path)


LABEL_STUDIO = AnnotationFormat(
    "Label Studio JSON", (".json", ".jsonl"), Content.JSON, is_label_studio, read_label_studio
)

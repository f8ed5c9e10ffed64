"""Label Studio's condensed export, JSON_MIN: an object an annotation, its regions by the names of their controls."""

from pathlib import Path
from typing import Any

from annotriage.annotations.annotation import ReadAnnotations
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.label_studio.documents import is_condensed, tasks_in
from annotriage.annotations.label_studio.tasks import read_tasks


def is_label_studio_min(document: Any, path: Path) -> bool:
    """Say whether a document is of this form."""
    return is_condensed(document)


def read_label_studio_min(document: Any, path: Path) -> ReadAnnotations:
    """Read it; see `read_tasks`."""
    return read_tasks(tasks_in(document), path)


LABEL_STUDIO_MIN = AnnotationFormat(
    "Label Studio JSON_MIN", (".json", ".jsonl"), Content.JSON, is_label_studio_min, read_label_studio_min
)

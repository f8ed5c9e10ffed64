"""Label Studio's condensed export, JSON_MIN: an object an annotation, its regions by the names of their controls."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from annotriage.annotations.annotation import ReadAnnotations
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.label_studio.regions import holds_an_outline
from annotriage.annotations.label_studio.tasks import read_tasks

_SAID = ("annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "id")
"""Columns of the annotation, not of the task."""


def is_label_studio_min(document: Any, path: Path) -> bool:
    """Say whether a document is of this form."""
    listed = document if isinstance(document, list) else [document]
    return any(
        isinstance(each, dict) and "annotator" in each and not isinstance(each.get("data"), dict) for each in listed
    ) and not any(isinstance(each, dict) and ("annotations" in each or "images" in each) for each in listed)


def read_label_studio_min(document: Any, path: Path) -> ReadAnnotations:
    """Read it; see `read_tasks`."""
    return read_tasks([task_of(each) for each in (document if isinstance(document, list) else [document])], path)


def task_of(record: Any) -> Any:
    """Return a task with one annotation of what the condensed exports have in a line; none: it was not annotated.

    A column of the task's data that is called as a control has lost its name to that, and is not to be had.
    """
    if not isinstance(record, dict):
        return record
    data = {name: value for name, value in record.items() if name not in _SAID}
    annotated = record.get("annotation_id") is not None or record.get("annotator") not in (None, "")
    made = {
        "id": record.get("annotation_id"),
        "completed_by": record.get("annotator"),
        "created_at": record.get("created_at"),
        "updated_at": record.get("updated_at"),
        "lead_time": record.get("lead_time"),
        "result": _result(data),
    }
    return {"id": record.get("id"), "data": data, "annotations": [made] if annotated else []}


def _result(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = []
    for control, values in data.items():
        if not isinstance(values, list):
            # What was chosen or written of the whole image, or a column of the task: which cannot be told.
            continue
        for value in values:
            if isinstance(value, dict) and holds_an_outline(value):
                result.append({"from_name": control, "value": value})
    return result


LABEL_STUDIO_MIN = AnnotationFormat(
    "Label Studio JSON_MIN", (".json", ".jsonl"), Content.JSON, is_label_studio_min, read_label_studio_min
)

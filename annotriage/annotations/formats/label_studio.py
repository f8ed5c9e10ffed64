"""Label Studio's export as JSON, and what its API and its target storages give: tasks with their annotations whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from annotriage.annotations.annotation import ReadAnnotations
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.label_studio.tasks import read_tasks

_ANNOTATIONS = ("annotations", "completions", "predictions", "drafts")


def is_label_studio(document: Any, path: Path) -> bool:
    """Say whether a document is of this form, be it of one task, of many, or of an annotation with its task."""
    if isinstance(document, dict):
        return _is_task(document) or _is_alone(document) or _is_list(document.get("tasks"))
    return _is_list(document)


def read_label_studio(document: Any, path: Path) -> ReadAnnotations:
    """Read it; see `read_tasks`."""
    if isinstance(document, list):
        return read_tasks([_task(each) for each in document], path)
    if _is_list(document.get("tasks")):
        return read_tasks(document["tasks"], path)
    return read_tasks([_task(document)], path)


def _is_list(document: Any) -> bool:
    return isinstance(document, list) and any(
        isinstance(each, dict) and (_is_task(each) or _is_alone(each)) for each in document
    )


def _is_task(document: Mapping[str, Any]) -> bool:
    if not isinstance(document.get("data"), dict):
        return False
    return any(isinstance(document.get(name), list) for name in _ANNOTATIONS) or set(document) <= {"data", "id", "meta"}


def _is_alone(document: Mapping[str, Any]) -> bool:
    """Say whether it is an annotation that has its task with it: of a target storage, or of a webhook."""
    task, made = document.get("task"), document.get("annotation", document)
    return isinstance(task, dict) and isinstance(task.get("data"), dict) and isinstance(made, dict) and "result" in made


def _task(document: Any) -> Any:
    if isinstance(document, dict) and not isinstance(document.get("data"), dict) and _is_alone(document):
        return {**document["task"], "annotations": [document.get("annotation", document)], "predictions": []}
    return document


LABEL_STUDIO = AnnotationFormat(
    "Label Studio JSON", (".json", ".jsonl"), Content.JSON, is_label_studio, read_label_studio
)

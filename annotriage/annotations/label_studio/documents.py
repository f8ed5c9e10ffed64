"""Label Studio's documents as the tasks that they hold: whole (JSON, the API), or condensed (JSON_MIN)."""

from collections.abc import Mapping
from typing import Any

from annotriage.annotations.label_studio.images import images_of
from annotriage.annotations.label_studio.regions import holds_an_outline

_ANNOTATIONS = ("annotations", "completions", "predictions", "drafts")
_SAID = ("annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "id")
"""Columns of the annotation, not of the task."""


def is_whole(document: Any) -> bool:
    """Say whether it is of tasks with their annotations: of one, of many, or of an annotation that has its task."""
    if isinstance(document, dict):
        return _is_task(document) or _is_alone(document) or _is_list(document.get("tasks"))
    return _is_list(document)


def is_condensed(document: Any) -> bool:
    """Say whether it has an object an annotation, with the columns of its task in it."""
    if isinstance(document, dict) and "annotation_id" not in document:
        return False
    listed = document if isinstance(document, list) else [document]
    return any(
        isinstance(each, dict) and "annotator" in each and not isinstance(each.get("data"), dict) for each in listed
    ) and not any(isinstance(each, dict) and ("annotations" in each or "images" in each) for each in listed)


def tasks_in(document: Any) -> list[Any]:
    """Return the tasks of a document that is one or the other; what is none stays what it is."""
    if is_whole(document):
        if isinstance(document, dict) and _is_list(document.get("tasks")):
            return list(document["tasks"])
        return [_task(each) for each in (document if isinstance(document, list) else [document])]
    return [task_of(each) for each in (document if isinstance(document, list) else [document])]


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


def images_by_task(document: Any) -> dict[str, str]:
    """Return the images of a document's tasks by the tasks' numbers; those of several images are left out."""
    names: dict[str, str] = {}
    for task in tasks_in(document):
        every = images_of(task).all() if isinstance(task, dict) else []
        if len(every) == 1 and (name := images_of(task).named(*every[0])[0]):
            names[str(task.get("id", ""))] = name
    return names


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


def _result(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    # What else a column holds was chosen or written of the whole image, or is of the task: that cannot be told.
    return [
        {"from_name": control, "value": value}
        for control, values in data.items()
        if isinstance(values, list)
        for value in values
        if isinstance(value, dict) and holds_an_outline(value)
    ]

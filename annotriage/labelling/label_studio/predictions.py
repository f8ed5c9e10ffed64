"""The prediction of an image as Label Studio keeps it: its score, its fifth of the ranking, what is drawn."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from annotriage.image_maps import INNER, OUTER
from annotriage.labelling.label_studio.brush import brush_rle
from annotriage.labelling.label_studio.client import Client
from annotriage.labelling.label_studio.tasks_there import META, Task
from annotriage.triage.exports.label_studio_set_up import OURS, Guide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.labelling.label_studio.order import SendOrder
    from annotriage.triage.exports.label_studio_set_up import Control
    from annotriage.triage.ranking import ReviewedImage


@dataclass(frozen=True, slots=True)
class Said:
    """What a server is told of an image.

    Attributes
    ----------
    version : str
    score : float or None
        The predicted Dice, 0..1: Label Studio shows the lowest first, which is the most contentious image. None: where
        annotators see the prediction, and not its score.
    cluster : int
        The fifth of the ranking, 0 the most contentious.
    result : tuple of dict
        What is drawn beforehand.
    """

    version: str
    score: float | None
    cluster: int
    result: tuple[dict[str, Any], ...] = ()

    @property
    def key(self) -> str:
        """What changes when any of it changes; the prediction cannot be read from it."""
        text = json.dumps([self.version, self.score, self.cluster, self.result], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def fields(self) -> dict[str, Any]:
        """Return it as the server wants it."""
        return {
            "model_version": self.version,
            "score": self.score,
            "cluster": self.cluster,
            "result": list(self.result),
        }


def said_of(
    row: "ReviewedImage", order: "SendOrder", clusters: Mapping[str, int], guide: "Control | None"
) -> Said | None:
    """Return what a server is told of an image; None: it is not scored.

    Parameters
    ----------
    row : ReviewedImage
    order : SendOrder
    clusters : mapping of str to int
        Of the scored images, by name.
    guide : Control or None
        What draws the label of the guide in the project.
    """
    if row.predicted_dice is None:
        return None
    result: tuple[dict[str, Any], ...] = ()
    if guide is not None and order.set_up.guide is not None and order.map_of is not None:
        lesion = order.map_of(row)
        if lesion is not None:
            result = _drawn(row, lesion, order.set_up.guide, guide)
    # Label Studio shows the score beside whatever is drawn.
    score = row.predicted_dice if order.shows_scores or order.set_up.guide is None else None
    return Said(order.version, score, clusters.get(row.image, 0), result)


def tell_prediction(client: Client, project: int, task: Task, said: Said | None) -> None:
    """See to it that a task has the one prediction of ours, or none.

    Raises
    ------
    AnnotriageError
    """
    ours = predictions_of(client, task) if task.predictions else []
    for extra in ours[1:] if said is not None else ours:
        client.delete(f"/api/predictions/{extra}/")
    if said is None:
        return
    if ours:
        client.patch(f"/api/predictions/{ours[0]}/", said.fields())
    else:
        client.post("/api/predictions/", {"task": task.number, "project": project, **said.fields()})


def predictions_of(client: Client, task: Task) -> list[int]:
    """Return the numbers of a task's predictions that are ours, the first one first."""
    found = client.get("/api/predictions/", task=task.number)
    return sorted(
        int(each["id"])
        for each in (found if isinstance(found, list) else [])
        if isinstance(each, dict) and str(each.get("model_version") or "").startswith(OURS)
    )


def meta_of(task: Task, folder: str, said: Said | None) -> dict[str, Any]:
    """Return a task's `meta` with what is ours in it; what others put there stays."""
    return task.meta | {META: {"folder": folder, "said": "" if said is None else said.key}}


def marked_by(guide: Guide, lesion: "NDArray[np.float32]", size: tuple[int, int]) -> "NDArray[np.bool_]":
    """Return what a guide marks of an image.

    Parameters
    ----------
    guide : Guide
    lesion : (h, w) array of float32
        How likely each place is lesion, 0..1.
    size : (int, int)
        H and W of the image, in pixels.

    Returns
    -------
    (H, W) array of bool
    """
    from PIL import Image

    height, width = size
    picture = Image.fromarray(np.ascontiguousarray(lesion, dtype=np.float32)).resize(
        (width, height), Image.Resampling.BILINEAR
    )
    likely = np.asarray(picture)
    if guide is Guide.BAND:
        return (likely >= OUTER) & (likely <= INNER)
    marked: NDArray[np.bool_] = likely >= 0.5
    return marked


def _drawn(
    row: "ReviewedImage", lesion: "NDArray[np.float32]", guide: Guide, control: "Control"
) -> tuple[dict[str, Any], ...]:
    from annotriage.images import image_size

    height, width = image_size(row.path)
    marked = marked_by(guide, lesion, (height, width))
    if not marked.any():
        return ()
    return (
        {
            "id": hashlib.sha256(f"{guide}{row.image}".encode()).hexdigest()[:10],
            "from_name": control.name,
            "to_name": control.image,
            "type": "brushlabels",
            "original_width": width,
            "original_height": height,
            "image_rotation": 0,
            "value": {"format": "rle", "rle": brush_rle(marked), "brushlabels": [guide.label]},
        },
    )

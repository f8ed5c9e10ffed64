"""Tasks for Label Studio, in which people draw the masks.

Formats: labelstud.io, "Import pre-annotated data" and "Label Studio task format".
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from annotriage.errors import AnnotriageError
from annotriage.json_text import json_bytes
from annotriage.triage.decisions import DECISIONS, Decision
from annotriage.writing import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.triage.ranking import ReviewedImage

_LOCAL_FILES = "/data/local-files/?d="
_NUMBERS = ("rank", "predicted_dice", "disagreement", "lower", "upper")


def write_label_studio(rows: "Sequence[ReviewedImage]", path: Path, *, model_name: str, root: Path) -> Path:
    """Write images as Label Studio tasks, and beside them the labeling configuration that they fit.

    Each task's ``data`` holds the name, the numbers and what was said, so that people can sort and filter by them. Its
    prediction carries the decision as a choice, and the predicted Dice as its score: Label Studio shows the lowest
    score first, which is the most contentious image. Images that cannot be read are left out.

    The images are not copied. Their addresses assume that Label Studio runs with
    ``LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true`` and ``LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT`` set to `root`
    (where it runs: a container has paths of its own), and that the project has a source storage of the kind 'Local
    files' for the images' folder, which it may serve from then on.

    Parameters
    ----------
    rows : sequence of ReviewedImage
        In the order wanted.
    path : Path
        Ends in ``.json``; an existing file is replaced.
    model_name : str
        What the predictions are filed under.
    root : Path
        The folder that Label Studio serves; the images lie below it.

    Returns
    -------
    Path
        The configuration: ``tasks.json`` -> ``tasks_labeling_config.xml``. Paste it in the project's settings before
        the tasks are imported.

    Raises
    ------
    AnnotriageError
        The ending is another, an image does not lie below `root`, or a file cannot be written.
    """
    if path.suffix.lower() != ".json":
        raise AnnotriageError(f"{path} does not end in .json, which Label Studio needs; give it this ending.")
    tasks = [_task(row, model_name, root) for row in rows if row.error is None]
    config = path.with_name(f"{path.stem}_labeling_config.xml")
    write_whole(config, labeling_config().encode())
    write_whole(path, json_bytes(tasks))
    return config


def labeling_config() -> str:
    """Return the labeling configuration that the tasks fit: a brush for the lesion, and the decision."""
    choices = "\n".join(
        f'    <Choice value="{decision.value}"/>' for decision in DECISIONS if decision is not Decision.UNDECIDED
    )
    return f"""<View>
  <Header value="$name" size="4"/>
  <Header value="$summary" size="5"/>
  <Image name="image" value="$image" zoom="true" zoomControl="true" brightnessControl="true"/>
  <BrushLabels name="lesion" toName="image">
    <Label value="lesion"/>
  </BrushLabels>
  <Choices name="decision" toName="image" choice="single">
{choices}
  </Choices>
</View>
"""


def _task(row: "ReviewedImage", model_name: str, root: Path) -> dict[str, Any]:
    data: dict[str, Any] = {
        "image": _LOCAL_FILES + quote(os.fsencode(_below(row.path, root))),
        "name": row.image,
        "summary": _summary(row),
        "decision": row.decision.value,
        "assignee": row.assignee,
        "note": row.note,
    }
    data |= {name: value for name in _NUMBERS if (value := getattr(row, name)) is not None}
    decided = row.decision is not Decision.UNDECIDED
    if row.predicted_dice is None and not decided:
        return {"data": data}
    choice = {
        "id": "decision",
        "from_name": "decision",
        "to_name": "image",
        "type": "choices",
        "value": {"choices": [row.decision.value]},
    }
    prediction: dict[str, Any] = {"model_version": model_name, "result": [choice] if decided else []}
    if row.predicted_dice is not None:
        prediction["score"] = row.predicted_dice
    return {"data": data, "predictions": [prediction]}


def _summary(row: "ReviewedImage") -> str:
    if row.predicted_dice is None:
        return "Not scored yet"
    interval = "" if row.lower is None or row.upper is None else f" ({row.lower:.2f} to {row.upper:.2f})"
    return (
        f"Rank {row.rank}, predicted disagreement {row.disagreement:.2f}, "
        f"predicted Dice {row.predicted_dice:.2f}{interval}"
    )


def _below(path: Path, root: Path) -> str:
    """Return the part of a path below `root`, with ``/`` between its parts."""
    # First as they are called: Label Studio looks for files by their names, whatever links they are.
    for inner, outer in ((path.absolute(), root.absolute()), (path.resolve(), root.resolve())):
        if inner.is_relative_to(outer):
            return inner.relative_to(outer).as_posix()
    raise AnnotriageError(
        f"{path} does not lie below {root}, the folder that Label Studio serves: choose a folder above the images."
    )

"""Tasks for Label Studio as a file, in which people draw the masks.

Formats: labelstud.io, "Import pre-annotated data" and "Label Studio task format".
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from annotriage.errors import AnnotriageError
from annotriage.json_text import json_bytes
from annotriage.triage.decisions import Decision
from annotriage.triage.exports.label_studio_set_up import SetUp, Shown, data_of, labeling_config
from annotriage.writing import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.triage.ranking import ReviewedImage

LOCAL_FILES = "/data/local-files/?d="
"""Before the path of an image below the document root, for Label Studio."""
EVERYTHING = frozenset({Shown.RANK, Shown.SCORE, Shown.DECISION, Shown.ASSIGNEE, Shown.NOTE})


def write_label_studio(
    rows: "Sequence[ReviewedImage]", path: Path, *, model_name: str, root: Path, show: bool = False
) -> Path:
    """Write images as Label Studio tasks, and beside them the labeling configuration that they fit.

    The prediction of each task has the predicted Dice as its score: Label Studio shows the lowest score first, which is
    the most contentious image. Images that cannot be read are left out.

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
        The document root: a folder above the one in which images lie, as Label Studio serves only folders below it.
    show : bool
        Whether annotators see rank, numbers, decision, assignee and note, and find the decision chosen: it may bias the
        agreement that is to be measured.

    Returns
    -------
    Path
        The configuration: ``tasks.json`` -> ``tasks_labeling_config.xml``. Paste it in the project's settings before
        the tasks are imported.

    Raises
    ------
    AnnotriageError
        The ending is another, an image does not lie in a folder below `root`, or a file cannot be written.
    """
    if path.suffix.lower() != ".json":
        raise AnnotriageError(f"{path} does not end in .json, which Label Studio needs; give it this ending.")
    set_up = SetUp(shown=EVERYTHING if show else frozenset(), decides=show)
    tasks = [_task(row, model_name, root, set_up) for row in rows if row.error is None]
    config = path.with_name(f"{path.stem}_labeling_config.xml")
    write_whole(config, labeling_config(set_up).encode())
    write_whole(path, json_bytes(tasks))
    return config


def local_address(path: Path, root: Path) -> str:
    """Return the address at which Label Studio serves an image of its own disk.

    Raises
    ------
    AnnotriageError
        The image does not lie in a folder below `root`.
    """
    inner = below_root(path, root)
    if "/" not in inner:
        raise AnnotriageError(
            f"{path} lies directly in {root}, and Label Studio serves only what lies in folders below its document "
            f"root: choose a folder above {root}."
        )
    return LOCAL_FILES + quote(os.fsencode(inner))


def below_root(path: Path, root: Path) -> str:
    """Return the part of a path below `root`, with ``/`` between its parts.

    Raises
    ------
    AnnotriageError
        It does not lie below.
    """
    # First as they are called: Label Studio looks for files by their names, whatever links they are.
    for inner, outer in ((path.absolute(), root.absolute()), (path.resolve(), root.resolve())):
        if inner.is_relative_to(outer):
            return inner.relative_to(outer).as_posix()
    raise AnnotriageError(
        f"{path} does not lie below {root}, the folder that Label Studio serves: choose a folder above the images."
    )


def _task(row: "ReviewedImage", model_name: str, root: Path, set_up: SetUp) -> dict[str, Any]:
    task: dict[str, Any] = {"data": data_of(row, local_address(row.path, root), set_up.shown)}
    decided = set_up.decides and row.decision is not Decision.UNDECIDED
    if row.predicted_dice is None and not decided:
        return task
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
    return task | {"predictions": [prediction]}

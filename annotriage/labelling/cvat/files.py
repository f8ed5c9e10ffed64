"""The files for CVAT: the function, the list of frames, the labels, and the script that makes the tasks."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage._version import __version__
from annotriage.errors import AnnotriageError
from annotriage.json_text import json_bytes
from annotriage.labelling.cvat.frames import Frame
from annotriage.labelling.cvat.function import label_definitions
from annotriage.labelling.cvat.marks import Mark
from annotriage.measures.ways import MIXED
from annotriage.scoring.table_files import write_table
from annotriage.scoring.team_words import PREDICTED_FOR, team_text
from annotriage.writing import write_whole

if TYPE_CHECKING:
    from annotriage.model_file import ModelFile
    from annotriage.scoring.table_files import Value
    from annotriage.scoring.team import Team

FUNCTION, TASKS, LABELS = "annotriage_function.py", "annotriage_tasks.py", "labels.json"
LIST, FRAMES = "frames.csv", "frames.json"
"""The same twice: a spreadsheet is for people, and guards names that begin like a formula."""
COLUMNS = ("rank", "frame", "replicas", "predicted_dice", "disagreement", "lower", "upper", "decision", "path")

_FUNCTION = '''"""Marks where people may disagree on the frames of a CVAT task; written by Annotriage {version}.

    cvat-cli --server-host http://localhost:8080 task auto-annotate TASK --function-file {file}

It runs in the Python of cvat-cli, into which Annotriage must be installed, too.
What it marks can be changed: -p marks=str:tag,band,outline -p cutoff=float:0.3
"""

from pathlib import Path

MODEL = {model!r}
KEY = {key!r}
CUTOFF = {cutoff!r}
MARKS = {marks!r}
WAY = {way!r}
FRAMES = Path(__file__).with_name({frames!r})


def create(marks=MARKS, cutoff=CUTOFF):
    """Return the function; CVAT's client calls this."""
    try:
        from annotriage.labelling.cvat.function import create as made
    except ModuleNotFoundError as error:
        raise SystemExit(f"This Python has no {{error.name}}: install Annotriage and cvat-cli in one Python.") from None
    from annotriage.errors import AnnotriageError

    try:
        return made(MODEL, cutoff, marks, KEY, FRAMES, WAY)
    except AnnotriageError as error:
        raise SystemExit(str(error)) from None
'''

_TASKS = '''"""Makes the tasks of {frames} in CVAT, one for each number of people; written by Annotriage {version}.

    python {file} --host http://localhost:8080 --name lesions

It needs cvat-sdk (pip install cvat-sdk) and asks for name and password, or takes a personal access token from the
variable CVAT_ACCESS_TOKEN. A task that is to be drawn by several people has as many replicas of each job.
"""

import argparse
import getpass
import json
import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
IS_SHARE = {is_share!r}


def main() -> None:
    """Make the tasks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", required=True, help="http://localhost:8080")
    parser.add_argument("--user", help="name in CVAT; asked for where neither it nor a token is given")
    parser.add_argument("--name", default="lesions", help="what the tasks are called")
    parser.add_argument("--label", default="lesion", help="what people draw")
    parser.add_argument("--job-size", type=int, default=0, help="frames of a job; 0: all in one")
    given = parser.parse_args()
    try:
        make_tasks(given)
    except ModuleNotFoundError as error:
        raise SystemExit(f"This Python has no {{error.name}}: pip install cvat-sdk.") from None
    except (EOFError, KeyboardInterrupt):
        raise SystemExit("\\nStopped. Where nobody can type, set CVAT_ACCESS_TOKEN. Tasks above are made.") from None
    except Exception as error:
        why = " ".join(str(getattr(error, "body", None) or error).split())
        raise SystemExit(f"{{given.host}}: {{why[:500]}} Tasks named above are made.") from None


def make_tasks(given: argparse.Namespace) -> None:
    """Ask who it is, and make them."""
    from cvat_sdk import make_client, models
    from cvat_sdk.core.proxies.tasks import ResourceType

    token = os.environ.get("CVAT_ACCESS_TOKEN")
    credentials = None
    if not token:
        user = given.user or input("Name in CVAT: ")
        credentials = user, getpass.getpass("Password: ")
    frames = json.loads((HERE / {frames!r}).read_text(encoding="utf-8"))
    marked = json.loads((HERE / {labels!r}).read_text(encoding="utf-8"))
    labels = [{{"name": given.label, "type": "any", "attributes": []}}, *marked]
    new = "initial_replicas" in models.TaskWriteRequest.openapi_types
    with make_client(given.host, credentials=credentials, access_token=token) as client:
        for people in sorted({{frame["replicas"] for frame in frames}}):
            chosen = [frame for frame in frames if frame["replicas"] == people]
            noun = "people" if people > 1 else "person"
            spec = {{"name": f"{{given.name}} ({{people}} {{noun}} a frame)", "labels": labels}}
            if people > 1:
                spec["initial_replicas" if new else "consensus_replicas"] = people
            if given.job_size:
                spec["segment_size"] = given.job_size
            task = client.tasks.create_from_data(
                models.TaskWriteRequest(**spec),
                [frame["frame"] if IS_SHARE else frame["path"] for frame in chosen],
                resource_type=ResourceType.SHARE if IS_SHARE else ResourceType.LOCAL,
            )
            print(f"task {{task.id}}: {{spec['name']}}, {{len(chosen)}} frames")


if __name__ == "__main__":
    main()
'''


def write_cvat_files(
    folder: Path,
    frames: Sequence[Frame],
    model: "ModelFile",
    *,
    model_name: str,
    cutoff: float,
    marks: Sequence[Mark],
    is_share: bool,
    team: "Team | None" = None,
) -> list[Path]:
    """Write the files; each appears whole, and what else lies in the folder stays.

    Parameters
    ----------
    folder : Path
        Made where it does not exist.
    frames : sequence of Frame
    model : ModelFile
        That predicted, and that the function predicts with.
    model_name : str
        By which the function finds it: its name in the library, or its file.
    cutoff : float
        The predicted disagreement, 0..1, from which on the function calls a frame contentious.
    marks : sequence of Mark
        What the function marks.
    is_share : bool
        Whether CVAT reads the images from its share; else they are uploaded.
    team : Team or None
        For whom was predicted, and the function predicts; None: for everybody.

    Returns
    -------
    list of Path

    Raises
    ------
    AnnotriageError
        A file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AnnotriageError(f"The folder {folder} cannot be made ({error.strerror}); choose another place.") from None
    function = _FUNCTION.format(
        version=__version__,
        file=FUNCTION,
        model=model_name,
        key=model.key,
        cutoff=cutoff,
        marks=",".join(marks),
        way=MIXED if team is None else team.way,
        frames=FRAMES,
    )
    write_whole(folder / FUNCTION, function.encode())
    tasks = _TASKS.format(version=__version__, file=TASKS, frames=FRAMES, labels=LABELS, is_share=is_share)
    write_whole(folder / TASKS, tasks.encode())
    write_whole(folder / LABELS, json_bytes(label_definitions(marks)))
    whom = team_text(model.card, team)
    columns = [*COLUMNS, *([PREDICTED_FOR] if whom else [])]
    lines = [_line(frame) | {PREDICTED_FOR: whom if frame.row.rank else None} for frame in frames]
    for name in (LIST, FRAMES):
        write_table(lines, columns, folder / name, title="Frames")
    return [folder / name for name in (FUNCTION, TASKS, LABELS, LIST, FRAMES)]


def _line(frame: Frame) -> "dict[str, Value]":
    row = frame.row
    return {
        "rank": row.rank,
        "frame": frame.frame,
        "replicas": frame.replicas,
        "predicted_dice": row.predicted_dice,
        "disagreement": row.disagreement,
        "lower": row.lower,
        "upper": row.upper,
        "decision": row.decision.value,
        "path": str(row.path.absolute()),
    }

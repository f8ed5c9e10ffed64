"""Record a session file of the present schema, to be opened by all versions to come.

    python -m tests.triage.record_schema

Run it once for each new `annotriage.triage.tables.SCHEMA`, when it is released, and commit what it writes; a recording
is never written anew.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from annotriage.images import ImageFile
from annotriage.scoring.prediction import Prediction
from annotriage.triage.decisions import Decision, FileStamp, Review
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.store import SessionStore
from annotriage.triage.tables import SCHEMA

RELEASED = Path(__file__).parent / "released"
FOLDER = Path("/somewhere/Fotos mit ü")
MODEL = "a model"
HEATMAP = np.array([[-0.5, 0.25], [0.0, 1.0]], dtype=np.float32)
DICE = {"IMG_1.jpg": 0.25, "IMG_2.jpg": 0.75, "below/ü 3.png": 0.5}
FILE = FileStamp(10, 20, "a hash")
FAILED = {"bad.jpg": "The file is cut off."}


def image(name: str) -> ImageFile:
    """Return an image as it was when it was scored."""
    return ImageFile(FOLDER / name, name, 10, 20, None)


def write(path: Path) -> None:
    """Write a session with predictions, decisions, notes and undo."""
    with SessionStore(path) as store:
        done = [
            (
                image(name),
                Prediction(FOLDER / name, dice, dice - 0.1, dice + 0.1, {"heatmap": HEATMAP}, further={"count": 2.5}),
            )
            for name, dice in DICE.items()
        ]
        done += [(image(name), Prediction(FOLDER / name, error=error)) for name, error in FAILED.items()]
        store.keep(FOLDER, MODEL, done)
        journal = ReviewJournal(store, FOLDER)
        journal.record("Decide", {"IMG_1.jpg": Review(Decision.EXPERT, "Ann", "seen: ü")}, {"IMG_1.jpg": FILE})
        journal.record("Decide again", {"IMG_2.jpg": Review(Decision.ROUTINE)})
        journal.record("Undone later", {"IMG_2.jpg": Review(Decision.EXCLUDE)})
        journal.undo()


def main() -> None:
    """Record the present schema."""
    target = RELEASED / f"sessions-{SCHEMA}.sql"
    if target.exists():
        raise SystemExit(f"{target} is recorded already; a recording is never changed.")
    RELEASED.mkdir(exist_ok=True)
    with TemporaryDirectory() as work:
        path = Path(work) / "sessions.sqlite"
        write(path)
        with closing(sqlite3.connect(path)) as connection:
            lines = [*connection.iterdump(), f"PRAGMA user_version = {SCHEMA};"]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"Written: {target}")


if __name__ == "__main__":
    main()

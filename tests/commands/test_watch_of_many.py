"""5,000 files copied slowly into a watched folder, some renamed, some deleted, some replaced."""

import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from annotriage.commands.score_watch import WatchRun
from annotriage.model_file.opening import open_model_file
from annotriage.triage.ranking import rank, write_ranking
from annotriage.triage.session import Session
from annotriage.triage.store import SessionStore
from tests.commands.test_score import read_csv
from tests.pictures import write_pictures
from tests.tiny_models import write_tiny_model

FILES = 5000
IN_TWO_PARTS, RENAMED, DELETED, REPLACED = 3, 11, 13, 17
"""Every so many-th file."""


def copy_slowly(source: Path, folder: Path) -> Iterator[None]:
    """Copy all, in three folders, and change some of them afterwards; a pause may be made between any two steps."""
    for number in range(FILES):
        content = (source / f"{number}.png").read_bytes()
        target = folder / ("", "ward", "ward/late")[number % 3] / f"image{number}.png"
        target.parent.mkdir(exist_ok=True, parents=True)
        if number % IN_TWO_PARTS == 0:
            with target.open("wb") as file:
                file.write(content[: len(content) // 2])
                file.flush()
                yield
                file.write(content[len(content) // 2 :])
        else:
            part = target.with_name(f"{target.name}.part")
            part.write_bytes(content)
            os.replace(part, target)
        earlier = folder / ("", "ward", "ward/late")[(number - 50) % 3] / f"image{number - 50}.png"
        if number > 50 and number % RENAMED == 0:
            earlier.rename(earlier.with_name(f"renamed {number}.png"))
        elif number > 50 and number % DELETED == 0:
            earlier.unlink()
        elif number > 50 and number % REPLACED == 0:
            (folder / "passing.tmp").write_bytes((source / f"{random.randrange(FILES)}.png").read_bytes())
            os.replace(folder / "passing.tmp", earlier)
        yield


@pytest.mark.slow
def test_the_final_list_equals_that_of_a_run_over_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    monkeypatch.setattr("annotriage.images.watching.REST", 0.5)
    monkeypatch.setattr("annotriage.commands.score_watch._WRITE_AT_LATEST", 2.0)
    model = open_model_file(write_tiny_model(tmp_path / "tiny.onnx"))
    write_pictures(tmp_path / "from", FILES)
    folder, out = tmp_path / "to", tmp_path / "following.csv"
    folder.mkdir()
    stop, written = threading.Event(), []

    def copy() -> None:
        try:
            for at, _ in enumerate(copy_slowly(tmp_path / "from", folder)):
                if at % 20 == 0:
                    time.sleep(0.03)
            there = {str(path.relative_to(folder).as_posix()) for path in folder.rglob("*.png")}
            end = time.monotonic() + 100
            while time.monotonic() < end and (not written or written[-1] != there):
                time.sleep(0.1)
            time.sleep(1)  # what was replaced in its place comes after
        finally:
            stop.set()

    with SessionStore(tmp_path / "following.sqlite") as store:
        session = Session(folder, model, store)

        def write(rows: list) -> None:
            write_ranking(rows, out)
            written.append({row.image for row in rows})

        run = WatchRun(session, Console(quiet=True), write, top=0, interval=0.2)
        copying = threading.Thread(target=copy)
        copying.start()
        run.run(stop)
        copying.join()
    assert len(written) > 1, "it went on while files came"
    with SessionStore(tmp_path / "batch.sqlite") as store:
        session = Session(folder, model, store)
        for _ in session.score():
            pass
        write_ranking(rank(session.results()), tmp_path / "batch.csv")
    assert out.read_bytes() == (tmp_path / "batch.csv").read_bytes()
    assert len(read_csv(out)) == FILES - sum(1 for n in range(51, FILES) if n % DELETED == 0 and n % RENAMED)

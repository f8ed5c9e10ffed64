"""What people drew is kept beside the predictions: by source, whole or not at all, and known again after a restart."""

import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile
from annotriage.triage.decisions import FileStamp
from annotriage.triage.measured import BESIDE, Correction, MaskSource, MeasuredImage, SourceKind
from annotriage.triage.measured_images import MeasuredImages
from annotriage.triage.store import SessionStore
from tests.triage.test_released_schemas import VERSIONS, recorded

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FILES = MaskSource(
    SourceKind.FILES, "masks of readers", (Path("/data/readers"),), "{image}_{annotator}.png", "lesion",
    tasks=Path("/data/tasks.csv"), corrections=(Correction(Path("/data/readers/a.png"), 0, "a", "ann", ""),),
)  # fmt: skip
STUDIO = MaskSource(
    SourceKind.LABEL_STUDIO, "Label Studio, project 3", (Path("/a/3.json"),), resample=True, address="http://s",
    project=3,
)  # fmt: skip


def drawn(name: str, dice: float = 0.5, *people: str, at: datetime | None = NOON) -> MeasuredImage:
    names = people or ("ann", "bob")
    seconds = (12.5, *[None] * (len(names) - 1))
    return MeasuredImage(
        name, dice, dice, names, seconds, "", at, ((0, 1, dice),), made_on=FileStamp(10, 20, "c"), stamp="stamp"
    )


@pytest.fixture
def measured(store: SessionStore, tmp_path: Path) -> MeasuredImages:
    return MeasuredImages(store, tmp_path)


def test_all_that_is_written_is_read_again(measured: MeasuredImages, tmp_path: Path) -> None:
    alone = MeasuredImage("b ü.jpg", math.nan, math.nan, ("ann",), problem="The other one cannot be read.")
    measured.write(FILES, [drawn("a.jpg"), alone])
    measured.write(STUDIO, [drawn("below/c.jpg", 0.25, "x", "y", "z", at=None)])
    with SessionStore(tmp_path / "sessions.sqlite") as again:
        there = MeasuredImages(again, tmp_path)
        assert there.sources() == [FILES, STUDIO]
        read = there.read()
        assert read["a.jpg"] == replace(drawn("a.jpg"), source=FILES.words)
        assert read["below/c.jpg"] == replace(drawn("below/c.jpg", 0.25, "x", "y", "z", at=None), source=STUDIO.words)
        one = read["b ü.jpg"]
        assert (one.count, one.is_measured, one.problem, one.made_on) == (1, False, alone.problem, None)
        assert set(there.read_of(FILES)) == {"a.jpg", "b ü.jpg"}
        assert MeasuredImages(again, tmp_path / "other").read() == {}


def test_of_a_store_in_which_nobody_wrote_there_is_nothing(measured: MeasuredImages) -> None:
    assert measured.sources() == [] and measured.read() == {}
    measured.forget(FILES)


def test_a_source_replaces_what_it_said_before_and_nothing_else(measured: MeasuredImages) -> None:
    measured.write(FILES, [drawn("a.jpg"), drawn("b.jpg")])
    measured.write(STUDIO, [drawn("c.jpg")])
    changed = replace(FILES, pattern=None, label="all", words="the same folder, read otherwise")
    measured.write(changed, [drawn("b.jpg", 0.75)])
    assert {name: one.dice for name, one in measured.read().items()} == {"b.jpg": 0.75, "c.jpg": 0.5}
    assert measured.sources() == [changed, STUDIO]
    measured.add(changed, [drawn("d.jpg"), drawn("b.jpg", 0.125)], gone=["no.jpg"])
    measured.add(STUDIO, [], gone=["c.jpg"])
    assert {name: one.dice for name, one in measured.read().items()} == {"b.jpg": 0.125, "d.jpg": 0.5}
    measured.forget(changed)
    assert measured.read() == {} and measured.sources() == [STUDIO]


def test_which_of_several_sources_stands(measured: MeasuredImages, tmp_path: Path) -> None:
    later = datetime(2026, 3, 2, tzinfo=UTC)
    measured.write(FILES, [drawn("more.jpg", 0.1, "a", "b", "c"), drawn("later.jpg", 0.2), drawn("file.jpg", 0.3)])
    other = replace(drawn("file.jpg", 0.9, "a", "b", "c"), made_on=FileStamp(1, 1))
    measured.write(BESIDE, [drawn("more.jpg", 0.9, at=later), drawn("later.jpg", 0.4, at=later), other])
    files = {name: ImageFile(tmp_path / name, name, 10, 20, None) for name in ("more.jpg", "later.jpg", "file.jpg")}
    assert {name: one.dice for name, one in measured.read(files).items()} == {
        "more.jpg": 0.1, "later.jpg": 0.4, "file.jpg": 0.3,
    }  # fmt: skip
    assert measured.read()["file.jpg"].dice == 0.9


def test_what_fails_in_the_middle_changes_nothing(measured: MeasuredImages) -> None:
    measured.write(FILES, [drawn("a.jpg")])

    def broken() -> Iterator[MeasuredImage]:
        yield drawn("b.jpg")
        raise ValueError("on the way")

    with pytest.raises(ValueError, match="on the way"):
        measured.write(FILES, broken())
    assert set(measured.read()) == {"a.jpg"}


@pytest.mark.parametrize("version", VERSIONS)
def test_files_of_every_version_take_it_in(version: int, tmp_path: Path) -> None:
    with SessionStore(recorded(version, tmp_path / "old.sqlite")) as store:
        measured = MeasuredImages(store, tmp_path)
        assert measured.read() == {}
        measured.write(FILES, [drawn("a.jpg")])
        assert set(measured.read()) == {"a.jpg"}


def _people(**changed: object) -> str:
    said = {"annotators": ["a", "b"], "seconds": [], "pairs": [[0, 1, 0.5]], "problem": "", "measured_at": None}
    return json.dumps(said | changed)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("measured_images", "name", b"a.jpg"), ("measured_images", "dice", 7), ("measured_images", "dice_min", "half"),
        ("measured_images", "size", "ten"), ("measured_images", "content", b"c"), ("measured_images", "stamp", b"s"),
        *(("measured_images", "people", value) for value in (
            b"{}", "", "[]", "{}", "[" * 100_000, _people(annotators=[1]), _people(seconds=[1.0]),
            _people(pairs=[[0, 2, 0.5]]), _people(pairs=[[0]]), _people(measured_at="soon"), _people(problem=None),
        )),
        *(("mask_sources", "source", value) for value in (b"x", "", "1", "{}", '{"kind": "no"}')),
    ],
)  # fmt: skip
def test_what_damage_made_of_it_is_told(tmp_path: Path, table: str, column: str, value: object) -> None:
    path = tmp_path / "sessions.sqlite"
    with SessionStore(path) as store:
        MeasuredImages(store, tmp_path).write(FILES, [drawn("a.jpg")])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"UPDATE {table} SET {column} = ?", (value,))
        connection.commit()
    with SessionStore(path) as store, pytest.raises(AnnotriageError, match="is damaged"):
        MeasuredImages(store, tmp_path).read()

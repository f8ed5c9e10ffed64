"""`annotriage cvat`: which frames deserve replicas, what they are called, what is refused."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from annotriage.commands import cvat, score
from annotriage.errors import AnnotriageError
from annotriage.model_file import ModelLibrary, library
from annotriage.triage.decisions import Decision
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.store import SessionStore
from tests.pictures import write_picture, write_pictures
from tests.tiny_models import write_tiny_model

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "resources_folder", lambda: tmp_path / "nowhere")
    ModelLibrary().import_model(write_tiny_model(tmp_path / "tiny.onnx"))
    ModelLibrary().set_default("tiny")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten scored images, from the most contentious; one for experts, one excluded; and one that cannot be read."""
    folder = tmp_path / "photos"
    write_pictures(folder, 10)
    (folder / "broken.jpg").write_bytes(b"no image")
    run("score", folder)
    with SessionStore() as store:
        journal = ReviewJournal(store, folder)
        journal.change("decide", ["7.png"], lambda review: replace(review, decision=Decision.EXPERT))
        journal.change("decide", ["1.png"], lambda review: replace(review, decision=Decision.EXCLUDE))
    return folder


def run(*arguments: str | Path | int | float) -> Result:
    app = typer.Typer()
    score.register(app)
    cvat.register(app)
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, [str(each) for each in arguments])


def frames(out: Path) -> dict[str, str]:
    with (out / "frames.csv").open(encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    assert [line["rank"] for line in lines] == sorted((line["rank"] for line in lines), key=int)
    listed = {line["frame"]: line["replicas"] for line in lines}
    assert {line["frame"]: str(line["replicas"]) for line in json.loads((out / "frames.json").read_text())} == listed
    return listed


@pytest.mark.parametrize(
    ("options", "several", "said"),
    [
        ((), {"0.png"}, "a fifth of the images"),  # two are above the cut-off, one of them is excluded
        (("--top", 3), {"0.png", "2.png"}, "the most contentious"),
        (("--experts",), {"7.png"}, "decided for experts"),
        (("--cutoff", 1), set(), "at least 1.00"),
    ],
)
def test_those_that_deserve_it_have_replicas(
    folder: Path, tmp_path: Path, options: tuple[str | int, ...], several: set[str], said: str
) -> None:
    result = run("cvat", folder, "--out", tmp_path / "out", "--replicas", 3, *options)
    assert result.exit_code == 0, result.output
    listed = frames(tmp_path / "out")
    assert listed.keys() == {f"{number}.png" for number in range(10)} - {"1.png"}
    assert {name for name, replicas in listed.items() if replicas == "3"} == several
    assert {replicas for name, replicas in listed.items() if name not in several} == {"1"}
    assert said in result.output and "Left out: 2 images" in result.output
    for name in ("annotriage_function.py", "annotriage_tasks.py"):
        compile((tmp_path / "out" / name).read_text(), name, "exec")
    assert "'tiny'" in (tmp_path / "out" / "annotriage_function.py").read_text()


def test_frames_are_called_as_cvat_calls_them(tmp_path: Path) -> None:
    write_picture(tmp_path / "share" / "photos" / "a" / "1.png", 0.3)
    write_picture(tmp_path / "share" / "photos" / "b" / "2.png", 0.5)
    folder = tmp_path / "share" / "photos"
    run("score", folder)
    assert run("cvat", folder, "--out", tmp_path / "out").exit_code == 0
    assert frames(tmp_path / "out").keys() == {"1.png", "2.png"}
    assert run("cvat", folder, "--out", tmp_path / "out", "--share", tmp_path / "share").exit_code == 0
    assert frames(tmp_path / "out").keys() == {"photos/a/1.png", "photos/b/2.png"}
    assert "IS_SHARE = True" in (tmp_path / "out" / "annotriage_tasks.py").read_text()
    write_picture(folder / "b" / "1.png", 0.7)
    run("score", folder)
    twice = run("cvat", folder, "--out", tmp_path / "out")
    assert isinstance(twice.exception, AnnotriageError) and "same name (1.png)" in str(twice.exception)
    outside = run("cvat", folder, "--out", tmp_path / "out", "--share", tmp_path / "share" / "photos" / "a")
    assert isinstance(outside.exception, AnnotriageError) and "does not lie below" in str(outside.exception)


def test_what_cannot_be_is_said(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("cvat", folder, "--out", out, "--top", 3, "--experts").exit_code == 2
    assert run("cvat", folder, "--out", out, "--replicas", 1).exit_code == 2
    assert run("cvat", folder, "--out", folder).exit_code == 2
    (tmp_path / "empty").mkdir()
    write_pictures(tmp_path / "new", 2)
    for place, options, said in (
        (folder, ("--mark", "lines"), "tag, band, outline"),
        (tmp_path / "empty", (), "no images"),
        (tmp_path / "new", (), "annotriage score"),
    ):
        result = run("cvat", place, "--out", out, *options)
        assert isinstance(result.exception, AnnotriageError) and said in str(result.exception)
    assert not out.exists()

"""`annotriage export`: every format of the window, by the same functions."""

import csv
import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from annotriage.commands import score
from annotriage.commands.export import register
from annotriage.desktop.report import export as report_export
from annotriage.errors import AnnotriageError
from annotriage.model_file import ModelLibrary, library
from annotriage.triage.decision_import import read_decisions
from annotriage.triage.decisions import Decision
from annotriage.triage.exports.formats import FORMATS, ExportFormat, Number
from annotriage.triage.exports.formats import register as register_format
from annotriage.triage.exports.order import ExportOrder, ExportResult, Progress
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.store import SessionStore
from tests.pictures import write_pictures
from tests.tiny_models import write_tiny_model

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "resources_folder", lambda: tmp_path / "nowhere")
    ModelLibrary().import_model(write_tiny_model(tmp_path / "tiny.onnx"))
    ModelLibrary().set_default("tiny")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six scored images, of which one is for experts and one cannot be read."""
    folder = tmp_path / "photos"
    write_pictures(folder, 6)
    (folder / "broken.jpg").write_bytes(b"no image")
    program("score", folder)
    with SessionStore() as store:
        ReviewJournal(store, folder).change(
            "decide", ["2.png"], lambda review: replace(review, decision=Decision.EXPERT)
        )
    return folder


def program(*arguments: str | Path | int) -> Result:
    app = typer.Typer()
    score.register(app)
    register(app)
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, [str(each) for each in arguments])


def export(*arguments: str | Path | int) -> Result:
    return program("export", *arguments)


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".json"])
def test_a_list_can_be_read_back(folder: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"list{ending}"
    result = export("list", folder, "--out", out, "--cutoff", 0.4)
    assert result.exit_code == 0, result.output
    assert "The list of 7 images is written." in result.output
    if ending == ".csv":
        with out.open() as file:
            lines = list(csv.DictReader(file))
        assert len(lines) == 7 and {line["cut_off"] for line in lines} == {"0.40"}
        assert [line["image"] for line in lines if line["decision"] == "expert"] == ["2.png"]
    assert read_decisions(out).problems == []


@pytest.mark.parametrize("format_", ["list", "images", "report"])
def test_where_there_is_nothing_to_export_it_says_why(format_: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    out = tmp_path / {"list": "out.csv", "images": "out", "report": "out.pdf"}[format_]
    result = export(format_, tmp_path / "empty", "--out", out)
    assert isinstance(result.exception, AnnotriageError) and "There are no images in" in str(result.exception)
    assert not out.exists()
    if format_ != "report":  # which tells of the whole folder, too
        write_pictures(tmp_path / "photos", 2)
        result = export(format_, tmp_path / "photos", "--images", "experts", "--out", out)
        assert isinstance(result.exception, AnnotriageError) and "is decided for experts" in str(result.exception)
        assert not out.exists()


def test_the_images_for_experts_are_copied_or_linked(folder: Path, tmp_path: Path) -> None:
    assert "written now" in export("images", folder, "--images", "experts", "--out", tmp_path / "copies").output
    assert sorted(each.name for each in (tmp_path / "copies").iterdir()) == ["2.png", "list.csv"]
    assert export("images", folder, "--out", tmp_path / "links", "--link").exit_code == 0
    assert all(each.is_symlink() for each in (tmp_path / "links").glob("*.png"))
    assert len(list((tmp_path / "links").glob("*.png"))) == 6


def test_what_cannot_be_copied_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "3.png").write_text("another one")
    result = export("images", folder, "--out", tmp_path / "out")
    assert result.exit_code == 3
    assert "3.png: Another file of this name is in the folder" in result.output


def test_label_studio_gets_tasks_of_the_folder_that_it_serves(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "tasks.json"
    assert export("label-studio", folder, "--out", out, "--root", tmp_path).exit_code == 0
    tasks = json.loads(out.read_text())
    assert len(tasks) == 6
    assert all("photos/" in task["data"]["image"] for task in tasks)
    assert all(set(task["data"]) == {"image", "name"} for task in tasks), "neither rank nor decision is shown"
    told = export("label-studio", folder, "--out", out, "--show")
    assert f"LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={folder.parent}" in " ".join(told.output.split())
    assert json.loads(out.read_text())[0]["data"]["rank"] == 1
    assert json.loads(out.read_text())[0]["data"]["image"] == tasks[0]["data"]["image"], "the root is the folder above"
    with pytest.raises(AnnotriageError, match="does not lie below"):
        raise export("label-studio", folder, "--out", out, "--root", tmp_path / "elsewhere").exception  # type: ignore[misc]


def test_a_report_is_drawn_without_a_window_or_a_screen(folder: Path, tmp_path: Path, qt: None) -> None:
    out = tmp_path / "report.pdf"
    unset = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    done = subprocess.run(
        [sys.executable, "-m", "annotriage", "export", "report", str(folder), "--out", str(out), "--top", "3"],
        env={name: value for name, value in os.environ.items() if name not in unset},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "The report is written." in done.stderr
    assert out.read_bytes().startswith(b"%PDF")


def test_where_qt_is_missing_the_report_says_so(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from annotriage.desktop import qt_libraries

    monkeypatch.setattr(qt_libraries, "find_spec", lambda name: None)
    error = export("report", folder, "--out", tmp_path / "report.pdf").exception
    assert isinstance(error, AnnotriageError)
    assert "A PDF report needs PySide6" in str(error)
    assert not (tmp_path / "report.pdf").exists()
    assert report_export.__name__  # the room can be loaded all the same


def test_what_is_not_scored_yet_is_said(tmp_path: Path) -> None:
    write_pictures(tmp_path / "new", 2)
    result = export("list", tmp_path / "new", "--out", tmp_path / "list.csv")
    assert result.exit_code == 0
    assert "Not scored yet: 2 images" in result.output


def test_wrong_places_are_refused_before_any_work(folder: Path, tmp_path: Path) -> None:
    assert "does not end in" in export("list", folder, "--out", tmp_path / "list.doc").output
    error = export("images", folder, "--out", folder / "copies").exception
    assert "outside of the open one" in str(error)
    assert not (folder / "copies").exists()


def test_a_registered_format_is_offered_by_command_and_window(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qt: None, qtbot: object
) -> None:
    from annotriage.desktop.dialogs.export_form import ExportForm
    from annotriage.triage.exports.choice import ExportChoice
    from tests.desktop.finding import find

    def write(order: ExportOrder, progress: Progress, stop: threading.Event) -> ExportResult:
        order.target.write_text(f"{order.options['copies']} times {len(order.images())}")
        return ExportResult("Counted.", order.target)

    monkeypatch.setitem(FORMATS, "count", FORMATS["list"])
    register_format(
        ExportFormat(
            name="count", title="&Count", sentence="A number", help="Write a number.", noun="count",
            endings=((".txt", "Text"),), write=write, button=lambda count, _: f"Count {count}",
            fields=(Number("copies", "How often", 2, 1, 9),),
        )
    )  # fmt: skip
    out = tmp_path / "count.txt"
    assert "Counted." in export("count", folder, "--out", out, "--copies", 3).output
    assert out.read_text() == "3 times 7"
    form = ExportForm(ExportChoice("count"))
    assert form.choice().answers == {"copies": 2}
    assert form.choice().button(4) == "Count 4"
    assert find(form, "format-count").isChecked()  # type: ignore[attr-defined]
    find(form, "count-copies").setValue(5)  # type: ignore[attr-defined]
    assert form.choice().answers == {"copies": 5}
    form.deleteLater()

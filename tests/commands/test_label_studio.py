"""`annotriage label-studio`: send, look, fetch; and what is said when something is missing."""

import csv
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from annotriage.commands.app import app
from annotriage.labelling.label_studio.tokens import VARIABLE
from annotriage.model_file import ModelLibrary, library
from tests.labelling.label_studio.fake_server import TOKEN, FakeLabelStudio
from tests.labelling.label_studio.test_client import Ring
from tests.labelling.label_studio.test_fetching import drawn, square, task_of
from tests.pictures import write_pictures
from tests.tiny_models import write_tiny_model

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANNOTRIAGE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(library, "resources_folder", lambda: tmp_path / "nowhere")
    monkeypatch.setenv(VARIABLE, TOKEN)
    ModelLibrary().import_model(write_tiny_model(tmp_path / "tiny.onnx"))
    ModelLibrary().set_default("tiny")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six scored images."""
    write_pictures(tmp_path / "photos", 6)
    assert program("score", tmp_path / "photos").exit_code == 0
    return tmp_path / "photos"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeLabelStudio]:
    with FakeLabelStudio(str(tmp_path)) as server:
        yield server


def program(*arguments: str | Path | int) -> Result:
    return CliRunner(env={"COLUMNS": "300", "NO_COLOR": "1"}).invoke(app, [str(each) for each in arguments])


def studio(verb: str, *arguments: str | Path | int) -> Result:
    return program("label-studio", verb, *arguments)


def test_from_sending_to_the_table(server: FakeLabelStudio, folder: Path, tmp_path: Path) -> None:
    sent = studio("send", folder, "--url", server.url, "--experts-first", 2, "--overlap-experts", 3)
    assert sent.exit_code == 0, sent.output
    assert "Annotators see neither rank nor decision." in sent.output
    assert "Made: project 1 (Annotriage photos)." in sent.output
    assert "To be drawn: 4 images by 1 person, 2 images by 3 people." in sent.output
    assert f"{server.url}/projects/1/" in sent.output
    again = studio("send", folder)
    assert again.exit_code == 0 and "6 as they were" in again.output, "the server and the project of the last time"
    assert "4 images by 1 person, 2 images by 3 people" in again.output, "what was chosen before holds"
    assert "6 images by 2 people" in studio("send", folder, "--experts-first", 0, "--overlap-routine", 2).output
    assert "6 images by 1 person" in studio("send", folder, "--overlap-routine", 1).output
    for person in (1, 2):
        server.draw(person, task_of(server, "3.png"), drawn(square(4, 4 + person)))
    assert "Sent: 6 images." in studio("status", folder).output
    fetched = studio("fetch", folder)
    assert fetched.exit_code == 0 and "1 image new or changed. Measured now: 1 image, mean Dice 0.950" in fetched.output
    out = tmp_path / "metrics.csv"
    assert studio("fetch", folder, "--out", out).exit_code == 0
    (line,) = csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines())
    assert (line["image"], line["count"], float(line["dice_mean"])) == ("3", "2", pytest.approx(0.95))
    agree = program(
        "agree", next((tmp_path / "home" / "label-studio").glob("*/annotations.json")), "--out", tmp_path / "b.csv"
    )
    assert agree.exit_code == 0
    assert (tmp_path / "b.csv").read_text() == out.read_text(), "the same table as of the file alone"


def test_only_some_are_sent(server: FakeLabelStudio, folder: Path) -> None:
    assert studio("send", folder, "--url", server.url, "--first", 2, "--upload").exit_code == 0
    assert len(server.held.tasks) == 2 and len(server.held.uploads) == 2
    assert studio("send", folder).exit_code == 0 and len(server.held.uploads) == 6, "they are uploaded as before"
    assert studio("send", folder, "--new-project", "All of them", "--queue", "mixed", "--allow-empty").exit_code == 0
    held = server.held.projects[2]
    assert (held["title"], held["sampling"], held["enable_empty_annotation"]) == (
        "All of them",
        "Uncertainty sampling",
        True,
    )
    shown = studio(
        "send", folder, "--new-project", "Shown", "--show", "rank, score", "--with", "band", "--label", "nevus"
    )
    assert shown.exit_code == 0 and "Annotators see rank, score of each image, which may bias them." in shown.output
    assert (
        "border band" in server.held.projects[3]["label_config"] and "nevus" in server.held.projects[3]["label_config"]
    )


def test_what_cannot_be_is_said(server: FakeLabelStudio, folder: Path, tmp_path: Path) -> None:
    assert "no server is known for this folder yet" in str(studio("send", folder).output)
    assert studio("status", folder).exit_code == 2
    assert studio("send", folder, "--url", server.url, "--show", "everything").exit_code == 2
    assert studio("send", folder, "--url", server.url, "--upload", "--root", tmp_path).exit_code == 2
    assert studio("send", folder, "--url", server.url, "--project", 1, "--new-project", "x").exit_code == 2
    assert "no project 7" in str(studio("send", folder, "--url", server.url, "--project", 7).exception)
    sentence = "ftp://x is no address of a server"
    (line,) = [each for each in program("doctor", "--label-studio", "ftp://x").output.splitlines() if sentence in each]
    assert "FAIL" in line and "Install" not in line
    assert "was not sent to" in studio("fetch", folder, "--url", server.url).output
    server.files = set()
    some = studio("send", folder, "--url", server.url)
    assert some.exit_code == 3 and "6 of 6 images looked at do not load" in some.output


def test_without_a_token_nobody_is_asked_who_is_not_there(
    server: FakeLabelStudio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    result = studio("send", folder, "--url", server.url)
    assert VARIABLE in str(result.exception) and "nobody is there to be asked" in str(result.exception)
    assert not server.requests


def test_a_send_that_is_cut_is_told_to_go_on(server: FakeLabelStudio, folder: Path) -> None:
    server.cut_before = set(range(8, 99))
    cut = studio("send", folder, "--url", server.url)
    assert cut.exit_code == 1 and "What was sent is kept; the same command goes on." in str(cut.exception)
    server.cut_before = set()
    assert studio("send", folder).exit_code == 0


def test_a_third_person_draws_once_three_are_wanted(server: FakeLabelStudio, folder: Path) -> None:
    """Two drew what was for two; then three are wanted: it is handed out again, and the third outline is measured."""
    wanted = ("--experts-first", 2, "--overlap-experts")
    assert studio("send", folder, "--url", server.url, *wanted, 2).exit_code == 0
    twice = [number for number, task in server.held.tasks.items() if task["overlap"] == 2]
    task = server.held.tasks[twice[0]]
    server.people[3] = "c@example.org"
    for person in (1, 2):
        server.draw(person, task["id"], drawn(square(4, 4)))
    fetched = studio("fetch", folder)
    assert "and 1 image by several" in fetched.output and "mean Dice 1.000" in fetched.output
    assert task["is_labeled"] and server.next_for(3, 1) is not task
    assert "Waiting for" in studio("status", folder).output

    sent = studio("send", folder, *wanted, 3)
    assert sent.exit_code == 0 and "2 images by 3 people" in sent.output, sent.output
    assert [held["overlap"] for held in server.held.tasks.values()].count(3) == 2
    assert len(server.held.tasks) == 6 and len(server.held.annotations) == 2, "nothing is doubled, nothing is lost"
    assert server.next_for(3, 1) is task and server.next_for(1, 1) is not task
    status = studio("status", folder).output
    assert "Waiting for another person: 1 image, after a@example.org and b@example.org." in status, status

    server.draw(3, task["id"], drawn(square(4, 9)), seconds=7)
    fetched = studio("fetch", folder)
    assert "1 image new or changed. Measured now: 1 image, mean Dice 0.833" in fetched.output, fetched.output
    assert task["is_labeled"] and "c@example.org 1" in studio("status", folder).output


def test_a_token_is_asked_for_once_and_forgotten_when_wished(
    server: FakeLabelStudio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    before, ring = keyring.get_keyring(), Ring()
    keyring.set_keyring(ring)
    try:
        monkeypatch.setattr("annotriage.commands.label_studio_parts._is_watched", lambda: True)
        asked = CliRunner(env={"COLUMNS": "300"}).invoke(
            app, ["label-studio", "send", str(folder), "--url", server.url], input=f"{TOKEN}\n"
        )
        assert asked.exit_code == 0 and "kept in the system's keyring" in asked.output and TOKEN not in asked.output
        assert list(ring.kept.values()) == [TOKEN]
        assert studio("status", folder).exit_code == 0
        assert "is forgotten" in studio("forget", "--url", server.url).output and not ring.kept
        assert "No token was kept" in studio("forget", "--url", f"{server.url}/projects/1/").output
        monkeypatch.setenv(VARIABLE, TOKEN)
        assert f"{VARIABLE} gives one still" in studio("forget", "--url", server.url).output
        ring.error = keyring.errors.KeyringLocked("x")
        locked = studio("forget", "--url", server.url)
        assert locked.exit_code == 1 and "is not forgotten, if one was kept" in str(locked.exception)
        assert "No token" not in locked.output
    finally:
        keyring.set_keyring(before)


def test_the_doctor_looks_at_a_server(server: FakeLabelStudio, folder: Path) -> None:
    well = program("doctor", "--label-studio", server.url, "--images", folder)
    assert well.exit_code == 0 and "All is well." in well.output
    server.root = None
    result = program("doctor", "--label-studio", server.url, "--images", folder)
    assert result.exit_code == 1
    assert "FAIL local files" in result.output and "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true" in result.output


def test_watching_goes_on_where_the_server_is_gone_for_a_while(
    server: FakeLabelStudio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert studio("send", folder, "--url", server.url, "--overlap-routine", 2).exit_code == 0
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            server.cut_from_now(before=set(range(1, 9)))
        elif len(waits) == 2:
            server.cut_from_now()
            for person in (1, 2):
                server.draw(person, task_of(server, "3.png"), drawn(square(4, 4)))
        else:
            raise KeyboardInterrupt

    monkeypatch.setattr("annotriage.commands.label_studio.time.sleep", wait)
    result = studio("fetch", folder, "--watch", 60)
    assert result.exit_code == 130 and waits == [60, 60, 60]
    assert "was cut" in result.output and "tried again in 60 seconds" in result.output
    assert result.output.count("Measured now: 1 image") == 1
    assert "What was done is kept" in result.output


@pytest.mark.copies
def test_of_nearly_the_same_picture_one_is_sent_and_the_others_are_named(server: FakeLabelStudio, folder: Path) -> None:
    from annotriage.datasets.synthesis.drawing import draw_lesion

    photos = folder.parent / "copies"
    photos.mkdir()
    for number in range(3):
        image = Image.fromarray(draw_lesion(number, ambiguous=False, size=(128, 128)).rgb)
        image.save(photos / f"{number}.png")
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(photos / f"{number} turned.png")
    assert program("score", photos).exit_code == 0
    sent = studio("send", photos, "--url", server.url, "--first", 6)
    assert sent.exit_code == 0, sent.output
    assert "Not sent, as nearly the same picture is, or the experts have it: 3 images (" in sent.output
    assert "3 images by 1 person" in sent.output
    everything = studio("send", photos)
    assert "Not sent" not in everything.output and "6 images by 1 person" in everything.output, "all were asked for"

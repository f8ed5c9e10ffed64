"""`annotriage train`: what it says to a person and to a program, and what it refuses before any work."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from annotriage.commands import train as train_command
from annotriage.commands import train_report
from annotriage.errors import AnnotriageError
from annotriage.regressors.fitting.controls import Stopped
from annotriage.regressors.pipeline import train as training
from tests.regressors.small import write_folder

pytestmark = pytest.mark.slow


def invoke(folder: Path, *arguments: str) -> Any:
    """Run the command in this process on a small folder."""
    if not (folder / "data").exists():
        write_folder(folder / "data", 24)
        text = 'name = "tiny"\nbackbone = "mobilenet_v3_large"\nweights = "none"\nimage_size = 32\n'
        text += "[fit]\nbatch_size = 4\n"
        (folder / "tiny.toml").write_text(text)
    app = typer.Typer()
    app.command("nothing")(lambda: None)
    train_command.register(app)
    data = ["--images", str(folder / "data" / "images"), "--labels", str(folder / "data" / "metrics.csv")]
    line = ["train", str(folder / "tiny.toml"), *data, "--out", str(folder / "run"), *arguments]
    return CliRunner().invoke(app, line, env={"COLUMNS": "200", "NO_COLOR": "1"})


def test_an_unknown_device_is_refused_with_those_to_choose_from(tmp_path: Path) -> None:
    said = invoke(tmp_path, "--device", "abacus", "--events")
    assert isinstance(said.exception, AnnotriageError) and "auto, cpu, cuda, mps" in str(said.exception)
    event = json.loads(said.stdout)
    assert event == {"event": "failed", "reason": str(said.exception), "resume": False}
    assert not (tmp_path / "run").exists()


def test_an_estimate_is_said_to_a_person_in_words(tmp_path: Path) -> None:
    said = invoke(tmp_path, "--estimate", "--device", "cpu")
    assert said.exit_code == 0, said.output
    assert "A run of tiny takes at most about" in said.output and "on processor" in said.output
    assert "Left out" in said.output and "random weights" in said.output
    assert not (tmp_path / "run").exists(), "nothing is trained"


@pytest.mark.parametrize("end", [Stopped, KeyboardInterrupt])
def test_a_stop_is_told_and_keeps_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: type) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise end

    monkeypatch.setattr(training, "train", stopped)
    said = invoke(tmp_path, "--events")
    assert said.exit_code == 130
    assert json.loads(said.stdout) == {"event": "failed", "reason": "stopped", "resume": True}
    assert "--resume goes on" in said.stderr


def test_a_full_disk_is_a_sentence_for_a_person_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "best.ckpt")

    monkeypatch.setattr(training, "train", full)
    said = invoke(tmp_path)
    assert isinstance(said.exception, AnnotriageError)
    assert "The disk is full: best.ckpt" in str(said.exception) and "resume" in str(said.exception)


def test_what_happens_is_told_a_line_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    epoch = {"event": "epoch", "epoch": 2, "epochs": 9, "seconds": 61.0, "train_loss": 0.1, "seconds_left": 420.0}
    for event in ({"event": "step"}, {"event": "hardest"}, {"event": "paused"}, epoch, {"event": "finishing"}):
        train_report.words(event)
    assert capsys.readouterr().out.splitlines() == [
        "  epoch 2 of 9: train loss 0.1000 (61 s, at most about 7 min left)",
        "  ends with its best epoch",
    ]


def test_events_hold_names_of_any_letters_and_are_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    train_report.events({"event": "hardest", "images": [{"image": "läsion\udcff.png"}]})
    said = capsys.readouterr().out
    assert said.isascii() and json.loads(said)["images"][0]["image"] == "läsion\udcff.png"

"""How the program ends: with a sentence and the exit code that it promises."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from annotriage.commands import app as program
from annotriage.errors import AnnotriageError
from annotriage.program import Desktop


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "annotriage", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
    )


def ends_with(monkeypatch: pytest.MonkeyPatch, raised: BaseException) -> int | str | None:
    def app(standalone_mode: bool, prog_name: str, obj: object) -> None:
        assert not standalone_mode and prog_name == "annotriage"
        raise raised

    monkeypatch.setattr(program, "app", app)
    with pytest.raises(SystemExit) as ended:
        program.run(Desktop())
    return ended.value.code


@pytest.mark.slow
@pytest.mark.parametrize("verb", program.VERBS)
def test_every_verb_explains_itself_with_an_example(verb: str) -> None:
    said = run(verb, "--help")
    assert said.returncode == 0
    assert f"annotriage {verb}" in said.stdout


@pytest.mark.slow
def test_wrong_usage_ends_with_2() -> None:
    said = run("scroe")
    assert said.returncode == 2
    assert "scroe" in said.stderr and "Traceback" not in said.stderr


@pytest.mark.slow
def test_what_a_user_can_mend_ends_with_1_and_its_sentence(tmp_path: Path) -> None:
    said = run("score", str(tmp_path), "--model", "no-such-model")
    assert said.returncode == 1
    assert "no-such-model" in said.stderr and "Traceback" not in said.stderr


def test_ctrl_c_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ends_with(monkeypatch, KeyboardInterrupt()) == 130


def test_an_error_of_ours_ends_with_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert ends_with(monkeypatch, AnnotriageError("The disk is full.")) == 1
    assert "The disk is full." in capsys.readouterr().err


@pytest.mark.slow
def test_starting_loads_nothing_heavy() -> None:
    heavy = {"torch", "scipy", "pandas", "matplotlib", "onnxruntime", "PIL", "sqlalchemy", "openpyxl"}
    code = f"import sys, annotriage.commands.app; print(sorted({heavy!r} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize("arguments", [["score", ""], ["agree", "masks", "--out", ""]])
def test_an_empty_argument_is_no_folder(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script's variable that was never set: the folder that it runs in is not meant."""
    monkeypatch.setattr(sys, "argv", ["annotriage", *arguments])
    with pytest.raises(SystemExit) as ended:
        program.run(Desktop())
    assert ended.value.code == 2
    assert "An argument is empty" in capsys.readouterr().err

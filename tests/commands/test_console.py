"""What reaches the terminal: no sequence out of a file, every letter, and a sentence where nothing can be written."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

import annotriage.commands
from annotriage.commands import app
from annotriage.commands.console import clean, safe_console_class, say
from annotriage.errors import AnnotriageError
from tests.pictures import write_pictures

HOSTILE = "a\x1b]0;title\x07\x1b[31mred\x1b]52;c;aGk=\x07\x9b2J\u202egnp.exe"


def steers(text: str) -> bool:
    return any(letter in text for letter in "\x07\x9b\u202e") or bool(re.search("\x1b(?!\\[[?0-9;]*[a-zA-Z])", text))


def test_letters_of_all_languages_stay() -> None:
    text = "Läsion\t病変\n\N{MULTIPLICATION SIGN} é 1\N{NARROW NO-BREAK SPACE}000 🩺"
    assert clean(text) == text


@pytest.mark.parametrize("as_table", [False, True])
def test_rich_passes_no_sequence_of_a_text_on(as_table: bool) -> None:
    said = io.StringIO()
    console = safe_console_class()(file=said, force_terminal=True, width=200, color_system="standard")
    if as_table:
        table = Table(title=HOSTILE)
        table.add_column(HOSTILE)
        table.add_row(Text(HOSTILE), style="bold")
        console.print(table)
    else:
        console.print(HOSTILE, style="bold", markup=False)
    assert "title" in said.getvalue() and not steers(said.getvalue())
    assert "\x1b[1" in said.getvalue(), "its own styles stay"
    assert "\x1b[31mred" not in said.getvalue()


def test_plain_texts_pass_no_sequence_on(capsys: pytest.CaptureFixture[str]) -> None:
    say(HOSTILE)
    assert "title" in capsys.readouterr().out and not steers(capsys.readouterr().out)


def test_commands_have_no_other_door_to_the_terminal() -> None:
    folder = Path(next(iter(annotriage.commands.__path__)))
    for file in folder.glob("*.py"):
        if file.name != "console.py":
            assert not re.search(r"typer\.s?echo\(|(?<![\w_])Console\(", file.read_text("utf-8")), file


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
@pytest.mark.parametrize("command", [["score"], ["agree"]])
def test_names_of_files_do_not_steer_the_terminal(tmp_path: Path, command: list[str]) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    write_pictures(folder, 2)
    (folder / "0.png").rename(folder / f"{HOSTILE[:40].replace('/', '')}.png")
    (folder / "\x1b]0;bad\x07.png").write_bytes(b"no image")
    done = subprocess.run(
        [sys.executable, "-m", "annotriage", *command, str(folder)],
        env=os.environ | {"FORCE_COLOR": "1", "COLUMNS": "200"}, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    for said in (done.stdout, done.stderr):
        assert not steers(said.decode("utf-8", "replace"))


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp437", "cp1251", "cp1252"])
@pytest.mark.parametrize("command", [["models"], ["models", "show"]])
def test_every_letter_is_spelled(command: list[str], encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "annotriage", *command],
        env=os.environ | {"PYTHONUTF8": "0", "PYTHONIOENCODING": encoding}, capture_output=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("command", [["models"], ["models", "show", "--json"], ["doctor"]])
def test_a_full_disk_behind_the_output_is_a_sentence(command: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "annotriage", *command], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert done.returncode == 1
    assert done.stderr.decode().count("\n") == 1 and b"could not be written" in done.stderr


@pytest.mark.parametrize("failure", [ImportError("half loaded"), AnnotriageError("cut off"), KeyboardInterrupt()])
def test_ctrl_c_is_told_as_such_whatever_it_was_turned_into(
    failure: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(**_: object) -> None:
        raise failure

    monkeypatch.setattr(app, "app", interrupted)
    monkeypatch.setattr(app, "_note_ctrl_c", lambda: [2])
    with pytest.raises(SystemExit) as ended:
        app.run(None)  # type: ignore[arg-type]
    assert ended.value.code == 130 and "stopped" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (MemoryError(), "not enough memory"),
        (PermissionError(13, "Permission denied", "x.csv"), "x.csv cannot be used (Permission denied)"),
    ],
)
def test_what_the_system_refuses_is_a_sentence(
    failure: Exception, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(**_: object) -> None:
        raise failure

    monkeypatch.setattr(app, "app", failing)
    with pytest.raises(SystemExit) as ended:
        app.run(None)  # type: ignore[arg-type]
    assert ended.value.code == 1 and words in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="made by a shell")
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&-"])
def test_what_is_closed_is_no_harm(closed: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$0" -m annotriage models {closed}', sys.executable],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such homes")
@pytest.mark.parametrize("command", [["models"], ["score", "."], ["models", "show", "~nosuchuser/x"]])
def test_a_home_that_does_not_exist_is_a_sentence(command: list[str]) -> None:
    home = {} if "~" in command[-1] else {"ANNOTRIAGE_HOME": "~nosuchuser/x"}
    done = subprocess.run(
        [sys.executable, "-m", "annotriage", *command], env=os.environ | home,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and "there is no home folder ~nosuchuser" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_user_without_a_home_is_told_of_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    import platformdirs

    from annotriage.user_folder import user_folder

    def homeless(*_: object, **__: object) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("ANNOTRIAGE_HOME")
    monkeypatch.setattr(platformdirs, "user_data_path", homeless)
    with pytest.raises(AnnotriageError, match="ANNOTRIAGE_HOME"):
        user_folder()


@pytest.mark.slow
def test_whether_a_table_can_be_written_is_known_before_anything_is_scored(tmp_path: Path) -> None:
    write_pictures(tmp_path, 1)
    done = subprocess.run(
        [sys.executable, "-m", "annotriage", "score", str(tmp_path), "--out", f"{tmp_path / ('x' * 300)}.csv"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and "File name too long" in done.stderr and "scored" not in done.stderr

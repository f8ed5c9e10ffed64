"""`annotriage doctor` says what is wrong, and changes nothing."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import annotriage
from annotriage.commands import app as program
from annotriage.commands import doctor as doctor_command
from annotriage.commands import doctor_checks
from annotriage.errors import AnnotriageError
from annotriage.triage.store import SessionStore
from annotriage.triage.tables import SCHEMA


class Screen:
    """A window that opens, or says why it does not."""

    def __init__(self, *, display: bool = True, problem: str | None = None) -> None:
        self._display, self._problem = display, problem

    def has_display(self) -> bool:
        return self._display

    def check(self) -> None:
        if self._problem:
            raise AnnotriageError(self._problem)

    def open(self, folder: Path | None) -> int:
        raise AssertionError("doctor opened a window")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("ANNOTRIAGE_HOME", str(home))
    # What training can run on is asked of torch, which takes seconds to load; tests/regressors ask it.
    monkeypatch.setattr(doctor_checks, "devices", lambda: iter([doctor_checks.Finding("scoring", "CPU")]))
    return home


def doctor(window: object = None) -> tuple[int, str]:
    app = typer.Typer()
    app.command("nothing")(lambda: None)
    doctor_command.register(app)
    done = CliRunner().invoke(app, ["doctor"], obj=window)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout


def failures(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.strip().startswith("FAIL")]


@pytest.mark.slow
def test_a_new_installation_is_well_and_stays_untouched(home: Path) -> None:
    code, said = doctor(Screen())
    assert code == 0 and "All is well." in said, said
    assert annotriage.__version__ in said and "bundled" in said and "none yet" in said and "can open" in said
    assert not home.exists()


@pytest.mark.slow
def test_a_computer_without_a_screen_is_well(home: Path) -> None:
    code, said = doctor(Screen(display=False))
    assert code == 0 and "no display" in said


@pytest.mark.slow
def test_a_window_that_cannot_open_fails_with_its_sentence(home: Path) -> None:
    code, said = doctor(Screen(problem="libxcb-cursor.so.0 is missing: install it."))
    assert code == 1 and "libxcb-cursor.so.0 is missing" in failures(said)[0] and "1 check failed" in said


@pytest.mark.slow
def test_sessions_are_counted(home: Path) -> None:
    home.mkdir()
    with SessionStore(home / "sessions.sqlite"):
        pass
    code, said = doctor()
    assert code == 0 and "0 predictions, 0 images decided" in said


@pytest.mark.slow
def test_a_session_file_of_an_older_version_is_well_and_left_as_it_is(home: Path) -> None:
    home.mkdir()
    path = home / "sessions.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE folders (id INTEGER); CREATE TABLE predictions (id INTEGER); PRAGMA user_version = 1"
        )
    before = path.read_bytes()
    code, said = doctor()
    assert code == 0 and f"brought to {SCHEMA}" in said
    assert path.read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "words"), [(SCHEMA + 1, "newer Annotriage"), (0, "another program's")], ids=["newer", "foreign"]
)
def test_a_session_file_that_is_not_ours_fails(home: Path, version: int, words: str) -> None:
    home.mkdir()
    with closing(sqlite3.connect(home / "sessions.sqlite")) as connection:
        connection.executescript(f"CREATE TABLE others (id INTEGER); PRAGMA user_version = {version}")
    code, said = doctor()
    assert code == 1 and words in failures(said)[0]


@pytest.mark.slow
def test_a_damaged_session_file_fails(home: Path) -> None:
    home.mkdir()
    (home / "sessions.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    code, said = doctor()
    assert code == 1 and "keep a copy" in failures(said)[0]


@pytest.mark.slow
def test_a_damaged_model_fails_by_its_name(home: Path) -> None:
    (home / "models").mkdir(parents=True)
    (home / "models" / "mine.onnx").write_bytes(b"no model")
    code, said = doctor()
    assert code == 1 and len(failures(said)) == 1 and "mine" in failures(said)[0]


@pytest.mark.slow
def test_a_users_folder_that_is_a_file_fails(home: Path) -> None:
    home.write_text("in the way")
    code, said = doctor()
    assert code == 1 and any("is no folder" in line for line in failures(said))


@pytest.mark.slow
def test_a_full_disk_fails(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(home.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    code, said = doctor()
    assert code == 1 and "0.0 GB free" in failures(said)[0]


def test_the_version_is_printed_alone(home: Path) -> None:
    done = CliRunner().invoke(program.app, ["--version"])
    assert done.exit_code == 0
    assert done.stdout.strip() == f"Annotriage {annotriage.__version__}"


@pytest.mark.slow
def test_only_devices_that_are_computed_on_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {finding.name: finding.text for finding in doctor_checks.devices()}
    assert "Azure" not in said["scoring"] and said["scoring"].endswith("CPU")
    monkeypatch.setenv("ANNOTRIAGE_PROVIDERS", "abacus")
    wrong = next(finding for finding in doctor_checks.devices() if finding.name == "scoring")
    assert wrong.well is False and "abacus" in wrong.text


@pytest.mark.slow
def test_an_installation_that_lacks_a_library_is_told_to_the_end(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("onnxruntime", "sqlalchemy"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in [name for name in sys.modules if name.startswith("annotriage.triage")]:
        monkeypatch.delitem(sys.modules, name)
    code, said = doctor(Screen())
    assert code == 1
    assert any("sqlalchemy" in line and "Install Annotriage again" in line for line in failures(said))
    assert "Sessions" in said and said.rstrip().endswith("begin with FAIL.")


_WITHOUT_HOME = """
import os, pwd, sys
def nobody(_): raise KeyError("no entry")
pwd.getpwuid = nobody
sys.argv = ["annotriage", *sys.argv[1:]]
from annotriage.program import main
main()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="users of Windows have a home folder")
@pytest.mark.parametrize(
    "command", [["score", "."], ["doctor"], ["models"], ["models", "default", "bundled"], ["demo"], ["open", "."], []]
)
def test_a_user_without_a_home_is_told_in_a_sentence(command: list[str], tmp_path: Path) -> None:
    """The whole program, where neither HOME nor the list of users says where to write."""
    kept = {name: value for name, value in os.environ.items() if name not in ("HOME", "ANNOTRIAGE_HOME")}
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_HOME, *command],
        env=kept | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(Path(annotriage.__file__).parents[1])},
        cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "no home folder" in done.stdout + done.stderr and "ANNOTRIAGE_HOME" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []

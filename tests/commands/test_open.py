"""`annotriage open`: hands the folder to the window, or says why there is none."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from annotriage.commands.open import register
from annotriage.errors import AnnotriageError
from tests.commands.test_demo import FakeWindow


def open_folder(folder: Path, window: FakeWindow | None) -> Result:
    app = typer.Typer()

    @app.command()
    def another() -> None:
        """Stand in for the other verbs."""

    register(app)
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, ["open", str(folder)], obj=window)


def test_the_folder_opens(tmp_path: Path) -> None:
    window = FakeWindow()
    assert open_folder(tmp_path, window).exit_code == 0
    assert window.opened == [tmp_path]


def test_what_is_missing_is_said_before_anything_opens(tmp_path: Path) -> None:
    window = FakeWindow(missing="There is no display.")
    said = open_folder(tmp_path, window)
    assert isinstance(said.exception, AnnotriageError) and "There is no display." in str(said.exception)
    assert window.opened == []


@pytest.mark.parametrize("name", ["missing", "file.txt"])
def test_only_folders_open(name: str, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("no folder")
    window = FakeWindow()
    said = open_folder(tmp_path / name, window)
    assert said.exit_code == 2
    assert window.opened == []

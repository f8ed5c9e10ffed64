"""`annotriage models`: what is printed, and what is raised."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from annotriage.commands.models import register
from annotriage.model_file import ModelFileError, library
from tests.tiny_models import write_tiny_model


@pytest.fixture(autouse=True)
def no_bundled_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "resources_folder", lambda: tmp_path)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "run.onnx", name="first", title="[red]Not markup[/red]")


def annotriage(*arguments: str | Path) -> Result:
    app = typer.Typer()

    @app.command()
    def another() -> None:
        """Stand in for the other verbs."""

    register(app)
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, ["models", *map(str, arguments)])


def test_an_empty_library_says_what_to_do() -> None:
    result = annotriage()
    assert result.exit_code == 0
    assert "annotriage models import" in result.output


@pytest.mark.slow
def test_the_whole_round(model: Path) -> None:
    assert "Imported first" in annotriage("import", model).output
    listed = annotriage("list").output
    assert "first" in listed
    assert "[red]Not markup[/red]" in listed
    assert "0.080" in listed
    assert annotriage().output == listed
    assert "first is now used" in annotriage("default", "first").output
    assert "first *" in annotriage().output
    assert "Removed first" in annotriage("remove", "first").output
    assert "empty" in annotriage("list").output


def test_show_tells_what_the_card_tells(model: Path) -> None:
    output = annotriage("show", model).output
    for words in (
        "[red]Not markup[/red]",
        "0.080 ± 0.060",
        "always the median: 0.150",
        "not measured",
        "BSD-3-Clause",
    ):
        assert words in output


@pytest.mark.slow
def test_show_without_a_name_shows_the_default(model: Path) -> None:
    annotriage("import", model)
    annotriage("default", "first")
    assert "first 1.0" in annotriage("show").output


def test_show_as_json(model: Path) -> None:
    card = json.loads(annotriage("show", model, "--json").stdout)
    assert card["name"] == "first"
    assert card["metrics"]["spearman"] is None


@pytest.mark.slow
def test_a_damaged_model_is_listed_with_its_problem(model: Path, own_home: Path) -> None:
    annotriage("import", model)
    (own_home / "models" / "broken.onnx").write_bytes(b"broken")
    output = annotriage("list").output
    assert "first" in output
    assert "broken.onnx is a text file" in output


@pytest.mark.slow
def test_replace(model: Path, tmp_path: Path) -> None:
    annotriage("import", model)
    other = write_tiny_model(tmp_path / "other.onnx", name="first", title="Second try")
    assert isinstance(annotriage("import", other).exception, ModelFileError)
    assert annotriage("import", "--replace", other).exit_code == 0
    assert "Second try" in annotriage().output


@pytest.mark.parametrize(
    "arguments",
    [("show",), ("show", "nobody"), ("remove", "nobody"), ("default", "nobody"), ("import", "nobody")],
)
def test_what_is_not_there_is_an_error(arguments: tuple[str, ...]) -> None:
    assert isinstance(annotriage(*arguments).exception, ModelFileError)


@pytest.mark.parametrize("verb", ["list", "show", "import", "remove", "default"])
def test_help_has_an_example(verb: str) -> None:
    result = annotriage(verb, "--help")
    assert result.exit_code == 0
    assert f"annotriage models {verb}" in result.output

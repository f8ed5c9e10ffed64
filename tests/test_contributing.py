"""CONTRIBUTING.md says what is so: its picture is that of the import contracts, what it names is there."""

import ast
import re
import tomllib
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _layers() -> list[str]:
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    whole = next(each for each in contracts if each["type"] == "layers" and "containers" not in each)
    return [layer.replace("annotriage.", "") for layer in whole["layers"]]


def test_the_picture_shows_the_layers_of_the_contract() -> None:
    picture = re.search(r"^```\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert picture
    shown = [re.split(r"\s{2,}", line.strip())[0] for line in picture[1].splitlines()]
    rows = [" ".join(row).strip() for is_bar, row in groupby(shown, key=lambda part: part == "|") if not is_bar]
    assert rows == _layers(), "draw the picture of CONTRIBUTING.md anew"


def test_all_rooms_are_in_the_picture() -> None:
    rooms = {path.parent.name for path in (ROOT / "annotriage").glob("*/__init__.py")}
    assert rooms <= set(re.findall(r"\w+", " ".join(_layers())))


ROWS = re.findall(r"^\| (an? [^|]+?) \| (.+?) \| (.+?) \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("thing", "touch", "proof"), ROWS, ids=[row[0] for row in ROWS])
def test_what_is_said_of_adding_something_is_proved(thing: str, touch: str, proof: str) -> None:
    files = [name for name in re.findall(r"`([\w./]+)`", touch) if "/" in name]
    assert len(files) == 1, f"to add {thing} means to touch one place"
    assert (ROOT / files[0]).exists()
    proved = re.findall(r"`(tests/[\w./]+\.py)(?:::(\w+))?`", proof)
    assert proved
    for name, test in proved:
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert test in tests or (not test and any(each.startswith("test_") for each in tests)), f"{name}::{test}"


def test_all_files_that_are_named_are_there() -> None:
    for name in re.findall(r"`((?:tests|annotriage|resources|training|packaging|\.ci)/[\w./]+)`", TEXT):
        assert (ROOT / name).exists(), name


def test_the_marker_of_slow_tests_is_known() -> None:
    assert any(marker.startswith("slow:") for marker in PYPROJECT["tool"]["pytest"]["ini_options"]["markers"])


def test_no_file_is_longer_than_it_says() -> None:
    long = {path: path.read_text(encoding="utf-8").count("\n") for path in (ROOT / "annotriage").rglob("*.py")}
    assert not [path for path, lines in long.items() if lines > 400]

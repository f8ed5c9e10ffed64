"""Which Annotriage this is, and how its missing parts are got."""

import json
from pathlib import Path

import pytest

import annotriage
from annotriage import resources_folder
from annotriage.version import FILE_NAME, Build, build, how_to_get, version_text


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the program take itself for a package."""
    (tmp_path / FILE_NAME).write_text(json.dumps({"edition": "light", "day": "2026-11-24", "commit": "43a2caa"}))
    monkeypatch.setattr(resources_folder, "resources_folder", lambda: tmp_path)
    return tmp_path


def test_a_checkout_is_no_package() -> None:
    assert build() is None
    assert version_text() == annotriage.__version__
    assert how_to_get("train", what="Training") == 'Install it with: python -m pip install "annotriage[train]"'


def test_a_package_says_how_it_was_built(packaged: Path) -> None:
    assert build() == Build("light", "2026-11-24", "43a2caa")
    assert version_text() == f"{annotriage.__version__} (light, built 2026-11-24 from 43a2caa)"


def test_a_package_never_asks_for_pip_where_another_package_has_it(packaged: Path) -> None:
    assert "full package" in how_to_get("statistics,train", what="Training")
    assert "pip" not in how_to_get("train", what="Training")
    assert "in no package" in how_to_get("staple", what="STAPLE")


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"edition": "light"}'])
def test_a_damaged_note_of_the_build_is_none(packaged: Path, text: str) -> None:
    (packaged / FILE_NAME).write_text(text)
    assert build() is None

"""Which Annotriage this is, and how its missing parts are got."""

import json
import sys
from pathlib import Path

import pytest

import annotriage
from annotriage import resources_folder, version
from annotriage.version import FILE_NAME, Build, build, how_to_get, install_command, version_text


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the program take itself for a package."""
    (tmp_path / FILE_NAME).write_text(json.dumps({"edition": "light", "day": "2026-11-24", "commit": "43a2caa"}))
    monkeypatch.setattr(resources_folder, "resources_folder", lambda: tmp_path)
    return tmp_path


def test_a_checkout_is_no_package() -> None:
    assert build() is None
    assert version_text() == annotriage.__version__
    root = Path(annotriage.__file__).parents[1]
    command = install_command("train")
    assert command == f'{sys.executable} -m pip install -e "{root}[train]"'
    assert how_to_get("train", what="Training") == f"Install it with: {command}"


@pytest.mark.parametrize(
    ("noted", "source"),
    [
        ({"url": "file:///tmp/annotriage-1.whl", "archive_info": {}}, " @ file:///tmp/annotriage-1.whl"),
        ({"url": "file:///src/annotriage", "dir_info": {}}, " @ file:///src/annotriage"),
        (
            {"url": "https://example.org/a.git", "vcs_info": {"vcs": "git", "commit_id": "12ab"}},
            " @ git+https://example.org/a.git@12ab",
        ),
        (None, ""),
        ({}, ""),
    ],
)
def test_an_install_is_completed_from_where_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, noted: dict[str, object] | None, source: str
) -> None:
    class Installed:
        def read_text(self, name: str) -> str | None:
            assert name == "direct_url.json"
            return None if noted is None else json.dumps(noted)

    monkeypatch.setattr("importlib.metadata.distribution", lambda name: Installed())
    monkeypatch.setattr(version, "__file__", str(tmp_path / "site-packages" / "annotriage" / "version.py"))
    monkeypatch.setattr(version.sys, "executable", "/a b/python")
    assert install_command("fetch") == f'"/a b/python" -m pip install "annotriage[fetch]{source}"'


def test_where_there_is_no_pip_the_command_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "find_spec", lambda name: None)
    assert str(install_command("train")).startswith("uv pip install --python ")


def test_a_package_says_how_it_was_built(packaged: Path) -> None:
    assert build() == Build("light", "2026-11-24", "43a2caa")
    assert version_text() == f"{annotriage.__version__} (light, built 2026-11-24 from 43a2caa)"


def test_a_package_never_asks_for_pip_where_another_package_has_it(packaged: Path) -> None:
    assert "full package" in how_to_get("statistics,train", what="Training")
    assert "pip" not in how_to_get("train", what="Training")
    assert "in no package" in how_to_get("staple", what="STAPLE")
    assert install_command("train") is None


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"edition": "light"}'])
def test_a_damaged_note_of_the_build_is_none(packaged: Path, text: str) -> None:
    (packaged / FILE_NAME).write_text(text)
    assert build() is None

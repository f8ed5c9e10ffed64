"""What the platforms want to know is there and is well-formed."""

import os
import plistlib
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import annotriage

ROOT = Path(__file__).resolve().parents[2]


def run(tool: str, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    return subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


def test_the_desktop_entry_validates(scripts: Path) -> None:
    said = run("desktop-file-validate", scripts / "linux" / "annotriage.desktop")
    assert said.returncode == 0 and not said.stdout, said.stdout


def test_the_desktop_entry_is_the_one_that_the_window_names(scripts: Path) -> None:
    start = (ROOT / "annotriage/desktop/start.py").read_text()
    name = re.search(r'setDesktopFileName\("(.+?)"\)', start)
    assert name is not None and (scripts / "linux" / f"{name[1]}.desktop").is_file()


def test_the_metadata_for_software_centres_validate(scripts: Path) -> None:
    said = run("appstreamcli", "validate", "--no-net", scripts / "linux/org.annotriage.Annotriage.metainfo.xml")
    assert said.returncode == 0, said.stdout


def test_the_metadata_name_this_version(scripts: Path) -> None:
    tree = ET.parse(scripts / "linux/org.annotriage.Annotriage.metainfo.xml")
    assert next(each.get("version") for each in tree.iter("release")) == annotriage.__version__
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == annotriage.__version__


def test_kinds_of_files_are_known_by_their_names(scripts: Path, tmp_path: Path) -> None:
    tree = ET.parse(scripts / "linux/annotriage-mime.xml")
    kinds = {each.get("type"): each[-1].get("pattern") for each in tree.getroot()}
    assert kinds == {
        "application/vnd.annotriage.model": "*.onnx",
        "application/vnd.annotriage.sessions": "sessions.sqlite",
    }
    packages = tmp_path / "mime/packages"
    packages.mkdir(parents=True)
    shutil.copy(scripts / "linux/annotriage-mime.xml", packages)
    said = run("update-mime-database", "-V", packages.parent)
    assert said.returncode == 0, said.stderr
    assert "application/vnd.annotriage.model:*.onnx" in (packages.parent / "globs2").read_text()


@pytest.mark.slow
def test_icons_have_all_sizes(scripts: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(scripts / "icons.py"), str(tmp_path)],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if "libEGL" in done.stderr or "libGL" in done.stderr:
        pytest.skip("Qt cannot be loaded here")
    assert done.returncode == 0, done.stderr
    from PIL import Image

    with Image.open(tmp_path / "annotriage.ico") as icon:
        assert {(16, 16), (32, 32), (48, 48), (256, 256)} <= icon.info["sizes"]
        assert icon.convert("RGBA").getextrema()[3] == (0, 255), "its corners are not transparent, or nothing is drawn"
    with Image.open(tmp_path / "annotriage.icns") as icon:
        assert {32, 256, 1024} <= {width * scale for width, _, scale in icon.info["sizes"]}
    with Image.open(tmp_path / "annotriage-48.png") as icon:
        assert icon.size == (48, 48)


@pytest.mark.parametrize(("version", "numbers"), [("1.2.3", "(1, 2, 3, 0)"), ("0.10.0rc1", "(0, 10, 0, 0)")])
def test_windows_is_told_the_version(version: str, numbers: str) -> None:
    from windows_version import version_resource

    text = version_resource(version)
    compile(text, "version", "eval")
    assert f"filevers={numbers}" in text and f"'ProductVersion', '{version}'" in text


def test_macos_is_told_what_it_may_trust(scripts: Path) -> None:
    rights = plistlib.loads((scripts / "macos/entitlements.plist").read_bytes())
    assert rights["com.apple.security.cs.disable-library-validation"] is True, "Qt could not be replaced"


def test_nothing_that_removes_the_program_reaches_for_the_users_folder(scripts: Path) -> None:
    setup = (scripts / "windows/annotriage.iss").read_text()
    commands = "\n".join(line for line in setup.splitlines() if not line.startswith(";")).casefold()
    assert not re.search(r"localappdata|userappdata|uninstalldelete", commands)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="for Linux")
def test_installing_and_removing_leaves_what_the_user_made(scripts: Path, tmp_path: Path) -> None:
    unpacked, home = tmp_path / "unpacked", tmp_path / "home with spaces ü"
    (unpacked / "annotriage").mkdir(parents=True)
    (unpacked / "annotriage" / "annotriage").write_text("#!/bin/sh\necho this is it\n")
    (unpacked / "annotriage" / "annotriage").chmod(0o755)
    (unpacked / "share/applications").mkdir(parents=True)
    shutil.copy(scripts / "linux/annotriage.desktop", unpacked / "share/applications")
    shutil.copy(scripts / "linux/install.sh", unpacked)
    sessions = home / ".local/share/annotriage/sessions.sqlite"
    sessions.parent.mkdir(parents=True)
    sessions.write_text("dear")

    def install(*arguments: str) -> None:
        own = os.environ | {"HOME": str(home)}
        subprocess.run(["sh", str(unpacked / "install.sh"), *arguments], env=own, check=True, timeout=60)

    install()
    install()  # an update
    program = home / ".local/bin/annotriage"
    assert subprocess.run([program], capture_output=True, text=True, check=True).stdout == "this is it\n"
    entry = (home / ".local/share/applications/annotriage.desktop").read_text()
    assert f'Exec="{program}"' in entry
    install("--remove")
    assert not program.exists() and not (home / ".local/share/applications/annotriage.desktop").exists()
    assert not (home / ".local/lib/annotriage-program").exists()
    assert sessions.read_text() == "dear"

import subprocess
import sys
from pathlib import Path

import pytest

from annotriage.desktop import qt_libraries
from annotriage.desktop.qt_libraries import check_can_open, has_display, missing_libraries
from annotriage.errors import AnnotriageError

DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n'
UBUNTU_KIN = 'ID=linuxmint\nID_LIKE="ubuntu debian"\n'
FEDORA = "ID=fedora\nVERSION_ID=43\n"
ARCH = "ID=arch\n"


@pytest.fixture(autouse=True)
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qt_libraries, "_is_linux", lambda: True)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


def lacking(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let some libraries be missing, and all others be there."""
    monkeypatch.setattr(qt_libraries, "_loads", lambda name: name not in names)


def sentence() -> str:
    with pytest.raises(AnnotriageError) as caught:
        check_can_open()
    return str(caught.value)


def test_without_a_display_one_sentence_says_so() -> None:
    assert not has_display()
    assert "There is no display" in sentence()
    assert "annotriage --help" in sentence()


@pytest.mark.parametrize(
    ("variable", "value"), [("DISPLAY", ":0"), ("WAYLAND_DISPLAY", "wayland-0"), ("QT_QPA_PLATFORM", "xcb")]
)
def test_each_kind_of_display_counts(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    assert has_display()


def test_other_systems_have_a_display_and_qt_brings_its_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qt_libraries, "_is_linux", lambda: False)
    lacking(monkeypatch, "libEGL.so.1")
    assert has_display()
    assert missing_libraries() == []
    check_can_open()


def test_a_platform_that_shows_nothing_is_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert not has_display()
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen:size=100x100")
    assert not has_display()


@pytest.mark.parametrize(
    ("release", "command"),
    [
        (DEBIAN, "sudo apt-get install libegl1 libxcb-cursor0"),
        (UBUNTU_KIN, "sudo apt-get install libegl1 libxcb-cursor0"),
        (FEDORA, "sudo dnf install libglvnd-egl xcb-util-cursor"),
        (ARCH, "(on Debian they are called libegl1 libxcb-cursor0)"),
        (None, "(on Debian they are called libegl1 libxcb-cursor0)"),
    ],
)
def test_missing_libraries_are_named_with_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, release: str | None, command: str
) -> None:
    if release is not None:
        (tmp_path / "os-release").write_text(release, encoding="utf-8")
    monkeypatch.setattr(qt_libraries, "OS_RELEASE", tmp_path / "os-release")
    monkeypatch.setenv("DISPLAY", ":0")
    lacking(monkeypatch, "libEGL.so.1", "libxcb-cursor.so.0")
    said = sentence()
    assert "2 libraries of the system that are missing: libEGL.so.1, libxcb-cursor.so.0" in said
    assert command in said


def test_a_package_is_named_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text(FEDORA, encoding="utf-8")
    monkeypatch.setattr(qt_libraries, "OS_RELEASE", tmp_path / "os-release")
    monkeypatch.setenv("DISPLAY", ":0")
    lacking(monkeypatch, "libxcb-randr.so.0", "libxcb-shape.so.0")
    assert "`sudo dnf install libxcb`" in sentence()


def test_only_what_the_session_uses_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(monkeypatch, "libxcb-cursor.so.0")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert missing_libraries() == []
    monkeypatch.setenv("DISPLAY", ":0")  # Wayland still works
    assert missing_libraries() == []
    monkeypatch.delenv("WAYLAND_DISPLAY")
    assert missing_libraries() == ["libxcb-cursor.so.0"]
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen:size=800x600")
    assert missing_libraries() == []


def test_without_pyside_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qt_libraries, "_is_installed", lambda: False)
    assert "pip install pyside6-essentials" in sentence()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks X11's own library")
def test_a_display_that_does_not_answer_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    if missing_libraries():
        pytest.skip("the libraries for X11 are not on this machine")
    assert "does not answer (DISPLAY=:4711)" in sentence()


def test_asking_loads_no_qt() -> None:
    code = (
        "import sys; from annotriage.desktop.qt_libraries import has_display; has_display(); "
        "print([name for name in sys.modules if 'PySide6' in name or 'shiboken' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

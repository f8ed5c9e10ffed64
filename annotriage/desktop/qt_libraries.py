"""Find out before Qt does whether the window can open: Qt ends the whole process where something is missing.

This module imports no Qt.
"""

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from annotriage.errors import AnnotriageError

OS_RELEASE = Path("/etc/os-release")

# What Qt's own libraries need of the system: soname -> (package of Debian and Ubuntu, package of Fedora).
_ALWAYS = {
    "libEGL.so.1": ("libegl1", "libglvnd-egl"),
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libX11.so.6": ("libx11-6", "libX11"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
}
_X11 = {
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
    "libxcb.so.1": ("libxcb1", "libxcb"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb"),
    "libxcb-render.so.0": ("libxcb-render0", "libxcb"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb"),
    "libxcb-util.so.1": ("libxcb-util1", "xcb-util"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb"),
}
_WAYLAND = {
    "libwayland-client.so.0": ("libwayland-client0", "libwayland-client"),
    "libwayland-cursor.so.0": ("libwayland-cursor0", "libwayland-cursor"),
}
_UNSEEN = {"minimal", "offscreen"}
"""Ways of Qt to show windows to nobody."""
_TABLE = _ALWAYS | _X11 | _WAYLAND


def check_can_open() -> None:
    """Check that a window can open, before Qt is asked for one.

    Raises
    ------
    AnnotriageError
        Qt is not installed, there is no display or it does not answer, or libraries of the system are missing; the
        sentence says which, and how to install them.
    """
    _check_installed("The window")
    if not _is_linux():
        return
    ways = _ways()
    if not ways:
        raise AnnotriageError(
            "There is no display for the window (neither DISPLAY nor WAYLAND_DISPLAY is set): start Annotriage in a "
            "desktop session, or use the command line, `annotriage --help`."
        )
    missing = missing_libraries()
    if missing:
        raise AnnotriageError(_sentence(missing, _release()))
    if not any(_answers(way) for way in ways):
        names = " and ".join(_shown_display(way) for way in ways)
        raise AnnotriageError(
            f"The display does not answer ({names}): start Annotriage in a desktop session, or use the command line, "
            "`annotriage --help`."
        )


def check_can_draw() -> None:
    """Check that Qt can draw on paper, for which it needs no screen.

    Raises
    ------
    AnnotriageError
        Qt is not installed, or libraries of the system are missing.
    """
    _check_installed("A PDF report")
    missing = [name for name in _ALWAYS if not _loads(name)] if _is_linux() else []
    if missing:
        raise AnnotriageError(_sentence(missing, _release(), "A PDF report"))


def _check_installed(what: str) -> None:
    if not _is_installed():
        raise AnnotriageError(
            f"{what} needs PySide6, which is not installed: install it with `pip install pyside6-essentials`."
        )


def has_display() -> bool:
    """Return whether there is a screen to open a window on; whether it answers is not tried."""
    return not _is_linux() or any(way not in _UNSEEN for way in _ways())


def missing_libraries() -> list[str]:
    """Return the names of the system's libraries that Qt needs here and that cannot be loaded.

    They are loaded for this, which costs nothing: Qt would load the same ones.
    """
    if not _is_linux():
        return []
    missing = [name for name in _ALWAYS if not _loads(name)]
    # Where the session offers both, one of them is enough.
    ways = [[name for name in _libraries(way) if not _loads(name)] for way in _ways()]
    return missing + min(ways, key=len, default=[])


def _is_linux() -> bool:
    return sys.platform.startswith("linux")


def _is_installed() -> bool:
    return find_spec("PySide6") is not None


def _ways() -> list[str]:
    """Return the ways to a screen that Qt would try: 'wayland', 'xcb', or whatever else was asked for."""
    asked = os.environ.get("QT_QPA_PLATFORM")
    if asked:
        # "wayland;xcb": the first that works; "offscreen:size=100x100": with parameters.
        return [way.split(":")[0].split("-")[0] for way in asked.split(";") if way]
    ways = {"xcb": "DISPLAY", "wayland": "WAYLAND_DISPLAY"}
    return [way for way, variable in ways.items() if os.environ.get(variable)]


def _libraries(way: str) -> dict[str, tuple[str, str]]:
    return {"xcb": _X11, "wayland": _WAYLAND}.get(way, {})


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _answers(way: str) -> bool:
    if way == "xcb":
        xcb = ctypes.CDLL("libxcb.so.1")
        xcb.xcb_connect.restype = ctypes.c_void_p
        connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
        error = xcb.xcb_connection_has_error(connection)
        xcb.xcb_disconnect(connection)
        return not error
    if way == "wayland":
        try:
            wayland = ctypes.CDLL("libwayland-client.so.0")
        except OSError:
            return False
        wayland.wl_display_connect.restype = ctypes.c_void_p
        display = wayland.wl_display_connect(None)
        if display:
            wayland.wl_display_disconnect(ctypes.c_void_p(display))
        return bool(display)
    return True


def _shown_display(way: str) -> str:
    variable = {"xcb": "DISPLAY", "wayland": "WAYLAND_DISPLAY"}[way]
    return f"{variable}={os.environ.get(variable, '')}"


def _release() -> set[str]:
    """Return the names of the system and of those that it is made from: 'ubuntu', 'debian', ..."""
    try:
        lines = OS_RELEASE.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return {
        name.casefold() for key in ("ID", "ID_LIKE") for name in values.get(key, "").strip("\"' ").split()
    }  # fmt: skip


def _sentence(missing: list[str], release: set[str], whose: str = "The window") -> str:
    names = ", ".join(missing)
    what = f"a library of the system that is missing: {names}"
    if len(missing) > 1:
        what = f"{len(missing)} libraries of the system that are missing: {names}"
    if release & {"debian", "ubuntu"}:
        how = f"install with `sudo apt-get install {_packages(missing, 0)}`"
    elif release & {"fedora", "rhel", "centos"}:
        how = f"install with `sudo dnf install {_packages(missing, 1)}`"
    else:
        how = f"install the packages that hold them (on Debian they are called {_packages(missing, 0)})"
    otherwise = ", or use the command line, `annotriage --help`" if whose == "The window" else ""
    return f"{whose} needs {what}; {how}{otherwise}."


def _packages(missing: list[str], column: int) -> str:
    return " ".join(dict.fromkeys(_TABLE[name][column] for name in missing))

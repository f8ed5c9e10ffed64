"""Where the package begins: programs that it opens find their own libraries, not ours."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import runpy, sys
sys._MEIPASS = "/opt/annotriage/_internal"
import annotriage.program
import os
annotriage.program.main = lambda: print({name: os.environ.get(name) for name in sys.argv[1:]})
runpy.run_path(ENTRY, run_name="__main__")
"""


def environment_of(scripts: Path, given: dict[str, str], *names: str) -> dict[str, str | None]:
    """Return what a program that the package opens would find in its environment."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("ENTRY", repr(str(scripts / "entry.py"))), *names],
        env={**os.environ, **given}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    found: dict[str, str | None] = eval(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="for Linux")
def test_the_libraries_of_others_are_theirs_again(scripts: Path) -> None:
    ours = {"LD_LIBRARY_PATH": "/opt/annotriage/_internal", "QT_PLUGIN_PATH": "/opt/annotriage/_internal/PySide6"}
    found = environment_of(scripts, ours, "LD_LIBRARY_PATH", "QT_PLUGIN_PATH")
    assert found == {"LD_LIBRARY_PATH": None, "QT_PLUGIN_PATH": None}
    found = environment_of(scripts, ours | {"LD_LIBRARY_PATH_ORIG": "/usr/local/lib"}, "LD_LIBRARY_PATH")
    assert found == {"LD_LIBRARY_PATH": "/usr/local/lib"}


def test_what_the_user_set_stays(scripts: Path) -> None:
    found = environment_of(
        scripts, {"QT_PLUGIN_PATH": "/usr/lib/qt", "MPLCONFIGDIR": "/mine"}, "QT_PLUGIN_PATH", "MPLCONFIGDIR"
    )
    assert found == {"QT_PLUGIN_PATH": "/usr/lib/qt", "MPLCONFIGDIR": "/mine"}


@pytest.mark.slow
def test_the_list_of_fonts_is_kept_for_the_next_start(scripts: Path, tmp_path: Path) -> None:
    found = environment_of(scripts, {"XDG_CACHE_HOME": str(tmp_path)}, "MPLCONFIGDIR")["MPLCONFIGDIR"]
    assert found is not None and found.endswith("matplotlib") and "annotriage" in found

"""Run the packaged program, not the source.

The environment variable ``ANNOTRIAGE_PACKAGE`` names the folder that `packaging/build.py` made.
"""

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end_to_end.xvfb import Screen


def package() -> Path:
    """Return the packaged program; tests are skipped where there is none."""
    folder = os.environ.get("ANNOTRIAGE_PACKAGE")
    if not folder:
        pytest.skip("ANNOTRIAGE_PACKAGE names no built package")
    program = Path(folder) / "annotriage"
    assert program.is_file(), f"{program} is no packaged program"
    return program


@dataclass
class User:
    """Whoever runs the package, with a home folder and an environment that holds nothing of this Python's.

    Attributes
    ----------
    home : Path
    rights : dict
        Arguments of `subprocess.Popen` that make the process another user's.
    """

    home: Path
    rights: dict[str, Any] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
        return kept | {"HOME": str(self.home), "COLUMNS": "200", "NO_COLOR": "1", "LANG": "C.UTF-8"}

    @property
    def sessions(self) -> Path:
        """The session file where the platform has its place for it."""
        return self.home / ".local/share/annotriage/sessions.sqlite"

    def run(self, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        """Run a command of the package to its end."""
        return subprocess.run(
            [str(package()), *map(str, arguments)],
            env=self.environment, cwd=self.home, capture_output=True, encoding="utf-8", timeout=240, check=False,
            **self.rights,
        )  # fmt: skip

    @contextmanager
    def window(self, screen: "Screen", *arguments: str | Path) -> "Iterator[subprocess.Popen[str]]":
        """Open the package's window; it is killed where a test leaves it open."""
        own = self.environment | {"DISPLAY": screen.environment["DISPLAY"], "QT_QPA_PLATFORM": "xcb"}
        process = subprocess.Popen(
            [str(package()), *map(str, arguments)],
            env=own, cwd=self.home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", **self.rights,
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(20)

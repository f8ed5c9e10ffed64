"""Take the symbols for debuggers out of libraries: 40 MB of the light edition."""

import shutil
import subprocess
import sys
from pathlib import Path

from left_out import Files

# Of packages only these: others bring libraries that were patched after linking (numpy.libs, ...), and strip breaks
# such files.
_PACKAGES = ("fontTools/", "kiwisolver/", "python3.", "sqlalchemy/", "wrapt/")


def stripped(binaries: Files, folder: Path) -> Files:
    """Return the libraries with those that can be stripped taken from copies in `folder`."""
    tool = shutil.which("strip")
    if tool is None or not sys.platform.startswith("linux"):
        return binaries
    return [
        (target, _copy(tool, source, folder / target), kind)
        if kind in ("BINARY", "EXTENSION") and _may_be_stripped(target, source)
        else (target, source, kind)
        for target, source, kind in binaries
    ]


def _may_be_stripped(target: str, source: str) -> bool:
    return target.startswith(_PACKAGES) or "site-packages" not in Path(source).parts


def _copy(tool: str, source: str, copy: Path) -> str:
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(source).resolve(), copy)
    subprocess.run([tool, "--strip-unneeded", str(copy)], check=True)
    return str(copy)

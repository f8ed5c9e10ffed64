"""Which Annotriage this is: its version, and of a package how and when it was built."""

import json
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from annotriage._version import __version__

FILE_NAME = "build.json"
"""Lies in the folder of resources of a package, and nowhere else."""


@dataclass(frozen=True, slots=True)
class Build:
    """How a package was built.

    Attributes
    ----------
    edition : str
        "light" (cannot train) or "full".
    day : str
        As 2026-11-24.
    commit : str
        Of the source; empty: not known.
    """

    edition: str
    day: str
    commit: str = ""


def build() -> Build | None:
    """Return how this package was built; None: it is no package."""
    from annotriage.resources_folder import resources_folder

    try:
        found = json.loads((resources_folder() / FILE_NAME).read_text(encoding="utf-8"))
        return Build(str(found["edition"]), str(found["day"]), str(found.get("commit", "")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def how_to_get(extra: str, *, what: str) -> str:
    """Say what to do where libraries that are not in the light install are missing.

    Parameters
    ----------
    extra : str
        Of ``pip install annotriage[extra]``; several with commas.
    what : str
        What is missing, as the beginning of a sentence: "Training".

    Returns
    -------
    str
        A sentence; a package, which has no pip, names the package to take instead.
    """
    command = install_command(extra)
    if command is not None:
        return f"Install it with: {command}"
    if "train" in extra.split(","):
        return "Install the full package in place of this one: your sessions and models stay."
    return f'{what} is in no package of Annotriage, only in the one for Python: pip install "annotriage[{extra}]".'


_NEEDED = {
    "serve": ("starlette", "uvicorn", "python_multipart"),
    "train": ("torch", "torchvision", "lightning", "torchmetrics", "onnx", "tomli_w"),
    "statistics": ("statsmodels", "scikit_posthocs", "baycomp", "matplotlib"),
}
"""Modules without which an extra does nothing."""


def lacking(extra: str) -> list[str]:
    """Return the modules of an extra ("serve", "statistics", "train") that are not installed; imports nothing."""
    return [name for name in _NEEDED[extra] if find_spec(name) is None]


def is_installed(extra: str) -> bool:
    """Say whether all of an extra ("serve", "statistics", "train") is installed; imports nothing."""
    return not lacking(extra)


def pip_command() -> str | None:
    """Return the command that installs packages into this very Python; None: a package of Annotriage has none."""
    if build() is not None:
        return None
    python = sys.executable or "python"
    python = f'"{python}"' if " " in python else python
    return f"{python} -m pip install" if find_spec("pip") is not None else f"uv pip install --python {python}"


def install_command(extra: str) -> str | None:
    """Return the command that installs an extra of this very Annotriage, for this very Python.

    Whoever runs a checkout or a wheel has no use for a project of that name in an index.

    Parameters
    ----------
    extra : str
        As in `how_to_get`.

    Returns
    -------
    str or None
        For a terminal of any system; None: a package, into which nothing can be installed.
    """
    pip = pip_command()
    if pip is None:
        return None
    checkout = Path(__file__).resolve().parents[1]
    if _is_ours(checkout / "pyproject.toml"):
        return f'{pip} -e "{checkout}[{extra}]"'
    source = _installed_from()
    return f'{pip} "annotriage[{extra}]{f" @ {source}" if source else ""}"'


def _is_ours(project: Path) -> bool:
    try:
        return 'name = "annotriage"' in project.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False


def _installed_from() -> str:
    """Return the address of the wheel, folder or repository that was installed; empty: it came from an index."""
    from importlib.metadata import PackageNotFoundError, distribution  # with email, socket, ...: 20 ms of each start

    try:
        noted = json.loads(distribution("annotriage").read_text("direct_url.json") or "{}")
        url = str(noted["url"])
        if "vcs_info" in noted:
            return f"{noted['vcs_info']['vcs']}+{url}@{noted['vcs_info']['commit_id']}"
    except (PackageNotFoundError, OSError, ValueError, KeyError, TypeError):
        return ""
    return url


def version_text() -> str:
    """Return version and build in a few words: "0.1.0 (light, built 2026-11-24 from 43a2caa)"."""
    built = build()
    if built is None:
        return __version__
    source = f" from {built.commit}" if built.commit else ""
    return f"{__version__} ({built.edition}, built {built.day}{source})"

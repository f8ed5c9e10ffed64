"""Versions and licences of the program and of what it is made from."""

import platform
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotriage.version import version_text

if TYPE_CHECKING:
    from importlib.metadata import PackageMetadata

# Those of the light install and of its extras; what is not installed is passed over.
_PARTS = (
    "baycomp",
    "contourpy",
    "gdown",
    "isic-cli",
    "lightning",
    "matplotlib",
    "numpy",
    "onnxruntime",
    "openpyxl",
    "pandas",
    "pillow",
    "pillow-heif",
    "platformdirs",
    "pydantic",
    "pyqtgraph",
    "pyside6-essentials",
    "rich",
    "scikit-learn",
    "scikit-posthocs",
    "scipy",
    "shiboken6",
    "simpleitk",
    "sqlalchemy",
    "statsmodels",
    "torch",
    "torchvision",
    "typer",
    "typing-extensions",
)


@dataclass(frozen=True, slots=True)
class Part:
    """Something the program is made from.

    What is not known is empty.
    """

    name: str
    version: str
    licence: str


def system_versions() -> list[tuple[str, str]]:
    """Return names and versions of the program and of what it runs on; quick."""
    from PySide6.QtCore import qVersion
    from PySide6.QtGui import QGuiApplication

    return [
        ("Annotriage", version_text()),
        ("Python", platform.python_version()),
        ("Qt", f"{qVersion()} ({QGuiApplication.platformName() or 'no screen'})"),
        ("System", f"{platform.system()} {platform.release()} ({platform.machine()})"),
        ("Packaged", "yes" if getattr(sys, "frozen", False) else "no"),
    ]


def parts() -> list[Part]:
    """Return the installed dependencies with their licences, by name.

    It reads many files: not for the window's thread.
    """
    from importlib.metadata import PackageNotFoundError, distribution

    found = []
    for name in sorted({*_PARTS, *_required()}):
        try:
            metadata = distribution(name).metadata
        except PackageNotFoundError:
            continue  # an extra that is not installed
        found.append(Part(metadata["Name"] or name, metadata["Version"] or "", _licence(metadata)))
    return found


def versions_text(found: list[Part]) -> str:
    """Return all versions as lines, to be copied into a report."""
    lines = [f"{name} {version}" for name, version in system_versions()]
    return "\n".join([*lines, *(f"{part.name} {part.version}" for part in found)])


def _required() -> list[str]:
    from importlib.metadata import PackageNotFoundError, requires

    try:
        lines = requires("annotriage") or []
    except PackageNotFoundError:
        return []
    return [re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0].casefold() for line in lines if "extra ==" not in line]


def _licence(metadata: "PackageMetadata") -> str:
    """Return a licence in few words, wherever the metadata have it."""

    def values(key: str) -> list[str]:
        return [value for value in metadata.get_all(key) or [] if value]

    expressions = values("License-Expression")
    if expressions:
        return expressions[0]
    names = [line.rsplit(" :: ", 1)[-1] for line in values("Classifier") if line.startswith("License :: ")]
    names = [name for name in names if name != "OSI Approved"]
    if names:
        return ", ".join(names)
    stated = "".join(values("License")).strip().splitlines()
    return stated[0][:80] if stated else ""

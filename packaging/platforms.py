"""What Windows and macOS want to know of a program: icon, version, what it opens."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from icons import icns_file, ico_file
from windows_version import version_resource

import annotriage

IDENTIFIER = "org.annotriage.Annotriage"
HERE = Path(__file__).resolve().parent
SVG = HERE.parent / "resources" / "icons" / "annotriage.svg"


def looks(folder: Path) -> dict[str, Any]:
    """Return the arguments of EXE that belong to the platform; files that they need are made in `folder`."""
    if sys.platform == "win32":
        version = folder / "version.txt"
        version.write_text(version_resource(annotriage.__version__), encoding="utf-8")
        return {"icon": str(ico_file(SVG, folder / "annotriage.ico")), "version": str(version)}
    if sys.platform == "darwin":
        return {
            "icon": str(icns_file(SVG, folder / "annotriage.icns")),
            "entitlements_file": str(HERE / "macos" / "entitlements.plist"),
        }
    return {"icon": None}


def info_plist() -> dict[str, Any]:
    """Return what the bundle of macOS says of itself."""
    return {
        "CFBundleName": "Annotriage",
        "CFBundleDisplayName": "Annotriage",
        "CFBundleShortVersionString": annotriage.__version__,
        "CFBundleVersion": annotriage.__version__,
        "LSApplicationCategoryType": "public.app-category.medical",
        "LSMinimumSystemVersion": "13.0",  # Qt 6.11
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,  # follows the dark appearance
        "NSHumanReadableCopyright": "© 2026 The Annotriage developers. BSD 3-Clause License.",
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "Folder of images",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": ["public.folder"],
            }
        ],
    }


def commit(checkout: Path) -> str:
    """Return the short name of the commit that is built; with a + where files differ from it; empty: not known."""
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=checkout, capture_output=True, text=True, check=True, timeout=30,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.stdout.strip()

"""Which Annotriage this is: its version, and of a package how and when it was built."""

import json
from dataclasses import dataclass

import annotriage

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
    if build() is None:
        return f'Install it with: python -m pip install "annotriage[{extra}]"'
    if "train" in extra.split(","):
        return "Install the full package in place of this one: your sessions and models stay."
    return f'{what} is in no package of Annotriage, only in the one for Python: pip install "annotriage[{extra}]".'


def version_text() -> str:
    """Return version and build in a few words: "0.1.0 (light, built 2026-11-24 from 43a2caa)"."""
    built = build()
    if built is None:
        return annotriage.__version__
    source = f" from {built.commit}" if built.commit else ""
    return f"{annotriage.__version__} ({built.edition}, built {built.day}{source})"

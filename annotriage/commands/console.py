"""The one door to the terminal: texts from files cannot steer it, and every letter can be spelled.

A name may hold escape sequences that set a terminal's title, its colours or its clipboard, or turn the reading
direction round; an old console, or a redirection on Windows, lacks letters.
"""

import os
import re
import sys
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

_UNSAFE = frozenset({"Cc", "Cf", "Zl", "Zp"})
_SUSPECT = re.compile(r"[^\n\t -~]")
_KEPT = "\n\t"


def clean(text: str) -> str:
    """Replace characters that steer a terminal; lines, tabs, and letters of all languages stay."""
    if not _SUSPECT.search(text):
        return text
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if letter not in _KEPT and unicodedata.category(letter) in _UNSAFE else letter
        for letter in text
    )


def results(**options: Any) -> "Console":
    """Return the console for what a command finds: standard output."""
    return safe_console_class()(**{"highlight": False} | options)


def messages_console() -> "Console":
    """Return the console for how it goes: standard error."""
    return safe_console_class()(stderr=True, highlight=False)


@cache
def safe_console_class() -> type["Console"]:
    """Return rich's console with the difference that no text can steer it; rich is loaded here, not before."""
    from rich.console import Console
    from rich.segment import Segment

    class SafeConsole(Console):
        """Only its own styles and cursor movements reach the terminal, none that stand in a text."""

        def render(self, renderable: "RenderableType", options: "ConsoleOptions | None" = None) -> "Iterable[Segment]":
            for segment in super().render(renderable, options):
                yield segment if segment.control else Segment(clean(segment.text), segment.style)

    return SafeConsole


def say(text: str = "", *, err: bool = False, nl: bool = True, fg: str | None = None) -> None:
    """Print a text as it stands."""
    typer.secho(clean(text), err=err, nl=nl, fg=fg)


def spell_every_letter() -> None:
    """Let standard output and standard error spell what their encoding lacks, with backslashes.

    One that is closed, or that a package without a terminal never had, takes all and keeps nothing.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")

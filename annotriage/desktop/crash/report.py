"""What a report of a crash says, and what it must not say: nothing of the user's images."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from traceback import TracebackException

from annotriage.desktop.crash.versions import system_versions
from annotriage.user_folder import user_folder

_LOG_LINES = 60
_LONGEST_LINE = 2000
_IMAGE = (
    r"\.(?:bmp|gif|heic|heif|jfif|jpe|jpeg|jpg|png|tif|tiff|webp|avif|dcm|jp2|jxl|dng|nef|cr2|cr3|arw|orf|raf|rw2)\b"
)
_PATH = r"(?:[A-Za-z]:[\\/]|\\\\|/)"
_QUOTED = re.compile(r"(['\"])((?:(?!\1).)*(?:[\\/](?:(?!\1).)*|" + _IMAGE + r"))\1", re.IGNORECASE)
_PATH_OF_IMAGE = re.compile(r"(?<![\w<~.])" + _PATH + r"[^\n'\"]*?" + _IMAGE, re.IGNORECASE)
_ANY_PATH = re.compile(r"(?<![\w<~.:/\\])" + _PATH + r"[^\s'\",;)]+")
_IMAGE_NAME = re.compile(r"[^\s'\"/\\(]+" + _IMAGE, re.IGNORECASE)


def report_text(problems: "Sequence[str]", log_lines: Sequence[str], parts: str = "") -> str:
    """Write a report.

    Parameters
    ----------
    problems : sequence of str
        What happened, each with its traceback, already without names (`traceback_text`).
    log_lines : sequence of str
        The log; only its end is taken.
    parts : str
        Versions of what the program is made from.
    """
    versions = "\n".join(f"{name}: {version}" for name, version in system_versions())
    log = "\n".join(redacted(line) for line in log_lines[-_LOG_LINES:])
    sections = {"Versions": versions, "What happened": "\n\n".join(problems), "Log": log, "Parts": parts}
    text = "\n\n".join(f"## {title}\n{body.rstrip()}" for title, body in sections.items() if body)
    return f"# Annotriage: report of a problem\nImage names and folders were left out.\n\n{text}\n"


def traceback_text(error: BaseException) -> str:
    """Return an exception and those that led to it as Python prints them, but without names of the user's files."""
    links: list[tuple[TracebackException, str]] = []
    current: TracebackException | None = TracebackException.from_exception(error)
    while current is not None:
        if current.__cause__ is not None:
            links.append((current, "\nThis was the cause of:\n\n"))
            current = current.__cause__
        elif current.__context__ is not None and not current.__suppress_context__:
            links.append((current, "\nWhile that was handled:\n\n"))
            current = current.__context__
        else:
            links.append((current, ""))
            current = None
    text = ""
    for link, joint in reversed(links):
        # The lines of the program's own code stand as they are; messages can hold names.
        message = redacted("".join(link.format_exception_only()))
        text += f"{joint}Traceback (most recent call last):\n{_without_home(''.join(link.stack.format()))}{message}"
    return text


def redacted(text: str) -> str:
    """Return text without paths, but for the program's own, and without names of images."""
    text = "\n".join(line[:_LONGEST_LINE] for line in text.split("\n"))
    text = _QUOTED.sub(lambda found: found[1] + _hidden(found[2]) + found[1], text)
    text = _PATH_OF_IMAGE.sub(lambda found: _hidden(found[0]), text)
    text = _ANY_PATH.sub(lambda found: _hidden(found[0]), text)
    return _without_home(_IMAGE_NAME.sub("<image>", text))


def _hidden(text: str) -> str:
    if re.search(_IMAGE, text, re.IGNORECASE):
        return "<image>"
    if not re.match(_PATH, text) or not any(Path(text).is_relative_to(own) for own in _own_places()):
        return "<path>"
    return text


def _own_places() -> list[str]:
    places = [sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]), str(user_folder())]
    return [place for place in places if len(place) > 1]


def _without_home(text: str) -> str:
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text

"""Links of Google Drive, and the names of what is shared there."""

import re
from pathlib import PurePosixPath
from urllib.parse import urlparse

from annotriage.errors import AnnotriageError

_HOSTS = ("drive.google.com", "docs.google.com", "drive.usercontent.google.com")
_BARE = re.compile(r"[-\w]{25,}", re.ASCII)
"""An id without an address; those of files have 33 characters, of old ones 28."""
_FOLDER = re.compile(r"/(?:folders|folderview|embeddedfolderview)(?:/([-\w]{10,}))?(?=[/?#]|$)")


def meant_by(url: str) -> tuple[str, str]:
    """Return whether a link means a file or a folder, and its id."""
    text = url.strip().strip("<>\"'").strip()
    if _BARE.fullmatch(text):
        return "file", text
    try:
        parsed = urlparse(text if "://" in text else f"https://{text}")
        host = parsed.hostname
    except ValueError:
        raise AnnotriageError(f"{url!r} is no address: copy the link again from Google Drive ('Copy link').") from None
    if parsed.scheme not in ("https", "http") or host not in _HOSTS:
        raise AnnotriageError(f"{url!r} is no link of Google Drive: those are at {', '.join(_HOSTS)}.")
    query = re.search(r"(?:^|&)id=([-\w]{10,})", parsed.query)
    if folder := _FOLDER.search(parsed.path):
        identity = folder[1] or (query[1] if query else "")
        if identity:
            return "folder", identity
    found = re.search(r"/d/([-\w]{10,})", parsed.path)
    if found or query:
        return "file", found[1] if found else query[1] if query else ""
    raise AnnotriageError(
        f"The link {url!r} names no file and no folder: copy it again from Google Drive ('Copy link')."
    )


def names_apart(files: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give files of one name, which Drive allows, names of their own; nothing climbs out of the folder."""
    taken: set[str] = set()
    named = []
    for identity, name in files:
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", "..", ".")]
        # What Windows takes for a drive, or for a stream of a file.
        parts = [part.replace(":", "_") for part in parts] or ["file"]
        plain = PurePosixPath(*parts)
        path, number = plain, 1
        while path.as_posix().casefold() in taken:
            number += 1
            path = plain.with_name(f"{plain.stem} ({number}){plain.suffix}")
        taken.add(path.as_posix().casefold())
        named.append((identity, path.as_posix()))
    return named

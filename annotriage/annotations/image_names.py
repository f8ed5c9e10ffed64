"""From the address that a tool writes for an image to the image's name."""

import base64
import re
import unicodedata
from urllib.parse import parse_qsl, unquote, urlsplit

from annotriage.names import READ_ENDINGS, posix, without_endings

_SERVED = re.compile(r"[?&]d=(.*)", re.DOTALL)
"""Label Studio's local files: ``/data/local-files/?d=lesions/a%201.jpg``."""
_PROXIED = re.compile(r"/(?:tasks|projects)/\d+/(?:resolve|presign)/\?fileuri=([\w%=-]+)", re.ASCII)
"""Label Studio's way to a store, whose address is in it as Base64: ``/tasks/7/resolve/?fileuri=czM6Ly9i...``."""
_ESCAPED = re.compile(r"%[0-9a-fA-F]{2}")
_ENDED = re.compile(rf"({'|'.join(map(re.escape, sorted(READ_ENDINGS)))})&.*", re.IGNORECASE | re.DOTALL)
_UPLOADED = re.compile(r"[0-9a-f]{8}-(?=.)")
"""What Label Studio puts before the names of files that were uploaded."""
_SCHEME = re.compile(r"([a-zA-Z][\w.+-]+):/{2,3}(?:[^/]*/)?", re.ASCII)
_DRIVE = re.compile(r"^/?[a-zA-Z]:(?=/)")
_ESCAPING = ("http", "https", "file", "ftp")
"""Addresses in which a per cent sign begins the number of a byte; in ``s3://`` and ``gs://`` it stands for itself."""


def image_of(address: str) -> str:
    """Return an image's name without ending, with the folders before it, of whatever address a tool wrote.

    Parameters
    ----------
    address : str
        A file name or path, in which a per cent sign is part of the name; or an address: of the web, of a store
        (``s3://``), of Label Studio (``/data/local-files/?d=``, ``/data/upload/1/0a1b2c3d-a.jpg``).

    Returns
    -------
    str
        Letters composed, ``/`` between folders; empty where there is none: the image itself is in it (``data:``).
    """
    return without_endings(file_of(address))


def file_of(address: str) -> str:
    """Return what `image_of` does, with the ending."""
    address = posix(address)
    if address.startswith("data:"):
        return ""
    if proxied := _PROXIED.search(address):
        address = _decoded(unquote(proxied[1]))
    path, uploaded = _path(address)
    folders = [part for part in _DRIVE.sub("", path).split("/") if part.strip() not in ("", ".", "..")]
    if uploaded and folders:
        folders[-1] = _UPLOADED.sub("", folders[-1], count=1)
    return unicodedata.normalize("NFC", "/".join(folders)).strip()


def _path(address: str) -> tuple[str, bool]:
    """Return an address's path, and whether Label Studio put a number before its name when it was uploaded."""
    scheme = _SCHEME.match(address)
    if scheme is None and not address.startswith("/data/"):
        return address, False
    if served := _SERVED.search(address):
        return _unescaped(_ENDED.sub(r"\1", served[1])), False
    if scheme is not None and scheme[1].lower() not in _ESCAPING:
        return address[scheme.end() :], False
    try:
        parts = urlsplit(address)
        path = unquote(parts.path)
    except ValueError:  # no address after all
        return address, False
    if without_endings(path) == path:  # http://host/view?file=lesions/a.jpg
        named = [value for _, value in parse_qsl(parts.query) if without_endings(posix(value)) != posix(value)]
        if named:
            return posix(named[0]), False
    upload = "/data/upload/" in parts.path
    return path.partition("/data/upload/")[2].partition("/")[2] if upload else path, upload


def _decoded(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return ""


def _unescaped(served: str) -> str:
    """Undo escapes where there are any; a plus sign stays, as the names of files may have one."""
    return unquote(served) if _ESCAPED.search(served) else served

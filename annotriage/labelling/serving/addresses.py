"""The addresses of images in Label Studio's tasks -> files below one folder, or places of the Label Studio server.

A task can be written by anybody who may import tasks, so an address is a stranger's: it never leads to a file outside
of the folder, and never to another server.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile, modified_ns
from annotriage.names import as_unicode

LOCAL_FILES = "/data/local-files/"
_LONGEST = 4096


class AddressError(AnnotriageError):
    """An address that leads to no image here; the sentence says why, and does not repeat the address."""


class MissingFileError(AddressError):
    """There is no such file below the folder."""


def image_fields(label_config: str) -> list[str]:
    """Return the fields of a task's data that a labelling set-up shows as images: ``image`` of ``value="$image"``.

    Returns
    -------
    list of str
        In the order of the set-up; empty where it shows none, or cannot be read.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        top = fromstring(label_config)
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        return []
    values = [node.get("value") or "" for node in top.iter() if node.tag == "Image"]
    return list(dict.fromkeys(value[1:] for value in values if value.startswith("$")))


def image_address(data: object, fields: list[str]) -> str:
    """Return the address of a task's image.

    Parameters
    ----------
    data : object
        The task's ``data``.
    fields : list of str
        What the labelling set-up shows as images; empty: not known, and the data must tell.

    Raises
    ------
    AddressError
        There is none, or there are several and nothing says which is meant.
    """
    if not isinstance(data, Mapping):
        raise AddressError("The task has no data.")
    shown = [field for field in fields if isinstance(data.get(field), str) and data[field]]
    if not shown:
        shown = ["image"] if isinstance(data.get("image"), str) else [key for key in data if _is_address(data[key])]
    if not shown:
        raise AddressError("The task has no address of an image.")
    if len(shown) > 1:
        raise AddressError(
            f"The task has several images ({', '.join(sorted(map(str, shown)))}); say which with --field."
        )
    return str(data[shown[0]])


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("/data/", "http://", "https://"))


def local_part(address: str) -> str | None:
    """Return what an address of the kind ``/data/local-files/?d=photos/1.jpg`` names; None: it is of another kind."""
    parts = _split(address)
    if parts.path.rstrip("/") != LOCAL_FILES.rstrip("/"):
        return None
    # As Label Studio reads it: decoded once, a plus is a space. Bytes that are no Unicode come back as they were.
    query = parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
    named = [value for key, value in query if key == "d"]
    if not named or not named[-1]:
        raise AddressError("The address names no file (there is nothing behind ?d=).")
    return str(named[-1])


def file_below(root: Path, part: str) -> ImageFile:
    """Find the file that an address names below a folder.

    Parameters
    ----------
    root : Path
        The folder that Label Studio serves.
    part : str
        As `local_part` returns it.

    Returns
    -------
    ImageFile
        Named below `root`.

    Raises
    ------
    AddressError
        It is not below the folder, wherever links lead; or there is no such file.
    """
    outside = AddressError("The address leads out of the folder that is served (--root).")
    if "\0" in part or len(part) > _LONGEST:
        raise AddressError("The address is no name of a file.")
    posix = PurePosixPath(part.replace("\\", "/") if os.name == "nt" else part)
    if posix.is_absolute() or ".." in posix.parts or os.path.splitdrive(part)[0] or not posix.parts:
        raise outside
    path = root / posix
    try:
        real, top = Path(os.path.realpath(path)), Path(os.path.realpath(root))
        if not real.is_relative_to(top):
            raise outside
        status = real.stat()
    except (OSError, ValueError):
        raise MissingFileError(
            "There is no such file below --root; it must be the folder that Label Studio serves "
            "(LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT)."
        ) from None
    if not stat.S_ISREG(status.st_mode):
        raise AddressError("The address names no file.")
    return ImageFile(real, as_unicode(posix.as_posix()), status.st_size, modified_ns(status), None)


def origin(address: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an address; None: it has no host, or is of no kind that is fetched.

    Raises
    ------
    AddressError
        It is no address.
    """
    parts = _split(address)
    try:
        port = parts.port
    except ValueError:
        raise AddressError("The address has a port that is none.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return parts.scheme, parts.hostname.lower().rstrip("."), port or {"http": 80, "https": 443}[parts.scheme]


def on_server(address: str, server: str) -> str:
    """Return the whole address of what lies on one server, and refuse everything else.

    Parameters
    ----------
    address : str
        ``/data/upload/1/a.jpg``, or with the server before it.
    server : str
        The server's address, with a path where it lies below one: ``https://team.example/label-studio``.

    Raises
    ------
    AddressError
        It is on another server, or no address that can be fetched.
    """
    parts = _split(address)
    if any(letter in address for letter in "\\\r\n\t") or len(address) > _LONGEST:
        raise AddressError("The address has letters that belong in none, or is too long.")
    if not parts.scheme and not parts.netloc and address.startswith("/"):
        base, own_path = _split(server), _split(server).path.rstrip("/")
        path = address if own_path and address.startswith(f"{own_path}/") else f"{own_path}{address}"
        return f"{base.scheme}://{base.netloc}{path}"
    there = origin(address)
    if there is None:
        kind = f"of the kind {parts.scheme}:" if parts.scheme else "of no kind that is known"
        raise AddressError(f"The address is {kind}; files below --root and those of Label Studio's server are read.")
    if there != origin(server) or "@" in parts.netloc:
        raise AddressError("The image lies on another server than Label Studio's (--label-studio): it is not fetched.")
    return address


def _split(address: str) -> Any:
    try:
        return urlsplit(address)
    except ValueError:
        raise AddressError("The address cannot be read.") from None

"""The address of a server, as people copy it from a browser, brought to where its interface begins."""

import ipaddress
import re
from urllib.parse import urlsplit, urlunsplit

from annotriage.errors import AnnotriageError

_EXAMPLE = "write it like https://labels.example.org or http://localhost:8080"
_PAGES = ("projects", "user", "api", "organization", "people", "data", "tasks", "docs", "version", "health", "static")
"""Where Label Studio's own pages begin: an address is often copied with one of them behind."""


def server_address(text: str) -> str:
    """Return the address before which nothing but a path of Label Studio's own has to stand.

    Parameters
    ----------
    text : str
        As it was typed or copied: ``localhost:8080``, ``https://host/label-studio/projects/3/data?tab=4``. Without
        ``http://`` or ``https://``, the first is meant on this computer, for numbers and where a port stands, and else
        the second.

    Returns
    -------
    str
        Without a slash at its end: ``https://host/label-studio``.

    Raises
    ------
    AnnotriageError
        It is no address, or a name and a password stand in it.
    """
    said = text.strip()
    if not said:
        raise AnnotriageError(f"No address of a Label Studio server was given: {_EXAMPLE}.")
    if not re.match(r"[a-z][a-z0-9+.-]*://", said, re.IGNORECASE):
        said = f"{'http' if _is_plain(said) else 'https'}://{said}"
    try:
        parts = urlsplit(said)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or any(letter.isspace() for letter in said) or parts.scheme.lower() not in ("http", "https"):
        raise AnnotriageError(f"{text.strip()} is no address of a server: {_EXAMPLE}.")
    if parts.username is not None or parts.password is not None:
        raise AnnotriageError(
            f"The address of {host} has a name or a password in it; leave it out: a token is asked for on its own."
        )
    name = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme.lower()]
    place = name if port in (None, default) else f"{name}:{port}"
    return urlunsplit((parts.scheme.lower(), place, _own_path(parts.path), "", ""))


def is_loopback(address: str) -> bool:
    """Tell whether a server runs on this computer, so that nobody listens on the way."""
    host = urlsplit(address).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def server_key(address: str) -> str:
    """Return what tells a server from others: ``localhost``, ``127.0.0.1`` and ``[::1]`` of one port are one.

    Parameters
    ----------
    address : str
        As `server_address` returns it.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if host == "localhost" or not is_loopback(address):
        return address
    port = "" if parts.port is None else f":{parts.port}"
    return urlunsplit((parts.scheme, f"localhost{port}", parts.path, "", ""))


def _is_plain(said: str) -> bool:
    """Tell of an address without a scheme whether it is one of a computer nearby, which seldom has a certificate."""
    host = re.split(r"[/?#]", said, maxsplit=1)[0]
    name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name != host or name == "localhost" or "." not in name
    return True


def _own_path(path: str) -> str:
    """Return the part of a path before Label Studio's own pages."""
    kept: list[str] = []
    for part in path.split("/"):
        if part.lower() in _PAGES:
            break
        if part:
            kept.append(part)
    return "".join(f"/{part}" for part in kept)

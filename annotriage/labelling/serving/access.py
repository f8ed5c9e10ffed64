"""Who may ask: name and password, the name under which the server is asked, and pages of other sites."""

import base64
import binascii
import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

OPEN = frozenset({"/webhook"})
"""Label Studio sends its events without the password that it has; they are counted and nothing else."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a request is turned away.

    Attributes
    ----------
    status : int
    reason : str
        In a word, for counting.
    sentence : str
        For people.
    headers : dict of str to str
    """

    status: int
    reason: str
    sentence: str
    headers: dict[str, str] = field(default_factory=dict)


class Access:
    """Checks who asks.

    Parameters
    ----------
    user, password : str
        An empty password: nobody is asked for one.
    hosts : frozenset of str
        Names under which the server may be asked, beside localhost and addresses of numbers.
    """

    def __init__(self, user: str, password: str, hosts: frozenset[str]) -> None:
        self._basic = _digest(f"{user}:{password}")
        self._bearer = _digest(password)
        self._asks = bool(password)
        self._hosts = {host.lower() for host in hosts} | {"localhost"}

    def refusal(self, path: str, headers: Mapping[str, str]) -> Refused | None:
        """Say why a request is turned away; None: it is not.

        Parameters
        ----------
        path : str
        headers : mapping of str to str
            Names in small letters.
        """
        host = headers.get("host", "")
        if not self._is_ours(host):
            # A page somewhere can give its own name this computer's address, and ask in the name of who reads it.
            return Refused(
                421,
                "host",
                "The server is not asked under this name; where it is meant to be, start it with --allow-host NAME.",
            )
        if "origin" in headers and urlsplit(headers["origin"]).netloc.lower() != host.lower():
            return Refused(403, "origin", "Pages of other sites may not ask this server.")
        if path in OPEN or not self._asks or self._is_known(headers.get("authorization", "")):
            return None
        return Refused(
            401,
            "password",
            "Name and password are needed (Basic), or the password alone (Bearer): the one that the server was given "
            "or printed at its start.",
            {"WWW-Authenticate": 'Basic realm="Annotriage", charset="UTF-8"'},
        )

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self._hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _is_known(self, authorization: str) -> bool:
        scheme, _, given = authorization.partition(" ")
        given = given.strip()
        if scheme.lower() == "bearer":
            return hmac.compare_digest(_digest(given), self._bearer)
        if scheme.lower() != "basic":
            return False
        try:
            text = base64.b64decode(given, validate=True).decode("utf-8", "surrogateescape")
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(_digest(text), self._basic)


def _digest(text: str) -> bytes:
    """Return what is compared: of one length, so that the time tells nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def is_loopback(host: str) -> bool:
    """Say whether only this computer reaches a server that listens there."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False

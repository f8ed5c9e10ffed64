"""A Label Studio server and the token for it, opened anew by each job: a connection serves one thread."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.address import server_address
from annotriage.labelling.label_studio.connection import Connection, Project, connect
from annotriage.labelling.label_studio.doctor import Finding, examine
from annotriage.labelling.label_studio.links import Link, links_of
from annotriage.labelling.label_studio.order import Images, Way
from annotriage.labelling.label_studio.tokens import cleaned_token, forget_token, keep_token, known_token

if TYPE_CHECKING:
    from pathlib import Path

WHERE = (
    "In Label Studio, click on your initials at the top right, then Account & Settings → Personal Access Token → "
    "Create New Token, and copy all of it. A legacy token of 40 letters and digits does, too, where an owner switched "
    "these on."
)
"""Where a token is found, and of which kind it is."""
KEPT = "The token is kept in the system’s keyring."


@dataclass(frozen=True, slots=True)
class StudioAccess:
    """How to get in.

    Attributes
    ----------
    address : str
        As it was typed.
    token : str
        As it was typed, and never printed; empty: the one that is known.
    keep : bool
        Whether a token that was typed is kept in the system's keyring once the server takes it.
    """

    address: str
    token: str = field(default="", repr=False)
    keep: bool = True

    @contextmanager
    def opened(self, stop: threading.Event | None = None) -> Iterator[Connection]:
        """Connect, and keep the token where that is wished; what is to be known of it is among the remarks.

        Raises
        ------
        AnnotriageError
            No token is known, or nobody answers, or the token is not taken.
        """
        address = server_address(self.address)
        known = None if self.token.strip() else known_token(address)
        if known is None and not self.token.strip():
            raise AnnotriageError(f"No token for {address} is known here: paste one.")
        connection = connect(address, self.token if known is None else known.token, stop=stop)
        try:
            if known is None and self.keep:
                try:
                    keep_token(connection.address, cleaned_token(self.token))
                    connection.remarks.append(KEPT)
                except AnnotriageError as error:
                    connection.remarks.append(str(error))
            yield connection
        finally:
            connection.close()

    def examined(self, folder: "Path | None", images: Images | None = None) -> list[Finding]:
        """Look at the server, from its address to whether images load.

        Parameters
        ----------
        folder : Path or None
            Of images that it is to read; None: only those that it has are looked at.
        images : Images or None
            How it is to read them.
        """
        if images is not None and images.way is Way.UPLOAD:
            folder = None
        return list(examine(server_address(self.address), self.token.strip() or None, folder=folder, images=images))


@dataclass(frozen=True, slots=True)
class Connected:
    """What a server said when it was asked who one is."""

    access: StudioAccess
    who: str
    remarks: list[str]
    projects: list[Project]


@dataclass(frozen=True, slots=True)
class Remembered:
    """Where a folder was sent to, the last one first, and where the token for that is; empty: nowhere."""

    links: list[Link]
    token_place: str


def connected(access: StudioAccess, stop: threading.Event | None = None) -> Connected:
    """Connect, and ask for the projects. For a job's thread."""
    with access.opened(stop) as connection:
        version = f"Label Studio {connection.version}" if connection.version else "Label Studio"
        who = f"{version} at {connection.address}, as {connection.person.name}"
        token = "" if KEPT in connection.remarks else access.token
        again = StudioAccess(connection.address, token, access.keep)
        return Connected(again, who, connection.remarks, connection.projects())


def remembered(folder: "Path") -> Remembered:
    """Look where a folder was sent to. For a job's thread: a keyring may ask for its password."""
    links = links_of(folder)
    return Remembered(links, token_place(links[0].address) if links else "")


def token_place(address: str) -> str:
    """Say where the token for a server is; empty: none is known, or it is no address. For a job's thread."""
    try:
        known = known_token(server_address(address))
    except AnnotriageError:
        return ""
    return "" if known is None else known.place


def in_the_window(sentence: str) -> str:
    """Say a sentence of the conversation without what is to be typed in a terminal."""
    sentence = re.sub(r" \(--[a-z -]+\)", "", sentence)
    sentence = re.sub(r"`annotriage label-studio status` asks for one, or set [A-Z_]+", "paste one above", sentence)
    return re.sub(r"`annotriage doctor [^`]*`", "“Check the server”, beside its address,", sentence)


def forget(address: str) -> str:
    """Take the token of a server out of the keyring, and say so. For a job's thread."""
    address = server_address(address)
    return f"The token for {address} is forgotten." if forget_token(address) else f"No token for {address} was kept."

"""Images that only the Label Studio server has: fetched from it and from nowhere else, bounded, and thrown away."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.tokens import VARIABLE, TokenKind, token_kind
from annotriage.labelling.serving.addresses import AddressError, on_server

_CONNECT, _READ, _WHOLE = 5.0, 15.0, 60.0
"""Seconds until there is a connection, the next bytes, and the whole image."""
_REDIRECTS = 3
_PIECE = 1 << 16
_RENEW_BEFORE = 30.0
_BEARER_LIVES = 300.0
"""Seconds that a token lives which Label Studio gives for a personal access token."""


class LabelStudioFiles:
    """The images on a Label Studio server.

    Parameters
    ----------
    server : str
        Its address.
    token : str
        Of any kind; empty: what Label Studio itself sends at `/setup` is used.
    folder : Path
        Where an image lies while it is scored.
    largest : int
        Bytes of an image.
    """

    def __init__(self, server: str, token: str, folder: Path, largest: int) -> None:
        import requests

        self.server = server.rstrip("/")
        self._token = token
        self._is_given = bool(token)
        self._folder = folder
        self._largest = largest
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy and no .netrc: what is fetched is known, and from where
        self._lock = threading.Lock()
        self._bearer = ""
        self._bearer_until = 0.0
        self._number = 0

    def offer_token(self, token: str) -> None:
        """Take the token that Label Studio sends, unless one was given."""
        if not self._is_given:
            self._token = token

    @contextmanager
    def fetched(self, address: str) -> Iterator[Path]:
        """Lend a file with the image of an address.

        Raises
        ------
        AnnotriageError
            It is on another server, cannot be had, or is too large.
        """
        whole = on_server(address, self.server)
        with self._lock:
            self._number += 1
            path = self._folder / f"fetched-{self._number}"
        try:
            self._fetch(whole, path)
            yield path
        finally:
            with suppress(OSError):
                path.unlink()

    def _fetch(self, address: str, path: Path) -> None:
        import requests

        ends = time.monotonic() + _WHOLE
        try:
            for _ in range(_REDIRECTS + 1):
                with self._get(address) as answer:
                    if not answer.is_redirect:
                        _check(answer)
                        self._write(answer, path, ends)
                        return
                    # Storages in the cloud are answered by a redirect: to another server, which is not followed.
                    address = on_server(urljoin(address, answer.headers["location"]), self.server)
            raise AddressError("Label Studio sends the image's address round in circles.")
        except requests.RequestException as error:
            kind = "took too long" if isinstance(error, requests.Timeout) else "cannot be reached"
            raise AnnotriageError(
                f"Label Studio at {self.server} {kind}: look whether it runs there, and at --label-studio."
            ) from None

    def _get(self, address: str) -> Any:
        return self._session.get(
            address,
            headers=self._authorization(),
            stream=True,
            allow_redirects=False,
            timeout=(_CONNECT, _READ),
        )

    def _write(self, answer: Any, path: Path, ends: float) -> None:
        too_large = AddressError(
            f"The image is larger than {self._largest // 2**20} MB (--largest): it is not fetched."
        )
        length = answer.headers.get("content-length", "")
        if length.isdigit() and int(length) > self._largest:
            raise too_large
        written = 0
        with path.open("wb") as file:
            for piece in answer.iter_content(_PIECE):
                written += len(piece)
                if written > self._largest:
                    raise too_large
                if time.monotonic() > ends:
                    raise AddressError("The image came too slowly from Label Studio.")
                file.write(piece)

    def _authorization(self) -> dict[str, str]:
        if not self._token:
            return {}
        kind = token_kind(self._token)
        if kind is TokenKind.SHORT:
            return {"Authorization": f"Bearer {self._token}"}
        if kind is not TokenKind.PERSONAL:
            return {"Authorization": f"Token {self._token}"}
        with self._lock:
            if time.monotonic() > self._bearer_until:
                answer = self._session.post(
                    f"{self.server}/api/token/refresh",
                    json={"refresh": self._token},
                    allow_redirects=False,
                    timeout=(_CONNECT, _READ),
                )
                _check(answer)
                try:
                    self._bearer = str(answer.json()["access"])
                except (ValueError, KeyError, TypeError):
                    raise AnnotriageError("Label Studio gives no token for the one that was given.") from None
                self._bearer_until = time.monotonic() + _BEARER_LIVES - _RENEW_BEFORE
            return {"Authorization": f"Bearer {self._bearer}"}


def _check(answer: Any) -> None:
    if answer.status_code in (401, 403):
        raise AnnotriageError(
            f"Label Studio does not give the image to this token: give one of a member of the project ({VARIABLE})."
        )
    if answer.status_code != 200:
        raise AddressError(f"Label Studio answers {answer.status_code} for the image.")

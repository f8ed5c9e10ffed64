"""Requests to one Label Studio server: who asks, how often it is tried, and what is said when it fails."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from annotriage.datasets.fetching.network import BUSY, LONGEST_WAIT, Halt, Stopped, blocks, keep_in_bounds, pause
from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.address import server_address
from annotriage.labelling.label_studio.tokens import TokenKind, token_kind
from annotriage.labelling.label_studio.troubles import (
    RefusedError,
    UnreachableError,
    not_a_server,
    refusal,
    unreachable,
    wrong_token,
)

__all__ = ["Client", "Stopped"]

TIMES = 4
"""How often a request is made that may be repeated."""
CONNECT_SECONDS, READ_SECONDS = 10.0, 120.0
_EARLY = 30.0
"""Seconds before its end at which a short token is exchanged: clocks and slow requests differ."""
_LIVES = 300.0
_MOST_OF_A_DOCUMENT = 2**28
_REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered.

    Attributes
    ----------
    status : int
    body : object
        Its JSON, or the text where it is none.
    kind : str
        The content type.
    """

    status: int
    body: Any
    kind: str


class Client:
    """One server and the token it is asked with. May be used by one thread at a time.

    Parameters
    ----------
    address : str
        As somebody typed it; see `server_address`.
    token : str
        Never printed.
    stop : threading.Event or None
        Once set, what is asked ends with `Stopped`.

    Attributes
    ----------
    address : str
        Where the server's interface begins. It changes with the first request where the server sends on, from http to
        https say.
    kind : TokenKind

    Raises
    ------
    AnnotriageError
        The address is none.
    """

    def __init__(self, address: str, token: str, *, stop: threading.Event | None = None) -> None:
        self.address = server_address(address)
        self.kind = token_kind(token)
        self._token = token
        self._halt = Halt(stop)
        self._short: tuple[str, float] | None = None  # a personal token's, and until when it holds
        self._session: Any = None

    def __repr__(self) -> str:
        """Name the server, and no token."""
        return f"Client({self.address!r})"

    def stopped_by(self, stop: threading.Event | None) -> None:
        """Let another event end what is asked from now on."""
        self._halt = Halt(stop)
        self.close()

    def close(self) -> None:
        """Let go of the connections; the next request opens new ones."""
        if self._session is not None:
            self._session.close()
        self._session = None

    # What is asked

    def get(self, path: str, **params: object) -> Any:
        """Ask for something, and return its JSON.

        Raises
        ------
        AnnotriageError
            In words, whatever is in the way. `RefusedError` where the server answered and refused.
        Stopped
        """
        return self.request("GET", path, params=params).body

    def post(self, path: str, json: object, **params: object) -> Any:
        """Make something new; not repeated where it may have been made. Raises as `get`."""
        return self.request("POST", path, json=json, params=params).body

    def patch(self, path: str, json: object) -> Any:
        """Set something that exists; repeated until it is. Raises as `get`."""
        return self.request("PATCH", path, json=json).body

    def delete(self, path: str) -> None:
        """Take something away; that it is gone already is no error. Raises as `get`."""
        try:
            self.request("DELETE", path)
        except RefusedError as error:
            if error.status != 404:
                raise

    def upload(self, path: str, files: Sequence[tuple[str, bytes, str]], **params: object) -> Any:
        """Upload files, each its name, its bytes and its content type; not repeated. Raises as `get`."""
        parts = [(f"file{number}", file) for number, file in enumerate(files)]
        return self.request("POST", path, files=parts, params=params).body

    def pages(self, path: str, what: str, *, size: int = 100, **params: object) -> Iterator[list[Any]]:
        """Yield a list's pages.

        Parameters
        ----------
        path : str
        what : str
            Under which name an answer holds the list: ``tasks``, ``results``.
        size : int
            Entries a page.
        """
        number = 1
        while True:
            try:
                answer = self.get(path, page=number, page_size=size, **params)
            except RefusedError as error:
                if error.status == 404 and number > 1:  # a list that became shorter meanwhile
                    return
                raise
            entries = answer if isinstance(answer, list) else answer.get(what) if isinstance(answer, dict) else None
            if not isinstance(entries, list):
                raise not_a_server(self.address, f"it answers {path} without {what}")
            if entries:
                yield entries
            if isinstance(answer, list) or len(entries) < size:
                return
            number += 1

    def probe(self, path: str) -> Reply:
        """Ask for the first byte of a file, and return the answer, whatever it is. Raises where there is none."""
        return self.request("GET", path, headers={"Range": "bytes=0-0"}, refusing=False)

    def document(self, path: str, **params: object) -> bytes:
        """Return a file as it is, at most 256 MB. Raises as `get`."""
        return bytes(self.request("GET", path, params=params, document=True).body)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Mapping[str, object] | None = None,
        files: object = None,
        headers: Mapping[str, str] | None = None,
        refusing: bool = True,
        document: bool = False,
    ) -> Reply:
        """Make a request, and again where that does no harm and may help.

        Parameters
        ----------
        method, path : str
            The path begins with a slash.
        json, params, files, headers : object
            As requests takes them.
        refusing : bool
            Whether an answer that is a refusal is raised.
        document : bool
            The answer is wanted as bytes.

        Raises
        ------
        AnnotriageError
            In words, whatever is in the way. `RefusedError` where the server answered and refused, `UnreachableError`
            where it did not answer.
        Stopped
        """
        may_repeat = method != "POST"
        renewed = False
        attempt = 0
        while True:
            try:
                answer = self._once(method, path, json, params, files, headers, document)
            except UnreachableError as error:
                if attempt + 1 >= TIMES or not (may_repeat or error.unsent):
                    raise
                self._wait(pause(attempt))
            else:
                status = answer.status
                if status == 401 and self.kind is TokenKind.PERSONAL and not renewed and refusing:
                    renewed, self._short = True, None
                    continue
                # A request that was turned away was not carried out: it may be made again, whatever it makes.
                turned_away = status == 429
                if not (status in BUSY and (may_repeat or turned_away)) or attempt + 1 >= TIMES:
                    return self._judged(answer, method, path) if refusing else answer
                self._wait(max(self._asked_to_wait, pause(attempt + 1)))
            attempt += 1

    # How it is asked

    _asked_to_wait = 0.0

    def _once(
        self,
        method: str,
        path: str,
        json: object,
        params: Mapping[str, object] | None,
        files: object,
        headers: Mapping[str, str] | None,
        document: bool,
        *,
        with_token: bool = True,
    ) -> Reply:
        from requests.exceptions import RequestException

        if self._halt.is_set():
            raise Stopped
        sent = dict(headers or {})
        if with_token:
            sent["Authorization"] = self._header()
        try:
            for _ in range(_REDIRECTS):
                response = self._opened().request(
                    method,
                    self.address + path,
                    json=json,
                    params={name: _said(value) for name, value in (params or {}).items() if value is not None},
                    files=files,
                    headers=sent,
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                    allow_redirects=False,
                    stream=document,
                )
                if not response.is_redirect:
                    break
                self._sent_on(str(response.headers["location"]), path)
            return self._reply(response, document)
        except RequestException as error:
            raise unreachable(error, self.address) from None

    def _reply(self, response: Any, document: bool) -> Reply:
        kind = str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
        self._asked_to_wait = _seconds(response.headers.get("retry-after"))
        if document and response.ok:
            body = bytearray()
            for block in blocks(response, self._halt):
                body += block
                if len(body) > _MOST_OF_A_DOCUMENT:
                    response.close()
                    raise not_a_server(self.address, "one answer has more than 256 MB")
            return Reply(response.status_code, bytes(body), kind)
        try:
            return Reply(response.status_code, response.json(), kind)
        except ValueError:
            return Reply(response.status_code, response.text, kind)

    def _judged(self, answer: Reply, method: str, path: str) -> Reply:
        if answer.status == 401:
            raise wrong_token(self.address, self.kind, answer.body)
        if answer.status >= 400:
            raise refusal(self.address, answer.status, answer.body, method, path)
        if isinstance(answer.body, str) and answer.body and answer.kind == "text/html":
            raise not_a_server(self.address, "it answers with a page instead of data, a login page perhaps")
        return answer

    def _sent_on(self, location: str, path: str) -> None:
        """Follow a redirection that stays on the server: from http to https, to a longer path, to a slash."""
        from urllib.parse import urlsplit

        target = urlsplit(urljoin(self.address + path, location))
        here = urlsplit(self.address)
        bare = path.partition("?")[0]
        whole = target.path
        if target.hostname != here.hostname or (here.scheme, target.scheme) == ("https", "http"):
            raise not_a_server(
                self.address, f"it sends on to {target.scheme}://{target.netloc}; if you trust that, give that address"
            )
        for ending in (bare, bare + "/", bare.rstrip("/")):
            if whole.endswith(ending):
                self.address = f"{target.scheme}://{target.netloc}{whole[: -len(ending)]}".rstrip("/")
                return
        raise not_a_server(self.address, f"it sends on to {target.path}, a login page perhaps")

    def _opened(self) -> Any:
        if self._session is None:
            import requests

            self._session = requests.Session()
            # With authentication of our own, requests takes none from ~/.netrc in its place.
            self._session.auth = _as_it_is
            keep_in_bounds(self._session, self._halt)
        return self._session

    def _header(self) -> str:
        if self.kind is TokenKind.PERSONAL:
            return f"Bearer {self._short_token()}"
        return f"{'Bearer' if self.kind is TokenKind.SHORT else 'Token'} {self._token}"

    def _short_token(self) -> str:
        """Return what a personal token is exchanged for, which lives five minutes."""
        if self._short is None or time.monotonic() > self._short[1]:
            asked = {"refresh": self._token}
            answer = self._exchanged(asked)
            if answer.status in (401, 400):
                raise wrong_token(self.address, self.kind, answer.body)
            if answer.status == 404:
                raise wrong_token(self.address, self.kind, answer.body, unknown=True)
            self._judged(answer, "POST", "/api/token/refresh/")
            access = answer.body.get("access") if isinstance(answer.body, dict) else None
            if not isinstance(access, str):
                raise not_a_server(self.address, "it exchanges no personal access token")
            self._short = access, time.monotonic() + _LIVES - _EARLY
        return self._short[0]

    def _exchanged(self, asked: Mapping[str, str]) -> Reply:
        """Exchange a personal token; that may be repeated."""
        attempt = 0
        while True:
            try:
                answer = self._once("POST", "/api/token/refresh/", asked, None, None, None, False, with_token=False)
                if answer.status not in BUSY or attempt + 1 >= TIMES:
                    return answer
            except UnreachableError:
                if attempt + 1 >= TIMES:
                    raise
            attempt += 1
            self._wait(pause(attempt))

    def _wait(self, seconds: float) -> None:
        if self._halt.wait(min(seconds, LONGEST_WAIT)):
            raise Stopped


def _as_it_is(request: Any) -> Any:
    return request


def _said(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _seconds(text: object) -> float:
    try:
        return max(0.0, float(str(text)))
    except ValueError:
        return 0.0


def checked(value: object, what: str, address: str) -> dict[str, Any]:
    """Return an answer that must be an object; raises AnnotriageError where it is none."""
    if not isinstance(value, dict):
        raise AnnotriageError(f"{address} answers without {what}: is it a Label Studio server?")
    return value

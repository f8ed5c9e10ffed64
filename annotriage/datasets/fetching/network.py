"""What goes wrong on the way to a server, as sentences, and how often to try again."""

import errno
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from urllib3.util.retry import Retry

BACKOFF = 1.0
"""Seconds before the second retry; twice as many before each further one. The first is at once."""
LONGEST_WAIT = 60.0
"""However long a server asks to wait."""
RETRIES = 4
BUSY = (429, 500, 502, 503, 504)
"""Answers that may be better the next time."""


MOST_OF_A_PAGE = 32 * 2**20
"""Bytes of an answer that is read whole; a page of a hundred records has some 200 kB."""
MOST_OF_A_REFUSAL = 2**16
SLOWEST = 512.0
"""Bytes a second, below which a server only seems to answer."""
SLOW_SECONDS = 60.0
"""How long it may be slower than that."""
_AT_ONCE = 2**16


class Stopped(Exception):
    """The caller's event was set while a server was waited for."""


class Halt:
    """What ends a fetch: the caller's event, or the fetch itself, which must not touch that one.

    Parameters
    ----------
    stop : threading.Event or None
        The caller's.
    """

    def __init__(self, stop: threading.Event | None) -> None:
        self._stop = stop
        self._own = threading.Event()

    def set(self) -> None:
        """End it from inside."""
        self._own.set()

    def clear(self) -> None:
        """Take `set` back; the caller's event stays as it is."""
        self._own.clear()

    def is_set(self) -> bool:
        """Tell whether either ended it."""
        return self._own.is_set() or (self._stop is not None and self._stop.is_set())

    def wait(self, seconds: float) -> bool:
        """Wait, and tell whether it ended meanwhile."""
        until = time.monotonic() + seconds
        while not self.is_set() and (left := until - time.monotonic()) > 0:
            self._own.wait(min(left, 0.1))
        return self.is_set()


def pause(attempt: int) -> float:
    """Return how many seconds to wait after a failed attempt, the first being 0."""
    return min(BACKOFF * 2 ** (attempt - 1), LONGEST_WAIT) if attempt else 0.0


def patient_retry(stop: Halt) -> "Retry":
    """Return when to ask a server again: a few times, later each time, and not at all once `stop` is set."""
    from urllib3.util.retry import Retry

    class PatientRetry(Retry):
        """Wait for the event instead of asleep, and never as long as a server likes."""

        def sleep(self, response: object = None) -> None:
            asked = self.get_retry_after(response) if response is not None else None  # type: ignore[arg-type]
            if stop.wait(min(asked or self.get_backoff_time(), LONGEST_WAIT)):
                raise Stopped

    return PatientRetry(
        total=RETRIES,
        connect=2,
        status_forcelist=BUSY,
        backoff_factor=BACKOFF,
        redirect=False,
        raise_on_status=False,
    )


def blocks(response: Any, stop: Halt) -> Iterator[bytes]:
    """Iterate over the body of an answer as it comes, unpacked.

    Raises
    ------
    requests.RequestException
        The connection was cut, or hardly anything comes.
    Stopped
    """
    from requests import exceptions as kinds
    from urllib3 import exceptions as below

    since, came = time.monotonic(), 0
    try:
        # By single reads: others wait until a whole block is there, however slowly it trickles in.
        while block := response.raw.read1(_AT_ONCE, decode_content=True):
            if stop.is_set():
                raise Stopped
            yield block
            came += len(block)
            if (passed := time.monotonic() - since) > SLOW_SECONDS:
                if came < SLOWEST * passed:
                    raise kinds.Timeout
                since, came = time.monotonic(), 0
    except below.DecodeError as error:
        raise kinds.ContentDecodingError(error) from error
    except below.ReadTimeoutError as error:
        raise kinds.ReadTimeout(error) from error
    except below.HTTPError as error:
        raise kinds.ChunkedEncodingError(error) from error


def keep_in_bounds(session: Any, stop: Halt) -> None:
    """Let a session of requests read no answer without end, and follow no redirection that leads off the web.

    Parameters
    ----------
    session : requests.Session
    stop : Halt
        Once set, what is being read ends with `Stopped`.
    """
    from requests.exceptions import RequestException

    def look(response: Any, *_: object, stream: bool = False, **__: object) -> Any:
        if response.is_redirect:
            _check_redirection(str(response.url), str(response.headers["location"]))
        is_answer = response.ok and not response.is_redirect
        if stream and is_answer:  # read by those who asked
            return response
        most = MOST_OF_A_PAGE if is_answer else MOST_OF_A_REFUSAL
        body = bytearray()
        for block in blocks(response, stop):
            body += block
            if len(body) > most:
                response.raw.close()
                if is_answer:
                    raise RequestException(f"more than {most / 1e6:.0f} MB came as one answer")
                break
        response._content, response._content_consumed = bytes(body[:most]), True
        response.close()
        return response

    session.hooks["response"].append(look)


def _check_redirection(place: str, location: str) -> None:
    from requests.exceptions import InvalidURL

    try:
        target = urljoin(place, location)
        scheme = urlsplit(target).scheme.lower()
    except ValueError:
        raise InvalidURL("it redirects to what is no address") from None
    if scheme not in ("http", "https") or (scheme == "http" and place.lower().startswith("https:")):
        raise InvalidURL(f"it redirects to {target:.200}, which is not fetched from")


def need_fetching(error: ModuleNotFoundError) -> AnnotriageError:
    """Return the sentence for an install without the sources' clients."""
    from annotriage.version import how_to_get

    return AnnotriageError(
        f"Fetching needs more than the light install ({error.name} is missing). "
        + how_to_get("fetch", what="What fetches images")
    )


def network_trouble(error: Exception, server: str) -> str:
    """Return what is wrong and what to do, as one sentence without a name before it.

    Parameters
    ----------
    error : Exception
        What requests raised.
    server : str
        Whom it was asked: "the ISIC Archive".
    """
    from requests import exceptions as kinds

    if isinstance(error, kinds.HTTPError) and error.response is not None:
        return _answer(int(error.response.status_code), server)
    if isinstance(error, kinds.JSONDecodeError):
        return (
            f"{server} did not answer with data; a login page of this network may stand between: open any page in a "
            "browser, then try again"
        )
    if isinstance(error, kinds.ProxyError):
        return f"the proxy of this network does not let {server} through: check HTTPS_PROXY, or ask who runs it"
    if isinstance(error, kinds.SSLError):
        return (
            f"the certificate of {server} cannot be checked; where this network looks into encrypted traffic, name its "
            "certificate in REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, kinds.ChunkedEncodingError | kinds.ContentDecodingError):
        return f"the connection to {server} was cut again and again: try again later"
    if isinstance(error, kinds.Timeout):
        return f"{server} does not answer in time: try again later"
    if isinstance(error, kinds.ConnectionError):
        return (
            f"{server} cannot be reached: check the network of this computer (behind a proxy, HTTPS_PROXY has to name "
            "it)"
        )
    return f"{server} could not be asked ({error})"


def _answer(status: int, server: str) -> str:
    if status in (401, 403):
        return f"{server} does not let you have it ({status}); it may not be public"
    if status in (404, 410):
        return f"{server} does not have it ({status})"
    if status == 429:
        return f"{server} is asked too often at present (429): try again in some minutes"
    if status >= 500:
        return f"{server} has trouble of its own at present ({status}): try again later"
    return f"{server} refused ({status})"


def disk_trouble(error: OSError, folder: Path) -> AnnotriageError:
    """Return the sentence for a folder that cannot be written; what is in it is kept."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return AnnotriageError(
            f"The disk of {folder} is full. What was fetched so far is kept; make room, and the same command goes on."
        )
    return AnnotriageError(
        f"{folder} cannot be written ({error.strerror or error}); check the disk and its permissions, or choose "
        "another folder."
    )


def made_folder(folder: Path) -> Path:
    """Make a folder where it does not exist, and return it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_trouble(error, folder) from None
    return folder

"""The ISIC Archive, asked through its own client."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlparse

from annotriage.datasets.fetching.network import (
    RETRIES,
    Halt,
    Stopped,
    blocks,
    keep_in_bounds,
    need_fetching,
    network_trouble,
    patient_retry,
    pause,
)
from annotriage.errors import AnnotriageError
from annotriage.images.kinds import HEAD_BYTES, image_kind
from annotriage.names import without_endings

ARCHIVE = "https://api.isic-archive.com/api/v2/"
NAME = "the ISIC Archive"
_REFUSALS = (400, 403, 404, 422)


_LARGEST_IMAGE = 1_000_000_000
"""Bytes that are taken of an image whose size the Archive does not tell."""
_LONGEST_NAME = 100


class NotFetched(Exception):
    """An image that could not be had; the text says why. The others can."""


class IsicArchive:
    """Ask the Archive for images.

    isic-cli knows the addresses and how to introduce itself. Its list of images and its download of one are done here
    instead: the list may lead in a circle, and the download cannot be stopped, waits twenty minutes for a server that
    is down, does not look at what came, and leaves files that others of a team cannot read.

    Parameters
    ----------
    server : str
        The address of the API.
    stop : Halt
        Once set, what is under way ends with `Stopped`.

    Raises
    ------
    AnnotriageError
        isic-cli is not installed.
    """

    def __init__(self, server: str, stop: Halt) -> None:
        try:
            from isic_cli.session import IsicCliSession
        except ModuleNotFoundError as error:
            raise need_fetching(error) from None
        self._stop = stop
        self._new_session: Any = IsicCliSession
        self._server = server.rstrip("/") + "/"
        self._session = IsicCliSession(self._server, retry_strategy=patient_retry(stop))
        keep_in_bounds(self._session, stop)
        self._own = threading.local()
        self._open: set[Any] = set()

    def check_collection(self, collection: str) -> str:
        """Return a collection's name; raise AnnotriageError where there is none of this number."""
        from isic_cli.io.http import get_collection

        with _sentences(f"There is no collection {collection} that everybody may see: "):
            return str(get_collection(self._session, collection).get("name", ""))

    def count(self, search: str, collections: str) -> int:
        """Return how many images there are."""
        from isic_cli.io.http import get_num_images

        with _sentences(f"The search {search!r} was not understood: " if search else ""):
            return _not_negative(get_num_images(self._session, search, collections))

    def size(self, search: str, collections: str) -> int:
        """Return how many bytes all these images have."""
        from isic_cli.io.http import get_size_images

        with _sentences(""):
            return _not_negative(get_size_images(self._session, search, collections))

    def images(self, search: str, collections: str) -> Iterator[dict[str, Any]]:
        """Iterate over the images' records, asking for the next page when it is needed."""
        with _sentences(""):
            # An & in the words would end the search.
            words = f"query={quote(search, safe='')}&collections={quote(collections, safe='')}"
            address: str | None = f"images/search/?{words}"
            seen: set[str] = set()
            while address is not None:
                if address in seen:
                    raise ValueError("a list of images that leads back to its own beginning")
                seen.add(address)
                answer = self._session.get(address)
                answer.raise_for_status()
                page = answer.json()
                records, address = list(page["results"]), self._checked(page["next"])
                if not records and address is not None:
                    raise ValueError("an empty page in the middle of the list of images")
                for record in records:
                    if not isinstance(record, dict):
                        raise TypeError("a record that is none")
                    yield record

    def _checked(self, address: object) -> str | None:
        """Return the next page's address, which only the Archive itself may have."""
        if address is None:
            return None
        if urlparse(str(address)).netloc != urlparse(self._server).netloc:
            raise ValueError(f"a page of its list at another server, {address!r:.200}")
        return str(address)

    def license_text(self, license_name: str) -> str:
        """Return the text of a licence."""
        from isic_cli.io.http import get_license

        with _sentences(""):
            return str(get_license(self._session, license_name))

    def fetch(self, record: dict[str, Any], folder: Path) -> tuple[str, int]:
        """Fetch one image into a folder, where it appears whole.

        Returns
        -------
        name : str
            Of its file.
        fetched : int
            Bytes; 0 where it had been there.

        Raises
        ------
        NotFetched
            It cannot be had.
        OSError
            The folder cannot be written.
        Stopped
        """
        url, size, name = _file_of(record)
        path = folder / name
        if size and path.is_file() and path.stat().st_size == size:
            return name, 0
        from requests.exceptions import RequestException

        why = ""
        for attempt in range(RETRIES + 1):
            if self._stop.wait(pause(attempt)):
                raise Stopped
            try:
                return name, self._write(url, size, path)
            except _Incomplete as error:
                why = str(error)
            except RequestException as error:  # the session has asked several times already
                why = network_trouble(error, NAME)
                break
        if self._stop.is_set():
            raise Stopped
        raise NotFetched(why)

    def _write(self, url: str, size: int, path: Path) -> int:
        session = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = self._new_session(retry_strategy=patient_retry(self._stop))
            keep_in_bounds(session, self._stop)
        # No login goes with it: the address itself carries the permission.
        with session.get(url, stream=True) as response:
            response.raise_for_status()
            beside = path.with_name(f".{path.name}.{threading.get_ident():x}.part")
            self._open.add(response)
            try:
                with beside.open("wb") as out:
                    written = self._copy(response, out, size or _LARGEST_IMAGE)
                if size and written < size:
                    raise _Incomplete(f"only {written:,} of {size:,} bytes came, again and again: try again later")
                beside.replace(path)
            finally:
                self._open.discard(response)
                beside.unlink(missing_ok=True)
        return written

    def _copy(self, response: Any, out: IO[bytes], most: int) -> int:
        from requests.exceptions import RequestException

        head, written = b"", 0
        try:
            for block in blocks(response, self._stop):
                if len(head) < HEAD_BYTES:
                    head += block
                    if len(head) >= HEAD_BYTES:
                        _check_head(head)
                written += len(block)
                if written > most:
                    raise NotFetched(f"more came than the {most:,} bytes that were announced")
                out.write(block)
        except RequestException:
            raise _Incomplete("the connection was cut again and again: try again later") from None
        if 0 < written < HEAD_BYTES:
            _check_head(head)
        if written == 0:
            raise _Incomplete("nothing came, again and again: try again later")
        return written

    def interrupt(self) -> None:
        """End the transfers that wait for a server. To be called after `stop` was set."""
        for response in list(self._open):
            try:
                response.raw.shutdown()
            except (AttributeError, OSError, RuntimeError, ValueError):  # it ended by itself
                continue

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


def _check_head(head: bytes) -> None:
    if image_kind(head[:HEAD_BYTES]) is None:
        raise NotFetched("what came is no image; a login page of this network may stand between")


class _Incomplete(Exception):
    """Fewer bytes came than were announced."""


@contextmanager
def _sentences(refused: str) -> Iterator[None]:
    """Turn what the client raises into AnnotriageError; where the Archive refuses, it begins with `refused`."""
    from requests.exceptions import HTTPError, RequestException

    try:
        yield
    except RequestException as error:
        said = network_trouble(error, NAME)
        if isinstance(error, HTTPError) and error.response is not None and error.response.status_code in _REFUSALS:
            said = refused + said
        raise AnnotriageError(said[0].upper() + said[1:] + ".") from None
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as error:
        raise AnnotriageError(
            f"The ISIC Archive answered in a way that is not known here ({error!r}): a newer version of this program "
            "may know it."
        ) from None


def _not_negative(number: Any) -> int:
    if int(number) < 0:
        raise ValueError("a number below 0")
    return int(number)


def _file_of(record: dict[str, Any]) -> tuple[str, int, str]:
    """Return an image's address, size and file name; nothing in them is believed without a look."""
    try:
        name, full = str(record["isic_id"]), record["files"]["full"]
        url, size = str(full["url"]), int(full["size"] or 0)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise NotFetched(f"its record lacks {error}") from None
    if not name.replace("_", "").replace("-", "").isalnum() or not name.isascii():
        raise NotFetched("its name is not one of the Archive's")
    if len(name) > _LONGEST_NAME:
        raise NotFetched("its name is longer than those of the Archive")
    try:
        parsed = urlparse(url)
    except ValueError:
        raise NotFetched("its address is none") from None
    if parsed.scheme not in ("https", "http"):
        raise NotFetched("its address is not one of the web")
    ending = Path(parsed.path).suffix.lower()
    return url, size, name + (ending if without_endings(name + ending) == name else ".jpg")

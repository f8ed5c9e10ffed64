"""Google Drive, asked through gdown, with an answer of our own to what goes wrong."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlparse

from annotriage.datasets.fetching.network import (
    BUSY,
    RETRIES,
    Stopped,
    disk_trouble,
    made_folder,
    need_fetching,
    network_trouble,
    pause,
)
from annotriage.errors import AnnotriageError

NAME = "Google Drive"
_TIMEOUT = (10.0, 30.0)
_PRIVATE = (
    "it is not shared with everybody: its owner has to share it with 'Anyone with the link', or you fetch it in a "
    "browser where you are logged in"
)
_QUOTA = (
    "too many people have fetched it lately, and Google Drive lets nobody have it for up to a day: try again tomorrow, "
    "or fetch it in a browser where you are logged in"
)


class OneFile(Exception):
    """A file that cannot be had, with the reason; others may."""


class GoogleDrive:
    """Ask Drive for what is shared with everybody; nobody is logged in, and nothing is left in the user's home.

    Parameters
    ----------
    stop : threading.Event
        Once set, what is under way ends with `Stopped`.

    Raises
    ------
    AnnotriageError
        gdown is not installed.
    """

    def __init__(self, stop: threading.Event) -> None:
        try:
            import gdown
        except ModuleNotFoundError as error:
            raise need_fetching(error) from None
        self._gdown: Any = gdown
        self._stop = stop

    def name_of(self, identity: str) -> str:
        """Return the name that a file has in Drive."""
        for _ in self._attempts():
            try:
                with self._sentences(identity):
                    found = self._gdown.download(
                        id=identity,
                        quiet=True,
                        use_cookies=False,
                        skip_download=True,
                        timeout=_TIMEOUT,
                        cancel=self._stop,
                    )
                    return str(found.path)
            except _Again as error:
                why = str(error)
            except OneFile as error:
                raise AnnotriageError(f"The file of this link could not be fetched: {error}.") from None
        raise AnnotriageError(f"The file of this link could not be fetched: {why}.")

    def list_folder(self, identity: str) -> list[tuple[str, str]]:
        """Return the id and the path of each file in a folder and the folders in it."""
        for _ in self._attempts():
            try:
                with self._sentences(identity, folder=True):
                    found = self._gdown.download_folder(
                        id=identity, output="", quiet=True, use_cookies=False, skip_download=True, timeout=_TIMEOUT
                    )
                    files = [(str(file.id), str(file.path).replace("\\", "/")) for file in found]
                    break
            except _Again as error:
                why = str(error)
            except OneFile as error:
                raise AnnotriageError(f"The folder of this link could not be listed: {error}.") from None
        else:
            raise AnnotriageError(f"The folder of this link could not be listed: {why}.")
        if not files:
            raise AnnotriageError(
                "The folder of this link shows no files: it is empty, or it is not shared with 'Anyone with the link'."
            )
        return files

    def fetch(self, identity: str, path: Path, progress: Callable[[int, int | None], None]) -> None:
        """Fetch one file; it appears whole, and goes on where an earlier attempt was cut."""
        made_folder(path.parent)
        for _ in self._attempts():
            try:
                with self._sentences(identity):
                    self._gdown.download(
                        id=identity,
                        output=str(path),
                        quiet=True,
                        use_cookies=False,
                        resume=True,
                        retries=RETRIES,
                        timeout=_TIMEOUT,
                        progress=progress,
                        cancel=self._stop,
                    )
                    return
            except _NotResumable:
                why = "it could not be gone on with"
                for part in path.parent.glob(f"{_literal(path.name)}????????.part"):
                    part.unlink(missing_ok=True)
            except _Again as error:
                why = str(error)
            except OSError as error:
                raise disk_trouble(error, path.parent) from None
        raise OneFile(why)

    def _attempts(self) -> Iterator[int]:
        for attempt in range(RETRIES + 1):
            if attempt and self._stop.wait(pause(attempt)):
                raise Stopped
            yield attempt

    @contextmanager
    def _sentences(self, identity: str, folder: bool = False) -> Iterator[None]:
        """Turn what gdown raises into Stopped, _Again, _NotResumable, OneFile, or AnnotriageError."""
        from requests import exceptions as kinds

        try:
            yield
        except self._gdown.DownloadCancelled:
            raise Stopped from None
        except kinds.HTTPError as error:
            self._judge(error.response.status_code if error.response is not None else 0)
        except kinds.RequestException as error:
            raise AnnotriageError(_sentence(network_trouble(error, NAME))) from None
        except self._gdown.DownloadError as error:
            self._judge_text(error, identity, folder)
        except (KeyError, TypeError, AssertionError, AttributeError, ValueError) as error:
            raise OneFile(
                f"{NAME} answered in a way that is not known here ({error!r}); fetch it in a browser instead"
            ) from None

    def _judge_text(self, error: Exception, identity: str, folder: bool) -> NoReturn:
        text = " ".join(str(error).split())
        if isinstance(error.__cause__, OSError):
            raise AnnotriageError(_sentence(network_trouble(error.__cause__, NAME))) from None
        if re.search(r"too many users|quota", text, re.IGNORECASE):
            raise OneFile(_QUOTA) from None
        if "byte range" in text or "multiple temporary files" in text:
            raise _NotResumable from None
        if "incomplete" in text:
            raise OneFile("the connection was cut again and again: try again later, it goes on from there") from None
        if status := re.search(r"status code (\d+)", text):
            self._judge(int(status[1]))
        self._judge(0 if folder else self._status_of(identity))

    def _judge(self, status: int) -> NoReturn:
        if status in BUSY:
            raise _Again(network_trouble(_status_error(status), NAME)) from None
        if status in (404, 410):
            raise OneFile("it is not there (404): look whether the link is whole, or whether it was deleted") from None
        if status in (401, 403):
            raise OneFile(_PRIVATE) from None
        raise OneFile(f"{NAME} gives no file for it; {_PRIVATE}") from None

    def _status_of(self, identity: str) -> int:
        """Ask why there is no file: gdown says the same of all reasons."""
        import requests

        try:
            # A private file leads to the login page, with a friendly 200.
            with requests.get(
                f"https://drive.google.com/uc?id={identity}", timeout=_TIMEOUT, stream=True, allow_redirects=True
            ) as answer:
                host = urlparse(str(answer.url)).hostname or ""
                return 403 if host.startswith("accounts.") else int(answer.status_code)
        except requests.exceptions.RequestException:
            return 0


class _Again(Exception):
    """It may go better the next time."""


class _NotResumable(Exception):
    """What is there of the file does not fit what the server has."""


def _status_error(status: int) -> Exception:
    from requests import HTTPError, Response

    response = Response()
    response.status_code = status
    return HTTPError(response=response)


def _literal(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."

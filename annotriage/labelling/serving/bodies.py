"""What is sent to the server: read piece by piece, never more of it than is allowed, and never for ever."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Message

    from annotriage.labelling.serving.settings import ServerSettings

_CLOSE = {"Connection": "close"}
_FIELD = "image"
_HELD_TIMES = 2


class Bodies:
    """Reads the bodies of requests.

    Parameters
    ----------
    settings : ServerSettings
        How large a body may be, how long it may take, and how many are read at a time.
    """

    def __init__(self, settings: "ServerSettings") -> None:
        self._settings = settings
        self._reading = 0
        self._held = 0

    async def json(self, request: "Request") -> Any:
        """Return the JSON of a request.

        Raises
        ------
        HTTPException
            It is too large or too slow, or no JSON.
        """
        pieces = bytearray()
        async with self._place():
            try:
                async for piece in self._pieces(request):
                    pieces += piece
                    self._held += len(piece)
                    if self._held > _HELD_TIMES * self._settings.largest:  # all that are read now, in memory
                        raise _busy()
                return await asyncio.to_thread(json.loads, bytes(pieces))
            except (ValueError, RecursionError):
                raise HTTPException(400, "The body is no JSON.") from None
            finally:
                self._held -= len(pieces)

    async def passed_over(self, request: "Request") -> bytes:
        """Read a body of which only the beginning matters; return that."""
        beginning = b""
        async with self._place():
            async for piece in self._pieces(request):
                if len(beginning) < 4096:
                    beginning += piece
        return beginning

    async def file(self, request: "Request", path: Path) -> int:
        """Write the body of a request to a file, and return its bytes."""
        size = 0
        async with self._place():
            with path.open("wb") as file:
                async for piece in self._pieces(request):
                    file.write(piece)
                    size += len(piece)
        return size

    async def form_file(self, request: "Request", path: Path) -> int:
        """Write the one file of a form to a file, and return its bytes.

        Raises
        ------
        HTTPException
            There is none, or there are several, or it is no form.
        """
        from starlette.datastructures import UploadFile
        from starlette.formparsers import MultiPartException, MultiPartParser

        async with self._place():
            parser = MultiPartParser(request.headers, self._pieces(request), max_files=1, max_fields=8)
            try:
                form = await parser.parse()
            except (MultiPartException, KeyError) as error:
                reason = getattr(error, "message", "it has no boundary")
                raise HTTPException(400, f"The form cannot be read: {reason}") from None
            try:
                given = [value for value in form.values() if isinstance(value, UploadFile)]
                if not given:
                    raise HTTPException(400, f"The form has no file; send the image as the field {_FIELD}.")
                return await asyncio.to_thread(_copied, given[0].file, path)
            finally:
                await form.close()

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._reading >= self._settings.uploads_at_once:
            raise _busy()
        self._reading += 1
        try:
            yield
        finally:
            self._reading -= 1

    async def _pieces(self, request: "Request") -> AsyncGenerator[bytes, None]:
        settings = self._settings
        too_large = HTTPException(
            413, f"The request is larger than {settings.largest / 2**20:g} MB; the server allows no more.", _CLOSE
        )
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > settings.largest:
            raise too_large
        size = 0
        stream = request.stream()
        ends = asyncio.get_running_loop().time() + settings.body_within
        while True:
            # Around nothing else: what takes the piece is not to be interrupted.
            left = ends - asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(min(settings.idle_within, left)):
                    piece = await anext(stream, None)
            except TimeoutError:
                raise HTTPException(408, "The request did not come whole in time.", _CLOSE) from None
            if piece is None:
                return
            size += len(piece)
            if size > settings.largest:
                raise too_large
            yield piece


def _busy() -> HTTPException:
    sentence = "So many requests are read already; ask again in a moment."
    return HTTPException(503, sentence, _CLOSE | {"Retry-After": "2"})


def _copied(source: Any, path: Path) -> int:
    import shutil

    with path.open("wb") as file:
        source.seek(0)
        shutil.copyfileobj(source, file)
        return file.tell()


async def until_gone(request: "Request") -> None:
    """Return once whoever asked has gone; to be called when the body was read."""
    while True:
        message: Message = await request.receive()
        if message["type"] == "http.disconnect":
            return

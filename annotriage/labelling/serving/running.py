"""The server as a process: where it listens, how it ends."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from annotriage.errors import AnnotriageError
from annotriage.labelling.serving.app import application

if TYPE_CHECKING:
    from types import FrameType

    from annotriage.labelling.serving.service import Service

_CONNECTIONS = 256
_HEADERS_WITHIN = 20.0
"""Seconds in which a connection must have asked for something."""
_GRACE = 10
"""Seconds that requests under way get when the server is stopped."""


class _Protocol(H11Protocol):
    """Lets go of connections that never ask for anything."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.loop.call_later(_HEADERS_WITHIN, self._give_up)

    def _give_up(self) -> None:
        if self.scope is None and not self.transport.is_closing():
            self.transport.close()


class _Server(uvicorn.Server):
    """Tells who waits that the server ends, and ends as the program does on Ctrl-C and SIGTERM."""

    def __init__(self, config: uvicorn.Config, service: "Service") -> None:
        super().__init__(config)
        self._service = service
        self.stopped_by: int | None = None

    def handle_exit(self, sig: int, frame: "FrameType | None") -> None:
        """Begin to stop; a second signal does not wait for requests under way."""
        self.stopped_by = self.stopped_by or sig
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear signals while the server runs, and do not send them again to the process at its end."""
        wanted = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
        before = {each: signal.signal(each, self.handle_exit) for each in wanted}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let requests answer with what they have."""
        self._service.stopping.set()
        await super().shutdown(sockets)


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Parameters
    ----------
    host : str
        An address or name of this computer.
    port : int
        0: any that is free.

    Raises
    ------
    AnnotriageError
        There is no such address here, or the port is taken.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise AnnotriageError(
            f"{host} is no address of this computer ({error}); 127.0.0.1 is this one's own."
        ) from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise AnnotriageError(
            f"Nothing can listen at {host}, port {port} ({error.strerror}); stop what does, or name another --port."
        ) from None
    return listener


def run(service: "Service", listener: socket.socket, started: Callable[[], None]) -> int | None:
    """Serve until a signal comes, and return its number; all threads have ended then.

    Parameters
    ----------
    service : Service
    listener : socket
    started : callable
        Called once requests are answered.
    """
    app: Any = application(service)
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=_GRACE,
        h11_max_incomplete_event_size=64 * 1024,
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    server = _Server(config, service)

    async def serve() -> None:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not task.done():
            await asyncio.sleep(0.01)
        if server.started:
            started()
        await task

    asyncio.run(serve())
    return server.stopped_by

"""A small HTTP server on loopback, for servers that cannot be reached from where the tests run."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Answer:
    """What is sent: with `cut`, so many bytes of the body, then the connection ends."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    announced: bool = True  # a Content-Length
    hold: threading.Event | None = None  # set: the second half follows


class LoopbackServer:
    """Answer requests on a free port of 127.0.0.1 while the `with` statement runs.

    `broken` holds answers that come first, by path, one a request.
    """

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self.requests: list[Request] = []
        self.broken: dict[str, list[Answer]] = {}
        self._lock = threading.Lock()

        def respond(request: Request) -> Answer:
            with self._lock:
                self.requests.append(request)
                first = self.broken.get(request.path)
                if first:
                    return first.pop(0)
            return answer(request)

        handler = type("Handler", (_Handler,), {"respond": staticmethod(respond)})
        self._server = _Quiet(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def asked(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(request.path == path for request in self.requests)

    def __enter__(self) -> "LoopbackServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up; anything else is a defect of the test."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    respond: ClassVar[Callable[[Request], Answer]]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        answer = type(self).respond(Request(parts.path, query, {k.lower(): v for k, v in self.headers.items()}))
        body, headers = answer.body, {"Content-Type": "text/html; charset=utf-8"} | answer.headers
        try:
            self.send_response(answer.status)
            for name, value in headers.items():
                self.send_header(name, value)
            if answer.announced:
                self.send_header("Content-Length", str(len(body)))
            else:
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            if answer.hold is not None:
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                answer.hold.wait(20)
                body = body[len(body) // 2 :]
            self.wfile.write(body if answer.cut is None else body[: answer.cut])
            if answer.cut is not None:
                self.close_connection = True
        except OSError:  # the client hung up
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass

"""What every request passes: who asks is checked, what came of it is counted, and one line is logged.

The line names the place, the status and the seconds: no address, no name of an image or person, no token.
"""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from annotriage.labelling.serving.access import Access
    from annotriage.labelling.serving.metrics import Metrics

_log = logging.getLogger(__name__)
_GUESSED_WAIT = 0.3
"""Seconds that an answer to a wrong password waits."""
_HEADERS = [
    (name.encode(), value.encode())
    for name, value in {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; "
        "frame-ancestors 'none'",
    }.items()
]


class Door:
    """Around an application.

    Parameters
    ----------
    app : ASGI application
    access : Access
    metrics : Metrics
    places : collection of str
        The paths that there are; others are counted as one.
    """

    def __init__(self, app: "ASGIApp", access: "Access", metrics: "Metrics", places: "Collection[str]") -> None:
        self._app = app
        self._access = access
        self._metrics = metrics
        self._places = frozenset(places)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        begun, status = time.monotonic(), 499  # nobody waited for an answer

        async def sent(message: "Message") -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = {name.lower() for name, _ in message["headers"]}
                added = [(name, value) for name, value in _HEADERS if name.lower() not in given]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        try:
            await self._answer(scope, receive, sent)
        finally:
            place = scope["path"] if scope["path"] in self._places else "other"
            seconds = time.monotonic() - begun
            self._metrics.add("requests_total", place=place, status=str(status))
            self._metrics.add("request_seconds_total", seconds, place=place)
            _log.info("%s %s %d %.3f s", scope["method"], place, status, seconds)

    async def _answer(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self._access.refusal(scope["path"], headers)
        if refused is None:
            await self._app(scope, receive, send)
            return
        self._metrics.add("refused_total", reason=refused.reason)
        if refused.status == 401 and "authorization" in headers:
            await asyncio.sleep(_GUESSED_WAIT)
        answer = JSONResponse({"error": refused.sentence}, refused.status, refused.headers | {"Connection": "close"})
        await answer(scope, receive, send)

"""The server as an ASGI application."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from annotriage.errors import AnnotriageError
from annotriage.labelling.serving.access import Access
from annotriage.labelling.serving.bodies import Bodies
from annotriage.labelling.serving.door import Door
from annotriage.labelling.serving.label_studio import LabelStudioBackend
from annotriage.labelling.serving.metrics import CONTENT_TYPE
from annotriage.labelling.serving.openapi import document
from annotriage.labelling.serving.page import page
from annotriage.labelling.serving.rest import BYTES, FORM, ImageApi
from annotriage.scoring.team_words import team_text

if TYPE_CHECKING:
    from annotriage.labelling.serving.service import Service

_log = logging.getLogger(__name__)
_KINDS = (
    "Send an image as it is (Content-Type: image/jpeg, image/png, ..., application/octet-stream), in a form "
    "(multipart/form-data, the field image), or Label Studio's tasks as application/json."
)


def application(service: "Service") -> Door:
    """Return the application of a service.

    Parameters
    ----------
    service : Service
        Is closed when the server ends.
    """
    settings, card = service.settings, service.model.card
    bodies = Bodies(settings)
    backend, images = LabelStudioBackend(service, bodies), ImageApi(service, bodies)

    async def predict(request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":
            return await backend.predict(request)
        if kind.startswith("image/") or kind in (FORM, BYTES):
            return await images.predict(request)
        raise HTTPException(415, _KINDS)

    async def metrics(_: Request) -> Response:
        return PlainTextResponse(service.metrics.text(), media_type=CONTENT_TYPE)

    async def openapi(_: Request) -> Response:
        return JSONResponse(document(card, settings.largest))

    async def start_page(request: Request) -> Response:
        whom = team_text(card, service.team)
        return HTMLResponse(page(card, service.model_version(), str(request.base_url), whom))

    routes = [
        Route("/", start_page),
        Route("/predict", predict, methods=["POST"]),
        Route("/health", backend.health),
        Route("/setup", backend.setup, methods=["POST"]),
        Route("/versions", backend.versions),
        Route("/webhook", backend.webhook, methods=["POST"]),
        Route("/metrics", metrics),
        Route("/openapi.json", openapi),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        service.stopping.set()
        await asyncio.to_thread(service.close)

    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={
            HTTPException: _refused,
            AnnotriageError: _failed,
            ClientDisconnect: _gone,
            Exception: _defect,
        },
    )
    app.router.redirect_slashes = False
    return Door(
        app,
        Access(settings.user, settings.password, settings.hosts),
        service.metrics,
        [route.path for route in routes],
    )


_ABOUT = {404: "There is nothing here; /openapi.json says what there is.", 405: "This place is asked in another way."}


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = _ABOUT.get(error.status_code, error.detail)
    return JSONResponse({"error": sentence}, error.status_code, error.headers)


async def _failed(_: Request, error: Exception) -> Response:
    """Say what the model or the store cannot do, which is no fault of who asks."""
    _log.error("%s", error)
    return JSONResponse({"error": str(error)}, 503, {"Retry-After": "30"})


async def _gone(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": "Whoever asked has gone."}, 499)


async def _defect(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": "The server has a defect; its log says more."}, 500)

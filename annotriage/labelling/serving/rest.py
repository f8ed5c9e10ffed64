"""The plain API: an image in, its predicted Dice with interval and maps out."""

import asyncio
import base64
import io
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from annotriage.json_text import plain
from annotriage.labelling.serving.bodies import until_gone
from annotriage.labelling.serving.label_studio import DRAWN, asked_team, busy
from annotriage.labelling.serving.page import result_page
from annotriage.labelling.serving.service import prediction_of, settled
from annotriage.labelling.serving.work import FullError
from annotriage.scoring.team_words import PREDICTED_FOR, team_text
from annotriage.triage.ranking import UNLIKE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from annotriage.image_maps import MapSpec
    from annotriage.labelling.serving.bodies import Bodies
    from annotriage.labelling.serving.service import Service
    from annotriage.scoring.prediction import Prediction
    from annotriage.scoring.team import Team

FORM = "multipart/form-data"
BYTES = "application/octet-stream"
ARRAY, PNG = "array", "png"
_QUERY = ("map", "as", DRAWN)
_LONGEST_SIDE = 1024
"""Pixels of a drawn map."""
_DIGITS = 5


class ImageApi:
    """Answers requests that hold an image.

    Parameters
    ----------
    service : Service
    bodies : Bodies
    """

    def __init__(self, service: "Service", bodies: "Bodies") -> None:
        self._service = service
        self._bodies = bodies

    async def predict(self, request: "Request") -> Response:
        """Predict one image."""
        maps, form = self._asked(request)
        team = asked_team(request, self._service)
        path = self._service.upload_path()
        is_form = request.headers.get("content-type", "").startswith(FORM)
        try:
            size = await (self._bodies.form_file if is_form else self._bodies.file)(request, path)
            if not size:
                raise HTTPException(400, "There is no image in the request.")
            prediction = await self._prediction(request, path, size)
            # In a thread, maps and their writing: others are answered meanwhile.
            for_person = is_form and "text/html" in request.headers.get("accept", "")
            return await asyncio.to_thread(self._response, prediction, team, path, maps, form, for_person)
        finally:
            with suppress(OSError):
                path.unlink()

    def _asked(self, request: "Request") -> "tuple[list[MapSpec], str]":
        """Read which maps are wanted, and in which form."""
        known = {spec.name: spec for spec in self._service.model.card.all_maps}
        other = [name for name in request.query_params if name not in _QUERY]
        if other:
            raise HTTPException(
                422, f"Nothing is called {other[0][:40]} here; an address may say: {', '.join(_QUERY)}."
            )
        names = list(dict.fromkeys(request.query_params.getlist("map")))
        unknown = [name for name in names if name not in known]
        if unknown:
            there = ", ".join(known) or "none"
            raise HTTPException(422, f"The model has no map {unknown[0][:40]}; it has: {there}.")
        form = request.query_params.get("as", ARRAY)
        if form not in (ARRAY, PNG):
            raise HTTPException(422, f"Maps are given as={ARRAY} or as={PNG}, not as={form[:40]}.")
        return [known[name] for name in names], form

    async def _prediction(self, request: "Request", path: Path, size: int) -> "Prediction":
        service = self._service
        try:
            order = service.work.take([service.uploaded(path, size)])
        except FullError as error:
            raise busy(str(error)) from None
        gone = asyncio.ensure_future(until_gone(request))
        try:
            there = await settled(order, seconds=service.settings.answer_within, stopping=service.stopping, gone=gone)
        finally:
            gone.cancel()
        prediction = prediction_of(order.futures[0])
        if prediction is None:
            order.cancel()
            why = "The server is being stopped." if service.stopping.is_set() else "The image was not done in time."
            raise HTTPException(499, "Whoever asked has gone.") if not there else busy(f"{why} Ask again in a moment.")
        if prediction.error is not None:
            raise HTTPException(422, prediction.error)
        return prediction

    def _response(
        self,
        computed: "Prediction",
        team: "Team",
        path: Path,
        maps: "Sequence[MapSpec]",
        form: str,
        for_person: bool,
    ) -> Response:
        answer = self._answer(team.of(self._service.model.card, computed), team, path, maps, form)
        return HTMLResponse(result_page(answer)) if for_person else JSONResponse(answer)

    def _answer(
        self, prediction: "Prediction", team: "Team", path: Path, maps: "Sequence[MapSpec]", form: str
    ) -> dict[str, Any]:
        card = self._service.model.card
        answer: dict[str, Any] = {
            "predicted_dice": prediction.predicted_dice,
            "disagreement": prediction.disagreement,
            "lower": prediction.lower,
            "upper": prediction.upper,
            "level": card.interval.level,
            "model": card.name,
            "model_version": card.version,
            "note": prediction.note or None,
        }
        if whom := team_text(card, team):
            answer |= {DRAWN: team.way, PREDICTED_FOR: whom}
        if prediction.unlikeness is not None:
            answer |= dict(zip(UNLIKE, (prediction.is_unlike, prediction.unlikeness), strict=True))
        if prediction.further:
            answer["further"] = prediction.further
        if maps:
            answer["maps"] = {
                spec.name: _drawn(path, prediction, spec) if form == PNG else _array(prediction, spec) for spec in maps
            }
        plained: dict[str, Any] = plain(answer)
        return plained


def _array(prediction: "Prediction", spec: "MapSpec") -> dict[str, Any]:
    values = prediction.maps[spec.name]
    return {
        "title": spec.title,
        "height": values.shape[0],
        "width": values.shape[1],
        "range": spec.range,
        "values": [[round(value, _DIGITS) for value in row] for row in values.tolist()],
    }


def _drawn(path: Path, prediction: "Prediction", spec: "MapSpec") -> dict[str, Any]:
    """Draw a map over its image, as the window and `annotriage score --heatmaps` do."""
    from PIL import Image

    from annotriage.images import image_size, read_rgb
    from annotriage.scoring.overlays import map_overlay

    height, width = image_size(path)
    shrink = min(1.0, _LONGEST_SIDE / max(height, width))
    size = max(1, round(height * shrink)), max(1, round(width * shrink))
    picture = Image.fromarray(map_overlay(read_rgb(path, size), prediction.maps[spec.name], spec))
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=2)
    return {
        "title": spec.title,
        "explained": spec.in_reports,
        "height": size[0],
        "width": size[1],
        "png": base64.b64encode(file.getvalue()).decode(),
    }

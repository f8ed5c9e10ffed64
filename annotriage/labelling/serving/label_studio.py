"""Label Studio's ML backend: what a Label Studio server asks of one, measured on 1.23.2.

It asks `/health` and `/setup` before every `/predict`, gives a prediction 100 s, and drops all of them when there are
fewer than tasks. A task without a prediction is answered by an empty list, so that it is asked for again.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from annotriage.errors import AnnotriageError
from annotriage.labelling.serving.addresses import image_fields
from annotriage.labelling.serving.bodies import until_gone
from annotriage.labelling.serving.kept import Wanted
from annotriage.labelling.serving.service import prediction_of, settled
from annotriage.labelling.serving.work import FullError
from annotriage.scoring.prediction import Prediction

if TYPE_CHECKING:
    from concurrent.futures import Future

    from starlette.requests import Request

    from annotriage.labelling.serving.bodies import Bodies
    from annotriage.labelling.serving.service import Service
    from annotriage.scoring.team import Team

DRAWN = "drawn"
"""What an address calls the way of drawing for which it asks."""
_log = logging.getLogger(__name__)
_MOST_TOLD = 5
_EVENTS = frozenset(
    f"{what}_{verb}"
    for what in ("ANNOTATION", "ANNOTATIONS", "TASKS", "PROJECT", "LABEL_LINK")
    for verb in ("CREATED", "UPDATED", "DELETED")
) | {"START_TRAINING"}


class LabelStudioBackend:
    """The places that Label Studio asks.

    Parameters
    ----------
    service : Service
    bodies : Bodies
    """

    def __init__(self, service: "Service", bodies: "Bodies") -> None:
        self._service = service
        self._bodies = bodies

    async def health(self, request: "Request") -> JSONResponse:
        """Say that the server is there."""
        version = self._service.model_version()
        return JSONResponse({"status": "UP", "model_class": "Annotriage", "model_version": version})

    async def setup(self, request: "Request") -> JSONResponse:
        """Say which model predicts; keep the token for the images of this server."""
        said = await self._bodies.json(request)
        token = said.get("access_token") if isinstance(said, dict) else None
        if isinstance(token, str):
            self._service.offer_token(token)
        return JSONResponse({"model_version": self._service.model_version()})

    async def versions(self, request: "Request") -> JSONResponse:
        """List the model versions: one."""
        return JSONResponse({"versions": [self._service.model_version()]})

    async def webhook(self, request: "Request") -> JSONResponse:
        """Count an event of a project; nothing is trained here, and nothing else is done."""
        beginning = (await self._bodies.passed_over(request)).decode("utf-8", "replace")
        kind = next((event for event in sorted(_EVENTS) if f'"{event}"' in beginning), "other")
        self._service.metrics.add("webhook_events_total", kind=kind)
        return JSONResponse({"counted": kind})

    async def predict(self, request: "Request") -> JSONResponse:
        """Predict the images of tasks."""
        team = asked_team(request, self._service)
        said = await self._bodies.json(request)
        tasks = said.get("tasks") if isinstance(said, dict) else None
        if not isinstance(tasks, list):
            raise HTTPException(
                400, "The body has no list of tasks; an image is sent as it is (Content-Type: image/jpeg) or in a form."
            )
        if len(tasks) > self._service.settings.most_tasks:
            most = self._service.settings.most_tasks
            raise HTTPException(413, f"The request has too many tasks: {len(tasks)} where at most {most} go in one.")
        config = said.get("label_config")
        fields = image_fields(config) if isinstance(config, str) else []
        # What has been drawn on a thousand images is large, and is not kept while they are predicted.
        tasks = [{name: task.get(name) for name in ("id", "data")} if isinstance(task, dict) else {} for task in tasks]
        del said
        wanted = await asyncio.to_thread(self._wanted, tasks, fields)
        found = await self._predictions(request, [each for each in wanted if each is not None])
        self._tell_failures(prediction for prediction in found.values() if prediction.error)
        put_off = sum(each is not None and each not in found for each in wanted)
        if put_off:
            self._service.metrics.add("images_put_off_total", put_off)
            _log.info("not done in time: %d of %d; those that wait are scored on", put_off, len(tasks))
        results = [[] if each is None else self._result(found.get(each), team) for each in wanted]
        return JSONResponse({"results": results, "model_version": self._service.model_version(team)})

    def _wanted(self, tasks: list[dict[str, Any]], fields: list[str]) -> list[Wanted | None]:
        """Find the images of tasks; runs in a thread, as it looks at the disk."""
        found: list[Wanted | None] = []
        problems: list[str] = []
        for task in tasks:
            try:
                found.append(self._service.wanted(task.get("data"), fields))
            except AnnotriageError as error:
                number = task.get("id")
                problems.append(f"task {number if isinstance(number, int) else '?'}: {error}")
                found.append(None)
        _warn(problems)
        self._service.metrics.add("images_failed_total", len(problems))
        return found

    async def _predictions(self, request: "Request", images: list[Wanted]) -> dict[Wanted, Prediction]:
        """Return the predictions that are known, or are done in time."""
        found = await asyncio.to_thread(self._service.known, images)
        left = list(dict.fromkeys(each for each in images if each not in found))
        for each, future in zip(left, await self._scored(request, left), strict=False):
            if (prediction := prediction_of(future)) is not None:
                found[each] = prediction
        return found

    async def _scored(self, request: "Request", left: list[Wanted]) -> "list[Future[Prediction]]":
        """Order what is not known, as much of it as may wait, and give it its time."""
        if not left:
            return []
        service = self._service
        taken = left[: service.work.room()]
        if not taken:
            raise busy("So many images wait already; ask again in a moment.")
        try:
            order = service.work.take(taken)
        except FullError as error:
            raise busy(str(error)) from None
        gone = asyncio.ensure_future(until_gone(request))
        try:
            await settled(order, seconds=service.settings.answer_within, stopping=service.stopping, gone=gone)
        finally:
            gone.cancel()
        return order.futures

    def _tell_failures(self, predictions: Iterable[Prediction]) -> None:
        _warn([f"an image of a task: {prediction.error}" for prediction in predictions])

    def _result(self, prediction: Prediction | None, team: "Team") -> "dict[str, Any] | list[Any]":
        if prediction is None or prediction.predicted_dice is None:
            return []  # with a score of null it would never be asked for again
        said = team.of(self._service.model.card, prediction)
        return {"result": [], "score": said.predicted_dice, "model_version": self._service.model_version(team)}


def asked_team(request: "Request", service: "Service") -> "Team":
    """Return for whom a request asks (``?drawn=hand``); one that does not say: for whom the server predicts.

    Raises
    ------
    HTTPException
        There is no such way of drawing, or the model does not know it.
    """
    try:
        return service.team_named(request.query_params.get(DRAWN))
    except AnnotriageError as error:
        raise HTTPException(422, str(error)[:500]) from None


def busy(sentence: str) -> HTTPException:
    """Return the answer to whoever must come again."""
    return HTTPException(503, sentence, {"Retry-After": "5"})


def _warn(sentences: list[str]) -> None:
    for sentence in sentences[:_MOST_TOLD]:
        _log.warning("%s", sentence)
    if len(sentences) > _MOST_TOLD:
        _log.warning("and %d more like these", len(sentences) - _MOST_TOLD)

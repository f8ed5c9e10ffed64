"""The document that says what the server answers (OpenAPI 3.1)."""

from typing import TYPE_CHECKING, Any

from annotriage._version import __version__

if TYPE_CHECKING:
    from annotriage.model_file import ModelCard

_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_JSON = "application/json"


def document(card: "ModelCard", largest: int) -> dict[str, Any]:
    """Return the OpenAPI document of a server.

    Parameters
    ----------
    card : ModelCard
        Of the model that predicts.
    largest : int
        Bytes of a request.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Annotriage",
            "version": __version__,
            "description": "Predicts from a lesion image alone how much people who outline it will disagree. It never "
            f"diagnoses. Model: {card.name} {card.version}. A request may have {largest / 2**20:g} MB.",
        },
        "security": [{"basic": []}, {"bearer": []}],
        "paths": _paths([spec.name for spec in card.all_maps], [way.key for way in card.ways]),
        "components": {
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
            "schemas": _schemas(card),
        },
    }


def _paths(maps: list[str], ways: list[str]) -> dict[str, Any]:
    get, post = "get", "post"
    return {
        "/": {get: _operation("page", "A page for people.", {"text/html": {"schema": {"type": "string"}}}, (401,))},
        "/predict": {post: _predict(maps, ways)},
        "/health": {get: _operation("health", "Whether the server is there.", _of("Health"), (401,))},
        "/setup": {
            post: _operation("setup", "Label Studio introduces itself.", _of("ModelVersion"), (400, 401, 413))
            | {"requestBody": {"content": {_JSON: {"schema": {"type": "object"}}}}}
        },
        "/versions": {get: _operation("versions", "The model versions: one.", _of("Versions"), (401,))},
        "/webhook": {
            post: _operation("webhook", "An event of Label Studio, which is counted.", _of("Counted"), (413,))
            | {"requestBody": {"content": {_JSON: {"schema": {"type": "object"}}}}, "security": []}
        },
        "/metrics": {
            get: _operation(
                "metrics", "Counts, as Prometheus reads them.", {"text/plain": {"schema": {"type": "string"}}}, (401,)
            )
        },
        "/openapi.json": {
            get: _operation("openapi", "This document.", {_JSON: {"schema": {"type": "object"}}}, (401,))
        },
    }


def _predict(maps: list[str], ways: list[str]) -> dict[str, Any]:
    binary = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
    form = {"type": "object", "required": ["image"], "properties": {"image": {"type": "string", "format": "binary"}}}
    either = {_JSON: {"schema": {"oneOf": [{"$ref": "#/components/schemas/Prediction"}, _ref("Results")]}}}
    operation = _operation(
        "predict",
        "Predict an image, or the images of Label Studio's tasks: the body's kind (Content-Type) says which.",
        either,
        (400, 401, 408, 413, 415, 422, 503),
    )
    return operation | {
        "parameters": [
            {
                "name": "map",
                "in": "query",
                "description": "A map that is wanted of an image; repeatable.",
                "schema": {"type": "array", "items": {"type": "string", "enum": maps} if maps else {"type": "string"}},
                "style": "form",
                "explode": True,
            },
            {
                "name": "as",
                "in": "query",
                "description": "Numbers, or the map drawn over the image.",
                "schema": {"type": "string", "enum": ["array", "png"], "default": "array"},
            },
            {
                "name": "drawn",
                "in": "query",
                "description": "For which way of drawing is asked; without it, for whom the server predicts.",
                "schema": {"type": "string", "enum": ways} if ways else {"type": "string"},
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                "image/*": binary,
                "application/octet-stream": binary,
                "multipart/form-data": {"schema": form},
                _JSON: {"schema": _ref("Tasks")},
            },
        },
    }


def _schemas(card: "ModelCard") -> dict[str, Any]:
    text, texts = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    level = f"The interval holds the Dice of about {card.interval.level:.0%} of images like the model's own."
    return {
        "Error": _object({"error": {"type": "string", "description": "What is wrong, in a sentence."}}),
        "Health": _object({"status": {"const": "UP"}, "model_class": text, "model_version": text}),
        "ModelVersion": _object({"model_version": text}),
        "Versions": _object({"versions": texts}),
        "Counted": _object({"counted": text}),
        "Tasks": _object(
            {"tasks": {"type": "array", "items": {"type": "object"}}, "label_config": text}, required=["tasks"]
        ),
        "Results": _object(
            {
                "results": {
                    "type": "array",
                    "description": "As many as tasks, in their order; an empty list: no prediction (yet).",
                    "items": {"anyOf": [_ref("TaskPrediction"), {"type": "array", "maxItems": 0}]},
                },
                "model_version": text,
            }
        ),
        "TaskPrediction": _object(
            {
                "result": {"type": "array", "maxItems": 0},
                "score": _SHARE | {"description": "The predicted Dice."},
                "model_version": text,
            }
        ),
        "Prediction": _object(
            {
                "predicted_dice": _SHARE | {"description": "How well people's outlines are predicted to agree."},
                "disagreement": _SHARE | {"description": "1 - predicted Dice."},
                "lower": _SHARE | {"description": level},
                "upper": _SHARE,
                "level": _SHARE,
                "model": text,
                "model_version": text,
                "drawn": text | {"description": "The way of drawing for which it is predicted."},
                "predicted_for": text | {"description": "For whom it is predicted, in words."},
                "unlike": {
                    "type": "boolean",
                    "description": "Whether the image is unlike what the model knows: its numbers must not be trusted.",
                },
                "unlikeness": {"type": "number", "minimum": 0, "description": "How far off it is; above 1: unlike."},
                "note": {"type": ["string", "null"], "description": "What was assumed when the image was read."},
                "further": {"type": "object", "additionalProperties": {"type": "number"}},
                "maps": {"type": "object", "additionalProperties": _ref("Map")},
            },
            required=["predicted_dice", "disagreement", "lower", "upper", "level", "model", "model_version", "note"],
        ),
        "Map": _object(
            {
                "title": text,
                "height": {"type": "integer"},
                "width": {"type": "integer"},
                "range": {"type": ["array", "null"], "items": {"type": "number"}},
                "values": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
                "explained": text,
                "png": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"},
            },
            required=["title", "height", "width"],
        ),
    }


_SAID = {
    400: "The request cannot be understood.",
    401: "Name and password are missing or wrong.",
    408: "The request did not come whole in time.",
    413: "The request is too large.",
    415: "The body is of a kind that is not read.",
    422: "The image cannot be read, is a mask, or a map or a way of drawing is asked for that the model does not have.",
    503: "Too much is asked at this moment; Retry-After says when to come again.",
}


def _operation(name: str, summary: str, content: dict[str, Any], errors: tuple[int, ...]) -> dict[str, Any]:
    done = {"200": {"description": "Done.", "content": content}}
    said = {str(code): {"description": _SAID[code], "content": _of("Error")} for code in errors}
    other = {"default": {"description": "Refused, or failed.", "content": _of("Error")}}
    return {"operationId": name, "summary": summary, "responses": done | said | other}


def _of(schema: str) -> dict[str, Any]:
    return {_JSON: {"schema": _ref(schema)}}


def _ref(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties) if required is None else required}

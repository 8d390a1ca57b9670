"""JSON Schemas of the answers for OpenAPI, made from the types that the records really have."""

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from streams.models.command import Command
from streams.web.stations import StationRow

_REFERENCE = "#/components/schemas/{name}"
_COMMAND = {"$ref": _REFERENCE.format(name="Command")}
_STATION = {"$ref": _REFERENCE.format(name="StationRow")}
_ERROR = {"$ref": _REFERENCE.format(name="Error")}
_ERROR_SCHEMA = {
    "type": "object",
    "required": ["error", "message"],
    "properties": {
        "error": {"type": "string", "description": "one word for programs"},
        "message": {"type": "string", "description": "a sentence for people"},
        "fields": {"type": "array", "items": {"type": "object"}, "description": "what is wrong in a body"},
    },
}
Answers = dict[int | str, dict[str, Any]]


def _list(name: str, item: dict[str, str], *, paged: bool = False) -> dict[str, Any]:
    properties: dict[str, Any] = {name: {"type": "array", "items": item}}
    if paged:
        properties["next"] = {"type": ["integer", "null"]}
    return {"type": "object", "required": list(properties), "properties": properties}


def _answers(schema: dict[str, Any], media: str = "application/json", *codes: int) -> Answers:
    errors: Answers = {
        code: {"description": "Error", "content": {"application/json": {"schema": _ERROR}}} for code in codes
    }
    return {200: {"description": "OK", "content": {media: {"schema": schema}}}, **errors}


alerts_answer = _answers(_list("alerts", _COMMAND, paged=True), "application/json", 503)
command_answer = _answers(_COMMAND, "application/json", 404, 503)
recent_answer = _answers(_list("commands", _COMMAND), "application/json", 503)
health_answer = _answers(_list("health", _COMMAND), "application/json", 503)
stations_answer = _answers(_list("stations", _STATION), "application/json", 503)
map_answer = _answers(
    {"type": "object", "description": "GeoJSON FeatureCollection, WGS-84"}, "application/geo+json", 503
)
act_answer: Answers = {
    code: {"description": text, "content": {"application/json": {"schema": _ERROR}}}
    for code, text in {
        404: "No such alert",
        409: "The alert has ended",
        422: "Bad body",
        503: "Redis or Kafka is away; send the same act again",
    }.items()
}


def install(app: FastAPI) -> None:
    """Give the app an OpenAPI document with the schemas of commands and stations in it."""

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            document = get_openapi(
                title=app.title, version=app.version, summary=app.summary, routes=app.routes, tags=app.openapi_tags
            )
            _, ours = msgspec.json.schema_components([Command, StationRow], ref_template=_REFERENCE)
            document.setdefault("components", {}).setdefault("schemas", {}).update(ours, Error=_ERROR_SCHEMA)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]

"""The HTTP door: `POST /v1/observations` and `POST /v1/reports`. 202 means that Kafka has it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

import structlog
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from streams.gateway import sensorthings
from streams.gateway.admission import READINGS, REPORTS
from streams.gateway.body import TooLargeError as BodyTooLargeError
from streams.gateway.body import read_body
from streams.gateway.door import Door, Sends
from streams.gateway.metrics import Metrics
from streams.gateway.mqtt_door import MqttDoor
from streams.gateway.privacy import privacy_key, pseudonymiser
from streams.gateway.producer import AwayError, Producer, TooLargeError
from streams.gateway.sensorthings import Convert
from streams.gateway.tokens import RefusedError, Tokens
from streams.models.doors import SCHEMAS
from streams.models.settings import App, Gateway
from streams.models.site import Site

log = structlog.get_logger(__name__)
LINES = {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-seq"}
AT_ONCE = 64  # bodies being worked on; each may be as large as the limit
RETRY_S = {429: "1", 503: "3"}
DEADLINE_S = 15.0  # a sender would rather send again than wait a minute


class Loaded(Protocol):
    """What is needed of a loaded configuration."""

    @property
    def app(self) -> App:
        """app.yaml."""

    @property
    def site(self) -> Site:
        """Zones, stations, hazards."""


class HttpDoor:
    """Lets bodies in, one after the other, and answers."""

    def __init__(self, settings: Gateway, door: Door, producer: Sends, metrics: Metrics) -> None:
        self._limit, self._tokens = settings.max_body_bytes, Tokens(settings.tokens_file)
        self._door, self._producer, self._metrics = door, producer, metrics
        self._working = 0

    def check(self, request: Request) -> None:
        """Who may not knock may not look in either. Raises HTTPException."""
        try:
            self._tokens.check(request)
        except RefusedError as refused:
            headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else {}
            raise HTTPException(refused.status, str(refused), headers) from None

    async def post(self, request: Request, topic: str, convert: Convert | None = None) -> Response:
        """Answer one request; `convert` makes a body of ours of one that speaks otherwise."""
        if self._working >= AT_ONCE or self._producer.busy:
            return self._answered(topic, _error(429, "busy", "Kafka takes it more slowly than it comes; send again"))
        self._working += 1
        try:
            return self._answered(topic, await self._post(request, topic, convert))
        finally:
            self._working -= 1

    async def _post(self, request: Request, topic: str, convert: Convert | None) -> JSONResponse:
        try:
            self._tokens.check(request)
            body = await read_body(request, self._limit)
            body = body if convert is None else convert(body)
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            admitted = await self._door.take("http", topic, body, lines=kind in LINES)
        except RefusedError as refused:
            return _error(refused.status, "unauthorized" if refused.status == 401 else "forbidden", str(refused))
        except (BodyTooLargeError, TooLargeError):
            self._metrics.rejects.labels(topic, "gateway", "too_large").inc()
            return _error(413, "too_large", f"at most {self._limit} bytes; send it in pieces")
        except AwayError as away:
            return _error(503, "away", f"{away}; send it again")
        return JSONResponse(admitted.answer(), 202 if admitted.accepted else 422)

    def _answered(self, topic: str, response: JSONResponse) -> JSONResponse:
        self._metrics.answers.labels(topic, str(response.status_code)).inc()
        return response


def _error(status: int, error: str, message: str) -> JSONResponse:
    headers = {"Retry-After": RETRY_S[status]} if status in RETRY_S else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": error, "message": message}, status, headers)


def gateway_app(loaded: Loaded, producer: Sends | None = None, clock: Callable[[], float] = time.time) -> FastAPI:
    """The gateway of one deployment: both HTTP doors, the MQTT door if configured, /healthz and /metrics."""
    settings, metrics = loaded.app.gateway, Metrics()
    deadline_s = min(DEADLINE_S, loaded.app.kafka.send_deadline_s)
    sends = producer or Producer(loaded.app.kafka, deadline_s=deadline_s)
    door = Door(loaded.site, sends, metrics, pseudonymiser(privacy_key(loaded.app.privacy)), clock)
    mqtt = MqttDoor(settings.mqtt, settings.mqtt_name, door, settings.max_body_bytes) if settings.mqtt else None
    app = FastAPI(title="Tocsin gateway", docs_url=None, redoc_url=None, lifespan=_lifespan(sends, mqtt))
    http = HttpDoor(settings, door, sends, metrics)

    @app.post("/v1/observations", **_described("readings", "Readings of any form that `readings` knows, or NDJSON."))
    async def observations(request: Request) -> Response:
        return await http.post(request, READINGS)

    @app.post("/v1/reports", **_described("reports", "What people see: one report, an array or NDJSON."))
    async def reports(request: Request) -> Response:
        return await http.post(request, REPORTS)

    app.include_router(
        sensorthings.router(loaded.site, lambda request, convert: http.post(request, READINGS, convert), http.check)
    )

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> JSONResponse:
        reasons = [] if sends.connected else ["Kafka is not there"]
        reasons += [] if mqtt is None or mqtt.connected else ["the MQTT broker is not there"]
        return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)

    @app.get("/metrics", include_in_schema=False)
    async def shown() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app


def _lifespan(producer: Sends, mqtt: MqttDoor | None) -> Any:
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(producer.open())]
        if mqtt is not None:
            tasks.append(asyncio.create_task(mqtt.run()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await producer.close()

    return running


def _described(schema: str, summary: str) -> dict[str, Any]:
    """What OpenAPI says of a door; the body is read by hand, because its limit counts bytes."""
    model = SCHEMAS[schema].model_json_schema()
    answer = SCHEMAS["answer"].model_json_schema()
    codes = {202: "Kafka has it", 422: "Nothing was accepted"}
    errors = {
        401: "No or unknown token",
        403: "Not from this host",
        413: "Too large",
        429: "Busy",
        503: "Kafka is away",
    }
    return {
        "summary": summary,
        "status_code": 202,
        "openapi_extra": {"requestBody": {"required": True, "content": {"application/json": {"schema": model}}}},
        "responses": {
            **{code: {"description": text, "content": {"application/json": {"schema": answer}}}
               for code, text in codes.items()},
            **{code: {"description": text} for code, text in errors.items()},
        },
    }  # fmt: skip

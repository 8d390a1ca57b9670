"""Alerts that are open, alerts that ended, what happened last, and the health of stations and system."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Query, Response

from streams.models.level import NUMBER
from streams.models.times import parse_time
from streams.web.context import ContextOf
from streams.web.schemas import alerts_answer, command_answer, health_answer, recent_answer

router = APIRouter(tags=["alerts"])


class _Rank(msgspec.Struct):
    time: str
    level: str | None = None


_decode_rank = msgspec.json.Decoder(_Rank).decode


def ranked(commands: Iterable[bytes]) -> list[bytes]:
    """Highest level first; within a level the newest first."""

    def rank(command: bytes) -> tuple[int, int]:
        found = _decode_rank(command)
        return -NUMBER.get(found.level or "", 0), -parse_time(found.time)

    return sorted(commands, key=rank)


def _json(name: str, commands: list[bytes], **more: Any) -> Response:
    # the commands are JSON already: they are passed on byte for byte
    rest = b"".join(b",%s:%s" % (msgspec.json.encode(k), msgspec.json.encode(v)) for k, v in more.items())
    return Response(b'{"%s":[%s]%s}' % (name.encode(), b",".join(commands), rest), media_type="application/json")


@router.get("/v1/alerts", responses=alerts_answer)
async def alerts(context: ContextOf) -> Response:
    """The latest command of each open alert, highest level first, then newest first."""
    return _json("alerts", ranked(await context.store.alerts()), next=None)


@router.get("/v1/alerts/{alert}", responses=command_answer)
async def alert(alert: str, context: ContextOf) -> Response:
    """The latest command of one alert, open or ended within 48 hours."""
    command, _ = await context.store.alert(alert)
    if command is None:
        raise HTTPException(404, f"no alert {alert!r} is open or ended within 48 hours")
    return Response(command, media_type="application/json")


@router.get("/v1/ended", responses=alerts_answer)
async def ended(
    context: ContextOf,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    after: Annotated[int | None, Query(description="`next` of the page before")] = None,
) -> Response:
    """Alerts that ended within 48 hours, the last one first. `next`, given as `after`, asks for what follows."""
    start = after or 0
    found = await context.store.ended(limit + 1, start)
    following = start + limit if len(found) > limit else None
    return _json("alerts", found[:limit], next=following)


@router.get("/v1/recent", responses=recent_answer)
async def recent(context: ContextOf, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> Response:
    """The newest commands of the feed, the last one first."""
    return _json("commands", [entry.command for entry in await context.store.recent(limit)])


@router.get("/v1/health", responses=health_answer)
async def health(context: ContextOf) -> Response:
    """What is not well: stations and the system itself, the latest command of each."""
    return _json("health", ranked(await context.store.health()))

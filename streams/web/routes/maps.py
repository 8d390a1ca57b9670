"""`GET /v1/map/*.geojson`: the layers of the map, for the page and for any GIS."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Response

from streams.models.command import Command, decode_command
from streams.web import geo
from streams.web.context import Context, ContextOf
from streams.web.schemas import map_answer

router = APIRouter(prefix="/v1/map", tags=["map"])
Levels = Annotated[bool, Query(description="false: only what the configuration says; needs no Redis")]


def _geojson(features: list[dict[str, Any]]) -> Response:
    return Response(msgspec.json.encode(geo.collection(features)), media_type="application/geo+json")


async def _commands(context: Context, levels: bool = True) -> list[Command]:
    if not levels:
        return []
    return [decode_command(command) for command in await context.store.alerts()]


@router.get("/stations.geojson", responses=map_answer)
async def stations(context: ContextOf) -> Response:
    """Stations as points, with their datastreams."""
    return _geojson(geo.stations(await context.stations.rows()))


@router.get("/zones.geojson", responses=map_answer)
async def zones(context: ContextOf, levels: Levels = True) -> Response:
    """Zones as polygons, with the highest level in each, and the hazards that nothing is known of."""
    health = [decode_command(command) for command in await context.store.health()] if levels else []
    features = geo.zones(context.site, await _commands(context, levels), health)
    return _geojson(features if levels else geo.without_levels(features))


@router.get("/alerts.geojson", responses=map_answer)
async def alerts(context: ContextOf) -> Response:
    """Areas of the open alerts."""
    return _geojson(geo.alerts(context.site, await _commands(context)))


@router.get("/cases.geojson", responses=map_answer)
async def cases() -> Response:
    """Cases: none yet."""
    return _geojson([])


@router.get("/hazard_sources.geojson", responses=map_answer)
async def hazard_sources(context: ContextOf, levels: Levels = True) -> Response:
    """Slopes, reaches, plants … that alerts can be about, as points."""
    features = geo.hazard_sources(context.site, await _commands(context, levels))
    return _geojson(features if levels else geo.without_levels(features))

"""`GET /v1/stations`: every datastream of the site."""

import msgspec
from fastapi import APIRouter, Response

from streams.web.context import ContextOf
from streams.web.schemas import stations_answer

router = APIRouter(tags=["stations"])


@router.get("/v1/stations", responses=stations_answer)
async def stations(context: ContextOf) -> Response:
    """Every datastream with its last value, quality flag, the check that set it, time, state and level."""
    rows = await context.stations.rows()
    return Response(msgspec.json.encode({"stations": rows}), media_type="application/json")

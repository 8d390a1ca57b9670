"""`GET /v1/site`: what a page needs to know of the deployment before it draws anything."""

from typing import Any

from fastapi import APIRouter

from streams.models.site import Condition, Hazard
from streams.web.context import ContextOf

router = APIRouter(tags=["site"])


def _hazard(hazard: Hazard) -> dict[str, Any]:
    conditions = hazard.conditions.values()
    return {
        "name": hazard.title,
        "subject": hazard.subject,
        "version": hazard.version,
        "lower": {"end": hazard.lower.end, "end_red": hazard.lower.end_red},
        "inputs": {i.name: {"property": i.property, "unit": i.unit} for i in hazard.inputs.values()},
        "sources": {c.name: c.source for c in conditions if isinstance(c, Condition) and c.source},
    }


@router.get("/v1/site")
async def site(context: ContextOf) -> dict[str, Any]:
    """Names of zones and hazards, language, time zone, base map, and whether all of this is an exercise."""
    app = context.app
    return {
        "name": app.name,
        "exercise": app.exercise,
        "timezone": app.timezone,
        "language": app.language,
        "basemap": app.basemap,
        "zones": {
            z.id: {"name": z.name, "unit": z.unit, "parent": z.parent, "unwatched": context.site.unwatched[z.id]}
            for z in context.site.zones.values()
        },
        "subjects": dict(context.site.subject_names),
        "hazards": {hazard.name: _hazard(hazard) for hazard in context.site.hazards.values()},
        "stations": len(context.site.stations),
        "version": context.site.version,
    }

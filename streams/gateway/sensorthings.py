"""A little of OGC SensorThings 1.1, so that clients that speak it can send.

A Thing is a station, a Datastream's id is `station/property`.
Observations are written and not kept here: who wants to read values asks `tocsin web`.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from streams.models.site import Datastream, Site

ROOT = "/v1.1"
TOP = 100  # of a page, if $top says nothing
TOP_MOST = 1_000
Convert = Callable[[bytes], bytes]
Post = Callable[[Request, Convert], Awaitable[Response]]


def to_reading(body: bytes, datastream: str | None = None) -> bytes:
    """An Observation of SensorThings as an observation of ours; what is none stays as it is and is refused as such."""
    try:
        found = json.loads(body)
        given = datastream if datastream is not None else found["Datastream"]["@iot.id"]
        station, _, name = str(given).strip("'").rpartition("/")
        moment = found.get("phenomenonTime", found.get("resultTime"))
        reading = {"station": station, "property": name, "value": found["result"]}
        if moment is not None:  # of an interval the end: then the value was complete
            reading["time"] = moment.rpartition("/")[2] if isinstance(moment, str) else moment
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return body
    return json.dumps(reading).encode()


def router(site: Site, post: Post, check: Callable[[Request], object]) -> APIRouter:
    """The routes under /v1.1; `post` lets a converted body in, `check` says who may ask."""
    routes = APIRouter(prefix=ROOT, tags=["SensorThings"])

    @routes.post("/Observations", status_code=201)
    async def create(request: Request) -> Response:
        """One Observation with its Datastream."""
        return _created(await post(request, to_reading))

    @routes.post("/Datastreams({identity:path})/Observations", status_code=201)
    async def create_below(request: Request, identity: str) -> Response:
        """One Observation of the Datastream in the path."""
        return _created(await post(request, lambda body: to_reading(body, identity)))

    @routes.get("")
    async def root(request: Request) -> dict[str, Any]:
        """What there is."""
        check(request)
        base = str(request.base_url).rstrip("/") + ROOT
        return {"value": [{"name": n, "url": f"{base}/{n}"} for n in ("Things", "Datastreams", "Observations")]}

    @routes.get("/Things")
    async def things(request: Request) -> dict[str, Any]:
        """The stations."""
        check(request)
        return _page(request, [_thing(name, streams) for name, streams in sorted(site.stations.items())])

    @routes.get("/Datastreams")
    async def datastreams(request: Request) -> dict[str, Any]:
        """What the stations measure."""
        check(request)
        return _page(request, [_datastream(stream) for _, stream in sorted(site.datastreams.items())])

    @routes.get("/Things({identity:path})/Datastreams")
    async def datastreams_of(request: Request, identity: str) -> dict[str, Any]:
        """What one station measures."""
        check(request)
        found = site.stations.get(identity.strip("'"))
        if found is None:
            raise HTTPException(404, f"there is no Thing {identity}")
        return _page(request, [_datastream(stream) for stream in found])

    return routes


def _created(answer: Response) -> Response:
    """201 as SensorThings says, where our own door says 202: Kafka has it."""
    return Response(status_code=201) if answer.status_code == 202 else answer


def _page(request: Request, every: list[dict[str, Any]]) -> dict[str, Any]:
    """`$top` and `$skip`; other options are not known."""
    skip, top = _number(request, "$skip", 0), min(_number(request, "$top", TOP), TOP_MOST)
    page: dict[str, Any] = {"@iot.count": len(every), "value": every[skip : skip + top]}
    if skip + top < len(every):
        page["@iot.nextLink"] = str(request.url.include_query_params(**{"$skip": skip + top, "$top": top}))
    return page


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise HTTPException(400, f"{name} is not a number")
    return int(text)


def _thing(name: str, streams: list[Datastream]) -> dict[str, Any]:
    names = streams[0].name
    return {
        "@iot.id": name,
        "name": names.get("en") or names.get("zh") or name,
        "description": names.get("zh", ""),
        "properties": {"zone": streams[0].zone},
        "Datastreams@iot.navigationLink": f"{ROOT}/Things('{name}')/Datastreams",
    }


def _datastream(stream: Datastream) -> dict[str, Any]:
    place = (
        None if stream.lon is None or stream.lat is None else {"type": "Point", "coordinates": [stream.lon, stream.lat]}
    )
    return {
        "@iot.id": f"{stream.station}/{stream.property}",
        "name": f"{stream.station} {stream.property}",
        "description": stream.name.get("en", ""),
        "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        "unitOfMeasurement": {"name": stream.unit, "symbol": stream.unit, "definition": "ucum:" + stream.unit},
        "observedArea": place,
    }

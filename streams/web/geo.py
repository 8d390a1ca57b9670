"""GeoJSON layers of the map. Pure: site, rows and commands in, features out."""

from collections.abc import Iterable
from typing import Any

from streams.models.command import Command
from streams.models.site import Datastream, Hazard, Site
from streams.models.zone_tree import ZoneTree
from streams.web.stations import StationRow, highest

Feature = dict[str, Any]
_LEVELS = ("level", "rolled_up", "unknown")
_COVERAGE = "coverage:"  # HAZARD:ZONE, of a health command
_SOURCES = ("source", "reach")
_STATES = ("ok", "unheard", "silent", "failed")  # the worst of a station's datastreams counts


def collection(features: Iterable[Feature]) -> dict[str, Any]:
    """A FeatureCollection."""
    return {"type": "FeatureCollection", "features": list(features)}


def _feature(identity: str, geometry: dict[str, Any] | None, properties: dict[str, Any]) -> Feature:
    return {"type": "Feature", "id": identity, "geometry": geometry, "properties": properties}


def _point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}


def without_levels(features: list[Feature]) -> list[Feature]:
    """The same without levels: nobody asked, so they must not look like `none`."""
    return [{**f, "properties": {k: v for k, v in f["properties"].items() if k not in _LEVELS}} for f in features]


def zones(site: Site, commands: list[Command], health: Iterable[Command] = ()) -> list[Feature]:
    """The zones with their names, units, and the highest level of an alert in each: its own, and with all within it.

    `unknown`: hazards of which nobody is left there to say anything. `unwatched`: those for which it has no sensor.
    """
    unknown: dict[str, list[str]] = {}
    for command in health:
        if command.subject and command.subject.startswith(_COVERAGE) and command.level:
            unknown.setdefault(command.zone or "", []).append(command.subject.split(":")[1])
    levels: dict[str | None, list[str | None]] = {}
    for command in commands:
        levels.setdefault(command.zone, []).append(command.level)
    own = {zone: highest(levels.get(zone, [])) for zone in site.zones}
    rolled_up = ZoneTree(site.zones).roll_up(own)
    return [
        _feature(
            zone.id,
            zone.geometry,
            {
                "id": zone.id,
                "name": zone.name,
                "parent": zone.parent,
                "unit": zone.unit,
                "kind": zone.level,
                "level": own[zone.id],
                "rolled_up": rolled_up[zone.id],
                "unknown": sorted(unknown.get(zone.id, ())),
                "unwatched": site.unwatched[zone.id],
            },
        )
        for zone in site.zones.values()
    ]


def stations(rows: Iterable[StationRow]) -> list[Feature]:
    """One point a station, with its datastreams; a station without a position has no place on a map."""
    found: dict[str, list[StationRow]] = {}
    for row in rows:
        found.setdefault(row.station, []).append(row)
    return [_station(identity, its) for identity, its in found.items() if _placed(its)]


def _placed(rows: list[StationRow]) -> StationRow | None:
    return next((row for row in rows if row.lon is not None and row.lat is not None), None)


def _station(identity: str, rows: list[StationRow]) -> Feature:
    at = _placed(rows) or rows[0]
    values = (
        "property", "unit", "value", "time", "quality", "check", "bound", "state", "status", "level", "alerts", "score",
        "battery",
    )  # fmt: skip
    return _feature(
        identity,
        _point(at.lon or 0.0, at.lat or 0.0),
        {
            "id": identity,
            "name": at.name,
            "zone": at.zone,
            "level": highest(row.level for row in rows),
            "state": max((row.state for row in rows), key=_STATES.index),
            "score": min((row.score for row in rows if row.score is not None), default=None),
            "datastreams": [{name: getattr(row, name) for name in values} for row in rows],
        },
    )


def alerts(site: Site, commands: list[Command]) -> list[Feature]:
    """The area of each open alert; its zone, if the alert names no area of its own."""
    features = []
    for command in commands:
        zone = site.zones.get(command.zone or "")
        area = command.area or (zone.geometry if zone else None)
        names = ("alert", "hazard", "subject", "zone", "level", "status", "time", "headline", "version", "muted_by")
        features.append(_feature(command.alert or "", area, {name: getattr(command, name) for name in names}))
    return features


def hazard_sources(site: Site, commands: list[Command]) -> list[Feature]:
    """What alerts of source and reach hazards are about: in the middle of the stations that watch it."""
    watched: dict[str, list[tuple[Hazard, Datastream]]] = {}
    for key, users in site.users.items():
        for hazard, subject in users:
            if hazard.subject in _SOURCES:
                watched.setdefault(subject, []).append((hazard, site.datastreams[key]))
    levels: dict[str | None, list[str | None]] = {}
    for command in commands:
        levels.setdefault(command.subject, []).append(command.level)
    found = (_source(subject, pairs, highest(levels.get(subject, []))) for subject, pairs in watched.items())
    return [feature for feature in found if feature]


def _source(subject: str, pairs: list[tuple[Hazard, Datastream]], level: str | None) -> Feature | None:
    streams = {s.station: s for _, s in pairs if s.lon is not None and s.lat is not None}.values()
    if not streams:
        return None
    lon = sum(s.lon or 0.0 for s in streams) / len(streams)
    lat = sum(s.lat or 0.0 for s in streams) / len(streams)
    properties = {
        "id": subject,
        "hazards": sorted({hazard.name for hazard, _ in pairs}),
        "kind": pairs[0][0].subject,
        "zone": pairs[0][1].zone,
        "stations": [s.station for s in streams],
        "level": level,
    }
    return _feature(subject, _point(lon, lat), properties)

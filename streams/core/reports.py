"""A report's body to a checked `Report`: the same eyes at the doors and in triage."""

from typing import Any, NamedTuple

import msgspec

from streams.core.examine import COMMON, INSTANT, NUMBER, TEXT, Fields, Fits, check_field, check_fields
from streams.core.instant import checked_instant
from streams.core.refusal import Refusal, wrong_type
from streams.core.zones import ZoneIndex
from streams.models.crs import SYSTEMS, to_wgs84
from streams.models.level import COLOURS
from streams.models.report import SOURCES, Position, Report
from streams.models.site import Site


def _one_of(words: tuple[str, ...], *, or_null: bool = False) -> tuple[Fits, str]:
    allowed: tuple[Any, ...] = (*words, None) if or_null else words
    return lambda found: found in allowed, f"one of {', '.join(words)}{' or null' if or_null else ''}"


def _within(limit: int) -> tuple[Fits, str]:
    return lambda found: abs(found) <= limit, f"from -{limit} to {limit}"


def _texts(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(item, str) for item in found)


FIELDS: Fields = {
    "id": (lambda found: isinstance(found, str) and bool(found), "a string that names the report"),
    "kind": COMMON["station"],
    "time": INSTANT,
    "source": _one_of(SOURCES),
    "position": (lambda found: found is None or isinstance(found, dict), 'an object {"lon", "lat", "crs"} or null'),
    "zone": TEXT,
    "reporter": TEXT,
    "contact": TEXT,
    "text": TEXT,
    "severity": _one_of(COLOURS, or_null=True),
    "media": (_texts, "an array of strings"),
    "status": COMMON["status"],
}
POSITION: Fields = {"lon": NUMBER, "lat": NUMBER, "crs": _one_of(SYSTEMS)}
REQUIRED = ("id", "kind", "time", "source")


class CheckedReport(NamedTuple):
    """A good report, its time in microseconds, its zone and its position in WGS-84."""

    report: Report
    time: int
    zone: str
    position: tuple[float, float] | None


def check_report(body: Any, received: int, site: Site, zones: ZoneIndex | None = None) -> CheckedReport:
    """Raises Refusal. `zones` saves building an index for each report that only has a position."""
    check_fields(body, FIELDS, REQUIRED)
    time = checked_instant(body["time"], received)
    if site.report_kinds and body["kind"] not in site.report_kinds:
        raise wrong_type("kind", body["kind"], f"one of {', '.join(sorted(site.report_kinds))}")
    place = _position(body.get("position"))
    zone = _zone(body.get("zone"), place, site, zones)
    return CheckedReport(msgspec.convert({f: body[f] for f in FIELDS if f in body}, Report), time, zone, place)


def _position(given: dict[str, Any] | None) -> tuple[float, float] | None:
    if given is None:
        return None
    check_fields(given, POSITION, ("lon", "lat"))
    for field, limit in (("lon", 180), ("lat", 90)):
        check_field(field, given[field], _within(limit))
    position = msgspec.convert({f: given[f] for f in POSITION if f in given}, Position)
    return to_wgs84(position.lon, position.lat, position.crs)


def _zone(given: str | None, place: tuple[float, float] | None, site: Site, zones: ZoneIndex | None) -> str:
    """As the report says; if it does not, or names none of ours, where its position lies."""
    if given is not None and given in site.zones:
        return given
    found = None if place is None else (zones or ZoneIndex(site.zones)).zone_at(*place)
    if found is not None:
        return found
    if given is not None:
        raise Refusal("wrong_type", f"there is no zone {given}", "zone", given, "a zone id of this site")
    if place is None:
        raise Refusal("wrong_type", "neither zone nor position is given", "zone", None, "a zone id or a position")
    raise Refusal("wrong_type", "the position lies in no zone", "position", list(place), "a place in a zone")

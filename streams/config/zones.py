"""`zones.geojson`: areas with a responsible unit."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.validation import explain_validity

from streams.config.json_text import parse_json, places
from streams.config.problems import Place, Report, Words, listed
from streams.config.text_file import read_text, turns
from streams.config.yaml_file import is_text
from streams.models.ids import ID_FORM, is_id
from streams.models.site import Name, Zone
from streams.models.zone_tree import ZONE_LEVELS, ZoneTree

LIMIT = 200_000_000
KEYS = ("id", "name_zh", "name_en", "parent", "unit", "level")
_WGS84 = re.compile(r"CRS84|4326|4490")  # CGCS2000 (EPSG:4490) is WGS-84 here: streams/models/crs.py
_FORM = '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": …}, "geometry": …}]}'
_WRONG = re.compile(r"(.+)\[(\S+) (\S+)\]")
_MOST = 1e300  # what is written larger than a number can be is read as infinite
_RING = "rings of at least 4 positions [longitude, latitude], the last equal to the first"


@dataclass(frozen=True, slots=True)
class Zones:
    """The good zones, and every id that the file names (None: it could not be read)."""

    good: dict[str, Zone]
    named: dict[str, Place] | None


def read_zones(path: Path, report: Report) -> Zones:
    """Zones by id, and where each stands."""
    text = read_text(path, report, LIMIT)
    document = None if text is None else _document(text, report)
    if document is None or text is None:
        return Zones({}, None)
    stands = _places(text)
    good: dict[str, Zone] = {}
    named: dict[str, Place] = {}
    for number, feature in enumerate(document["features"]):
        at: Place = stands[number] if number < len(stands) else None
        identity = _identity(feature, f"features[{number}]", at, report)
        if identity is None:
            continue
        if identity in named:
            report.error(at, f"zone {identity}", Words("the same id again"), "each zone once")
        named.setdefault(identity, at)
        zone = _zone(identity, feature, at, report)
        if zone is not None:
            good.setdefault(identity, zone)
    _check_parents(good, named, report)
    return Zones(good, named)


def _document(text: str, report: Report) -> dict[str, Any] | None:
    before = len(report.problems.errors)
    document = parse_json(text, report, _FORM)
    if document is None and len(report.problems.errors) > before:
        return None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        report.error((1, 1), "", Words("no FeatureCollection"), _FORM)
        return None
    if not isinstance(document.get("features"), list) or not document["features"]:
        report.error((1, 1), "features", Words("no features"), "at least one zone")
        return None
    if "crs" in document and not _WGS84.search(json.dumps(document["crs"])):
        report.error((1, 1), "crs", document["crs"], "longitude and latitude in WGS-84, and no `crs`")
    return document


def _places(text: str) -> list[tuple[int, int]]:
    """Line and column of each feature."""
    start = re.search(r'"features"\s*:\s*\[', text)
    return list(places(text, start.end())) if start else []


def _identity(feature: Any, where: str, at: Place, report: Report) -> str | None:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        expected = f"a Feature with the properties {', '.join(KEYS)}"
        report.error(at, where, Words("no feature with properties"), expected)
        return None
    identity = properties.get("id")
    if isinstance(identity, str) and is_id(identity):
        return identity
    report.error(at, f"{where}.id", identity, _quoted_form(identity) or ID_FORM)
    return None


def _quoted_form(value: Any) -> str:
    """What an id has to look like that stands there as a number; empty for anything else."""
    return f'the quoted form "{value}"' if type(value) is int and is_id(str(value)) else ""


def _zone(identity: str, feature: dict[str, Any], at: Place, report: Report) -> Zone | None:
    properties = feature["properties"]
    where = f"zone {identity}"
    unit, parent = _text(properties.get("unit")), properties.get("parent")
    if not unit:
        _missing(properties, "unit", where, at, report, "the unit responsible for this zone")
    if parent is not None and not isinstance(parent, str):
        report.error(at, f"{where}: parent", parent, _quoted_form(parent) or "a zone's id or null")
    level = properties.get("level")
    if level is not None and level not in ZONE_LEVELS:
        report.error(at, f"{where}: level", level, f"one of {listed(ZONE_LEVELS)}, or none", ZONE_LEVELS)
    name = _name(properties, where, at, report)
    geometry = _geometry(feature.get("geometry"), where, at, report)
    if geometry is None:
        return None
    return Zone(identity, name, _text(parent) or None, unit, geometry, _text(level) or None)


def _name(properties: dict[str, Any], where: str, at: Place, report: Report) -> Name:
    """Both languages; a missing one is a warning and is lent by the other, or by the id."""
    given = {key: _text(properties.get(f"name_{key}")) for key in ("zh", "en")}
    name = {key: text for key, text in given.items() if text}
    for key in given:
        if key not in name:
            _missing(properties, f"name_{key}", where, at, report, "the zone's name in Chinese and English")
    spare = next(iter(name.values()), str(properties["id"]))
    return {key: name.get(key, spare) for key in given}


def _text(value: Any) -> str:
    """A value that is text, and reads in one direction; else nothing."""
    return value.strip() if isinstance(value, str) and is_text(value) and not turns(value) else ""


def _missing(properties: dict[str, Any], key: str, where: str, at: Place, report: Report, expected: str) -> None:
    strangers = [name for name in properties if name not in KEYS]
    near = [name for name in strangers if key in strangers or _alike(name, key)]
    found = properties.get(key)
    report.warning(at, f"{where}: {key}", near[0] if near and found is None else found, expected, [key] if near else ())


def _alike(name: str, key: str) -> bool:
    return sorted(name.lower()) == sorted(key) or (abs(len(name) - len(key)) <= 2 and name[:4].lower() == key[:4])


def _geometry(geometry: Any, where: str, at: Place, report: Report) -> dict[str, Any] | None:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        report.error(at, f"{where}: geometry", kind, "Polygon or MultiPolygon", ("Polygon", "MultiPolygon"))
        return None
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not _are_lists(polygons) or not all(_are_lists(polygon) for polygon in polygons):
        report.error(at, f"{where}: coordinates", Words("something else"), _RING)
        return None
    if not all(_ring(ring, where, at, report) for polygon in polygons for ring in polygon):
        return None
    flat = [[_flat(ring) for ring in polygon] for polygon in polygons]
    area = {"type": kind, "coordinates": flat[0] if kind == "Polygon" else flat}
    return area if _is_simple(area, where, at, report) else None


def _flat(ring: list[Any]) -> list[Any]:
    """A ring without heights (RFC 7946, 3.1.1)."""
    return ring if all(len(position) == 2 for position in ring) else [position[:2] for position in ring]


def _are_lists(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(part, list) for part in value)


def _ring(ring: list[Any], where: str, at: Place, report: Report) -> bool:
    for position in ring:
        wrong = _position(position)
        if wrong:
            report.error(at, f"{where}: coordinates", position, wrong)
            return False
    if len(ring) < 4 or ring[0][:2] != ring[-1][:2]:
        found = (
            f"a ring of {len(ring)} positions" if len(ring) < 4 else f"a ring from {ring[0]} to {ring[-1]}, not closed"
        )
        report.error(at, f"{where}: coordinates", Words(found), _RING)
        return False
    return True


def _position(position: Any) -> str:
    """What is wrong with a position; empty when nothing is."""
    numbers = isinstance(position, list) and len(position) in (2, 3) and all(type(n) in (int, float) for n in position)
    if not numbers:
        return "[longitude, latitude], or a height as a third number (which is passed over)"
    if not all(-_MOST < n < _MOST for n in position):
        return "numbers that are finite"
    lon, lat = position[:2]
    if abs(lon) <= 180 and abs(lat) <= 90:
        return ""
    swapped = abs(lon) <= 90 and abs(lat) <= 180
    return "[longitude, latitude]: these look swapped" if swapped else "degrees: longitude ±180, latitude ±90"


def _is_simple(geometry: dict[str, Any], where: str, at: Place, report: Report) -> bool:
    try:
        area = shape(geometry)
        wrong = "" if area.is_valid and area.area > 0 else _why(area) if not area.is_valid else "an area of 0"
    except (ShapelyError, ValueError, TypeError, OverflowError):
        wrong = "what makes no area"
    if wrong:
        expected = "rings that do not cross or touch themselves, and holes within their area"
        report.error(at, f"{where}: coordinates", Words(wrong), expected)
    return not wrong


def _why(area: Any) -> str:
    """GEOS says `Self-intersection[113.5 23.5]`."""
    match = _WRONG.fullmatch(said := explain_validity(area))
    return f"{match[1].lower()} at [{match[2]}, {match[3]}]" if match else said


def _check_parents(zones: dict[str, Zone], named: dict[str, Place], report: Report) -> None:
    tree = ZoneTree(zones)
    for zone in zones.values():
        at, what = named[zone.id], f"zone {zone.id}: parent"
        if zone.parent is not None and zone.parent not in named:
            report.error(at, what, zone.parent, f"one of the zones {listed(named)}", named)
        elif _is_circular(zone, zones):
            report.error(at, what, zone.parent, "parents that do not lead back to the zone itself")
        elif above := tree.out_of_order(zone.id):
            what, found = f"zone {zone.id}: level", Words(f"a {zone.level} in {above}, a {zones[above].level}")
            report.error(at, what, found, f"each within a larger one: {', '.join(ZONE_LEVELS)}")


def _is_circular(zone: Zone, zones: dict[str, Zone]) -> bool:
    seen, at = {zone.id}, zone.parent
    while at is not None and at in zones:
        if at == zone.id:
            return True
        if at in seen:
            return False  # a circle further up, which its own members report
        seen.add(at)
        at = zones[at].parent
    return False

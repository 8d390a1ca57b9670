"""An area as the Common Alerting Protocol can carry it: polygons without holes, of few corners, with short numbers.

CAP 1.2 polygons are closed, do not cross themselves and have no holes; about 100 corners and 6 decimals (a tenth of a
metre) are advised. A warning's area must not leave anybody out, so whatever is changed is only ever added to: holes are
filled, and corners are saved by going around the outside. What fits as it is stays as it is, to the byte.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, box, mapping, shape
from shapely.geometry.base import BaseGeometry

CORNERS = 100  # of one polygon, the closing one included
POLYGONS = 20
DECIMALS = 6
GRID = 10.0**-DECIMALS
MARGIN = 2 * GRID  # more than rounding can take away
WORLD = box(-180, -90, 180, 90)
HALVINGS = 6  # how closely the least tolerance is sought
ROUGH = 1e-3  # of a part's size: what may be lost before it is looked at closely
COARSE = 0.02  # the same while parts are gathered
Geometry = dict[str, Any]
Area = Polygon | MultiPolygon


def cap_area(geometry: Geometry) -> Geometry:
    """A GeoJSON Polygon or MultiPolygon that covers this one and fits CAP. Longitude first, as in GeoJSON."""
    if _fits_as_it_is(geometry):
        given = geometry["coordinates"]
        return geometry if isinstance(given, list) else {"type": geometry["type"], "coordinates": _lists(given)}
    return geojson(fitted(shape(geometry)))


def geojson(area: Area) -> Geometry:
    """Polygons as GeoJSON, always the same way round and from the same corner."""
    parts = [Polygon(_ring(part)) for part in _polygons(shapely.normalize(area))]
    found = mapping(parts[0] if len(parts) == 1 else MultiPolygon(parts))
    return {"type": found["type"], "coordinates": _lists(found["coordinates"])}


def fitted(area: BaseGeometry) -> Area:
    """Polygons that cover an area and fit."""
    whole = _filled(shapely.normalize(area if area.is_valid else shapely.union_all([area])))
    while not fits(whole):  # ends: what is not done after a round has grown together into fewer parts
        parts = list(_polygons(whole))
        if len(parts) > POLYGONS:
            whole = _gathered(_coarse(parts))
        else:
            whole = _filled(shapely.union_all([part if fits(part) else _around(part) for part in parts]))
    return whole


def fits(area: BaseGeometry) -> bool:
    """Whether every polygon is simple, without holes, of few corners with short numbers."""
    parts = list(_polygons(area))
    return (
        len(parts) <= POLYGONS
        and not shapely.get_num_interior_rings(parts).any()
        and bool((shapely.get_num_coordinates(parts) <= CORNERS).all())
        and all(round(n, DECIMALS) == n for n in shapely.get_coordinates(parts).ravel().tolist())
        and bool(area.is_valid)
    )


def _fits_as_it_is(geometry: Geometry) -> bool:
    flat = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    few = len(flat) <= POLYGONS and all(
        len(rings) == 1 and len(rings[0]) <= CORNERS and len(rings[0][0]) == 2 for rings in flat
    )
    return few and fits(shape(geometry))


def _gathered(parts: list[Polygon]) -> Area:
    """So many of the nearest parts grown together that few enough are left: gaps are filled, borders stay."""
    gap = _gap(parts)
    while True:
        wide = _filled(shapely.buffer(shapely.multipolygons(parts), gap, quad_segs=2))
        near = _filled(wide.buffer(-0.9 * gap, quad_segs=2))
        shapely.prepare(near)
        if not shapely.covers(near, parts).all():
            near = _filled(shapely.union_all([near, *parts]))
        if len(list(_polygons(near))) <= POLYGONS:
            return near
        gap *= 1.5


def _gap(parts: list[Polygon]) -> float:
    """About half the width of the gaps that have to be filled: the last link of a least tree of the parts' boxes."""
    west, south, east, north = shapely.bounds(parts).T
    links, near = [], np.full(len(parts), np.inf)
    at, out = 0, np.ones(len(parts), dtype=bool)
    for _ in parts[1:]:
        out[at] = False
        across = np.maximum(0, np.maximum(west - east[at], west[at] - east))
        up = np.maximum(0, np.maximum(south - north[at], south[at] - north))
        near = np.where(out, np.minimum(near, np.hypot(across, up)), np.inf)
        at = int(near.argmin())
        links.append(float(near[at]))
    least = math.hypot(east.max() - west.min(), north.max() - south.min()) * ROUGH
    return max(0.55 * sorted(links)[len(parts) - POLYGONS - 1], least, MARGIN)


def _around(part: Polygon) -> Area:
    """The same with fewer corners: the plainest line, pushed out by as much as it may have cut off."""
    wanted = _in_world(part)
    rough, lost = _rough(part)
    hull, cut = _plain(part.convex_hull, CORNERS // 3)
    least = _pushed(hull, cut)
    if not (fits(least) and least.covers(wanted)):
        least = _pushed(shapely.envelope(part), 0.0)
    for corners, more in ((CORNERS * 9 // 10, 1.0), (CORNERS * 3 // 4, 1.2), (CORNERS // 2, 1.5)):
        plain, tolerance = _plain(rough, corners)
        found = _pushed(plain, more * (tolerance + lost))
        if fits(found) and found.covers(wanted):
            return found if found.area < least.area else least
    return least


def _coarse(parts: list[Polygon]) -> list[Polygon]:
    """Around each part with few corners."""
    sides = shapely.bounds(parts)
    lost = np.hypot(sides[:, 2] - sides[:, 0], sides[:, 3] - sides[:, 1]) * COARSE
    plain = shapely.simplify(parts, lost)
    wide = shapely.buffer(plain, 1.01 * lost + MARGIN, join_style="mitre", mitre_limit=2.0)
    safe = np.where(shapely.covers(wide, parts), wide, shapely.convex_hull(parts))
    return [_outside(inner) for outer in safe for inner in _polygons(outer)]


def _rough(part: Polygon) -> tuple[BaseGeometry, float]:
    """What is worked on instead of a part of very many corners, and how far it may be from it."""
    lost = _size(part) * ROUGH if len(part.exterior.coords) > 5 * CORNERS else 0.0
    return part.simplify(lost) if lost else part, lost


def _plain(part: BaseGeometry, corners: int) -> tuple[BaseGeometry, float]:
    """Of at most so many corners, and how far it may be from the part; by the least tolerance, more or less."""
    found, high = part, 0.0
    if shapely.get_num_coordinates(part) > corners:
        low, high = _size(part) * ROUGH / 10, _size(part)
        for _ in range(HALVINGS):
            middle = math.sqrt(low * high)
            less = part.simplify(middle, preserve_topology=False)
            if shapely.get_num_coordinates(less) > corners:
                low = middle
            else:
                high, found = middle, less
        if found is part or found.is_empty or found.geom_type != "Polygon":
            found = part.simplify(high)
    return found, high


def _pushed(part: BaseGeometry, distance: float) -> Area:
    """Around all that lies no farther than this from a part; with short numbers."""
    wide = part.buffer(1.001 * distance + MARGIN, join_style="mitre", mitre_limit=2.0)
    plain = _filled(shapely.set_precision(_filled(wide), GRID))
    return shapely.transform(_in_world(plain), lambda at: at.round(DECIMALS))


def _in_world(area: Area) -> Area:
    return area if WORLD.covers(area) else _filled(area.intersection(WORLD))


def _size(part: BaseGeometry) -> float:
    west, south, east, north = part.bounds
    return math.hypot(east - west, north - south)


def _filled(area: BaseGeometry) -> Area:
    """Without holes; what lay in a hole is part of what lies around it. Of a valid area: its parts do not overlap."""
    parts = list(_polygons(area))
    holed = shapely.get_num_interior_rings(parts) > 0
    if holed.any():
        parts = [_outside(part) for part in parts]
        around, within = shapely.STRtree(parts).query([parts[n] for n in holed.nonzero()[0]], predicate="covers")
        inner = set(within[within != holed.nonzero()[0][around]].tolist())
        parts = [part for n, part in enumerate(parts) if n not in inner]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _outside(part: Polygon) -> Polygon:
    return Polygon(part.exterior) if shapely.get_num_interior_rings(part) else part


def _polygons(area: BaseGeometry) -> Iterator[Polygon]:
    for part in getattr(area, "geoms", [area]):
        if isinstance(part, Polygon) and not part.is_empty:
            yield part
        elif part.geom_type in ("MultiPolygon", "GeometryCollection"):
            yield from _polygons(part)


def _ring(part: Polygon) -> list[tuple[float, ...]]:
    ring = [tuple(round(float(n), DECIMALS) for n in at[:2]) for at in part.exterior.coords]
    return ring if part.exterior.is_ccw else ring[::-1]


def _lists(found: Any) -> Any:
    return [_lists(one) for one in found] if isinstance(found, tuple) else found

"""The area of an alert: its zone, the cells that its stations lie in, or a circle around each of its stations.

Worked out once for each subject. It fits CAP and covers all that it is meant to cover (models/cap_area).
"""

from functools import cached_property

from shapely.affinity import translate
from shapely.geometry import Polygon, box, mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from streams.core.geography import circle
from streams.core.related import properties_of
from streams.core.zones import ZoneIndex
from streams.models.cap_area import WORLD, Geometry, cap_area
from streams.models.site import Area, Datastream, Hazard, Site
from streams.models.zone_tree import ZoneTree

EAST = box(180, -90, 540, 90)
WEST = box(-540, -90, -180, 90)
POLE = 89.0  # a circle that comes so near a pole is not drawn: the zone stands for it


class Areas:
    """The areas of one site's alerts."""

    def __init__(self, site: Site) -> None:
        self._site, self._zones = site, site.zones
        self._found: dict[tuple[str, str, str], Geometry | None] = {}

    @cached_property
    def _index(self) -> ZoneIndex:
        return ZoneIndex(self._zones)

    @cached_property
    def _tree(self) -> ZoneTree:
        return ZoneTree(self._zones)

    def of(self, hazard: Hazard, subject: str, zone: str) -> Geometry | None:
        """The area of this hazard's alert about a subject; None where no zone is known."""
        if hazard.area.kind == "zone":
            return self._site.zone_areas.of(zone)
        key = (hazard.name, subject, zone)
        if key not in self._found:
            members = self._site.members.of(hazard.subject, subject, properties_of(hazard))
            self._found[key] = self._drawn(hazard.area, zone, [self._site.datastreams[one] for one in members])
        return self._found[key]

    def _drawn(self, area: Area, zone: str, streams: list[Datastream]) -> Geometry | None:
        if area.kind == "cells":
            return self._site.zone_areas.of(*sorted({self._cell(stream) for stream in streams} or {zone}))
        parts = [self._circle(stream, area.radius) for stream in {s.station: s for s in streams}.values()]
        drawn = [part for part in parts if part is not None]
        if not drawn or len(drawn) < len(parts):  # somebody's place is not known: it is somewhere in the zone
            drawn += [shape(self._zones[zone].geometry)] if zone in self._zones else []
        return cap_area(mapping(unary_union(drawn))) if drawn else None

    def _cell(self, stream: Datastream) -> str:
        """The smallest zone in which a station lies, within the zone it belongs to."""
        if stream.lon is None or stream.lat is None:
            return stream.zone
        found = self._index.zone_at(stream.lon, stream.lat)
        return found if found is not None and stream.zone in self._tree.ancestors(found) else stream.zone

    @staticmethod
    def _circle(stream: Datastream, radius: float) -> BaseGeometry | None:
        if stream.lon is None or stream.lat is None:
            return None
        corners = circle((stream.lon, stream.lat), radius)
        if max(abs(lat) for _, lat in corners) > POLE:
            return None
        whole = Polygon(corners)
        parts = [whole, translate(whole.intersection(EAST), -360), translate(whole.intersection(WEST), 360)]
        return unary_union([part.intersection(WORLD) for part in parts])

"""In which zone a position lies."""

from collections.abc import Mapping

from shapely import STRtree
from shapely.geometry import Point, shape

from streams.models.site import Zone


class ZoneIndex:
    """Looks positions up among a site's zones; where zones are nested, the smallest one answers."""

    def __init__(self, zones: Mapping[str, Zone]) -> None:
        shapes = {zone.id: shape(zone.geometry) for zone in zones.values()}
        self._ids = sorted(shapes, key=lambda id_: (shapes[id_].area, id_))
        self._tree = STRtree([shapes[id_] for id_ in self._ids])

    def zone_at(self, lon: float, lat: float) -> str | None:
        """The zone's id, borders included; None outside all."""
        found = self._tree.query(Point(lon, lat), predicate="intersects")
        return self._ids[min(found)] if len(found) else None

"""Zones as the Common Alerting Protocol can carry them, each worked out once for a site.

A county of thousands of corners takes up to half a second: whoever handles messages has it done beforehand, elsewhere.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from shapely.geometry import mapping, shape
from shapely.ops import unary_union

from streams.models.cap_area import CORNERS, Geometry, cap_area


class ZoneAreas:
    """Areas by zones."""

    def __init__(self, zones: Mapping[str, Any]) -> None:
        """Zones with a `geometry`."""
        self._zones = zones
        self._found: dict[tuple[str, ...], Geometry | None] = {}

    def of(self, *names: str) -> Geometry | None:
        """What covers some zones and fits; None where none of them is known."""
        if names not in self._found:
            known = [self._zones[name].geometry for name in names if name in self._zones]
            whole = known[0] if len(known) == 1 else mapping(unary_union([shape(one) for one in known]))
            self._found[names] = cap_area(whole) if known else None
        return self._found[names]

    def slow(self, names: Iterable[str]) -> list[str]:
        """Those of some zones that take a while and have not been asked for."""
        return [n for n in names if n in self._zones and (n,) not in self._found and _corners(self._zones[n]) > CORNERS]


def _corners(zone: Any) -> int:
    """All of its polygons' together: also many small ones take their time."""
    geometry = zone.geometry
    flat = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return sum(len(ring) for rings in flat for ring in rings)

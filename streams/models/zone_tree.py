"""How zones lie within each other: province, city, county, street, community, cell. And what that adds up to."""

from collections.abc import Iterator, Mapping

from streams.models.level import COLOURS, NUMBER, Colour
from streams.models.site import Zone

#: what a zone may be, from the largest; a zone lies in one of a larger kind
ZONE_LEVELS = ("province", "city", "county", "street", "community", "cell")


class ZoneTree:
    """The zones of a site by `parent`. A parent that is not there ends the chain."""

    def __init__(self, zones: Mapping[str, Zone]) -> None:
        self._zones = zones
        self._children: dict[str, list[str]] = {}
        for name in sorted(zones):
            parent = zones[name].parent
            if parent is not None and parent in zones:
                self._children.setdefault(parent, []).append(name)

    def ancestors(self, zone: str) -> list[str]:
        """The zones that this one lies in, the nearest first."""
        found: list[str] = []
        at = self._parent(zone)
        while at is not None and at not in (zone, *found):
            found.append(at)
            at = self._parent(at)
        return found

    def _parent(self, zone: str) -> str | None:
        parent = self._zones[zone].parent if zone in self._zones else None
        return parent if parent in self._zones else None

    def descendants(self, zone: str) -> list[str]:
        """The zones that lie in this one, at any depth; in order of id."""
        found: set[str] = set()
        waiting = [zone]
        while waiting:
            new = [name for name in self._children.get(waiting.pop(), ()) if name not in found and name != zone]
            found.update(new)
            waiting += new
        return sorted(found)

    def at_level(self, zone: str, level: str) -> str | None:
        """The zone of this level (`county`) that a zone is or lies in."""
        return next((name for name in (zone, *self.ancestors(zone)) if self._zones[name].level == level), None)

    def out_of_order(self, zone: str) -> str | None:
        """The nearest zone above that says its level, if it is not larger than this one."""
        own = self._rank(zone)
        above = next((name for name in self.ancestors(zone) if self._rank(name) is not None), None)
        rank = None if above is None else self._rank(above)
        return above if own is not None and rank is not None and rank >= own else None

    def _rank(self, zone: str) -> int | None:
        level = self._zones[zone].level
        return ZONE_LEVELS.index(level) if level in ZONE_LEVELS else None

    def roll_up(self, levels: Mapping[str, str | None]) -> dict[str, Colour | None]:
        """The highest alert level in each zone and all that lies in it. `levels`: of each zone itself."""
        found = dict.fromkeys(self._zones, 0)
        for zone, colour in levels.items():
            number = NUMBER[colour] if colour else 0
            for name in self._with_ancestors(zone) if number else ():
                found[name] = max(found[name], number)
        return {name: COLOURS[number - 1] if number else None for name, number in found.items()}

    def _with_ancestors(self, zone: str) -> Iterator[str]:
        if zone in self._zones:
            yield zone
            yield from self.ancestors(zone)

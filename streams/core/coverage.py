"""What is watched: a zone in which a hazard has no datastream that can be trusted is unknown there, never normal.

Counted by hazard and zone as datastreams are lost, doubted and come back, so a signal costs no more in a large zone
than in a small one. Nothing of it is saved: who is lost and who is in doubt says it all.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from streams.core.quality import NAMES, SOFT
from streams.models.datastreams import Datastreams
from streams.models.signal import Trigger
from streams.models.site import Hazard, Site
from streams.models.watched import at_home

Key = tuple[str, str]  # station, property
Place = tuple[str, str]  # zone, status
NEIGHBOUR = "neighbour"
#: of a check that has another name in a hazard file
FAMILY = {NAMES[SOFT]: "range", "drift": NEIGHBOUR}


SWITCHED = frozenset(("range", "stuck", "gap", "rise", "fall", "shift", "oscillation", NEIGHBOUR))


class Standing(NamedTuple):
    """What is wrong with a datastream."""

    lost: bool = False
    doubts: frozenset[str] = frozenset()  # checks that it is suspect by

    def is_trusted(self, hazard: Hazard) -> bool:
        """By a hazard: a check that it does not ask for is nothing to it."""
        return not self.lost and not any(_counts(check, hazard) for check in self.doubts)


def _counts(check: str, hazard: Hazard) -> bool:
    family = FAMILY.get(check, check)
    return family in hazard.checks or family not in SWITCHED


GOOD = Standing()


class Standings:
    """What is wrong with datastreams, by zone and status."""

    def __init__(self, lost: Mapping[Place, Mapping[Key, Trigger]], changed: set[tuple[str, ...]]) -> None:
        """`changed`: rows of state that are no longer as saved."""
        self._lost, self._changed = lost, changed
        self.doubted: dict[Place, dict[Key, list[str]]] = {}  # the checks that each is in doubt by

    def of(self, place: Place, key: Key) -> Standing:
        """Of one datastream."""
        doubts = self.doubted.get(place, {}).get(key, ())
        return Standing(key in self._lost.get(place, {}), frozenset(doubts))

    def doubt(self, place: Place, key: Key, check: str, *, by_neighbours: bool = False) -> None:
        """One check of its own and one of its neighbours may speak against a datastream; none: it is over."""
        found = self.doubted.setdefault(place, {})
        others = [one for one in found.get(key, ()) if (FAMILY.get(one, one) == NEIGHBOUR) != by_neighbours]
        found[key] = sorted([*others, check] if check else others)
        if not found[key]:
            del found[key]
        self._changed.add(("distrust", *place, *key))

    def counted(self, table: Datastreams) -> dict[str, int]:
        """Check -> Actual datastreams that are lost or in doubt by it; each where it lies, not where else it counts."""
        found: Counter[str] = Counter()
        for (zone, status), lost in self._lost.items():
            if status == "Actual":
                found.update(trigger.check for key, trigger in lost.items() if _lies_in(table, key, zone))
        for (zone, status), doubted in self.doubted.items():
            if status == "Actual":
                found.update(check for key, some in doubted.items() if _lies_in(table, key, zone) for check in some)
        return dict(found)

    def wrong(self) -> Iterator[tuple[str, Key, Standing]]:
        """All that is Actual: zone, datastream and what is wrong with it."""
        for place in sorted({*self._lost, *self.doubted}):
            if place[1] == "Actual":
                for key in sorted({*self._lost.get(place, {}), *self.doubted.get(place, ())}):
                    yield place[0], key, self.of(place, key)


def _lies_in(table: Datastreams, key: Key, zone: str) -> bool:
    number = table.number(*key)
    return number is not None and table.zones[table.zone[number]] == zone


class Coverage:
    """Zones and hazards of one partition; only what is Actual counts."""

    def __init__(self, site: Site, wrong: Iterable[tuple[str, Key, Standing]] = ()) -> None:
        """`wrong`: zone in which it was told, datastream, and what is wrong with it."""
        self._site = site
        self._out: Counter[tuple[str, str]] = Counter()  # hazard, zone -> datastreams that cannot be trusted
        self._all = {name: at_home(site, hazard) for name, hazard in site.hazards.items()}
        for zone, key, standing in wrong:
            self.change(zone, key, GOOD, standing)

    def is_unknown(self, hazard: Hazard, zone: str) -> bool:
        """Whether a hazard has datastreams in a zone, and none that can be trusted."""
        return 0 < self._all[hazard.name][zone] <= self._out[hazard.name, zone]

    def change(self, zone: str, key: Key, before: Standing, now: Standing) -> None:
        """Something else is wrong with a datastream now."""
        for hazard in self._site.hazards_of.get(key[1], ()):
            if self._home(hazard, key) == zone:
                self._out[hazard.name, zone] += before.is_trusted(hazard) - now.is_trusted(hazard)

    def of(self, zone: str, properties: Iterable[str]) -> list[tuple[Hazard, bool]]:
        """The hazards that these properties feed, by name, and whether they are unknown in a zone."""
        hazards = {h.name: h for prop in properties for h in self._site.hazards_of.get(prop, ())}
        return [(hazards[name], self.is_unknown(hazards[name], zone)) for name in sorted(hazards)]

    def _home(self, hazard: Hazard, key: Key) -> str:
        """Where a hazard is watched for by a datastream: of events where its network is at home."""
        number = self._site.datastreams.number(*key)
        return "" if number is None else self._site.datastreams.zones[self._site.members.home(hazard.subject, number)]

"""What is watched: a zone of which a hazard has lost all datastreams is unknown there, never normal.

Counted by zone and property as datastreams are lost and come back, so a signal costs no more in a large zone than in a
small one. Nothing of it is saved: who is lost says it all.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from streams.models.site import Hazard, Site


class Coverage:
    """Zones and hazards of one partition; only what is Actual counts."""

    def __init__(self, site: Site, lost: Iterable[tuple[str, str]] = ()) -> None:
        """`lost`: zone and property of each datastream that is lost."""
        self._site, self._lost = site, Counter(lost)
        self._all = _count(site)

    def is_unknown(self, hazard: Hazard, zone: str) -> bool:
        """Whether a hazard has datastreams in a zone, and none that is there."""
        watching = sum(self._all[zone, prop] for prop in hazard.properties)
        return 0 < watching <= sum(self._lost[zone, prop] for prop in hazard.properties)

    def change(self, zone: str, changes: Mapping[str, int]) -> None:
        """So many more datastreams of each property are lost in a zone."""
        for prop, more in changes.items():
            self._lost[zone, prop] += more

    def of(self, zone: str, properties: Iterable[str]) -> list[tuple[Hazard, bool]]:
        """The hazards that these properties feed, by name, and whether they are unknown in a zone."""
        hazards = {h.name: h for prop in properties for h in self._site.hazards_of.get(prop, ())}
        return [(hazards[name], self.is_unknown(hazards[name], zone)) for name in sorted(hazards)]


def _count(site: Site) -> Counter[tuple[str, str]]:
    table = site.datastreams
    names = list(table.property_of)
    prop = table.property_of_profile[table.profile].astype(np.int64)
    pairs, counts = np.unique(table.zone.astype(np.int64) * max(len(names), 1) + prop, return_counts=True)
    found: Counter[tuple[str, str]] = Counter()
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        found[table.zones[pair // len(names)], names[pair % len(names)]] = count
    return found

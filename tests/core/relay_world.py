"""Three zones, hazards that wait for one another, and Assessors between which relays go."""

from dataclasses import replace

import msgspec

from streams.core.assess import Assessor
from streams.models.partition import partition_of
from streams.models.signal import Progress, Source, Trigger, Triggered
from streams.models.site import AlertCondition, Zone
from streams.models.times import SECOND
from tests.core.sites import above, hazard, site, stream

PARTITIONS = 2
ZONES = ("Z1", "Z2", "Z3")


def square(name, west, south=30.0, size=0.1):
    corners = [(west, south), (west + size, south), (west + size, south + size), (west, south + size), (west, south)]
    shape = {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}
    return Zone(name, {"zh": name, "en": name}, None, "unit", shape)


def a_site(*hazards, streams=None, reaches=()):
    """Three zones side by side, 9.6 km wide each; a gauge, a dam and a slope in each."""
    made = streams or [
        stream(f"{kind}{n}", prop, zone=f"Z{n}", subject=f"{subject}{n}", lon=9.95 + 0.1 * n, lat=30.05)
        for n in (1, 2, 3)
        for kind, prop, subject in (("G", "water_level", "R"), ("D", "dam_level", "D"), ("S", "move", "H"))
    ]
    found = site(made, *hazards, zones=ZONES)
    zones = {name: square(name, 9.9 + 0.1 * n) for n, name in enumerate(ZONES, start=1)}
    return replace(found, zones=zones, reaches={reach.id: reach for reach in reaches})


def flood(**more):
    levels = {1: "b", 2: "y", 3: "o", 4: "r"}
    conditions = [above(name, at) for name, at in (("b", 3), ("y", 4), ("o", 5), ("r", 6))]
    return hazard(conditions, levels, name="flood", subject="reach", **more)


def waits(name, of, *, at_least=2, level=2, subject="zone", prop="none", **relation):
    """A hazard that only waits for another."""
    condition = AlertCondition("other", of, at_least, **relation)
    return hazard([condition], {level: "other"}, name=name, subject=subject, prop=prop)


class World:
    """Assessors of two partitions of `signals`; relays come back as records."""

    def __init__(self, the_site):
        self.site = the_site
        self.assessors = [Assessor(the_site, p, 1) for p in range(PARTITIONS)]
        self.commands, self.relays, self.log = [], [], [[] for _ in range(PARTITIONS)]
        self.offset, self.now = 0, 0

    def tell(self, partition, signal):
        self.log[partition].append((msgspec.json.encode(signal), self.now))
        self.commands += self.assessors[partition].handle(signal, self.now)
        for relay in self.assessors[partition].take_relays():
            self.relays.append(relay)
            self.tell(partition_of(relay.zone.encode(), PARTITIONS), relay)

    def edges(self, second, station, *edges, prop="water_level", hazard="flood", status="Actual"):
        """Conditions go on (or off: -name)."""
        self.now, self.offset = max(self.now, second * SECOND), self.offset + 1
        found = self.site.datastreams[station, prop]
        subject = self.site.hazards[hazard].subject_of(found)
        triggers = [
            Trigger(f"{second}{station}{e}", station, prop, "off" if e[0] == "-" else "on", second * SECOND, hazard,
                    subject, e.lstrip("-"))
            for e in edges
        ]  # fmt: skip
        source = Source("readings", 0, self.offset, 0, 0)
        signal = Triggered(f"s{self.offset}", source, second * SECOND, found.zone, status, triggers)
        self.tell(partition_of(found.zone.encode(), PARTITIONS), signal)

    def to(self, second):
        """All data has come up to here."""
        self.now, self.offset = second * SECOND, self.offset + 1
        for partition in range(PARTITIONS):
            self.tell(partition, Progress(0, self.offset, second * SECOND))

    def levels(self, hazard):
        return [(c.zone, c.level) for c in self.commands if c.hazard == hazard and c.level != c.previous_level]

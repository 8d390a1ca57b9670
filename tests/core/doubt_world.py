"""Gauges of one group in three zones, Assessors that hear their samples, and what they tell each other."""

import msgspec

from streams.models.partition import partition_of
from streams.models.signal import Checked, Source
from streams.models.times import MINUTE
from tests.core.neighbour_world import CHECKS, gauge, sample
from tests.core.relay_world import PARTITIONS, World, flood
from tests.core.sites import site

ZONES = ("Z1", "Z2", "Z3")


def three(checks=CHECKS, *hazards, least=("neighbour",), after=0, cap=2):
    """A gauge at each of three reaches, each in a zone of its own; their group meets in Z1."""
    gauges = [gauge(n, checks, zone=f"Z{n}", subject=f"R{n}") for n in (1, 2, 3)]
    return site(gauges, *(hazards or [flood(checks=least, after=after, cap=cap)]), zones=ZONES)


class River(World):
    """Samples go to the zone in which the group meets."""

    def minute(self, minute, *values, status="Actual"):
        for number, value in enumerate(values, start=1):
            self.offset += 1
            self.now = max(self.now, minute * MINUTE)
            one = sample(number, minute, value, status=status)
            self.tell(partition_of(b"Z1", PARTITIONS), replace_source(one, self.offset))
        return self

    def checked(self):
        return [(c.zone, c.station, c.quality, c.check) for c in self.relays if isinstance(c, Checked)]

    def health(self):
        return [c for c in self.commands if c.kind == "health" and c.subject.startswith("neighbour:")]


def replace_source(one, offset):
    return msgspec.structs.replace(one, source=Source("readings", 0, offset, 0, 1))


def doubted(the_site=None):
    """G2 is unlike the others."""
    world = River(the_site or three()).minute(0, 1.0, 1.0, 1.0).minute(1, 1.0, 2.2, 1.0)
    assert world.checked() == [("Z2", "G2", 3, "neighbour")]
    return world

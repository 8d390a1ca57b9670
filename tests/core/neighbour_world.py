"""A group of gauges that are compared, and samples of them."""

from dataclasses import replace

from streams.core.neighbours import Neighbours
from streams.models.datastream import Checks
from streams.models.ids import cause_id
from streams.models.signal import Sampled, Source
from streams.models.times import DAY, MINUTE, SECOND
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream

CHECKS = Checks(neighbour=0.5, neighbour_least=2, neighbour_age=10 * MINUTE, neighbour_every=MINUTE)
PAIR = Checks(neighbour=0.5, neighbour_least=1, neighbour_age=10 * MINUTE, neighbour_every=MINUTE)
DRIFTS = Checks(
    neighbour=5.0, neighbour_least=2, neighbour_age=2 * MINUTE, neighbour_every=MINUTE, drift=0.1, drift_for=DAY
)
SLOW = replace(DRIFTS, neighbour_age=20 * MINUTE)


def gauge(number, checks=CHECKS, **more):
    return stream(f"G{number}", group="river", checks=checks, interval=MINUTE, **more)


def a_site(gauges, *hazards, **more):
    return site(gauges, *(hazards or [hazard(FOUR, FOUR_LEVELS, checks=("neighbour",))]), **more)


def sample(number, minute, value, *, quality=1, status="Actual", received=None, partition=0, zone="Z1", group="river"):
    """Of gauge `number`, once a minute."""
    station, time = f"G{number}", round(minute * MINUTE)
    source = Source("readings", partition, time // SECOND, 0, 1)
    ident = cause_id("sample", group, station, "water_level", status, time)
    return Sampled(
        ident, source, time if received is None else received, zone, status, group, station, "water_level", time, value,
        "m", quality,
    )  # fmt: skip


class Group:
    """A bank, and what it said last of each datastream."""

    def __init__(self, gauges, *hazards):
        self.site = a_site(gauges, *hazards)
        self.bank, self.said = Neighbours(self.site), []

    def hear(self, *told, **more):
        """(gauge, minute, value)"""
        for one in told:
            found = self.bank.hear(sample(*one, **more))
            self.said += [(self.site.datastreams.key(f.number)[0], f.member.check) for f in found]
        return self

    def minute(self, minute, *values, **more):
        """A value of each gauge, in turn."""
        return self.hear(*((number, minute, value) for number, value in enumerate(values, start=1)), **more)

    def take(self):
        said, self.said = self.said, []
        return said

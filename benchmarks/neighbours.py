"""What it costs to compare datastreams with their neighbours: a sample in `assess`, among many groups and among few."""

import random
from collections.abc import Callable

import msgspec

from benchmarks.figures import Figure
from benchmarks.lab import Lab
from benchmarks.rules import RUNS, SAVED, cpu, least
from streams import garbage
from streams.core.assess import Assessor
from streams.models.command import encode_command
from streams.models.datastream import Checks
from streams.models.ids import cause_id
from streams.models.signal import Sampled, Source, decode_signal
from streams.models.site import Datastream, Datastreams, Hazard, Input, Lower, Message, Site
from streams.models.times import MINUTE, SECOND

FEW, MANY, LARGE = 50, 5_000, 1_000  # groups, groups, members of one group
MEMBERS = 10  # of a group
SAMPLES = 20_000
BEGIN = 1_784_527_200 * SECOND
CHECKS = Checks(neighbour=0.5, neighbour_least=2, neighbour_age=10 * MINUTE, neighbour_every=MINUTE, drift=0.1,
                drift_for=60 * MINUTE, recover=3)  # fmt: skip
NAME = {"zh": "站", "en": "gauge"}
encode = msgspec.json.Encoder().encode


def site(groups: int, members: int) -> Site:
    """So many groups of gauges, each in a zone of its own."""
    title, inputs = {"zh": "洪水", "en": "Flood"}, {"stage": Input("stage", "water_level", "m")}
    hazard = Hazard("flood", title, "zone", inputs, {}, {}, Lower(0), 2, ("neighbour",), Message(), "sha256:b")
    streams = [
        Datastream(f"G{g}-{n}", "water_level", "m", f"Z{g}", f"R{g}", NAME, group=f"group-{g}", checks=CHECKS)
        for g in range(groups)
        for n in range(members)
    ]
    return Site({}, Datastreams.of({one.key: one for one in streams}), {"flood": hazard})


class Comparing:
    """An assessor that has heard every member of every group; samples come group by group, one a minute of each."""

    def __init__(self, groups: int, members: int, count: int) -> None:
        self._assessor, self._count = Assessor(site(groups, members), 0, 1), count
        drawn, known = random.Random(1), groups * members
        self._log = [self._sample(n, groups, members, drawn.gauss(1.0, 0.2)) for n in range(known + RUNS * count)]
        self._at, self.checked = known, 0
        self._run(0, known)
        garbage.settle()  # as a role does once it has begun

    @staticmethod
    def _sample(number: int, groups: int, members: int, value: float) -> bytes:
        minute, place = divmod(number, groups * members)
        group, member = place // members, place % members
        time, station = BEGIN + minute * MINUTE, f"G{group}-{member}"
        source, name = Source("readings", 0, number, 0, 1), f"group-{group}"
        ident = cause_id("sample", name, station, "water_level", "Actual", time)
        about = ("Actual", name, station, "water_level")
        return encode(Sampled(ident, source, time, f"Z{group}", *about, time, value, "m"))

    def __call__(self) -> float:
        """CPU seconds of the next samples."""
        first = self._at
        self._at += self._count
        return cpu(lambda: self._run(first, self._at))

    def _run(self, first: int, end: int) -> None:
        for number, value in enumerate(self._log[first:end]):
            if number % SAVED == 0:
                self._assessor.take_dirty()  # as whoever saves does
            sample = decode_signal(value)
            for command in self._assessor.handle(sample, BEGIN + number):
                encode_command(command)
            self.checked += len(self._assessor.take_relays())


def neighbours(lab: Lab) -> list[Figure]:
    """CPU of a sample among 5,000 groups ÷ among 50; samples a second; and of one in a group of a thousand."""
    lab.clear()
    count = lab.short(SAMPLES)
    some: list[Callable[[], float]] = [Comparing(n, m, count) for n, m in ((FEW, MEMBERS), (MANY, MEMBERS), (1, LARGE))]
    few, many, large = least(RUNS, *some)
    rates = f"{count / few:,.0f} with {FEW} groups of {MEMBERS}, {count / many:,.0f} with {MANY:,}"
    beside = f"samples a CPU second: {rates}, {count / large:,.0f} in one group of {LARGE:,}"
    return [
        Figure("rules.neighbours", many / few, must=1.5, at_most=True, beside=beside),
        Figure("rules.neighbours_rate", count / many, "samples/s", beside=f"{MANY:,} groups of {MEMBERS}"),
    ]

"""What hazards cost: rules over zones, timers that wait, points in polygons. CPU of one process.

Every figure is a ratio of the least CPU of several runs, taken in turn, so that a slow moment of the machine hits both.
"""

import random
import time
from collections.abc import Callable

import msgspec

from benchmarks import rules_site
from benchmarks.figures import Figure
from benchmarks.lab import Lab
from streams import garbage
from streams.core.assess import Assessor
from streams.core.timers import Timer
from streams.core.zones import ZoneIndex
from streams.models.command import encode_command
from streams.models.observation import Tick
from streams.models.signal import decode_signal
from streams.models.times import DAY, SECOND

RUNS = 3
FEW, MANY = (10, 100), (500, 5_000)  # rules, zones
TOGETHER = (1, 5)  # hazards that a signal speaks of, in a small site as in a large one
SIGNALS = 20_000
SAVED = 500  # signals between two saves
PENDING_FEW, PENDING_MANY, TICKS = 100, 100_000, 20_000
POLYGONS_FEW, POLYGONS_MANY, POINTS = 50, 5_000, 20_000
encode = msgspec.json.Encoder().encode


def least(runs: int, *work: Callable[[], float]) -> list[float]:
    """The least seconds of each; they take turns."""
    found = [[one() for one in work] for _ in range(runs)]
    return [min(seconds) for seconds in zip(*found, strict=True)]


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of it."""
    began = time.process_time()
    work()
    return time.process_time() - began


class Night:
    """An assessor with so many rules over so many zones, all of whose subjects have been through everything once.

    Areas of alerts have been worked out, as for every zone once in the life of a process.
    """

    def __init__(self, rules: int, zones: int, count: int, together: int = 1) -> None:
        known = len(rules_site.STEPS) * zones
        self._log = [(encode(s), at) for s, at in rules_site.signals(zones, rules, known + RUNS * count, together)]
        site = rules_site.site(rules, zones, together)
        self._assessor = Assessor(site, 0, rules_site.PARTITIONS)
        for zone in site.zones:
            self._assessor.alerts.announce.areas.of(next(iter(site.hazards.values())), zone, zone)
        self._count, self._at, self.commands = count, known, 0
        self._run(0, known)
        garbage.settle()  # as a role does once it has begun

    def __call__(self) -> float:
        """CPU seconds of the next signals."""
        self.commands, first = 0, self._at
        self._at += self._count
        return cpu(lambda: self._run(first, self._at))

    def _run(self, first: int, end: int) -> None:
        for number, (value, received) in enumerate(self._log[first:end]):
            if number % SAVED == 0:
                self._assessor.take_dirty()  # as whoever saves does
            for command in self._assessor.handle(decode_signal(value), received):
                encode_command(command)
                self.commands += 1


def assess(lab: Lab) -> list[Figure]:
    """CPU of a signal with 500 rules over 5,000 zones ÷ with 10 rules over 100 zones; and signals a second."""
    lab.clear()
    found = []
    for together in TOGETHER:
        count = lab.short(SIGNALS) // together
        small, large = Night(*FEW, count, together), Night(*MANY, count, together)
        few, many = least(RUNS, small, large)
        rates = f"{count / few:,.0f} with 10 rules over 100 zones, {count / many:,.0f} with 500 over 5,000"
        told = f"signals a CPU second: {rates}; each signal speaks of {together} hazards, of two rules each"
        name = "rules.assess" if together == 1 else f"rules.assess_of_{together}"
        found.append(Figure(name, many / few, must=1.5, at_most=True, beside=told))
        if together == 1:
            told = f"500 rules over 5,000 zones; {large.commands / count:.2f} commands a signal; 20,000 are wanted"
            found.append(Figure("rules.assess_rate", count / many, "signals/s", beside=told))
    return found


class Waiting:
    """An assessor with so many timers pending, the first of them due in a day."""

    def __init__(self, pending: int, ticks: int) -> None:
        self._assessor = Assessor(rules_site.site(*FEW), 0, rules_site.PARTITIONS)
        self._ticks, self._now = ticks, rules_site.BEGIN
        for number in range(pending):
            due = self._now + DAY + number * SECOND
            self._assessor.timers.add(Timer(f"hazard-0|S{number}|Actual", "renew", due, due, (1,)))

    def __call__(self) -> float:
        """CPU seconds of ticks, none of which makes a timer due."""
        return cpu(self._tick)

    def _tick(self) -> None:
        for _ in range(self._ticks):
            self._now += SECOND // 1000  # so close that no partition of readings counts as silent
            self._assessor.handle(Tick(0, self._now), self._now)


def timers(lab: Lab) -> list[Figure]:
    """CPU of a tick with 100,000 timers pending and none due ÷ with 100."""
    lab.clear()
    ticks = lab.short(TICKS)
    few, many = least(RUNS, Waiting(PENDING_FEW, ticks), Waiting(PENDING_MANY, ticks))
    beside = f"µs a tick: {few / ticks * 1e6:.2f} with {PENDING_FEW}, {many / ticks * 1e6:.2f} with {PENDING_MANY:,}"
    return [Figure("rules.timers", many / few, must=2.0, at_most=True, beside=beside)]


def polygons(lab: Lab) -> list[Figure]:
    """CPU of finding the zone of a point among 5,000 polygons ÷ among 50."""
    lab.clear()
    drawn, count = random.Random(1), lab.short(POINTS)
    points = [(110 + drawn.random(), 27 + drawn.random()) for _ in range(count)]

    def finding(polygons: int) -> Callable[[], float]:
        index = ZoneIndex(rules_site.zones(polygons))
        return lambda: cpu(lambda: [index.zone_at(*point) for point in points])

    few, many = least(RUNS, finding(POLYGONS_FEW), finding(POLYGONS_MANY))
    beside = (
        f"µs a point: {few / count * 1e6:.1f} among {POLYGONS_FEW}, {many / count * 1e6:.1f} among {POLYGONS_MANY:,}"
    )
    return [Figure("rules.polygons", many / few, must=3.0, at_most=True, beside=beside)]

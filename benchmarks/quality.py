"""What all quality checks cost together, those with neighbours too, against decoding the same readings.

    python -m benchmarks.quality        batches of 1,000 to 50,000 readings, and readings at random times

Every datastream gives a reading a second, or one in five seconds, each at a time of its own that is a little early or
late now and then. With the default of `neighbour_every` (a minute) one reading in sixty or in twelve is a sample. What
is timed is the second half of the readings, a whole minute or five. What a sample costs is said beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks import bank
from benchmarks.figures import Figure
from benchmarks.lab import Lab
from benchmarks.rules import RUNS, cpu, least
from streams.core.assess import Assessor
from streams.core.decode import decode
from streams.core.detect import Bank
from streams.models.columns import Columns
from streams.models.datastream import Checks
from streams.models.signal import Sampled, decode_signal
from streams.models.site import CHECKS, Datastream, Site
from streams.models.times import MINUTE, SECOND

DATASTREAMS, READINGS, BATCH = 20_000, 600_000, 2_000  # readings: of a quarter of the datastreams
SPACINGS = (1.0, 5.0)  # seconds between two readings of a datastream
SIZES = (1_000, 2_000, 10_000, 50_000)  # readings of a batch
EARLY_OR_LATE = 0.025  # of the spacing: standard deviation
MEMBERS = 10  # of a group
#: with noise of 0.1 around 10, and 3 more now and then: rises, falls, steps and neighbours are in doubt here and there
EVERY = Checks(
    rise_max=1.0, fall_max=1.0, stuck_band=0.01, shift=1.0, shift_for=MINUTE, swings=20, swing_band=0.05,
    swing_for=SECOND, recover=3, months=((7, "soft_max", 1e5), (8, "soft_max", 1e4)),
    neighbour=0.35, neighbour_least=2, neighbour_age=3 * MINUTE, neighbour_every=MINUTE, drift=0.2,
    drift_for=2 * MINUTE,
)  # fmt: skip
encode = msgspec.json.Encoder().encode


def checked(datastreams: int, *, on: bool, every: Checks = EVERY) -> Site:
    """Datastreams in groups of ten with every check there is, or with none. A new check gets its settings here."""
    site = bank.site_of(datastreams)
    hazard = replace(site.hazards["flood"], checks=CHECKS if on else (), conditions={}, levels={})
    streams: dict[tuple[str, str], Datastream] = {}
    for partition in range(bank.PARTITIONS):  # members in one partition, so that samples of one are enough to compare
        for n, number in enumerate(site.datastreams.numbers_in(partition, bank.PARTITIONS).tolist()):
            one = replace(site.datastreams.at(number), group=f"G{partition}-{n // MEMBERS}")
            if on:
                bounds = replace(one, hard_min=-1e7, hard_max=1e7, stuck_for=60 * MINUTE, interval=MINUTE, checks=every)
            else:
                bounds = replace(one, range_min=None, range_max=None, soft_min=None, soft_max=None)
            streams[one.key] = bounds
    return Site(site.zones, streams, {"flood": hazard}, properties=site.properties)  # type: ignore[arg-type]


def readings(site: Site, count: int, every: float = 1.0) -> list[bank.Record]:
    """One of each datastream in each step of so many seconds."""
    random, stations = np.random.default_rng(1), bank.stations_of(site)
    number, own = np.arange(count), random.random(len(stations))
    early = random.normal(0, EARLY_OR_LATE, count).clip(-0.4, 0.4)
    time = (number // len(stations) + own[number % len(stations)] + early) * every
    order = np.argsort(time)
    return _records(stations, (number % len(stations))[order], time[order] - time.min(), random)


def at_random(site: Site, count: int, every: float = 1.0) -> list[bank.Record]:
    """At any time: where two follow hard upon one another the noise is a rise, so more than a quarter is in doubt."""
    random, stations = np.random.default_rng(1), bank.stations_of(site)
    which = random.integers(0, len(stations), count)
    return _records(stations, which, np.arange(count) * (every / len(stations)), random)


def _records(
    stations: list[bytes], which: NDArray[np.int64], time: NDArray[np.float64], random: np.random.Generator
) -> list[bank.Record]:
    form, found = b'{"station":"%s","property":"water_level","time":%.3f,"value":%.3f}', []
    rows = zip(which.tolist(), (time + bank.START).tolist(), bank.value_at(random, len(which)), strict=True)
    for offset, (at, now, value) in enumerate(rows):
        station = stations[at]
        found.append(bank.Record(station, form % (station, now, value), offset, int(now * 1000)))
    return found


class Judging:
    """A Bank over all readings, of which the second half is timed: CPU seconds of so many. Its samples are kept."""

    def __init__(self, site: Site, batches: list[Columns]) -> None:
        self._site, self._batches = site, batches
        self.samples: list[list[Sampled]] = [[], []]  # of both halves

    def __call__(self) -> float:
        """CPU seconds of the readings of the second half."""
        one, half = Bank(self._site, 0, bank.PARTITIONS), len(self._batches) // 2
        found = [[signal for columns in self._batches[:half] for signal in one.handle(columns).signals], []]
        seconds = cpu(
            lambda: found[1].extend(s for columns in self._batches[half:] for s in one.handle(columns).signals)
        )
        self.samples = [[one for one in some if isinstance(one, Sampled)] for some in found]
        return seconds


def comparing(site: Site, samples: list[list[Sampled]]) -> float:
    """CPU seconds of the samples of the second half from bytes on: the second Bank, in `assess`."""
    assessor = Assessor(site, 0, 1)  # with more partitions of readings a sample would wait for the others
    known, timed = [[(encode(one), one.received) for one in some] for some in samples]

    def run(some: list[tuple[bytes, int]]) -> None:
        for value, received in some:
            for _ in assessor.handle(decode_signal(value), received):
                pass
            assessor.take_relays()

    run(known)
    return cpu(lambda: run(timed))


@dataclass(slots=True)
class Cost:
    """Microseconds of CPU a reading."""

    decode: float
    checked: float  # by the Bank with all checks
    bare: float  # with none
    unsampled: float  # with all but those with neighbours
    readings: int
    samples: list[list[Sampled]]

    @property
    def ratio(self) -> float:
        """What the checks add, samples included, ÷ decoding."""
        return max(self.checked - self.bare, 0.0) / self.decode

    @property
    def said(self) -> str:
        """For people."""
        sampled = self.readings / max(len(self.samples[1]), 1)
        own = max(self.checked - self.unsampled, 0.0) * sampled
        return (
            f"{self.ratio:.2f} = ({self.checked:.2f} - {self.bare:.2f}) ÷ {self.decode:.2f} µs a reading; "
            f"one in {sampled:.0f} a sample, {own:.1f} µs each"
        )


def cost(datastreams: int, count: int, batch: int, form: Callable[[Site], list[bank.Record]]) -> Cost:
    """Decode and Bank over the second half of so many readings; the least of some runs, in turn."""
    with_checks, without = (checked(datastreams, on=on) for on in (True, False))
    unsampled = checked(datastreams, on=True, every=replace(EVERY, neighbour=None, drift=None))
    some = list(bank.batches(form(with_checks)[:count], batch))
    decoded = [decode("readings", 0, bank.PARTITIONS, one)[0] for one in some]
    half = some[len(some) // 2 :]

    def decoding() -> float:
        return cpu(lambda: [decode("readings", 0, bank.PARTITIONS, one) for one in half])

    judged = Judging(with_checks, decoded)
    seconds = least(RUNS, decoding, judged, Judging(without, decoded), Judging(unsampled, decoded))
    timed = sum(map(len, half))
    bare, on, off, single = (one / timed * 1e6 for one in seconds)
    return Cost(bare, on, off, single, timed, judged.samples)


def quality(lab: Lab) -> list[Figure]:
    """CPU that all quality checks add in the Bank, samples included, ÷ that of decoding the same readings."""
    lab.clear()
    sizes = lab.short(DATASTREAMS), lab.short(READINGS)
    found = {every: cost(*sizes, BATCH, lambda site, at=every: readings(site, sizes[1], at)) for every in SPACINGS}
    first = found[SPACINGS[0]]
    (beyond,) = least(RUNS, lambda: comparing(checked(sizes[0], on=True), first.samples))
    told = [f"every {every:g} s: {one.said}" for every, one in found.items()]
    each = beyond / max(len(first.samples[1]), 1) * 1e6
    told.append(f"not in the figure: {each:.0f} µs a sample in assess, where neighbours are compared")
    worst = max(one.ratio for one in found.values())
    return [Figure("rules.quality", worst, must=1.0, at_most=True, beside="; ".join(told))]


def main() -> None:
    """Print what it is for batches of several sizes."""
    for named, form in (("evenly", readings), ("at random", at_random)):
        for every in SPACINGS:
            for batch in SIZES:
                found = cost(DATASTREAMS, READINGS, batch, lambda site, f=form, at=every: f(site, READINGS, at))
                print(f"{named}, every {every:g} s, {batch:6,} a batch: {found.said}", flush=True)


if __name__ == "__main__":
    main()

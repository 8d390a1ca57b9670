"""What all quality checks cost together, those with neighbours too, against decoding the same readings.

Every datastream gives about a reading a second, as in the figures of the pipeline, so with the default of
`neighbour_every` (a minute) one reading in sixty is a sample. What is timed is a whole minute, after one that makes
everything known. What a sample costs is said beside it: slower readings have more samples each, and fewer of all.
"""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import numpy as np

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
SPAN = 120.0  # seconds that they take
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


def readings(site: Site, count: int) -> list[bank.Record]:
    """In random order, evenly over two minutes."""
    random, stations = np.random.default_rng(1), bank.stations_of(site)
    which, values = random.integers(0, len(stations), count).tolist(), bank.value_at(random, count)
    form, found = b'{"station":"%s","property":"water_level","time":%.3f,"value":%.3f}', []
    for offset, (at, value) in enumerate(zip(which, values, strict=True)):
        now, station = bank.START + offset * SPAN / count, stations[at]
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


def quality(lab: Lab) -> list[Figure]:
    """CPU that all quality checks add in the Bank, samples included, ÷ that of decoding the same readings."""
    lab.clear()
    with_checks, without = (checked(lab.short(DATASTREAMS), on=on) for on in (True, False))
    unsampled = checked(lab.short(DATASTREAMS), on=True, every=replace(EVERY, neighbour=None, drift=None))
    records = readings(with_checks, lab.short(READINGS))
    some = list(bank.batches(records, BATCH))
    decoded = [decode("readings", 0, bank.PARTITIONS, batch)[0] for batch in some]
    judged = Judging(with_checks, decoded)
    half = some[len(some) // 2 :]

    def decoding() -> float:
        return cpu(lambda: [decode("readings", 0, bank.PARTITIONS, batch) for batch in half])

    timed: list[Callable[[], float]] = [decoding, judged, Judging(without, decoded), Judging(unsampled, decoded)]
    bare, on, off, single = least(RUNS, *timed)
    (beyond,) = least(RUNS, lambda: comparing(with_checks, judged.samples))
    count, samples = sum(map(len, half)), len(judged.samples[1])
    each = [seconds / count * 1e6 for seconds in (bare, on, off, single, beyond)]
    a_sample = [max(seconds, 0.0) / max(samples, 1) * 1e6 for seconds in (on - single, beyond)]
    beside = (
        f"µs a reading: decode {each[0]:.2f}, Bank with all checks {each[1]:.2f}, with none {each[2]:.2f}, without "
        f"samples {each[3]:.2f}; not in the figure: {each[4]:.2f} in assess, where neighbours are compared. "
        f"One reading in {count / max(samples, 1):.0f} is a sample: {a_sample[0]:.1f} µs in the Bank, "
        f"{a_sample[1]:.0f} µs in assess"
    )
    return [Figure("rules.quality", max(on - off, 0.0) / bare, must=1.0, at_most=True, beside=beside)]

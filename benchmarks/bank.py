"""What one reading costs from bytes to signals, without Kafka: decode, and the Bank's whole chain.

    .venv/bin/python -m benchmarks.bank [--quick]

Each datastream has a range check, EWMA z and four levels with hysteresis; one reading in 1,000 makes a trigger. Four
kinds of records: single readings in random order, frames of 100 readings of one station, a backlog of single readings
of one station, waveforms of 100 samples a second through STA/LTA. CPU time, best of some runs.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from streams.core.decode import decode
from streams.core.detect import Bank
from streams.models.columns import Columns
from streams.models.site import Condition, Datastream, Hazard, Input, Lower, Message, Site, Step, Threshold, Zone

PARTITIONS = 4
START = 1_784_527_380.0
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
LEVELS = {"b": 6.0, "y": 9.0, "o": 12.0, "r": 15.0}


@dataclass(slots=True)
class Record:
    """What the core needs of a Kafka record."""

    key: bytes
    value: bytes
    offset: int
    timestamp: int
    headers: tuple[tuple[str, bytes], ...] = ()


def site_of(datastreams: int, *steps: Step, prop: str = "water_level") -> Site:
    zones = {f"Z{n}": Zone(f"Z{n}", {"zh": f"Z{n}", "en": f"Z{n}"}, None, "unit", SQUARE) for n in range(50)}
    conditions = {
        name: Condition(name, "odd", "above", Threshold(None, on, "1"), Threshold(None, on / 2, "1"))
        for name, on in LEVELS.items()
    }
    inputs = {"raw": Input("raw", prop, "m"), "odd": Input("odd", prop, "1", steps)}
    levels = dict(enumerate(LEVELS, 1))
    lower, message = Lower(0, "timer", "timer"), Message()
    hazard = Hazard(
        "flood", {"en": "Flood"}, "station", inputs, conditions, levels, lower, 2, ("range",), message, "v1"
    )
    streams = {}
    for number in range(datastreams):
        one = Datastream(
            f"S{number:06d}", prop, "m", f"Z{number % 50}", f"S{number:06d}", {"en": f"S{number:06d}"},
            range_min=-1e6, range_max=1e6, soft_min=-1e5, soft_max=1e5,
        )  # fmt: skip
        streams[one.key] = one
    return Site(zones, streams, {"flood": hazard}, properties=frozenset({prop}))


def stations_of(site: Site) -> list[bytes]:
    """Those of partition 0."""
    return [site.datastreams.key(int(n))[0].encode() for n in site.datastreams.numbers_in(0, PARTITIONS)]


def value_at(random: np.random.Generator, size: int) -> list[float]:
    """Noise; one reading in 2,000 stands out, so that one in 1,000 or so goes on or off."""
    value = random.normal(10.0, 0.1, size)
    value[random.random(size) < 0.0005] += 3.0
    return [float(v) for v in value.round(3)]


def singles(stations: list[bytes], count: int, *, of_one: bool = False) -> list[Record]:
    """In random order, or a hundred in a row of each station."""
    random = np.random.default_rng(1)
    which = (
        np.repeat(random.integers(0, len(stations), count // 100), 100)
        if of_one
        else random.integers(0, len(stations), count)
    )
    form = b'{"station":"%s","property":"water_level","time":%.3f,"value":%.3f}'
    found = []
    for offset, (at, value) in enumerate(zip(which.tolist(), value_at(random, count), strict=True)):
        now, station = START + offset / 1000, stations[at]
        found.append(Record(station, form % (station, now, value), offset, int(now * 1000)))
    return found


def frames(stations: list[bytes], count: int) -> list[Record]:
    """A hundred readings of one station each."""
    one_by_one = singles(stations, count * 100, of_one=True)
    found = []
    for offset in range(count):
        some = one_by_one[offset * 100 : offset * 100 + 100]
        found.append(Record(some[0].key, b"[" + b",".join(r.value for r in some) + b"]", offset, some[-1].timestamp))
    return found


def waveforms(stations: list[bytes], count: int) -> list[Record]:
    """A second of 100 samples each, station after station."""
    random = np.random.default_rng(2)
    form = b'{"station":"%s","property":"water_level","start":%.3f,"step":0.01,"values":[%s]}'
    found = []
    for offset in range(count):
        second, at = divmod(offset, min(len(stations), 200))
        values = b",".join(b"%d" % v for v in random.normal(0, 300, 100).tolist())
        start = START + second
        found.append(Record(stations[at], form % (stations[at], start, values), offset, int(start * 1000) + 1000))
    return found


def batches(records: list[Record], size: int) -> Iterator[list[Record]]:
    for at in range(0, len(records), size):
        yield records[at : at + size]


def best(run: Callable[[], object], times: int) -> float:
    took = []
    for _ in range(times):
        began = time.process_time()
        run()
        took.append(time.process_time() - began)
    return min(took)


def measure(name: str, site: Site, records: list[Record], rows: int, size: int, times: int) -> None:
    """Decode alone, then the Bank alone on what was decoded; the Bank has seen half of it before."""
    decoded: list[Columns] = []

    def decoding() -> None:
        decoded[:] = [decode("readings", 0, PARTITIONS, batch)[0] for batch in batches(records, size)]

    took = best(decoding, times)
    spent, signals = [], 0
    for _ in range(times):
        bank = Bank(site, 0, PARTITIONS)
        half = len(decoded) // 2
        for columns in decoded[:half]:
            bank.handle(columns)
        began = time.process_time()
        signals = sum(len(bank.handle(columns).signals) for columns in decoded[half:])
        spent.append((time.process_time() - began) / (len(decoded) - half) * len(decoded))
    each = [seconds / rows * 1e6 for seconds in (took, min(spent))]
    print(f"{name:42} decode {each[0]:6.3f}  bank {each[1]:6.3f}  together {sum(each):6.3f} us; {signals:5} signals")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    times, scale = (2, 1) if parser.parse_args().quick else (3, 2)
    for datastreams in (1_000, 20_000, 200_000):
        site = site_of(datastreams, Step("ewma_z", {"alpha": 0.05}))
        count = scale * 40_000
        measure(f"singles, {datastreams:,} datastreams", site, singles(stations_of(site), count), count, 2_000, times)
        if datastreams == 20_000:
            stations = stations_of(site)
            measure("frames of 100", site, frames(stations, scale * 480), scale * 48_000, 120, times)
            some = singles(stations, count, of_one=True)
            measure("backlog, 100 in a row of a station", site, some, count, 2_000, times)
    site = site_of(1_000, Step("sta_lta", {"nsta": 50, "nlta": 1000}))
    stations = stations_of(site)
    waves = waveforms(stations, scale * 2_000)
    measure("waveforms, 20 frames a batch", site, waves, scale * 200_000, 20, times)
    measure("waveforms, 200 frames a batch", site, waves, scale * 200_000, 200, times)


if __name__ == "__main__":
    main()

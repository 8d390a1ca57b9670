"""What a signal costs in `assess`: decoded, handled, its commands encoded; one core, one partition of `signals`.

    python -m benchmarks.assess [--signals N]

Triggers go on, up and off over many subjects, out of 16 partitions of `readings` that also tell their progress. Printed
are signals a second of CPU with 50 and with 5,000 subjects, and what a signal costs with 5,000 ÷ with 50.
"""

import argparse
import json
import time
from collections.abc import Iterator

import msgspec

from benchmarks.figures import Figure
from benchmarks.lab import Lab
from streams.core.assess import Assessor
from streams.models.command import encode_command
from streams.models.ids import cause_id
from streams.models.level import COLOURS
from streams.models.partition import partition_of
from streams.models.signal import Edge, Progress, Signal, Source, Trigger, Triggered, decode_signal
from streams.models.site import (
    Condition,
    Datastream,
    Datastreams,
    Hazard,
    Input,
    Lower,
    Message,
    ReportCondition,
    Site,
    Threshold,
    Zone,
    subject_key,
)  # fmt: skip
from streams.models.times import SECOND

PARTITIONS = 16  # of readings
SAVED = 500  # signals between two saves
FEW, MANY = 50, 5_000
SIGNALS = 40_000
BEGIN = 1_784_527_200 * SECOND
BETWEEN = SECOND  # two progress signals of a partition
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
encode = msgspec.json.Encoder().encode


def make_site(subjects: int) -> Site:
    """One station a subject, four levels, all in one zone."""
    conditions: dict[str, Condition | ReportCondition] = {
        colour: Condition(
            colour, "stage", "above", Threshold(None, 3.0 + level, "m"), Threshold(None, 2.5 + level, "m")
        )
        for level, colour in enumerate(COLOURS)
    }
    hazard = Hazard(
        "flood", {"zh": "洪水", "en": "Flood"}, "station", {"stage": Input("stage", "water_level", "m")},
        conditions, dict(enumerate(COLOURS, start=1)), Lower(0, "timer", "timer"), 2, ("range", "gap"),
        Message(), "sha256:bench",
    )  # fmt: skip
    name = {"zh": "站", "en": "gauge"}
    streams = [Datastream(n, "water_level", "m", "Z1", n, name) for n in stations(subjects)]
    zone = Zone("Z1", {"zh": "区", "en": "zone"}, None, "unit", SQUARE)
    return Site({"Z1": zone}, Datastreams.of({one.key: one for one in streams}), {"flood": hazard})


def stations(count: int) -> list[str]:
    """Names of stations, of each partition of readings in turn: then all partitions get on, few stations or many."""
    homes: list[list[str]] = [[] for _ in range(PARTITIONS)]
    for number in range(20 * PARTITIONS + 3 * count):
        homes[partition_of(f"S{number}".encode(), PARTITIONS)].append(f"S{number}")
    return [name for together in zip(*homes, strict=False) for name in together][:count]


def trigger(name: str, level: int, edge: Edge, time_: int) -> Trigger:
    """One edge or sighting."""
    colour = COLOURS[level]
    ident = cause_id("trigger", name, colour, edge, time_)
    return Trigger(
        ident, name, "water_level", edge, time_, "flood", name, colour, 3.2 + level, "m", threshold=3.0 + level,
        comparison=">=", peak=3.2 + level + time_ % 7 / 10, rule_version="sha256:bench",
    )  # fmt: skip


def signals(subjects: int, count: int) -> Iterator[tuple[Signal, int]]:
    """1,000 a second; a station goes up level by level with sightings in between, and down again."""
    names = stations(subjects)
    edges: list[Edge] = ["on", "sighting", "sighting", "sighting", "sighting"]
    steps: list[tuple[Edge, int]] = [(edge, level) for level in (0, 1) for edge in edges]
    steps += [("off", 1), ("off", 0)]
    at, offsets, told = [n % len(steps) for n in range(subjects)], [0] * PARTITIONS, [BEGIN] * PARTITIONS
    for number in range(count):
        now = BEGIN + number * SECOND // 1000
        p = number % PARTITIONS
        if now - told[p] >= BETWEEN:
            told[p] = now
            yield Progress(p, offsets[p], now), now
            continue
        n = number % subjects
        edge, level = steps[at[n]]
        at[n] = (at[n] + 1) % len(steps)
        one, home = trigger(names[n], level, edge, now), partition_of(names[n].encode(), PARTITIONS)
        offsets[home] += 1
        source = Source("readings", home, offsets[home], 0, 0)
        passed = {subject_key("flood", names[n], "Actual"): now}
        yield Triggered(cause_id("signal", one.id), source, now, "Z1", "Actual", [one], passed), now


def measure(subjects: int, count: int) -> dict[str, float]:
    """CPU seconds and commands of so many signals, when every subject is known already."""
    known = 12 * subjects
    log = [(encode(signal), received) for signal, received in signals(subjects, known + count)]
    assessor = Assessor(make_site(subjects), 0, PARTITIONS)
    _run(assessor, log[:known])
    assessor.take_dirty()
    began = time.process_time()
    commands = _run(assessor, log[known:])
    spent = time.process_time() - began
    return {
        "signals_s": count / spent,
        "us": spent / count * 1e6,
        "commands": commands,
    }


def _run(assessor: Assessor, log: list[tuple[bytes, int]]) -> int:
    commands = 0
    for number, (value, received) in enumerate(log):
        if number % SAVED == 0:
            assessor.take_dirty()  # as whoever saves does
        for command in assessor.handle(decode_signal(value), received):
            encode_command(command)
            commands += 1
    return commands


def run(count: int) -> dict[str, float]:
    """The figures."""
    few, many = measure(FEW, count), measure(MANY, count)
    return {
        "signals_s_50": few["signals_s"], "signals_s_5000": many["signals_s"],
        "commands_per_signal": many["commands"] / count, "ratio": many["us"] / few["us"],
    }  # fmt: skip


def assess(lab: Lab) -> list[Figure]:
    """CPU of a signal in assess with 5,000 subjects ÷ with 50; and signals a second, of which 20,000 are wanted."""
    lab.clear()
    found = run(lab.short(SIGNALS))
    few, many = found["signals_s_50"], found["signals_s_5000"]
    beside = f"signals a CPU second: {few:,.0f} with {FEW} subjects, {many:,.0f} with {MANY:,}"
    told = f"with {MANY:,} subjects; {found['commands_per_signal']:.2f} commands a signal; 20,000 are wanted"
    return [
        Figure("pipeline.assess", found["ratio"], must=1.5, at_most=True, beside=beside),
        Figure("pipeline.assess_rate", found["signals_s_5000"], "signals/s", beside=told),
    ]


def main() -> None:
    """Print them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--signals", type=int, default=20_000)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    found = run(given.signals)
    if given.json:
        print(json.dumps(found))
        return
    few, many = found["signals_s_50"], found["signals_s_5000"]
    print(f"assess: {few:,.0f} signals/s with {FEW} subjects, {many:,.0f} with {MANY:,}")
    print(f"        {found['commands_per_signal']:.2f} commands a signal")
    print(f"        CPU of a signal with {MANY:,} ÷ with {FEW} subjects: {found['ratio']:.2f}")


if __name__ == "__main__":
    main()

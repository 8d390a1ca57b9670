"""How quickly a full topic is worked off: readings a second, and readings for a second of the process's CPU."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from benchmarks.stage import RoleProcess, Stage, until

SAMPLE_S = 0.25
STALLED_S = 30.0
READINGS = "tocsin_readings_total"
SAVING = "tocsin_checkpoint_seconds_total"
COUNTED = (READINGS, "tocsin_repeats_total", "tocsin_rejects_total")


@dataclass(frozen=True)
class Rate:
    """What was done in a window of time."""

    readings: float
    seconds: float
    cpu: float
    signals: float = 0.0
    saving: float = 0.0  # seconds that the role says it spent on saving its state

    @property
    def per_second(self) -> float:
        """Readings a second."""
        return self.readings / self.seconds

    @property
    def per_cpu_second(self) -> float:
        """Readings for a second of CPU."""
        return self.readings / self.cpu

    @property
    def said(self) -> str:
        """For people."""
        return f"{self.per_second:,.0f}/s, {self.per_cpu_second:,.0f} a CPU second"


class Sample(NamedTuple):
    """The processes at one moment: their counters and their CPU seconds."""

    time: float
    counts: list[dict[str, float]]
    cpu: float

    def count(self, *names: str) -> float:
        """Sum over processes."""
        return sum(counts.get(name, 0.0) for counts in self.counts for name in names)


def mean_of(rates: Sequence[Rate]) -> Rate:
    """Several runs as one."""
    return Rate(sum(r.readings for r in rates), sum(r.seconds for r in rates), sum(r.cpu for r in rates))


def drained(stage: Stage) -> Rate:
    """The raw baseline on what lies in `readings`."""
    out = stage.folder / f"drain-{time.monotonic_ns()}.json"
    process = stage.script("benchmarks.drain", "--partitions", stage.county.partitions, "--out", out)
    until(lambda: not process.running, 120, "the raw drain does not end")
    found = json.loads(out.read_text())
    return Rate(found["messages"], found["seconds"], found["cpu"])


def worked_off(roles: Sequence[RoleProcess], total: int, patience_s: float = 180) -> list[Sample]:
    """Samples until all readings are counted (or nothing moves any more, or it takes too long)."""
    samples: list[Sample] = []
    moved = begun = time.monotonic()
    while True:
        now = Sample(time.perf_counter(), [role.counts() for role in roles], sum(role.cpu() for role in roles))
        if samples and now.count(*COUNTED) > samples[-1].count(*COUNTED):
            moved = time.monotonic()
        samples.append(now)
        started = now.count(READINGS) > 0
        late = time.monotonic() - begun > patience_s
        if now.count(*COUNTED) >= total or late or (started and time.monotonic() - moved > STALLED_S):
            return samples
        time.sleep(SAMPLE_S)


def middle(samples: list[Sample], total: int) -> list[Sample]:
    """Between a tenth and nine tenths of all readings."""
    return [s for s in samples if total * 0.1 <= s.count(READINGS) <= total * 0.9]


def all_busy(samples: list[Sample]) -> list[Sample]:
    """From when every process has counted some readings until the first one has none left."""

    def busy(before: Sample, after: Sample) -> bool:
        pairs = zip(before.counts, after.counts, strict=True)
        return all(0 < old.get(READINGS, 0.0) < new.get(READINGS, 0.0) for old, new in pairs)

    pairs = list(pairwise(samples))
    found = [index for index, (before, after) in enumerate(pairs) if busy(before, after)]
    return samples[found[0] : found[-1] + 2] if found else []


def rate_of(samples: list[Sample]) -> Rate:
    """What happened between the first and the last sample."""
    if len(samples) < 2:
        raise RuntimeError("too few samples: the topic is too short for this machine")
    first, last = samples[0], samples[-1]

    def grown(*names: str) -> float:
        return last.count(*names) - first.count(*names)

    seconds, cpu = last.time - first.time, last.cpu - first.cpu
    return Rate(grown(READINGS), seconds, cpu, grown("tocsin_signals_total"), grown(SAVING))

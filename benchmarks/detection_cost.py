"""What a point costs: the general detector over a plain one, and the cheap ones over the least that numpy needs."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.detection_data import Line
from detectors import DETECTORS
from detectors.base import MINUTE, Floats, Ints
from detectors.seeded import START

RUNS = 7
CHEAP = ("ewma_z", "threshold", "rate", "cusum")


class PlainEwmaZ:
    """Exponentially weighted z without any of the rules: no order, no missing values, no warm-up."""

    def __init__(self, slots: int) -> None:
        self.mean, self.variance = np.zeros(slots), np.ones(slots)

    def update(self, slot: Ints, _time: Ints, value: Floats) -> Floats:
        """Gather, score, learn, scatter."""
        mean, variance = self.mean[slot], self.variance[slot]
        off = value - mean
        self.mean[slot] = mean + 0.01 * off
        self.variance[slot] = 0.99 * (variance + 0.01 * off * off)
        return np.abs(off) / np.sqrt(variance)


class Least:
    """What a part cannot do without: each of its columns gathered, changed and scattered, a ring in one cell."""

    def __init__(self, name: str, slots: int) -> None:
        self.state = DETECTORS[name](slots=slots).state
        self.rings = {k for k, column in DETECTORS[name]().columns.items() if column.changes is not None}

    def update(self, slot: Ints, _time: Ints, value: Floats) -> Floats:
        """Gather, change, scatter."""
        for name, column in self.state.items():
            at = (slot, slot % column.shape[1]) if name in self.rings else slot
            column[at] = column[at] + 1
        return np.abs(value)


def micros_a_point(make: Callable[[int], Any], slots: int, batch: int, rounds: int, width: int = 0) -> float:
    """CPU, minimum of seven; `width` channels a reading."""
    random = np.random.default_rng(1)
    values = random.normal(size=(rounds, slots, width) if width else (rounds, slots))
    pieces = np.array_split(random.permutation(slots), max(slots // batch, 1))
    best = np.inf
    for _ in range(RUNS):
        part = make(slots)
        begin = time.process_time()
        for row in range(rounds):
            for piece in pieces:
                part.update(piece, np.full(len(piece), START + row * MINUTE), values[row, piece])
        best = min(best, (time.process_time() - begin) / (rounds * slots))
    return best * 1e6


def cost(_: Path) -> list[Line]:
    """Two lines."""
    ratios = {}
    for slots, rounds in ((2_000, 40), (1, 4_000)):
        plain = micros_a_point(PlainEwmaZ, slots, slots, rounds)
        ratios[slots] = micros_a_point(lambda n: DETECTORS["anomaly"](slots=n), slots, slots, rounds) / plain
    size = DETECTORS["anomaly"]().memory
    told = f"{ratios[2_000]:.0f} × at 2,000; {ratios[1]:.1f} × at 1; {size:,} bytes"
    lines = [Line("cost of `anomaly` over a plain EWMA z", "≤ 1,200; ≤ 13; ≤ 16 KB", "≤ 300", told)]
    told = []
    for name in CHEAP:
        own = micros_a_point(lambda n, name=name: DETECTORS[name](slots=n), 2_000, 1_000, 100)
        least = micros_a_point(lambda n, name=name: Least(name, n), 2_000, 1_000, 100)
        told.append(f"{name} {own:.3f} µs ({own / least:.1f} ×)")
    must = "≤ 0.15 µs; ≤ 4 × gather-update-scatter of its own state"
    return [*lines, Line("cheap detectors in batches of 1,000", must, "≤ 2 ×", ", ".join(told))]

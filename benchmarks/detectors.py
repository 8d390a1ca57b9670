"""Cost of every part of the catalogues: microseconds a point (CPU, minimum of 7) and bytes a datastream.

    python -m benchmarks.detectors [--json]

A call takes one reading of each slot, or of 2,000 slots if there are more (the largest batch of the worker); readings
come once a minute. `ratio` is the cost over that of a plain numpy gather-update-scatter kernel with as many slots.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.figures import Figure
from benchmarks.lab import Lab
from detectors import DETECTORS
from detectors.base import HOUR, MINUTE, Floats, Ints
from detectors.seeded import START
from detectors.transforms import TRANSFORMS

Rows = tuple[Ints, Ints, Floats]

MINUTES = {1: 1_500, 2_000: 20, 20_000: 4}  # of readings a run, by number of slots
RUNS = 7
BATCH = 2_000
SLOTS = 2_000  # for the figures of `make bench`


class Plain:
    """The least that a part with one number of state has to do: gather, update, scatter."""

    memory = 8

    def grow(self, slots: int) -> None:
        """Room for `slots`."""
        self.state = np.zeros(slots)

    def update(self, slot: Ints, _time: Ints, value: Floats) -> Floats:
        """A moving average."""
        old = self.state[slot]
        new = old + 0.1 * (value - old)
        self.state[slot] = new
        return new


CASES: dict[str, Callable[[], Any]] = {
    "plain kernel": Plain,
    **{f"detector {name}": part for name, part in DETECTORS.items()},
    **{f"transform {name}": part for name, part in TRANSFORMS.items()},
    "transform sum, 24 h": lambda: TRANSFORMS["sum"](over=24 * HOUR),
    "transform mean, 24 h": lambda: TRANSFORMS["mean"](over=24 * HOUR),
}


def feed(slots: int, minutes: range, width: int = 0) -> list[Rows]:
    """The rows of one minute after another in batches, slots in a shuffled order; `width` channels a reading."""
    random = np.random.default_rng(1)
    pieces = np.array_split(random.permutation(slots), max(1, slots // BATCH))
    shape = (width,) if width else ()
    return [
        (p, np.full(len(p), START + m * MINUTE), random.normal(size=(len(p), *shape))) for m in minutes for p in pieces
    ]


def cost(part: Any, batches: list[Rows]) -> float:
    """Microseconds of CPU a point, over a feed that was made before."""
    begin = time.process_time()
    for rows in batches:
        part.update(*rows)
    return (time.process_time() - begin) * 1e6 / sum(len(slot) for slot, _, _ in batches)


def measure(make: Callable[[], Any], slots: int) -> float:
    """The minimum of the runs over times that follow one another."""
    part, minutes = make(), MINUTES[slots]
    part.grow(slots)
    width = getattr(part, "width", 0)
    return min(cost(part, feed(slots, range(run * minutes, (run + 1) * minutes), width)) for run in range(RUNS))


def cost_of_parts(lab: Lab) -> list[Figure]:
    """Cost of every part at 2,000 slots ÷ a plain numpy kernel's."""
    lab.clear()
    costs = {name: measure(make, SLOTS) for name, make in CASES.items()}
    plain = costs.pop("plain kernel")
    found = []
    for name, us in costs.items():
        beside = f"{us:.3f} µs a point, {CASES[name]().memory} bytes a datastream; plain kernel {plain:.3f} µs"
        named = f"detectors.{name.replace(' ', '_').replace(',', '')}"
        found.append(Figure(named, us / plain, at_most=True, beside=beside))
    return found


def main() -> None:
    """Prints the table."""
    costs = {name: {slots: measure(make, slots) for slots in MINUTES} for name, make in CASES.items()}
    plain = costs["plain kernel"]
    if "--json" in sys.argv:
        print(json.dumps([{"part": name, "bytes": CASES[name]().memory, "us": cost} for name, cost in costs.items()]))
        return
    print(f"{'part':22}{'bytes':>7}" + "".join(f"{f'µs at {slots:,}':>14}{'ratio':>7}" for slots in MINUTES))
    for name, by in costs.items():
        figures = "".join(f"{by[slots]:14.3f}{by[slots] / plain[slots]:7.1f}" for slots in MINUTES)
        print(f"{name:22}{CASES[name]().memory:7}{figures}")


if __name__ == "__main__":
    main()

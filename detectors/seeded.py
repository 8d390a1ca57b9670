"""Seeded streams to try parts on, and what it takes to feed them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.base import HOUR, Floats, Ints, Part, rounds

Factory = Callable[[], Part]

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
SLOTS = 5


@dataclass(frozen=True)
class Stream:
    """Readings in the order of their arrival."""

    slot: Ints
    time: Ints
    value: Floats

    def __len__(self) -> int:
        return len(self.slot)

    def __getitem__(self, rows: Any) -> "Stream":
        return Stream(self.slot[rows], self.time[rows], self.value[rows])


def run(part: Part, stream: Stream, cuts: Sequence[int] = ()) -> Floats:
    """Feeds a stream in batches that end before the rows in `cuts`; answers one number a row."""
    several = len(part.outputs) > 1
    out = np.full((len(stream), len(part.outputs)) if several else len(stream), np.nan)
    for batch in np.split(np.arange(len(stream)), sorted(cuts)):
        for turn in rounds(stream.slot[batch]):
            rows = batch[turn]
            out[rows] = part.update(stream.slot[rows], stream.time[rows], stream.value[rows])
    return out


def fresh(factory: Factory, slots: int = SLOTS) -> Part:
    """A part with room."""
    part = factory()
    part.grow(slots)
    return part


def clean(part: Part, seed: int, rows: int = 500) -> Stream:
    """A seeded stream without faults: times rise, no gap is longer than a sixth of what the part looks back."""
    random = np.random.default_rng(seed)
    slot = random.integers(0, SLOTS, rows)
    step = random.integers(span(part) // 100, span(part) // 7, rows)
    return Stream(slot, START + by_slot(slot, step), 10.0 + random.normal(size=shape(part, rows)))


def shape(part: Part, rows: int) -> tuple[int, ...]:
    """Of the values of so many readings."""
    return (rows, part.width) if part.width else (rows,)


def rough(part: Part, seed: int, rows: int = 500) -> Stream:
    """A seeded stream as the field sends it: missing values, long gaps, equal times, earlier times."""
    random = np.random.default_rng(seed)
    stream = clean(part, seed, rows)
    step = np.where(random.random(rows) < 0.03, random.integers(0, 3 * span(part), rows), 0)
    time = stream.time + by_slot(stream.slot, step)
    time -= np.where(random.random(rows) < 0.1, random.integers(0, 2 * span(part), rows), 0)
    for row in np.flatnonzero((random.random(rows) < 0.05) & (earlier_rows(stream.slot) > 0)):
        time[row] = time[:row][stream.slot[:row] == stream.slot[row]].max()
    value = stream.value.copy()
    if part.width:
        value[random.random(value.shape) < 0.1] = np.nan
    value[random.random(rows) < 0.05] = np.nan
    return Stream(stream.slot, time, value)


def span(part: Part) -> int:
    """How far a part looks back, or its `time_scale`: the streams are made to its measure."""
    return int(getattr(part, "time_scale", getattr(part, "over", HOUR)))


def by_slot(slot: Ints, step: Ints) -> Ints:
    """Running totals of the steps of each slot."""
    out = np.zeros(len(slot), dtype=np.int64)
    for one in range(SLOTS):
        out[slot == one] = np.cumsum(step[slot == one])
    return out


def earlier_rows(slot: Ints) -> Ints:
    """How many rows of the same slot come before each row."""
    return by_slot(slot, np.ones(len(slot), dtype=np.int64)) - 1

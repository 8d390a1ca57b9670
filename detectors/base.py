"""What every part of `detectors/` obeys.

1. A part works over datastreams (slots), not over time: one call takes at most one reading of each slot. `rounds`
   splits a batch.
2. Time is data: whole microseconds in an int64. No part reads a clock, draws a random number or does input and output.
3. A result depends only on the readings of its own slot, in their order: never on batch borders or on which slots share
   the call. That is why parts use elementwise numpy, integer arithmetic and sums along C-order rows, and never `A @ v`.
4. NaN means "cannot say": while warming up, for a missing reading (NaN, infinite), for a reading that was not taken. A
   missing reading has no effect whatever, not even on time. A row of several channels is missing when more than half
   of them are (a part may stand more, `may_miss`); else the missing ones contribute nothing. A reading beyond the
   `LARGEST` counts as that: whatever is finite has a finite answer, and leaves no state that stays broken.
5. A reading older than its slot's newest is skipped, unless the part `takes_late`. Equal times are both processed.
6. State is a fixed number of bytes a slot, in named columns (`detectors.memory`); it can be copied out and put back at
   any reading. One reading changes at most 256 bytes of it, and no more than the columns declare.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from detectors.memory import NEVER, Column, Memory, State

__all__ = ["HOUR", "MINUTE", "NEVER", "SECOND", "Bools", "Column", "Detector", "Floats", "Ints", "Part", "State"]
__all__ += ["LARGEST", "Transform", "bounded", "rounds"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
LARGEST = 1e100  # nothing is as large; squares, sums and products with times of it are numbers still


class Part(Memory, ABC):
    """A piece of a detection chain with memory for any number of slots: a `Memory` that writes `_step`."""

    takes_late: bool = False
    """True: a reading older than its slot's newest may still change the result (accumulations)."""
    long_rows: bool = False
    """True: `series` is done sooner with few long rows than with many short ones. Else it takes time by the column."""
    outputs: ClassVar[tuple[str, ...]] = ("value",)
    """Names of what it answers; with several, an answer is a row of that many numbers."""
    width: int = 0
    """How many channels a reading has: 0 = it is one number, k = a row of k numbers (see `detectors.join`)."""
    inputs: tuple[str, ...] = ()
    """Names of the channels in the order of a row, where the part knows what they are."""
    join: ClassVar[Literal["exact", "latest"]] = "exact"
    """How single readings become rows, where nobody says otherwise (`detectors.join.Join`)."""
    input_units: tuple[str, ...] = ()
    """UCUM units that the channels, or the value, have to be in; () = any."""
    units: ClassVar[tuple[str, ...]] = ()
    """UCUM units of the answers; () = that of the value, or what the part says."""
    state_version: ClassVar[int] = 1
    """Goes up when what the columns mean changes: state that was saved before is then built anew."""
    may_miss: int | None = None
    """How many channels of a row may be missing; None = half of them."""

    def update(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """Takes one reading of each slot in `slot` (none twice) and answers one number each; the rules stand above.

        slot, time [m]; value [m], or [m, width] for a part of several channels.
        """
        if self.width:
            value = np.where(np.isfinite(value), value, np.nan)
            may_miss = self.width // 2 if self.may_miss is None else self.may_miss
            good = np.add.reduce(np.isnan(value), axis=1) <= may_miss
        else:
            good = np.isfinite(value)
        if not self.takes_late:
            good &= time >= self.state["last"][slot]
        rows = np.flatnonzero(good)
        if rows.size == len(slot) > 0:
            return self._taken(slot, time, value)
        out = np.full(self._shape(len(slot)), np.nan)
        if rows.size:
            out[rows] = self._taken(slot[rows], time[rows], value[rows])
        return out

    def series(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """Takes n readings of each of m different slots, in order: slot [m], time and value [m, n]; answers [m, n].

        The bytes are those of n calls of `update`. A part may override it with something faster, not with something
        else; this one is for parts that nobody feeds with waveforms.
        """
        out = np.empty(self._shape(*value.shape[:2]))
        for column in range(value.shape[1]):
            out[:, column] = self.update(slot, time[:, column], value[:, column])
        return out

    def newest(self, slot: Ints) -> Ints:
        """Time of each slot's newest reading (NEVER: none yet), which the latest answer is about."""
        last: Ints = self.state["last"][slot]
        return last

    @property
    def reach(self) -> int:
        """For how long after it a reading may show in the answers of a transform, microseconds."""
        return int(getattr(self, "over", 0))

    def _shape(self, *rows: int) -> tuple[int, ...]:
        return (*rows, len(self.outputs)) if len(self.outputs) > 1 else rows

    def _taken(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        value = bounded(value)
        out = self._step(slot, time, value)
        last = self.state["last"]
        last[slot] = np.maximum(last[slot], time) if self.takes_late else time
        return out

    @abstractmethod
    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """Readings that count: finite and, unless `takes_late`, not earlier than `last` (still the previous one)."""


class Transform(Part):
    """Value in, value out (`detectors/transforms/`)."""

    keeps_bounds: ClassVar[bool] = False
    """True: of something that is at most (or at least) the true value, so are the answers."""

    def complete(self, slot: Ints) -> Bools:
        """Whether the latest answer rests on all the data it asks for; else an accumulation is a lower bound."""
        return np.ones(len(slot), dtype=np.bool_)


class Detector(Part):
    """Value in, score out; higher = more anomalous. Scores first, then learns."""

    outputs: ClassVar[tuple[str, ...]] = ("score",)
    scale_free: ClassVar[bool] = False
    """True: scores stay the same under x -> a*x + b, a > 0, of each channel."""
    thr_on: ClassVar[float] = 5.0
    """The score at which a trigger goes on, and below `thr_off` off again, where nobody says otherwise."""
    thr_off: ClassVar[float] = 2.5
    wakes_on: ClassVar[str] = "jump"
    """What a seeded anomaly is for it: a `jump`, or `stillness`."""
    frozen: bool = False
    """True: what was learnt stays as it is; only what follows the signal (levels, windows, holds) goes on."""

    def fit(self, slot: Ints, time: Ints, value: Floats) -> None:
        """Learns from n readings of each of m slots that are known to be normal: [m], [m, n], [m, n(, width)]."""
        self.series(slot, time, value)


def bounded(value: Floats) -> Floats:
    """The same values, NaN too; what is beyond the `LARGEST` counts as that."""
    return np.clip(value, -LARGEST, LARGEST) if (np.abs(value) > LARGEST).any() else value


def rounds(slot: Ints) -> list[Ints]:
    """Row numbers of a batch, split so that no slot occurs twice in a round and each slot's rows stay in order.

    >>> [r.tolist() for r in rounds(np.array([4, 7, 4, 4, 9, 7]))]
    [[0, 1, 4], [2, 5], [3]]
    """
    order = np.argsort(slot, kind="stable")
    ordered = slot[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if slot.size else order
    if first.size == slot.size:
        return [np.arange(slot.size)] if slot.size else []
    turn = np.empty(slot.size, dtype=np.int64)
    turn[order] = np.arange(slot.size) - np.repeat(first, np.diff(np.append(first, slot.size)))
    by_turn = np.argsort(turn, kind="stable")
    return np.split(by_turn, np.flatnonzero(np.diff(turn[by_turn])) + 1)

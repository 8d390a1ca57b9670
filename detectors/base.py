"""What every part of `detectors/` obeys.

1. A part works over datastreams (slots), not over time: one call takes at most one reading of each slot. `rounds`
   splits a batch.
2. Time is data: whole microseconds in an int64. No part reads a clock, draws a random number or does input and output.
3. A result depends only on the readings of its own slot, in their order: never on batch borders or on which slots share
   the call. That is why parts use elementwise numpy, integer arithmetic and sums along C-order rows, and never `A @ v`.
4. NaN means "cannot say": while warming up, for a missing reading (NaN, infinite), for a reading that was not taken. A
   missing reading has no effect whatever, not even on time.
5. A reading older than its slot's newest is skipped, unless the part `takes_late`. Equal times are both processed.
6. State is a fixed number of bytes a slot, in named columns; it can be copied out and put back at any reading.
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
State = dict[str, NDArray[Any]]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
NEVER = -(2**62)  # earlier than any time, and far enough from the end of int64 to be subtracted from


@dataclass(frozen=True)
class Column:
    """One named piece of state: a number a slot, or `width` numbers a slot.

    changes: how many of the `width` numbers one reading changes (a ring or a histogram: 1); None = all of them.
    """

    dtype: type[np.generic]
    fill: float
    width: int = 0
    changes: int | None = None

    def rows(self, count: int) -> NDArray[Any]:
        """`count` new slots."""
        shape = (count, self.width) if self.width else (count,)
        return np.full(shape, self.fill, dtype=self.dtype)

    @property
    def bytes(self) -> int:
        """Bytes a slot."""
        return np.dtype(self.dtype).itemsize * max(self.width, 1)

    @property
    def bytes_changed(self) -> int:
        """Bytes that one reading changes at most."""
        return self.bytes if self.changes is None else np.dtype(self.dtype).itemsize * self.changes


class Part(ABC):
    """A piece of a detection chain with memory for any number of slots.

    A subclass stores its parameters under their own names (all with defaults, durations in microseconds), hands its
    columns to `super().__init__` and writes `_step`. The column `last`, the time of each slot's newest reading, is
    there for every part.
    """

    takes_late: ClassVar[bool] = False
    """True: a reading older than its slot's newest may still change the result (accumulations)."""

    def __init__(self, slots: int, **columns: Column) -> None:
        self.slots = 0
        self.columns = {"last": Column(np.int64, NEVER), **columns}
        self.state: State = {name: column.rows(0) for name, column in self.columns.items()}
        self.grow(slots)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.parameters().items())})"

    def parameters(self) -> dict[str, Any]:
        """The settings this part was made with, without `slots`: `type(part)(**part.parameters())` is a fresh twin."""
        names = inspect.signature(type(self)).parameters
        return {name: getattr(self, name) for name in names if name != "slots"}

    @property
    def memory(self) -> int:
        """Bytes of state a slot."""
        return sum(column.bytes for column in self.columns.values())

    @property
    def memory_changed(self) -> int:
        """Bytes of state that one reading changes at most, by the columns' own word (`checks.py` holds them to it)."""
        return sum(column.bytes_changed for column in self.columns.values())

    def grow(self, slots: int) -> None:
        """Makes room for slots 0 … `slots` - 1; what the old ones remember stays. Never shrinks."""
        if slots > len(self.state["last"]):
            room = max(slots, len(self.state["last"]) * 5 // 4)
            for name, column in self.columns.items():
                self.state[name] = np.concatenate([self.state[name], column.rows(room - len(self.state[name]))])
        self.slots = max(slots, self.slots)

    def snapshot(self) -> State:
        """A copy of the whole state, one row a slot."""
        return {name: array[: self.slots].copy() for name, array in self.state.items()}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Goes on exactly where `snapshot` was taken; the part must have the same parameters."""
        slots = len(state["last"]) if "last" in state else 0
        for name, column in self.columns.items():
            found, right = state.get(name), column.rows(0)
            if found is None or found.dtype != right.dtype or found.shape != (slots, *right.shape[1:]):
                raise ValueError(f"{self!r}: the saved state does not fit: column {name!r}")
        self.state = {name: np.array(state[name], order="C") for name in self.columns}
        self.slots = slots

    def update(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """Takes one reading of each slot in `slot` (none twice) and answers one number each; the rules stand above."""
        good = np.isfinite(value)
        if not self.takes_late:
            good &= time >= self.state["last"][slot]
        rows = np.flatnonzero(good)
        if rows.size == len(slot) > 0:
            return self._taken(slot, time, value)
        out = np.full(len(slot), np.nan)
        if rows.size:
            out[rows] = self._taken(slot[rows], time[rows], value[rows])
        return out

    def series(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """Takes n readings of each of m different slots, in order: slot [m], time and value [m, n]; answers [m, n].

        The bytes are those of n calls of `update`. A part may override it with something faster, not with something
        else; this one is for parts that nobody feeds with waveforms.
        """
        out = np.empty(value.shape)
        for column in range(value.shape[1]):
            out[:, column] = self.update(slot, time[:, column], value[:, column])
        return out

    def newest(self, slot: Ints) -> Ints:
        """Time of each slot's newest reading (NEVER: none yet), which the latest answer is about."""
        last: Ints = self.state["last"][slot]
        return last

    def _taken(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        out = self._step(slot, time, value)
        last = self.state["last"]
        last[slot] = np.maximum(last[slot], time) if self.takes_late else time
        return out

    @abstractmethod
    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """Readings that count: finite and, unless `takes_late`, not earlier than `last` (still the previous one)."""


class Transform(Part):
    """Value in, value out (`detectors/transforms/`)."""

    def complete(self, slot: Ints) -> Bools:
        """Whether the latest answer rests on all the data it asks for; else an accumulation is a lower bound."""
        return np.ones(len(slot), dtype=np.bool_)


class Detector(Part):
    """Value in, score out; higher = more anomalous. Scores first, then learns."""


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

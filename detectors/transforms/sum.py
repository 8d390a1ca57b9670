"""Accumulation over a sliding event-time window."""

from typing import ClassVar, Literal

import numpy as np

from detectors.base import HOUR, NEVER, Bools, Column, Floats, Ints
from detectors.transforms.window import Window, cell_number, cells_of, leaving


class Sum(Window):
    """Sum of the increments in (t - over, t], t being the slot's newest time: rain of the last 24 hours.

    The window is a ring of cells, one minute each (a window up to 1 h: about a sixtieth of it), and is exact for
    times rounded up to the end of their cell: a reading leaves the window when it is between over - 1 cell and `over`
    old, never later. Amounts are kept as whole parts of a unit, so a sum has no rounding, whatever the order and
    however old the ring: 250 tips of 0.2 mm are 50 mm, not 49.99999999999996. An amount beyond 9 million units (2**53
    parts) counts as that.

    Late readings within the window are added to their cell, and the answer is the window that ends at the newest
    time. Each cell remembers the newest time it has taken and drops what is not newer: a repeat is never added twice,
    and within one cell what comes out of order is lost. A reading that was dropped, or is older than the window,
    answers NaN.

    There is no warm-up: a window not yet `complete` (or with a gap longer than `max_gap` in it) is a lower bound.

    Args:
        over: length of the window, microseconds; 10 s to 72 h, whole seconds, above 1 h whole minutes.
        kind: what a value is; `increment` = the amount since the reading before.
        max_gap: longest time between two readings of a complete window, microseconds; None = `over`.
        parts_per_unit: resolution of the amounts.
        slots: room to begin with.

    Memory: 16 bytes a cell. One reading changes one cell and three numbers.

    >>> rain, gauge, minute = Sum(over=HOUR, slots=1), np.array([0]), 60_000_000
    >>> def read(at, mm): return float(rain.update(gauge, np.array([at * minute]), np.array([mm]))[0])
    >>> [read(0, 0.2), read(10, 0.2), read(59, 0.2), read(60, 0.0), read(30, 0.2), read(30, 0.2), read(70, 0.0)]
    [0.2, 0.4, 0.6, 0.4, 0.6, nan, 0.4]
    """

    takes_late: ClassVar[bool] = True

    def __init__(
        self,
        *,
        over: int = HOUR,
        kind: Literal["increment"] = "increment",
        max_gap: int | None = None,
        parts_per_unit: int = 1_000_000_000,
        slots: int = 0,
    ) -> None:
        if kind != "increment":
            raise ValueError(f"Sum: kind is 'increment', found {kind!r}")
        self.kind = kind
        self.parts_per_unit = parts_per_unit
        self._cell, self._count = cells_of(over)
        rings = {"times": Column(np.int64, NEVER, self._count, 1), "parts": Column(np.int64, 0, self._count, 1)}
        super().__init__(over, max_gap, slots, total=Column(np.int64, 0), **rings)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        number = cell_number(time, self._cell)
        head = cell_number(self.state["last"][slot], self._cell)
        newest = self.state["times"][slot, number % self._count]
        stale = cell_number(newest, self._cell) != number  # the cell holds an earlier lap of the ring
        taken = (number > head - self._count) & (stale | (time > newest))
        if not taken.all():
            out = np.full(len(slot), np.nan)
            out[taken] = self._step(slot[taken], time[taken], value[taken])
            return out
        self._begins(slot, time)
        self._move(slot, number, head)
        return self._add(slot, number, time, value, stale=stale)

    def _add(self, slot: Ints, number: Ints, time: Ints, value: Floats, *, stale: Bools) -> Floats:
        at = number % self._count
        limit = 2.0**53 / self.parts_per_unit
        parts = np.rint(np.clip(value, -limit, limit) * self.parts_per_unit).astype(np.int64)
        self.state["parts"][slot, at] = np.where(stale, 0, self.state["parts"][slot, at]) + parts
        self.state["times"][slot, at] = time
        self.state["total"][slot] += parts
        total: Floats = self.state["total"][slot] / self.parts_per_unit
        return total

    def _move(self, slot: Ints, number: Ints, head: Ints) -> None:
        """Takes the cells that leave the window out of the total; they themselves are left to be overwritten."""
        total = self.state["total"]
        moved = np.maximum(number - head, 0)
        total[slot[moved >= self._count]] = 0
        moved[moved >= self._count] = 0
        row, gone, begin = leaving(head, moved, self._count)
        if not row.size:
            return
        at = gone % self._count
        filled = cell_number(self.state["times"][slot[row], at], self._cell) == gone
        parts = np.where(filled, self.state["parts"][slot[row], at], 0)
        total[slot[row[begin]]] -= np.add.reduceat(parts, begin)

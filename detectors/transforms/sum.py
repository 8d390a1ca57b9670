"""Accumulation over a sliding event-time window."""

from typing import Literal, get_args

import numpy as np

from detectors.base import HOUR, NEVER, Bools, Column, Floats, Ints
from detectors.transforms.window import MaxGap, Window, cell_number, cells_of, leaving

Kind = Literal["increment", "total", "rate"]
_NEARLY = 0.9  # a counter that falls from beyond this share of its rollover has rolled over, else it was reset


class Sum(Window):
    """Sum of the amounts in (t - over, t], t being the slot's newest time: rain of the last 24 hours.

    The window is a ring of cells, one minute each (a window up to 1 h: about a sixtieth of it), and is exact for
    times rounded up to the end of their cell: a reading leaves the window when it is between over - 1 cell and `over`
    old, never later. Amounts are kept as whole parts of a unit, so a sum has no rounding, whatever the order and
    however old the ring: 250 tips of 0.2 mm are 50 mm, not 49.99999999999996. An amount beyond 9 million units (2**53
    parts) counts as that.

    What a value is says `kind`. `increment`: the amount since the reading before. `total`: a counter; the amount is its
    growth. A counter that falls was reset, and the amount is what it shows now; if it falls from the last tenth of
    `rollover`, it went round. `rate`: an intensity per `per`, which held since the reading before; over a gap longer
    than `max_gap` nothing is added. The first reading of a counter or a rate adds nothing.

    Late increments within the window are added to their cell, and the answer is the window that ends at the newest
    time (late totals and rates are skipped). Each cell remembers the newest time it has taken and drops increments that
    are not newer: a repeat is never added twice, and within one cell what comes out of order is lost. A reading that
    was dropped, or is older than the window, answers NaN.

    There is no warm-up: a window not yet `complete` (or with a gap longer than `max_gap` in it) is a lower bound, of
    amounts that are not negative.

    Args:
        over: length of the window, microseconds; 10 s to 72 h, whole seconds, above 1 h whole minutes.
        kind: what a value is.
        rollover: where a counter starts again from 0, in the value's unit; 0 = nowhere.
        per: what an intensity is per, microseconds; mm/h: an hour.
        max_gap: longest time between two readings of a complete window, microseconds; None = `over`, "pace" = by the
            running median step.
        parts_per_unit: resolution of the amounts.
        slots: room to begin with.

    Memory: 16 bytes a cell. One reading changes one cell and three numbers.

    Reference: WMO-No. 8, Guide to Instruments and Methods of Observation (amount of precipitation over a period).

    >>> rain, gauge, minute = Sum(over=HOUR, slots=1), np.array([0]), 60_000_000
    >>> def read(at, mm): return float(rain.update(gauge, np.array([at * minute]), np.array([mm]))[0])
    >>> [read(0, 0.2), read(10, 0.2), read(59, 0.2), read(60, 0.0), read(30, 0.2), read(30, 0.2), read(70, 0.0)]
    [0.2, 0.4, 0.6, 0.4, 0.6, nan, 0.4]
    """

    bounds = 1

    def __init__(
        self,
        *,
        over: int = HOUR,
        kind: Kind = "increment",
        rollover: float = 0.0,
        per: int = HOUR,
        max_gap: MaxGap = None,
        parts_per_unit: int = 1_000_000_000,
        slots: int = 0,
    ) -> None:
        if kind not in get_args(Kind):
            raise ValueError(f"Sum: kind is 'increment', 'total' or 'rate', found {kind!r}")
        self.kind, self.rollover, self.per = kind, rollover, per
        self.takes_late = kind == "increment"
        self.parts_per_unit = parts_per_unit
        self._cell, self._cells = cells_of(over)
        rings = {"times": Column(np.int64, NEVER, self._cells, 1), "parts": Column(np.int64, 0, self._cells, 1)}
        before = {} if self.takes_late else {"before": Column(np.float64, np.nan)}
        super().__init__(over, max_gap, slots, total=Column(np.int64, 0), **before, **rings, **self._more())

    def _more(self) -> dict[str, Column]:
        """Columns of a subclass."""
        return {}

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        if not self.takes_late:
            return self._count(slot, time, self._amount(slot, time, value))
        number = cell_number(time, self._cell)
        head = cell_number(self.state["last"][slot], self._cell)
        newest = self.state["times"][slot, number % self._cells]
        stale = cell_number(newest, self._cell) != number  # the cell holds an earlier lap of the ring
        taken = (number > head - self._cells) & (stale | (time > newest))
        if not taken.all():
            out = np.full(self._shape(len(slot)), np.nan)
            out[taken] = self._step(slot[taken], time[taken], value[taken])
            return out
        return self._count(slot, time, value)

    def _amount(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """What has come since the reading before, by a counter or an intensity."""
        before, last = self.state["before"][slot], self.state["last"][slot]
        self.state["before"][slot] = value
        if self.kind == "rate":
            known = (last != NEVER) & (time - last <= self._gap)
            return np.where(known, value * (np.where(known, time - last, 0) / self.per), 0.0)
        grown = value - before
        round_again = (before > _NEARLY * self.rollover) & (self.rollover > 0)
        fallen = np.where(round_again, grown + self.rollover, value)
        return np.where(np.isnan(before), 0.0, np.where(grown >= 0, grown, fallen))

    def _count(self, slot: Ints, time: Ints, amount: Floats) -> Floats:
        number = cell_number(time, self._cell)
        newest = self.state["times"][slot, number % self._cells]
        stale = cell_number(newest, self._cell) != number
        self._begins(slot, time)
        self._move(slot, number, cell_number(self.state["last"][slot], self._cell))
        return self._add(slot, number, time, amount, stale=stale)

    def _add(self, slot: Ints, number: Ints, time: Ints, value: Floats, *, stale: Bools) -> Floats:
        at = number % self._cells
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
        total[slot] = self._without(slot, total[slot], number, head, self._cells)

    def _without(self, slot: Ints, total: Ints, number: Ints, head: Ints, cells: int) -> Ints:
        """The totals of the last `cells` cells, after the newest has gone on from `head` to `number`."""
        moved = np.maximum(number - head, 0)
        total = np.where(moved >= cells, 0, total)
        moved[moved >= cells] = 0
        row, gone, begin = leaving(head, moved, cells)
        if row.size:
            at = gone % self._cells
            filled = cell_number(self.state["times"][slot[row], at], self._cell) == gone
            parts = np.where(filled, self.state["parts"][slot[row], at], 0)
            total[row[begin]] -= np.add.reduceat(parts, begin)
        return total

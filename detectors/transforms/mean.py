"""Moving average over a sliding event-time window."""

import numpy as np

from detectors.base import HOUR, NEVER, Bools, Column, Floats, Ints
from detectors.transforms.window import MaxGap, Window, cell_number, cells_of

_SWEPT = 4  # cells that one reading empties: their readings have left the window
_AT_ONCE = 131_072  # ring cells summed in one go: 1 MB, so that they stay in the cache


class Mean(Window):
    """Mean of the readings in (t - over, t], each with the same weight.

    The window is a ring of cells as in `Sum`: exact for times rounded up to the end of their cell. The cells that lie
    in the window are summed anew at every reading, always in the order of the ring, so that nothing drifts and a wild
    value leaves no trace behind. NaN until the readings span half of `over`; after a gap longer than `max_gap` it
    begins anew.

    Late readings within the window are added to their cell, and the answer is the window that ends at the newest time.
    As in `Sum` a cell drops what is not newer than its newest. A reading that was dropped, is older than the window or
    from before a gap (of a `max_gap` shorter than `over`), answers NaN.

    Args:
        over: length of the window, microseconds; 10 s to 72 h, whole seconds, above 1 h whole minutes.
        max_gap: longest time between two readings, microseconds; None = `over`, "pace" = by the running median step.
        slots: room to begin with.

    Memory: 20 bytes a cell. One reading changes one cell, empties four and changes five numbers.

    Reference: the sliding hourly mean of air quality monitoring.

    >>> mean, here, minute = Mean(over=HOUR, slots=1), np.array([0]), 60_000_000
    >>> readings = [(0, 6.0), (20, 3.0), (40, 3.0), (59, 0.0), (60, 0.0), (90, 0.0)]
    >>> [float(mean.update(here, np.array([at * minute]), np.array([v]))[0]) for at, v in readings]
    [nan, nan, 4.0, 3.0, 1.5, 0.75]
    """

    takes_late = True
    state_version = 2

    def __init__(self, *, over: int = HOUR, max_gap: MaxGap = None, slots: int = 0) -> None:
        self._cell, self._count = cells_of(over)
        rings = {
            "sums": Column(np.float64, 0.0, self._count, 1 + _SWEPT),
            "counts": Column(np.int32, 0, self._count, 1 + _SWEPT),
            "times": Column(np.int64, NEVER, self._count, 1),  # the newest of each cell
        }
        number = Column(np.int64, 0)
        super().__init__(over, max_gap, slots, readings=number, swept=Column(np.int64, NEVER), **rings)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        number, last = cell_number(time, self._cell), self.state["last"][slot]
        begins = self._begins(slot, time)
        newest = self.state["times"][slot, number % self._count]
        same = cell_number(newest, self._cell) == number
        head = np.maximum(number, cell_number(last, self._cell))
        first = np.maximum(head - self._count + 1, cell_number(self.state["since"][slot], self._cell))
        taken = (number >= first) & (~same | begins | (time > newest))
        if taken.all():
            return self._add(slot, time, value, first, same & ~begins)
        out = np.full(len(slot), np.nan)
        rest = slot[taken], time[taken], value[taken], first[taken], (same & ~begins)[taken]
        out[taken] = self._add(*rest)
        return out

    def _add(self, slot: Ints, time: Ints, value: Floats, first: Ints, goes_on: Bools) -> Floats:
        """Readings into their cells; `first`: of the window; `goes_on`: the cell has readings of it already."""
        clean = self._sweep(slot, first)
        at = cell_number(time, self._cell) % self._count
        count = self.state["counts"][slot, at]
        with np.errstate(over="ignore", invalid="ignore"):
            self.state["sums"][slot, at] = np.where(goes_on, self.state["sums"][slot, at], 0.0) + value
            self.state["counts"][slot, at] = np.where(goes_on, count, 0) + 1
            self.state["times"][slot, at] = time
            self.state["readings"][slot] += 1 - np.where(goes_on, 0, count)
            mean = self._mean(slot, first, clean)
        newest = np.maximum(time, self.state["last"][slot])
        return np.where(2 * (newest - self.state["since"][slot]) >= self.over, mean, np.nan)

    def _sweep(self, slot: Ints, first: Ints) -> Bools:
        """Empties some of the cells before number `first`; answers where none is left."""
        swept = self.state["swept"][slot]
        swept = np.where(swept == NEVER, first - 1, swept)
        head = cell_number(self.state["last"][slot], self._cell)
        left = np.minimum(first - 1, head)  # behind the newest cell nothing was ever written
        some = np.minimum(np.maximum(left - swept, 0), _SWEPT)
        if some.any():
            cells = swept[:, None] + np.arange(1, _SWEPT + 1)
            row, column = np.nonzero(np.arange(_SWEPT) < some[:, None])
            old, at = slot[row], cells[row, column] % self._count
            there = cell_number(self.state["times"][old, at], self._cell) == cells[row, column]
            row, old, at = row[there], old[there], at[there]
            gone = np.bincount(row, weights=self.state["counts"][old, at], minlength=len(slot))
            self.state["readings"][slot] -= gone.astype(np.int64)
            self.state["sums"][old, at] = 0.0
            self.state["counts"][old, at] = 0
        clean: Bools = swept + some >= left
        self.state["swept"][slot] = np.where(clean, first - 1, swept + some)
        return clean

    def _mean(self, slot: Ints, first: Ints, clean: Bools) -> Floats:
        """Of the cells from number `first` on; the others are empty, but after a gap for some time not all."""
        total = np.empty(len(slot))
        stride = max(1, _AT_ONCE // self._count)
        for piece in (slice(i, i + stride) for i in range(0, len(slot), stride)):
            total[piece] = np.add.reduce(self.state["sums"][slot[piece]], axis=1)
        count = self.state["readings"][slot]
        for row in np.flatnonzero(~clean).tolist():
            inside = cell_number(self.state["times"][slot[row]], self._cell) >= first[row]
            total[row] = np.add.reduce(np.where(inside, self.state["sums"][slot[row]], 0.0))
            count[row] = np.add.reduce(np.where(inside, self.state["counts"][slot[row]], 0))
        out: Floats = total / count
        return out

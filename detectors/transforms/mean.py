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
    begins anew. Late readings are skipped.

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

    def __init__(self, *, over: int = HOUR, max_gap: MaxGap = None, slots: int = 0) -> None:
        self._cell, self._count = cells_of(over)
        rings = {
            "sums": Column(np.float64, 0.0, self._count, 1 + _SWEPT),
            "counts": Column(np.int32, 0, self._count, 1 + _SWEPT),
            "numbers": Column(np.int64, NEVER, self._count, 1),  # which cell is there
        }
        number = Column(np.int64, 0)
        super().__init__(over, max_gap, slots, readings=number, swept=Column(np.int64, NEVER), **rings)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        number = cell_number(time, self._cell)
        begins = self._begins(slot, time)
        first = np.maximum(number - self._count + 1, cell_number(self.state["since"][slot], self._cell))
        clean = self._sweep(slot, first)
        at = number % self._count
        goes_on = (self.state["numbers"][slot, at] == number) & ~begins
        count = self.state["counts"][slot, at]
        with np.errstate(over="ignore", invalid="ignore"):
            self.state["sums"][slot, at] = np.where(goes_on, self.state["sums"][slot, at], 0.0) + value
            self.state["counts"][slot, at] = np.where(goes_on, count, 0) + 1
            self.state["numbers"][slot, at] = number
            self.state["readings"][slot] += 1 - np.where(goes_on, 0, count)
            mean = self._mean(slot, first, clean)
        return np.where(2 * (time - self.state["since"][slot]) >= self.over, mean, np.nan)

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
            there = self.state["numbers"][old, at] == cells[row, column]
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
            inside = self.state["numbers"][slot[row]] >= first[row]
            total[row] = np.add.reduce(np.where(inside, self.state["sums"][slot[row]], 0.0))
            count[row] = np.add.reduce(np.where(inside, self.state["counts"][slot[row]], 0))
        out: Floats = total / count
        return out

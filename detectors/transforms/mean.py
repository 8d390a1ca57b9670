"""Moving average over a sliding event-time window."""

import numpy as np

from detectors.base import HOUR, Bools, Column, Floats, Ints
from detectors.transforms.window import Window, cell_number, cells_of, leaving

_AT_ONCE = 131_072  # ring cells summed in one go: 1 MB, so that they stay in the cache


class Mean(Window):
    """Mean of the readings in (t - over, t], each with the same weight.

    The window is a ring of cells as in `Sum`: exact for times rounded up to the end of their cell. The cells are
    summed anew at every reading, always in the order of the ring, so that nothing drifts and a wild value leaves no
    trace behind. NaN until the readings span half of `over`; after a gap longer than `max_gap` it begins anew. Late
    readings are skipped.

    Args:
        over: length of the window, microseconds; 10 s to 72 h, whole seconds, above 1 h whole minutes.
        max_gap: longest time between two readings, microseconds; None = `over`.
        slots: room to begin with.

    Memory: 12 bytes a cell.

    >>> mean, here, minute = Mean(over=HOUR, slots=1), np.array([0]), 60_000_000
    >>> readings = [(0, 6.0), (20, 3.0), (40, 3.0), (59, 0.0), (60, 0.0), (90, 0.0)]
    >>> [float(mean.update(here, np.array([at * minute]), np.array([v]))[0]) for at, v in readings]
    [nan, nan, 4.0, 3.0, 1.5, 0.75]
    """

    def __init__(self, *, over: int = HOUR, max_gap: int | None = None, slots: int = 0) -> None:
        self._cell, self._count = cells_of(over)
        rings = {"sums": Column(np.float64, 0.0, self._count), "counts": Column(np.int32, 0, self._count)}
        super().__init__(over, max_gap, slots, readings=Column(np.int64, 0), **rings)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        number = cell_number(time, self._cell)
        self._move(slot, number, self._begins(slot, time))
        at = number % self._count
        with np.errstate(over="ignore", invalid="ignore"):
            self.state["sums"][slot, at] += value
            self.state["counts"][slot, at] += 1
            self.state["readings"][slot] += 1
            mean = self._sums(slot) / self.state["readings"][slot]
        return np.where(2 * (time - self.state["since"][slot]) >= self.over, mean, np.nan)

    def _move(self, slot: Ints, number: Ints, begins: Bools) -> None:
        """Empties the cells that leave the window: all of them when a run begins."""
        head = cell_number(self.state["last"][slot], self._cell)
        moved = number - head
        fresh = begins | (moved >= self._count)
        for name in ("sums", "counts", "readings"):
            self.state[name][slot[fresh]] = 0
        moved[fresh] = 0
        row, gone, begin = leaving(head, moved, self._count)
        if not row.size:
            return
        cells = (slot[row], gone % self._count)
        self.state["readings"][slot[row[begin]]] -= np.add.reduceat(self.state["counts"][cells], begin)
        self.state["sums"][cells] = 0.0
        self.state["counts"][cells] = 0

    def _sums(self, slot: Ints) -> Floats:
        stride = max(1, _AT_ONCE // self._count)
        pieces = [slot[i : i + stride] for i in range(0, len(slot), stride)]
        return np.concatenate([np.add.reduce(self.state["sums"][piece], axis=1) for piece in pieces])

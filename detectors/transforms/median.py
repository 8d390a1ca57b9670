"""Moving median over a sliding event-time window."""

import numpy as np

from detectors.base import HOUR, NEVER, Column, Floats, Ints
from detectors.transforms.window import MaxGap, Window


class Median(Window):
    """Median of the readings in (t - over, t], of at most `cells` of them.

    A reading is remembered if it is the first, or at least over / (cells - 1) later than the one remembered before it;
    the present one counts always. So slow data (readings at least that far apart) get the exact median, fast data that
    of an even selection. NaN until the readings span half of `over`; after a gap longer than `max_gap` it begins anew.

    Args:
        over: length of the window, microseconds.
        max_gap: longest time between two readings, microseconds; None = `over`, "pace" = by the running median step.
        cells: readings remembered a slot.
        slots: room to begin with.

    Memory: 16 bytes a cell. One reading changes one cell and two numbers.

    Reference: Tukey 1977 (running medians).

    A spike never comes through, a step does at the fourth reading of seven:

    >>> median, here, minute = Median(over=7 * 60_000_000, cells=8, slots=1), np.array([0]), 60_000_000
    >>> level = [2.0, 2.0, 2.0, 2.0, 9.0, 2.0, 2.0, 2.0, 5.0, 5.0, 5.0, 5.0, 5.0]
    >>> [float(median.update(here, np.array([i * minute]), np.array([v]))[0]) for i, v in enumerate(level)][4:]
    [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 5.0, 5.0, 5.0]
    """

    def __init__(self, *, over: int = HOUR, max_gap: MaxGap = None, cells: int = 61, slots: int = 0) -> None:
        if cells < 2:
            raise ValueError(f"Median: cells is at least 2, found {cells}")
        self.cells = cells
        self._spacing = -(-over // (cells - 1))
        rings = {
            "times": Column(np.int64, NEVER, cells, 1),
            "values": Column(np.float64, 0.0, cells, 1),
        }
        super().__init__(over, max_gap, slots, head=Column(np.int64, 0), **rings)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        begins = self._begins(slot, time)
        self.state["head"][slot[begins]] = 0
        since, head = self.state["since"][slot], self.state["head"][slot]
        newest = self.state["times"][slot, (head - 1) % self.cells]
        kept = (head == 0) | (time - newest >= self._spacing)
        at = head % self.cells
        times = self.state["times"][slot]
        inside = (times > (time - self.over)[:, None]) & (times >= since[:, None])
        inside &= np.arange(self.cells) != np.where(kept, at, self.cells)[:, None]
        inside &= np.arange(self.cells) < np.where(head < self.cells, head, self.cells)[:, None]
        known = np.where(inside, self.state["values"][slot], np.inf)
        everything = np.sort(np.concatenate([known, value[:, None]], axis=1), axis=1)
        count = np.add.reduce(inside, axis=1) + 1
        row = np.arange(len(slot))
        median = 0.5 * (everything[row, (count - 1) >> 1] + everything[row, count >> 1])
        rows = slot[kept], at[kept]
        self.state["times"][rows], self.state["values"][rows] = time[kept], value[kept]
        self.state["head"][slot[kept]] += 1
        return np.where(2 * (time - since) >= self.over, median, np.nan)

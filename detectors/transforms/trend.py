"""What the transforms share that look at the slope of a displacement."""

import numpy as np

from detectors.base import Bools, Column, Floats, Ints
from detectors.transforms.days import DAY
from detectors.transforms.window import MaxGap, Window


class Trend(Window):
    """Remembers readings of the last `over` (at most `cells`, evenly chosen as in `Median`)."""

    def __init__(self, over: int, max_gap: MaxGap, cells: int, slots: int, **columns: Column) -> None:
        if cells < 3:
            raise ValueError(f"{type(self).__name__}: cells is at least 3, found {cells}")
        self.cells = cells
        self._spacing = -(-over // (cells - 1))
        rings = {"times": Column(np.int64, 0, cells, 1), "values": Column(np.float64, 0.0, cells, 1)}
        super().__init__(over, max_gap, slots, head=Column(np.int64, 0), **rings, **columns)

    def _window(self, slot: Ints, time: Ints, value: Floats) -> tuple[Floats, Floats, Bools]:
        """Readings in the order of time, the present one last: days before it (negative), values, which are there."""
        begins = self._begins(slot, time)
        self.state["head"][slot[begins]] = 0
        head = self.state["head"][slot]
        at = (head[:, None] + np.arange(self.cells)) % self.cells
        times, values = self.state["times"][slot[:, None], at], self.state["values"][slot[:, None], at]
        known = np.arange(self.cells) >= (self.cells - head)[:, None]
        known &= times > (time - self.over)[:, None]
        ago = np.where(known, (times - time[:, None]) / DAY, 0.0)
        self._remember(slot, time, value, head)
        last = np.ones((len(slot), 1), dtype=np.bool_)
        both = np.concatenate([np.where(known, values, 0.0), value[:, None]], axis=1)
        return np.concatenate([ago, 0.0 * last], axis=1), both, np.concatenate([known, last], axis=1)

    def _remember(self, slot: Ints, time: Ints, value: Floats, head: Ints) -> None:
        newest = self.state["times"][slot, (head - 1) % self.cells]
        kept = (head == 0) | (time - newest >= self._spacing)
        rows = slot[kept], head[kept] % self.cells
        self.state["times"][rows], self.state["values"][rows] = time[kept], value[kept]
        self.state["head"][slot[kept]] += 1

    def _covered(self, slot: Ints, time: Ints) -> Bools:
        """Whether the readings without a gap span half of `over`."""
        half: Bools = 2 * (time - self.state["since"][slot]) >= self.over
        return half


def line(x: Floats, y: Floats, known: Bools) -> tuple[Floats, Floats, Floats, Ints]:
    """Least squares over rows: slope, value at x = 0, share of the spread that the line explains, points."""
    n = np.add.reduce(known, axis=1)
    count = np.maximum(n, 1)
    mid = np.add.reduce(np.where(known, x, 0.0), axis=1) / count
    mean = np.add.reduce(np.where(known, y, 0.0), axis=1) / count
    dx, dy = np.where(known, x - mid[:, None], 0.0), np.where(known, y - mean[:, None], 0.0)
    wide, both, high = (np.add.reduce(one, axis=1) for one in (dx * dx, dx * dy, dy * dy))
    there = wide > 0
    slope = np.where(there, both / np.where(there, wide, 1.0), 0.0)
    told = (high > 0) & there
    share = np.where(told, slope * both / np.where(told, high, 1.0), 0.0)
    return slope, mean - slope * mid, share, n

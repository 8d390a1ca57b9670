"""Rate of change over a time span."""

import numpy as np

from detectors.base import HOUR, SECOND, Column, Floats, Ints
from detectors.transforms.window import MaxGap, Window


class Rate(Window):
    """Change a second between now and `over` ago.

    Answers (v(t) - v(r)) / (t - r), in units of the value per **second**. The reference r is the newest remembered
    reading at or before t - over. While none is that old, r is the oldest remembered one, from when half of `over` is
    covered; until then NaN. A reading is remembered if it is the first, or at least over / (cells - 1) later than the
    one remembered before it. So slow data (readings at least over / (cells - 1) apart) refer to exactly the newest
    reading at or before t - over; fast data to one that is older than that by less than over / (cells - 1) and one
    interval between readings. The true distance is what the change is divided by.

    After a gap longer than `max_gap` it begins anew: a station that reports less often than that never has a rate.

    Args:
        over: span of the difference, microseconds.
        max_gap: longest time between two readings, microseconds; None = `over`, "pace" = by the running median step.
        cells: readings remembered a slot; more = finer for fast data.
        slots: room to begin with.

    Memory: 16 bytes a cell. One reading changes one of them.

    Reference: the rate-of-change condition of hydrological telemetry (stage rise over a fixed span), made bounded.

    A river rises 0.4 m in 10 minutes; the first rate comes when 30 of the 60 minutes are covered:

    >>> rate, here = Rate(over=HOUR, slots=1), np.array([0])
    >>> levels = [2.0, 2.0, 2.0, 2.4, 2.8, 2.8, 2.8, 2.8]
    >>> out = [rate.update(here, np.array([i * 600 * SECOND]), np.array([v]))[0] for i, v in enumerate(levels)]
    >>> [round(float(v) * 3600, 3) for v in out]
    [nan, nan, nan, 0.8, 1.2, 0.96, 0.8, 0.8]
    """

    def __init__(self, *, over: int = HOUR, max_gap: MaxGap = None, cells: int = 64, slots: int = 0) -> None:
        if cells < 2:
            raise ValueError(f"Rate: cells is at least 2, found {cells}")
        self.cells = cells
        self._spacing = -(-over // (cells - 1))
        count = Column(np.int64, 0)
        rings = {"times": Column(np.int64, 0, cells, 1), "values": Column(np.float64, 0.0, cells, 1)}
        super().__init__(over, max_gap, slots, head=count, ref=count, **rings)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        begins = self._begins(slot, time)
        self.state["head"][slot[begins]] = 0
        self.state["ref"][slot[begins]] = 0
        ref = self._reference(slot, time) % self.cells
        # A row that begins has no reference yet: what the ring holds there is of an earlier run.
        span = np.where(begins, 0, time - self.state["times"][slot, ref])
        warm = np.maximum(span, 1) / SECOND
        with np.errstate(over="ignore"):
            out = np.where(2 * span >= self.over, (value - self.state["values"][slot, ref]) / warm, np.nan)
        self._remember(slot, time, value)
        return out

    def _reference(self, slot: Ints, time: Ints) -> Ints:
        """How many remembered readings precede the reference. It only ever moves forward, because time does."""
        times, head, ref = self.state["times"], self.state["head"], self.state["ref"]
        rows = np.arange(len(slot))
        while rows.size:
            at = slot[rows]
            ahead = ref[at] + 1
            old = (ahead < head[at]) & (times[at, ahead % self.cells] <= time[rows] - self.over)
            rows = rows[old]
            ref[slot[rows]] += 1
        reference: Ints = ref[slot]
        return reference

    def _remember(self, slot: Ints, time: Ints, value: Floats) -> None:
        head = self.state["head"][slot]
        newest = self.state["times"][slot, (head - 1) % self.cells]
        rows = np.flatnonzero((head == 0) | (time - newest >= self._spacing))
        slot, at = slot[rows], head[rows] % self.cells
        self.state["times"][slot, at] = time[rows]
        self.state["values"][slot, at] = value[rows]
        self.state["head"][slot] += 1

"""What the transforms over a sliding event-time window share: cells, runs without a gap, completeness."""

from typing import Literal

import numpy as np

from detectors import pace
from detectors.base import HOUR, MINUTE, NEVER, SECOND, Bools, Column, Ints, Transform

MaxGap = int | Literal["pace"] | None
PACE: Literal["pace"] = "pace"
LONGEST = 72 * HOUR
SHORTEST = 10 * SECOND


def cells_of(over: int) -> tuple[int, int]:
    """Length (microseconds) and number of the cells of a window: one minute, or about a sixtieth of a window up to 1 h.

    The cells divide the window without rest, so that a reading exactly `over` ago is never counted.

    >>> cells_of(24 * HOUR), cells_of(10 * MINUTE), cells_of(10 * SECOND)
    ((60000000, 1440), (10000000, 60), (200000, 50))
    """
    if not SHORTEST <= over <= LONGEST:
        raise ValueError(f"over: a window is 10 s to 72 h long, found {over / SECOND:g} s")
    if over % (MINUTE if over > HOUR else SECOND):
        raise ValueError(f"over: whole seconds, above 1 h whole minutes, found {over / SECOND:g} s")
    count = over // MINUTE if over > HOUR else next(n for n in range(60, 0, -1) if over % n == 0)
    return over // count, count


def cell_number(time: Ints, cell: int) -> Ints:
    """Number of the cell ((n-1)·cell, n·cell] that holds a time."""
    return -(-time // cell)


def leaving(head: Ints, moved: Ints, count: int) -> tuple[Ints, Ints, Ints]:
    """Cells that leave windows of `count` cells ending with cell `head` when they move on by `moved` (0 … count) cells.

    Answers three arrays: for each leaving cell its row and its number, and where each moved row's cells begin.
    """
    row = np.repeat(np.arange(len(moved)), moved)
    end = np.cumsum(moved)
    step = np.arange(len(row)) - np.repeat(end - moved, moved)
    return row, head[row] - count + 1 + step, (end - moved)[moved > 0]


class Window(Transform):
    """A transform that looks back `over`, and knows since when its slots have run without a gap longer than `max_gap`.

    The column `since` is the time of the first reading of the present run. A `max_gap` of None is `over`, one of `PACE`
    five times the running median step (`detectors.pace`). A part that takes late readings also knows the run before:
    a late reading that fills the gap between them makes one run of both, as sorted data would.
    """

    bounds: int = 0
    """What an answer says that is not `complete`: 1, the true one is at least that; -1, at most; 0, an estimate."""

    def __init__(self, over: int, max_gap: MaxGap, slots: int, **columns: Column) -> None:
        self.over = over
        self.max_gap = max_gap
        if over < SECOND or (isinstance(max_gap, int) and max_gap <= 0):
            raise ValueError(
                f"{type(self).__name__}: over is at least 1 s and max_gap above 0, found {over}, {max_gap}"
            )
        self._gap = max_gap if isinstance(max_gap, int) else over
        paced = pace.columns() if max_gap == PACE else {}
        time = Column(np.int64, NEVER)
        before = {"since_before": time, "last_before": time} if self.takes_late else {}
        super().__init__(slots, since=time, **before, **paced, **columns)

    @property
    def paced(self) -> bool:
        """Whether a gap is told by the pace of the readings."""
        return self.max_gap == PACE

    @property
    def gap(self) -> int:
        """The longest time between two readings of one run, where it is not told by their pace."""
        return self._gap

    def complete(self, slot: Ints) -> Bools:
        """Whether the whole window (t-over, t] lies in one run without a gap."""
        last = self.state["last"][slot]
        whole: Bools = (last != NEVER) & (last - self.state["since"][slot] >= self.over)
        return whole

    def _begins(self, slot: Ints, time: Ints) -> Bools:
        """Marks the rows that begin a new run (first of a slot, or first after a gap) and notes their time."""
        if self.max_gap == PACE:
            begins = pace.begins(self.state, slot, time, None)
        else:
            begins = time - self.state["last"][slot] > self._gap
        if begins.any():
            new = slot[begins]
            if self.takes_late:
                self.state["since_before"][new] = self.state["since"][new]
                self.state["last_before"][new] = self.state["last"][new]
            self.state["since"][new] = time[begins]
        if self.takes_late:
            self._fills(slot, time)
        return begins

    def _fills(self, slot: Ints, time: Ints) -> None:
        """Late readings: the run that they belong to begins with them, or goes on from the one before it."""
        rows = np.flatnonzero(time < self.state["last"][slot])
        if not rows.size or self.paced:
            return
        slot, time = slot[rows], time[rows]
        since, end = self.state["since"][slot], self.state["last_before"][slot]
        since = np.where((time < since) & (since - time <= self._gap), time, since)
        end = np.where((time > end) & (time < since) & (time - end <= self._gap), time, end)
        one = since - end <= self._gap
        self.state["since"][slot] = np.where(one, self.state["since_before"][slot], since)
        self.state["last_before"][slot] = np.where(one, NEVER, end)

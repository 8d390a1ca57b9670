"""What only the values before a value show: that it is stuck, that it moves as no water or ground does."""

import numpy as np
from numpy.typing import NDArray

from streams.core import quality
from streams.core.arrived import Arrived
from streams.core.moves import Moves
from streams.core.quality import FUTURE, STUCK, Limits
from streams.core.runs import Runs
from streams.core.slots import Slots

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class OverTime:
    """The checks over time of the slots of a partition."""

    def __init__(self, slots: Slots, limits: Limits, moves: Moves) -> None:
        self.slots, self.limits, self.moves = slots, limits, moves
        self._stuck_ever = bool((limits.stuck_for > 0).any())
        self.ever = self._stuck_ever or moves.ever

    def of_rows(self, rows: Arrived, runs: Runs) -> Ints | None:
        """Rows with a value: what only those before them show."""
        stuck = self._stuck_runs(rows, runs) if self._stuck_ever else None
        if not self.moves.ever:
            return stuck
        bits = rows.bits if stuck is None else stuck if rows.bits is None else rows.bits | stuck
        more = self.moves.of_rows(rows.slot, runs, self.slots.kind[rows.slot], rows.time, rows.value, bits)
        return stuck if more is None else more if stuck is None else stuck | more

    def of_alone(self, rows: Arrived, late: Bools) -> Ints:
        """The same of one row of each of several slots: neither late ones nor those ahead of the clock are judged."""
        if not self.ever:
            return np.zeros(len(late), np.int64)
        slot = rows.slot
        bits = rows.bits if rows.bits is not None else np.zeros(len(slot), np.int64)
        judged = np.flatnonzero(~late & ~np.isnan(rows.value) & (bits & FUTURE == 0))
        found = np.zeros(len(slot), np.int64)
        if len(judged):
            some = self.of_rows(rows.keep(judged), Runs.of(slot[judged]))
            found[judged] = 0 if some is None else some
        return found

    def _stuck_runs(self, rows: Arrived, runs: Runs) -> Ints | None:
        """Rows with a value: how long it has been the same; STUCK where that is too long (None: nowhere)."""
        slots, slot, value, time = self.slots, rows.slot, rows.value, rows.time
        before = np.empty_like(value)
        before[1:] = value[:-1]
        before[runs.starts] = slots.value[slot[runs.starts]]
        same = value == before
        last = runs.last
        own = slot[last]
        if not same.any():
            slots.same_since[own], slots.same_count[own] = time[last], 1
            return None
        row = np.arange(len(slot))
        starts = ~same
        starts[runs.starts] = True
        began = np.maximum.accumulate(np.where(starts, row, 0))
        on = same[began]  # the value was the same before the first row already
        since = np.where(on, slots.same_since[slot], time[began])
        count = row - began + 1 + np.where(on, slots.same_count[slot], 0)
        slots.same_since[own], slots.same_count[own] = since[last], np.minimum(count[last], 2**31 - 1)
        limit = self.limits.stuck_for[slots.kind[slot]]
        stuck = same & (limit > 0) & (count >= quality.REPEATS_FOR_STUCK) & (time - since >= np.maximum(limit, 1))
        if stuck.any():
            stuck &= ~self.limits.rests(slots.kind[slot], value)
        return np.where(stuck, STUCK, 0) if stuck.any() else None

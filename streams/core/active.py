"""Latches where something is going on. Most are neither on nor in a hold: of those nothing has to be remembered."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.trigger import Latches

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
FEW = 64  # rows to begin with


class Active:
    """Rows of `Latches` for the local slots that need one: those with a latch that is on or in a hold.

    row: local slot -> row, -1 = none; local, kind, last: of each row its slot, the slot's kind and its last score.
    """

    def __init__(self, latches: Latches, slots: int) -> None:
        self.latches = latches
        self.row = np.full(slots, -1, np.int32)
        self.local = np.empty(0, np.int64)
        self.kind = np.empty(0, np.int64)
        self.last = np.empty(0, np.float64)
        self._free: list[int] = []

    def __len__(self) -> int:
        """Rows in use."""
        return len(self.local) - len(self._free)

    def grow(self, slots: int) -> None:
        """Make room for local slots."""
        if slots > len(self.row):
            more = max(slots - len(self.row), len(self.row) // 4)
            self.row = np.concatenate([self.row, np.full(more, -1, np.int32)])

    def take(self, local: Ints, kind: NDArray[np.integer[Any]]) -> Ints:
        """The rows of local slots (none twice), fresh ones where they had none."""
        rows = self.row[local].astype(np.int64)
        lacking = np.flatnonzero(rows < 0)
        if len(lacking):
            self._make_room(len(lacking))
            fresh = np.array([self._free.pop() for _ in range(len(lacking))], np.int64)
            self.latches.reset(fresh)
            self.last[fresh] = np.nan
            self.local[fresh], self.kind[fresh] = local[lacking], kind[lacking]
            self.row[local[lacking]] = fresh
            rows[lacking] = fresh
        return rows

    def let_go(self, rows: Ints) -> None:
        """Forget those of these rows where nothing is going on any more."""
        done = rows[self.latches.idle(rows)]
        if len(done):
            self.row[self.local[done]] = -1
            self.local[done] = -1
            self._free += done.tolist()

    def in_use(self) -> Ints:
        """The rows in use."""
        return np.flatnonzero(self.local >= 0)

    def _make_room(self, count: int) -> None:
        have = len(self.local)
        more = max(count - len(self._free), have, FEW) if count > len(self._free) else 0
        if more:
            self.latches.grow(have + more)
            self.local = np.concatenate([self.local, np.full(more, -1, np.int64)])
            self.kind = np.concatenate([self.kind, np.zeros(more, np.int64)])
            self.last = np.concatenate([self.last, np.full(more, np.nan)])
            self._free += range(have + more - 1, have - 1, -1)

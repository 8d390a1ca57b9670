"""Parts for waveforms: a series runs in blocks where its readings come without a gap, else one after the other."""

from abc import abstractmethod

import numpy as np

from detectors import pace
from detectors.base import Column, Floats, Ints, Part
from detectors.cascade import BLOCK

_FIRST = 16  # a new slot's readings until its pace is known
_AT_ONCE = 8192


class Blocked(Part):
    """A part whose state moves in blocks of 64 readings, counted (`count`) from where the slot began.

    A subclass writes `_begin` (forget), `_at` (one reading of each slot) and `_span` (n readings of slots that stand at
    the same place of their block), with the same bytes.
    """

    max_gap: int | None

    def __init__(self, slots: int, max_gap: int | None, **columns: Column) -> None:
        self.max_gap = max_gap
        super().__init__(slots, count=Column(np.int64, 0), **pace.columns(), **columns)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        anew = pace.begins(self.state, slot, time, self.max_gap)
        if anew.any():
            self.state["count"][slot[anew]] = 0
            self._begin(slot[anew], value[anew])
        out = self._at(slot, self.state["count"][slot], value)
        self.state["count"][slot] += 1
        return out

    def series(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """Takes n readings of each of m slots; the rules of `Part.series`."""
        out = np.empty(value.shape)
        begin = min(_FIRST, value.shape[1])
        if len(slot) and (self.state["count"][slot] >= _FIRST).all():
            begin = 0
        out[:, :begin] = super().series(slot, time[:, :begin], value[:, :begin])
        for left in range(begin, value.shape[1], _AT_ONCE):
            piece = slice(left, left + _AT_ONCE)
            out[:, piece] = self._series(slot, time[:, piece], value[:, piece])
        return out

    def _series(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        if value.shape[1] < 2:
            return super().series(slot, time, value)
        whole = pace.regular(self.state, slot, time, pace.finite(value), self.max_gap)
        out = np.empty(value.shape)
        if not whole.all():
            out[~whole] = super().series(slot[~whole], time[~whole], value[~whole])
        count = self.state["count"][slot]
        for place in np.unique(count[whole] % BLOCK).tolist():
            rows = np.flatnonzero(whole & (count % BLOCK == place))
            out[rows] = self._span(slot[rows], count[rows], value[rows])
        self.state["count"][slot[whole]] = count[whole] + value.shape[1]
        self.state["last"][slot[whole]] = time[whole, -1]
        return out

    @abstractmethod
    def _begin(self, slot: Ints, value: Floats) -> None:
        """These slots begin anew with this reading."""

    @abstractmethod
    def _at(self, slot: Ints, count: Ints, value: Floats) -> Floats:
        """One reading of each slot, the `count`-th (from 0) since it began."""

    @abstractmethod
    def _span(self, slot: Ints, count: Ints, value: Floats) -> Floats:
        """N readings of each slot, [m, n]; `count` [m] is that of the first, the same place of a block for all."""

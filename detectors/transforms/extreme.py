"""Largest and smallest value of a sliding window."""

from typing import Literal

import numpy as np

from detectors.base import HOUR, NEVER, Column, Floats, Ints
from detectors.transforms.window import MaxGap, Window, cell_number, cells_of

_AT_ONCE = 131_072  # ring cells compared in one go: 1 MB, so that they stay in the cache


class Extreme(Window):
    """Maximum or minimum of the readings in (t - over, t].

    The window is a ring of cells as in `Sum`: exact for times rounded up to the end of their cell. There is no warm-up:
    a window not yet `complete` (or with a gap longer than `max_gap` in it) is a bound: the maximum is at least that.
    Late readings are skipped.

    Args:
        over: length of the window, microseconds; 10 s to 72 h, whole seconds, above 1 h whole minutes.
        how: `max` or `min`.
        max_gap: longest time between two readings of a complete window, microseconds; None = `over`, "pace" = by the
            running median step.
        slots: room to begin with.

    Memory: 16 bytes a cell. One reading changes one cell.

    Reference: none is needed.

    >>> part, here, minute = Extreme(over=HOUR, slots=1), np.array([0]), 60_000_000
    >>> readings = [(0, 6.0), (20, 3.0), (40, 4.0), (59, 0.0), (60, 0.0), (110, 1.0)]
    >>> [float(part.update(here, np.array([at * minute]), np.array([v]))[0]) for at, v in readings]
    [6.0, 6.0, 6.0, 6.0, 4.0, 1.0]
    """

    def __init__(
        self,
        *,
        over: int = HOUR,
        how: Literal["max", "min"] = "max",
        max_gap: MaxGap = None,
        slots: int = 0,
    ) -> None:
        if how not in {"max", "min"}:
            raise ValueError(f"{type(self).__name__}: how is 'max' or 'min', found {how!r}")
        self.how = how
        self._cell, self._cells = cells_of(over)
        numbers = Column(np.int64, NEVER, self._cells, 1)  # which cell is there
        super().__init__(over, max_gap, slots, numbers=numbers, values=Column(np.float64, 0.0, self._cells, 1))

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        self._begins(slot, time)
        number = cell_number(time, self._cell)
        at = number % self._cells
        same = self.state["numbers"][slot, at] == number
        better, worst = (np.maximum, -np.inf) if self.how == "max" else (np.minimum, np.inf)
        self.state["values"][slot, at] = better(value, np.where(same, self.state["values"][slot, at], worst))
        self.state["numbers"][slot, at] = number
        out, stride = np.empty(len(slot)), max(1, _AT_ONCE // self._cells)
        for piece in (slice(i, i + stride) for i in range(0, len(slot), stride)):
            inside = self.state["numbers"][slot[piece]] > (number[piece] - self._cells)[:, None]
            out[piece] = better.reduce(np.where(inside, self.state["values"][slot[piece]], worst), axis=1)
        return out

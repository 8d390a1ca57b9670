"""Largest and smallest value of a sliding window."""

from typing import Literal

import numpy as np

from detectors.base import HOUR, NEVER, Column, Floats, Ints
from detectors.transforms.window import MaxGap, Window, cell_number, cells_of

_AT_ONCE = 131_072  # ring cells compared in one go: 1 MB, so that they stay in the cache


class Extreme(Window):
    """Maximum or minimum of the readings in (t - over, t].

    The window is a ring of cells as in `Sum`: exact for times rounded up to the end of their cell. There is no warm-up:
    a window not yet `complete` (or with a gap longer than `max_gap` in it) is a bound: the maximum is at least that,
    the minimum at most. Late readings within the window count, and the answer is that of the window that ends at the
    newest time; of one that is older than the window it is NaN.

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

    takes_late = True
    state_version = 2

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
        self.how, self.bounds = how, 1 if how == "max" else -1
        self._cell, self._cells = cells_of(over)
        times = Column(np.int64, NEVER, self._cells, 1)  # the newest of each cell
        values = Column(np.float64, 0.0, self._cells, 1)
        super().__init__(over, max_gap, slots, times=times, values=values, **self._more())

    def _more(self) -> dict[str, Column]:
        """Columns of a subclass."""
        return {}

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        head = np.maximum(cell_number(time, self._cell), cell_number(self.state["last"][slot], self._cell))
        inside = cell_number(time, self._cell) > head - self._cells
        if not inside.all():
            out = np.full(len(slot), np.nan)
            out[inside] = self._step(slot[inside], time[inside], value[inside])
            return out
        self._begins(slot, time)
        self._note(slot, time, value)
        return self._most(slot, head)

    def _note(self, slot: Ints, time: Ints, value: Floats) -> None:
        """Takes a reading into its cell."""
        number = cell_number(time, self._cell)
        at = number % self._cells
        newest = self.state["times"][slot, at]
        same = cell_number(newest, self._cell) == number
        better, worst = self._better
        self.state["values"][slot, at] = better(value, np.where(same, self.state["values"][slot, at], worst))
        self.state["times"][slot, at] = np.where(same, np.maximum(time, newest), time)

    def _most(self, slot: Ints, head: Ints) -> Floats:
        """The extreme of the window that ends with cell `head`."""
        better, worst = self._better
        out, stride = np.empty(len(slot)), max(1, _AT_ONCE // self._cells)
        begin = (head - self._cells) * self._cell  # what is later lies in the window
        for piece in (slice(i, i + stride) for i in range(0, len(slot), stride)):
            inside = self.state["times"][slot[piece]] > begin[piece, None]
            out[piece] = better.reduce(np.where(inside, self.state["values"][slot[piece]], worst), axis=1)
        return out

    @property
    def _better(self) -> tuple[np.ufunc, float]:
        return (np.maximum, -np.inf) if self.how == "max" else (np.minimum, np.inf)

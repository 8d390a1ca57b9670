"""What the peaks of ground motion share: three components, one band, one window."""

from typing import ClassVar

import numpy as np

from detectors import pace
from detectors.base import SECOND, Floats, Ints, Transform
from detectors.strong_motion import Motion, Peaks
from detectors.transforms.window import cell_number, cells_of

_FIRST = 16  # a new slot's readings until its pace is known
_AT_ONCE = 8192
FADE = 60.0  # seconds that the integral remembers: rounding must not add up for months


class GroundMotion(Transform):
    """Peaks of the vector of acceleration, or of velocity, within the last `over`; a subclass says which.

    The event window is a ring of cells as in `Sum`. After a gap the filter begins anew, and the window goes on.
    """

    kinds: ClassVar[tuple[str, ...]] = ("pga",)
    inputs: tuple[str, ...] = ("x", "y", "z")
    input_units: tuple[str, ...] = ("m/s2",) * 3
    width: int = 3

    def __init__(
        self,
        *,
        over: int = 60 * SECOND,
        low: float = 0.1,
        high: float = 10.0,
        order: int = 2,
        rate: float = 100.0,
        max_gap: int | None = None,
        slots: int = 0,
    ) -> None:
        self.over, self.low, self.high, self.order, self.rate = over, low, high, order, rate
        self._cell, cells = cells_of(over)
        self._motion = Motion(low, high, order, rate, FADE, velocity="pgv" in self.kinds)
        self._peaks = Peaks(self.kinds, cells)
        self.max_gap = max_gap
        super().__init__(slots, **pace.columns(), **self._motion.columns(), **self._peaks.columns())

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        anew = pace.begins(self.state, slot, time, self.max_gap)
        if anew.any():
            self._motion.begin(self.state, slot[anew])
        return np.ascontiguousarray(self._found(slot, time[:, None], value[:, None])[:, 0])

    def series(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """Takes n rows of each of m slots; the rules of `Part.series`."""
        out = np.empty(self._shape(*value.shape[:2]))
        known = bool((self.state["paced"][slot] >= _FIRST).all())
        begin = 0 if known else min(_FIRST, value.shape[1])
        out[:, :begin] = super().series(slot, time[:, :begin], value[:, :begin])
        for left in range(begin, value.shape[1], _AT_ONCE):
            piece = slice(left, left + _AT_ONCE)
            out[:, piece] = self._series(slot, time[:, piece], value[:, piece])
        return out

    def _series(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        finite = pace.finite(value.reshape(len(value), -1))
        whole = pace.regular(self.state, slot, time, finite, self.max_gap)
        out = np.empty(self._shape(*value.shape[:2]))
        if not whole.all():
            out[~whole] = super().series(slot[~whole], time[~whole], value[~whole])
        if whole.any():
            out[whole] = self._found(slot[whole], time[whole], value[whole])
            self.state["last"][slot[whole]] = time[whole, -1]
        return out

    def _found(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """Answers to n rows of each of m slots, [m, n(, outputs)]."""
        a, v = self._motion.over(self.state, slot, value)
        kinds = tuple({"pga": a, "pgv": v}[kind] for kind in self.kinds)
        return self._told(self._peaks.over(self.state, slot, cell_number(time, self._cell), kinds))

    def _told(self, peaks: tuple[Floats, ...]) -> Floats:
        return peaks[0]

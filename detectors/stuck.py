"""A sensor that says the same again and again."""

from typing import ClassVar

import numpy as np

from detectors.base import HOUR, SECOND, Column, Detector, Floats, Ints


class Stuck(Detector):
    """Seconds for which the value has stayed within `tolerance`; thr_on is then a duration in seconds.

    A gap longer than `max_gap` ends a run: nobody knows what the value did meanwhile.

    Args:
        tolerance: how far from the run's first value is still the same, in the value's unit.
        max_gap: longest time between two readings of a run, microseconds.
        slots: room to begin with.

    Memory: 24 bytes.

    Reference: the persistence check of QARTOD (flat line test).

    >>> part, here, minute = Stuck(slots=1), np.array([0]), 60_000_000
    >>> level = [3.1, 3.2, 3.2, 3.2, 3.3]
    >>> out = [float(part.update(here, np.array([i * minute]), np.array([v]))[0]) for i, v in enumerate(level)]
    >>> out, next(i for i, seconds in enumerate(out) if seconds > 90)
    ([0.0, 0.0, 60.0, 120.0, 0.0], 3)
    """

    thr_on: ClassVar[float] = 6 * 3600.0
    thr_off: ClassVar[float] = 1.0
    wakes_on: ClassVar[str] = "stillness"

    def __init__(self, *, tolerance: float = 0.0, max_gap: int = 6 * HOUR, slots: int = 0) -> None:
        self.tolerance, self.max_gap = tolerance, max_gap
        super().__init__(slots, since=Column(np.int64, 0), value=Column(np.float64, np.nan))

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        same = np.abs(value - self.state["value"][slot]) <= self.tolerance  # NaN: there was none yet
        same &= time - self.state["last"][slot] <= self.max_gap
        since = np.where(same, self.state["since"][slot], time)
        self.state["since"][slot] = since
        self.state["value"][slot] = np.where(same, self.state["value"][slot], value)
        out: Floats = (time - since) / SECOND
        return out

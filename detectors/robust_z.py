"""Distance from the median of the last readings."""

from typing import ClassVar

import numpy as np

from detectors.base import Column, Detector, Floats, Ints

_MOST = 1000.0


class RobustZ(Detector):
    """|x - median| / spread over the last `readings`, the present one not among them.

    The spread is 1.4826 times the median distance from the median, or 1.2533 times the mean distance where that is
    larger (most readings alike). At most 1000, which is also the answer to the first change ever. Scores first, then
    learns; blind until half of `readings` are there.

    Args:
        readings: how many are remembered.
        slots: room to begin with.

    Memory: 8 bytes a reading remembered. One reading changes one of them.

    Reference: Iglewicz and Hoaglin 1993 (modified z score).

    >>> values = [5.0, 5.1, 4.9, 5.0, 5.2, 5.0, 4.8, 9.0, 5.1, 9.1]
    >>> part, here = RobustZ(readings=8, slots=1), np.array([0])
    >>> out = [float(part.update(here, np.array([i]), np.array([v]))[0]) for i, v in enumerate(values)]
    >>> [round(score, 1) for score in out], next(i for i, score in enumerate(out) if score > RobustZ.thr_on)
    ([nan, nan, nan, nan, 2.7, 0.0, 2.4, 27.0, 0.1, 5.5], 7)
    """

    thr_on: ClassVar[float] = 6.0
    thr_off: ClassVar[float] = 3.0
    scale_free: ClassVar[bool] = True

    def __init__(self, *, readings: int = 61, slots: int = 0) -> None:
        if readings < 4:
            raise ValueError(f"RobustZ: readings is at least 4, found {readings}")
        self.readings = readings
        super().__init__(slots, n=Column(np.int64, 0), ring=Column(np.float64, np.inf, readings, 1))

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:  # noqa: ARG002 - the contract of all parts
        n = self.state["n"][slot]
        ring = self.state["ring"][slot]
        known = np.minimum(n, self.readings)
        median = _median(ring, known)
        away = np.where(np.isfinite(ring), np.abs(ring - median[:, None]), np.inf)
        mean = np.add.reduce(np.where(np.isfinite(away), away, 0.0), axis=1) / np.maximum(known, 1)
        spread = np.maximum(1.4826 * _median(away, known), 1.2533 * mean)
        off = np.abs(value - median)
        score = np.where(spread > 0, off / np.where(spread > 0, spread, 1.0), np.where(off > 0, _MOST, 0.0))
        if not self.frozen:
            self.state["ring"][slot, n % self.readings] = value
            self.state["n"][slot] = n + 1
        return np.where(2 * n >= self.readings, np.minimum(score, _MOST), np.nan)


def _median(ring: Floats, known: Ints) -> Floats:
    """Median of the first `known` of each row's numbers in order; unknown ones are infinite."""
    ordered = np.sort(ring, axis=1)
    row = np.arange(len(ring))
    low = ordered[row, np.maximum(known - 1, 0) >> 1]
    high = ordered[row, np.minimum(known >> 1, ring.shape[1] - 1)]
    out: Floats = np.where(known > 0, 0.5 * (np.where(known > 0, low, 0.0) + np.where(known > 0, high, 0.0)), 0.0)
    return out

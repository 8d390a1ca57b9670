"""Rate of change as a score."""

from detectors.base import Detector
from detectors.transforms import rate


class Rate(rate.Rate, Detector):
    """The score is the change a second, as the transform of this name has it; thresholds are in units a second.

    Args:
        over: span of the difference, microseconds.
        max_gap: longest time between two readings, microseconds; None = `over`, "pace" = by the running median step.
        cells: readings remembered a slot; more = finer for fast data.
        slots: room to begin with.

    Memory: 16 bytes a cell. One reading changes one of them.

    Reference: the rate-of-change condition of slope and river monitoring.

    A slope creeps 1 mm a day, then 10 mm an hour; the third reading of that, row 12, scores the full new rate:

    >>> import numpy as np
    >>> hour, slope = 3_600_000_000, Rate(over=3 * 3_600_000_000, slots=1)
    >>> moved = np.cumsum([1 / 24] * 10 + [10.0] * 5)
    >>> out = [slope.update(np.array([0]), np.array([i * hour]), np.array([v]))[0] for i, v in enumerate(moved)]
    >>> [round(float(v) * 3600, 3) for v in out[1:4]], next(i for i, v in enumerate(out) if v * 3600 > 9.99)
    ([nan, 0.042, 0.042], 12)
    """

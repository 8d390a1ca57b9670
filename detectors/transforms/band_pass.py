"""Band-pass filter."""

from detectors.cascade import band_pass
from detectors.transforms.high_pass import Filter


class BandPass(Filter):
    """Butterworth band-pass, causal: what lies between two corners stays.

    Args:
        low: lower corner, Hz.
        high: upper corner, Hz; below half the rate.
        order: slope on either side, and number of sections; seismologists say corners.
        rate: readings a second, Hz.
        max_gap: longest time between two readings, microseconds; None = five times the running median step.
        slots: room to begin with.

    Memory: 32 bytes an order and 104.

    Reference: Butterworth 1930; sections of second order by the bilinear transform. ObsPy's `bandpass`.

    Of a slow swell and a tremor of 5 Hz that begins at reading 200, the tremor is left:

    >>> import numpy as np
    >>> time = np.arange(400) / 100
    >>> ground = 10 * np.sin(2 * np.pi * 0.1 * time) + np.where(time < 2, 0, np.sin(2 * np.pi * 5 * time))
    >>> part, here = BandPass(slots=1), np.array([0])
    >>> out = part.series(here, 10_000 * np.arange(400)[None], ground[None])[0]
    >>> int(np.argmax(np.abs(out) > 0.5)), round(float(np.max(np.abs(out[300:]))), 2)
    (204, 1.02)
    """

    def __init__(
        self,
        *,
        low: float = 2.0,
        high: float = 20.0,
        order: int = 2,
        rate: float = 100.0,
        max_gap: int | None = None,
        slots: int = 0,
    ) -> None:
        self.low, self.high, self.order, self.rate = low, high, order, rate
        super().__init__(band_pass(low, high, order, rate), max_gap, slots)

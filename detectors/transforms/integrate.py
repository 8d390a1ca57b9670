"""Integral over time: velocity from acceleration."""

import numpy as np

from detectors.base import MINUTE, SECOND
from detectors.cascade import Section
from detectors.transforms.high_pass import Filter


class Integrate(Filter):
    """Integral by trapezoids of the distance from a slot's first reading, that forgets with time.

    Without forgetting, the smallest offset of an accelerometer grows for ever; a `fade` of a minute lets it grow to a
    minute's worth. The unit is the value's times seconds. Begins anew after a gap.

    Args:
        fade: what the integral remembers, microseconds.
        rate: readings a second, Hz.
        max_gap: longest time between two readings, microseconds; None = five times the running median step.
        slots: room to begin with.

    Memory: 136 bytes.

    Reference: the leaky integrator; Kanamori et al. 1999 (ground velocity from acceleration in real time).

    1 m/s2 for a second, from reading 100 on:

    >>> time, part, here = np.arange(300), Integrate(slots=1), np.array([0])
    >>> acceleration = np.where((time >= 100) & (time < 200), 1.0, 0.0)
    >>> velocity = part.series(here, 10_000 * time[None], acceleration[None])[0]
    >>> round(float(velocity[99]), 3), round(float(velocity[200]), 3)
    (0.0, 0.992)
    """

    def __init__(self, *, fade: int = MINUTE, rate: float = 100.0, max_gap: int | None = None, slots: int = 0) -> None:
        self.fade, self.rate = fade, rate
        if fade <= 0 or rate <= 0:
            raise ValueError(f"Integrate: fade and rate are above 0, found {fade}, {rate}")
        step = 1 / rate
        section: Section = (step / 2, step / 2, 0.0, -float(np.exp(-step * SECOND / fade)), 0.0)
        super().__init__([section], max_gap, slots)

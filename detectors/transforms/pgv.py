"""Peak ground velocity of three components."""

from typing import ClassVar

from detectors.transforms.ground_motion import GroundMotion


class Pgv(GroundMotion):
    """Peak ground velocity of the last `over`, m/s.

    A row is three components of acceleration in m/s2 (not in gal: 1 m/s2 = 100 gal). They are measured from the first
    reading, band-passed, integrated and added as a vector. A missing component stays where it was. The band-pass
    begins anew after a gap.

    Args:
        over: how long a peak counts, microseconds: the event window; 10 s to 72 h.
        low, high: corners of the band, Hz.
        order: slope of the Butterworth band-pass on either side, and number of its sections.
        rate: rows a second, Hz.
        max_gap: longest time between two rows, microseconds; None = five times the running median step.
        slots: room to begin with.

    Memory: 1,216 bytes. One row changes one cell.

    Reference: GB/T 17742-2020, annex A (band and vector; verified in public codes); the slope of the band is ours.

    A swing of 1 m/s2 and 1 Hz, which is 0.159 m/s, begins at row 1000:

    >>> import numpy as np
    >>> time, part, here = np.arange(3000), Pgv(slots=1), np.array([0])
    >>> ground = np.zeros((1, 3000, 3))
    >>> ground[0, :, 2] = 9.81 + np.where(time < 1000, 0, 1.0 * np.sin(2 * np.pi * time / 100))
    >>> pgv = part.series(here, 10_000 * time[None], ground)[0]
    >>> int(np.argmax(pgv > 0.1)), round(float(pgv[1099]), 3)
    (1022, 0.256)
    """

    kinds: ClassVar[tuple[str, ...]] = ("pgv",)
    units: ClassVar[tuple[str, ...]] = ("m/s",)

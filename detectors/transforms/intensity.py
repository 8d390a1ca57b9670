"""Instrumental seismic intensity of three components."""

from typing import ClassVar

import numpy as np

from detectors.base import Floats
from detectors.strong_motion import intensity
from detectors.transforms.ground_motion import GroundMotion


class Intensity(GroundMotion):
    """Instrumental intensity of the last `over`, 1.0 to 12.0, from peak acceleration (m/s2) and velocity (m/s).

    A row is three components of acceleration in m/s2 (not in gal: 1 m/s2 = 100 gal). They are measured from the first
    reading, band-passed (velocity: integrated) and added as a vector. A missing component stays where it was. The
    band-pass begins anew after a gap.

    Args:
        over: how long a peak counts, microseconds: the event window; 10 s to 72 h.
        low, high: corners of the band, Hz.
        order: slope of the Butterworth band-pass on either side, and number of its sections.
        rate: rows a second, Hz.
        max_gap: longest time between two rows, microseconds; None = five times the running median step.
        slots: room to begin with.

    Memory: 1,696 bytes. One row changes one cell.

    Reference: GB/T 17742-2020, annex A, formulas A.5 and A.6: I_A = 3.17 log10 PGA + 6.59, I_V = 3.00 log10 PGV + 9.77;
    I_V where both are at least 6.0, else their mean (verified in six public codes); the slope of the band is ours.

    A swing of 1 m/s2 and 1 Hz begins at row 1000:

    >>> time, part, here = np.arange(3000), Intensity(slots=1), np.array([0])
    >>> ground = np.zeros((1, 3000, 3))
    >>> ground[0, :, 2] = 9.81 + np.where(time < 1000, 0, 1.0 * np.sin(2 * np.pi * time / 100))
    >>> out = part.series(here, 10_000 * time[None], ground)[0]
    >>> int(np.argmax(out[:, 2] > 6.0)), out[[0, 999, 1200], 2].tolist()
    (1017, [1.0, 1.0, 8.0])
    """

    outputs: ClassVar[tuple[str, ...]] = ("pga", "pgv", "intensity")
    kinds: ClassVar[tuple[str, ...]] = ("pga", "pgv")
    units: ClassVar[tuple[str, ...]] = ("m/s2", "m/s", "1")

    def _told(self, peaks: tuple[Floats, ...]) -> Floats:
        return np.stack([*peaks, intensity(*peaks)], axis=-1)

"""Peak ground acceleration of three components."""

from typing import ClassVar

from detectors.transforms.ground_motion import GroundMotion


class Pga(GroundMotion):
    """Peak ground acceleration of the last `over`, m/s2.

    A row is three components of acceleration in m/s2 (not in gal: 1 m/s2 = 100 gal). They are measured from the first
    reading, band-passed and added as a vector. A missing component stays where it was. The band-pass begins anew
    after a gap.

    Args:
        over: how long a peak counts, microseconds: the event window; 10 s to 72 h.
        low, high: corners of the band, Hz.
        order: slope of the Butterworth band-pass on either side, and number of its sections.
        rate: rows a second, Hz.
        max_gap: longest time between two rows, microseconds; None = five times the running median step.
        slots: room to begin with.

    Memory: 1,192 bytes. One row changes one cell.

    Reference: GB/T 17742-2020, annex A (band and vector; verified in public codes); the slope of the band is ours.

    A swing of 1 m/s2 and 1 Hz begins at row 1000:

    >>> import numpy as np
    >>> time, part, here = np.arange(3000), Pga(slots=1), np.array([0])
    >>> ground = np.zeros((1, 3000, 3))
    >>> ground[0, :, 2] = 9.81 + np.where(time < 1000, 0, 1.0 * np.sin(2 * np.pi * time / 100))
    >>> pga = part.series(here, 10_000 * time[None], ground)[0]
    >>> int(np.argmax(pga > 0.5)), round(float(pga[-1]), 2)
    (1011, 1.1)
    """

    kinds: ClassVar[tuple[str, ...]] = ("pga",)
    units: ClassVar[tuple[str, ...]] = ("m/s2",)

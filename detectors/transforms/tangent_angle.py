"""The improved tangent angle of a displacement."""

from typing import ClassVar

import numpy as np

from detectors.base import Floats
from detectors.transforms.uniform_rate import UniformRate


class TangentAngle(UniformRate):
    """Improved tangent angle of a displacement, degrees: 45 = uniform stage, from 85 on shortly before failure.

    T = S / v has the dimension of time, v being the rate of the uniform stage, and the angle is atan(dT / dt): of the
    slope of a least-squares line through the last `over`. Below `min_rate` it is 0: where next to nothing moves, noise
    has any angle. Steps of rain-fed slopes look like failure until they end; make `over` longer than a step lasts.

    Args:
        uniform: rate of the uniform stage, the value's unit a day; 0 = learn it.
        learn: how long it is learnt from the first reading on, microseconds.
        min_rate: the value's unit a day; 1 to 2 mm a day are usual. A lower learnt rate counts as this.
        over: what the line is drawn through, microseconds.
        max_gap: longest time between two readings, microseconds; None = `over`, "pace" = by the running median step.
        cells: readings remembered a slot.
        slots: room to begin with.

    Memory: 16 bytes a cell and 80. One reading changes one cell and nine numbers.

    Reference: Xu Qiang et al. 2009; table 1 of EURASIP JWCN 2021, doi 10.1186/s13638-021-02033-y: 45, 80 and 85 degrees
    (verified; the computation memory; the gate ours).

    2 mm a day, and from day 10 on twelve times that:

    >>> part, here, day = TangentAngle(uniform=2.0, slots=1), np.array([0]), np.arange(20)
    >>> moved = np.where(day < 10, 2.0 * day, 24.0 * day - 220.0)
    >>> part.series(here, 86_400_000_000 * day[None], moved[None])[0, [1, 2, 9, 10, 11, 12]].round(1).tolist()
    [nan, 45.0, 45.0, 45.0, 81.3, 85.2]
    """

    units: ClassVar[tuple[str, ...]] = ("deg",)

    def _told(self, rate: Floats, uniform: Floats) -> Floats:
        angle = np.degrees(np.arctan(rate / uniform))
        return np.where((rate < self.min_rate) & ~np.isnan(uniform), 0.0, angle)

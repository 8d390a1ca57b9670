"""Wind force from wind speed."""

from typing import ClassVar

import numpy as np

from detectors.base import Floats, Ints, Transform

#: Lower bounds of the forces 1 to 17, m/s at 10 m: GB/T 28591-2012. To 8: status verified; from 9 on: memory.
BOUNDS = (0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7, 37.0, 41.5, 46.2, 51.0, 56.1)


class Beaufort(Transform):
    """Wind force 0 to 17 of a speed in m/s at 10 m, by the lower bounds of the scale; beyond 17 it is 17.

    Args:
        slots: room to begin with.

    Memory: 8 bytes.

    Reference: GB/T 28591-2012 (the Beaufort scale with forces to 17), bounds in `BOUNDS`; to 8 verified, above memory.

    >>> part, here = Beaufort(slots=4), np.arange(4)
    >>> part.update(here, here, np.array([0.2, 10.79, 10.8, 70.0])).tolist()
    [0.0, 5.0, 6.0, 17.0]
    """

    input_units: tuple[str, ...] = ("m/s",)
    units: ClassVar[tuple[str, ...]] = ("1",)

    def __init__(self, *, slots: int = 0) -> None:
        super().__init__(slots)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:  # noqa: ARG002 - the contract of all parts
        return np.searchsorted(BOUNDS, value, side="right").astype(np.float64)

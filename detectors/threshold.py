"""The value itself as a score."""

from detectors.base import Detector, Floats, Ints


class Threshold(Detector):
    """The score is the value: thr_on and thr_off are then limits in the value's unit.

    Args:
        slots: room to begin with.

    Memory: 8 bytes.

    Reference: the level condition of telemetry; Schmitt 1938 for the two thresholds. A level passes 3 at reading 2:

    >>> import numpy as np
    >>> levels = Threshold(slots=2)
    >>> levels.update(np.array([1, 0]), np.array([10, 20]), np.array([3.5, np.nan]))
    array([3.5, nan])
    >>> int(np.argmax(levels.series(np.array([0]), np.arange(4)[None], np.array([[1.0, 2.0, 3.1, 4.0]]))[0] > 3))
    2
    """

    def __init__(self, *, slots: int = 0) -> None:
        super().__init__(slots)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:  # noqa: ARG002 - the contract of all parts
        return value.copy()

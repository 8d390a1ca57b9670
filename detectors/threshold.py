"""The value itself as a score."""

from detectors.base import Detector, Floats, Ints


class Threshold(Detector):
    """The score is the value: thr_on and thr_off are then limits in the value's unit.

    >>> import numpy as np
    >>> levels = Threshold(slots=2)
    >>> levels.update(np.array([1, 0]), np.array([10, 20]), np.array([3.5, np.nan]))
    array([3.5, nan])
    """

    def __init__(self, *, slots: int = 0) -> None:
        super().__init__(slots)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:  # noqa: ARG002 - the contract of all parts
        return value.copy()

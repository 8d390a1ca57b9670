"""Length of a vector from its components."""

import numpy as np

from detectors.base import Floats, Ints, Transform


class VectorSum(Transform):
    """Root of the sum of squares of the components; a missing one (no more than half may be) counts as 0.

    The components come as one row a reading; `detectors.join.Join` puts rows together from single readings (`exact`).

    Args:
        components: how many.
        slots: room to begin with.

    Memory: 8 bytes.

    Reference: strong-motion practice (the peak of the vector, not of one component).

    >>> part, here = VectorSum(slots=1), np.array([0])
    >>> [float(part.update(here, np.array([0]), np.array([row]))[0]) for row in ([1.0, 2.0, 2.0], [3.0, np.nan, 4.0])]
    [3.0, 5.0]
    """

    def __init__(self, *, components: int = 3, slots: int = 0) -> None:
        if components < 2:
            raise ValueError(f"VectorSum: components is at least 2, found {components}")
        self.components = self.width = components
        super().__init__(slots)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:  # noqa: ARG002 - the contract of all parts
        known = np.where(np.isfinite(value), value, 0.0)
        out: Floats = np.sqrt(np.add.reduce(known * known, axis=1))
        return out

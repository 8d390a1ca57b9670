"""High-pass filter."""

import numpy as np

from detectors.base import Column, Floats, Ints, Transform
from detectors.blocked import Blocked
from detectors.cascade import BLOCK, Cascade, Section, high_pass


class Filter(Blocked, Transform):
    """A cascade of sections over the distance from a slot's first reading, so that an offset makes no thump.

    Begins anew after a gap. The rate is the stream's own: a filter for 100 Hz fed with 50 Hz has its corners at half
    their frequency.
    """

    def __init__(self, sections: list[Section], max_gap: int | None, slots: int) -> None:
        self._cascade = Cascade("filter", sections)
        super().__init__(slots, max_gap, origin=Column(np.float64, 0.0), **self._cascade.columns())

    def _begin(self, slot: Ints, value: Floats) -> None:
        self._cascade.reset(self.state, slot)
        self.state["origin"][slot] = value

    def _at(self, slot: Ints, count: Ints, value: Floats) -> Floats:
        return self._cascade.step(self.state, slot, count % BLOCK, value - self.state["origin"][slot])

    def _span(self, slot: Ints, count: Ints, value: Floats) -> Floats:
        moved = value - self.state["origin"][slot][:, None]
        return self._cascade.span(self.state, slot, int(count[0]) % BLOCK, moved)


class HighPass(Filter):
    """Butterworth high-pass, causal: what is slower than the corner goes away.

    Args:
        corner: where the amplitude is down to 0.71, Hz.
        order: slope, an even number; 2 = 12 dB an octave.
        rate: readings a second, Hz.
        max_gap: longest time between two readings, microseconds; None = five times the running median step.
        slots: room to begin with.

    Memory: 16 bytes an order and 104.

    Reference: Butterworth 1930; sections of second order by the bilinear transform.

    A step of 10 on an offset of 1000 at reading 50 comes through and dies away:

    >>> part, here = HighPass(corner=1.0, rate=100.0, slots=1), np.array([0])
    >>> level = np.where(np.arange(400) < 50, 1000.0, 1010.0)
    >>> out = part.series(here, 10_000 * np.arange(400)[None], level[None])[0]
    >>> int(np.argmax(np.abs(out) > 5)), round(float(out[50]), 3), bool(abs(out[-1]) < 1e-3)
    (50, 9.565, True)
    """

    def __init__(
        self,
        *,
        corner: float = 1.0,
        order: int = 2,
        rate: float = 100.0,
        max_gap: int | None = None,
        slots: int = 0,
    ) -> None:
        self.corner, self.order, self.rate = corner, order, rate
        super().__init__(high_pass(corner, order, rate), max_gap, slots)

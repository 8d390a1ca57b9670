"""A small shift that stays."""

from typing import ClassVar

import numpy as np

from detectors.base import Bools, Column, Detector, Floats, Ints

_BLIND = 30
_MOST = 100.0
_WILD = 4.0


class Cusum(Detector):
    """Cumulative sums of what z = (x - mean) / spread is beyond `drift`, upward and downward; the larger is the score.

    Mean and spread are running ones over `past` readings (spread: 1.25 times the mean distance), from readings cut off
    at four spreads. The sums count z up to +-4 and stop at 100, so that one wild value is no shift and they find back.
    Scores first, then learns; blind for the first 30 readings.

    Args:
        drift: what is let go of at every reading, in spreads; half the shift that should be found quickest.
        past: readings that mean and spread remember.
        slots: room to begin with.

    Memory: 48 bytes.

    Reference: Page 1954.

    A shift of one spread at reading 300:

    >>> x = np.random.default_rng(4).normal(size=400) + np.where(np.arange(400) < 300, 0, 1.0)
    >>> part, here = Cusum(slots=1), np.array([0])
    >>> score = [part.update(here, np.array([i]), np.array([v]))[0] for i, v in enumerate(x)]
    >>> next(i for i, s in enumerate(score) if s >= part.thr_on)
    328
    """

    thr_on: ClassVar[float] = 8.0
    thr_off: ClassVar[float] = 4.0
    scale_free: ClassVar[bool] = True

    def __init__(self, *, drift: float = 0.5, past: int = 1000, slots: int = 0) -> None:
        self.drift, self.past = drift, past
        super().__init__(slots, now=Column(np.float64, 0.0, 5))

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:  # noqa: ARG002 - the contract of all parts
        now = self.state["now"][slot].T.copy()  # a row each: whole columns are quicker than every fifth number
        n, mean, spread, up, down = now
        warm = n >= _BLIND
        off = value - mean
        off[n == 0] = 0.0
        z = np.divide(off, spread, out=np.zeros(len(slot)), where=spread > 0)
        np.minimum(np.maximum(z, -_WILD, out=z), _WILD, out=z)
        for total, step in ((up, z - self.drift), (down, -z - self.drift)):
            np.minimum(np.maximum(total + step, 0.0), _MOST, out=total)
            np.multiply(total, warm, out=total)
        score: Floats = np.maximum(up, down)
        score[~warm] = np.nan
        if not self.frozen:
            self._learn(n, mean, spread, value, off, warm)
        self.state["now"][slot] = now.T
        return score

    def _learn(self, n: Floats, mean: Floats, spread: Floats, value: Floats, off: Floats, warm: Bools) -> None:
        """Mean and spread, in place."""
        n += 1
        share = np.maximum(1 / self.past, 1 / n)
        wild = np.where(warm & (spread > 0), _WILD * spread, np.inf)
        mild = np.minimum(np.maximum(off, -wild), wild)
        mean += share * mild
        np.copyto(mean, value, where=n == 1)
        spread += share * (1.25 * np.abs(mild) - spread)

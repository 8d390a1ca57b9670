"""How rare the distance from the recent level is."""

from typing import ClassVar

import numpy as np

from detectors import rarity
from detectors.base import Column, Detector, Floats, Ints

_BLIND = 50
_ODD = 0.7390851332151607  # no fraction: readings in whole steps must not meet the borders of bins


class Tail(Detector):
    """-log10 of the share of the past in which a reading was as far from the running mean, by a histogram.

    Asks nothing of the shape of the noise: 3 is one in a thousand whatever it is. Beyond the largest distance ever, 1
    more for each octave. See `detectors.rarity` for the histogram, which forgets. Scores first, then learns; blind for
    the first 50 readings.

    Args:
        level: readings that the running mean remembers.
        past: readings that the histogram remembers.
        slots: room to begin with.

    Memory: 3 KB. One reading changes one bin.

    Reference: Ahmad et al. 2017 (tail probability of an error in place of a limit on it).

    Noise with wild outliers in it, which are normal here, and at reading 900 one that is not:

    >>> random = np.random.default_rng(8)
    >>> noise = random.normal(size=1000) * np.where(random.random(1000) < 0.05, 10, 1)
    >>> noise[900] = 300.0
    >>> part, here = Tail(slots=1), np.array([0])
    >>> score = [part.update(here, np.array([i]), np.array([v]))[0] for i, v in enumerate(noise)]
    >>> [i for i, s in enumerate(score) if s >= part.thr_on]
    [900]
    """

    thr_on: ClassVar[float] = 4.0
    thr_off: ClassVar[float] = 2.0
    scale_free: ClassVar[bool] = True

    def __init__(self, *, level: int = 100, past: int = 10_000, slots: int = 0) -> None:
        self.level, self.past = level, past
        super().__init__(slots, now=Column(np.float64, 0.0, 3), **rarity.columns(1))

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:  # noqa: ARG002 - the contract of all parts
        now = self.state["now"][slot]
        n, mean, ref = now.T
        off = np.where(n > 0, value - mean, 0.0)
        now[:, 2] = np.where(ref > 0, ref, np.abs(off))
        view = np.abs(off) / (np.where(now[:, 2] > 0, now[:, 2], 1.0) * _ODD)
        score = rarity.surprise(self.state, slot, view[:, None], self.past, learn=not self.frozen)[:, 0]
        now[:, 1] = np.where(n > 0, mean + np.maximum(1 / self.level, 1 / (n + 1)) * off, value)
        now[:, 0] = n + 1
        self.state["now"][slot] = now
        return np.where(n >= _BLIND, score, np.nan)

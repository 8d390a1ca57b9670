"""A tsunami in the level of the sea."""

from typing import ClassVar

import numpy as np

from detectors.base import HOUR, MINUTE, Column, Detector, Floats, Ints

_POLES = 4
_FIRST = 30  # readings that the spread needs
_SURE = 60  # and those after which wild ones are cut off
_WILD = 4.0
_TO_SPREAD = 1.25


class Tsunami(Detector):
    """What is left of the sea level without tide and without chop, in its own usual size.

    Four recursive high-passes in a row take the tide away, one low-pass the chop. Their weights follow the true time
    between readings, so a gauge that goes from 15 minutes to 15 seconds needs nothing else. The score is the size of
    what is left over 1.25 times its mean of the last day or so, from readings cut off at four times that mean. Blind
    for `settle` after the first reading and after a gap; the usual size outlives a gap.

    Args:
        tide: time constant of the high-passes, microseconds; swings much longer than 2 pi times that are taken away.
        chop: time constant of the low-pass, microseconds.
        usual: what the usual size remembers, microseconds.
        settle: blind after a beginning, microseconds.
        max_gap: longest time between two readings, microseconds.
        slots: room to begin with.

    Memory: 72 bytes.

    Reference: Mofjeld 1997 (the DART algorithm: distance from a forecast of the tide) made recursive; figures:
    docs/detectors.md.

    A tide of 1 m with 1 cm of noise, and a wave of 20 cm and 20 minutes from minute 2000 on:

    >>> minute, random = np.arange(2200), np.random.default_rng(2)
    >>> tide = np.sin(minute * 2 * np.pi / 745) + 0.01 * random.normal(size=2200)
    >>> level = tide + np.where(minute < 2000, 0, 0.2 * np.sin((minute - 2000) * 2 * np.pi / 20))
    >>> score = Tsunami(slots=1).series(np.array([0]), MINUTE * minute[None], level[None])[0]
    >>> int(np.argmax(score > Tsunami.thr_on)), bool(np.isnan(score[:180]).all())
    (2001, True)
    """

    thr_on: ClassVar[float] = 4.0
    thr_off: ClassVar[float] = 2.0
    scale_free: ClassVar[bool] = True

    def __init__(
        self,
        *,
        tide: int = HOUR // 2,
        chop: int = 2 * MINUTE,
        usual: int = 24 * HOUR,
        settle: int = 3 * HOUR,
        max_gap: int = HOUR,
        slots: int = 0,
    ) -> None:
        self.tide, self.chop, self.usual, self.settle, self.max_gap = tide, chop, usual, settle, max_gap
        one, number = Column(np.float64, 0.0), Column(np.int64, 0)
        super().__init__(slots, since=number, n=number, left=one, size=one, level=Column(np.float64, 0.0, _POLES))

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        step = time - self.state["last"][slot]
        begins = step > self.max_gap
        if begins.any():
            fresh = slot[begins]
            self.state["since"][fresh] = time[begins]
            self.state["level"][fresh] = self.state["left"][fresh] = 0.0
            self.state["level"][fresh, 0] = value[begins]
            step = np.where(begins, 0, step)
        left = self._left(slot, step, value)
        settled = time - self.state["since"][slot] > self.settle
        size, n = self.state["size"][slot], self.state["n"][slot]
        known = size > 0
        score = np.where(known, left / np.where(known, _TO_SPREAD * size, 1.0), 0.0)
        if not self.frozen:
            share = np.maximum(step / (self.usual + step), 1.0 / (n + 1))
            mild = np.where((n >= _SURE) & known, np.minimum(left, _WILD * size), left)
            self.state["size"][slot] = np.where(settled, size + share * (mild - size), size)
        self.state["n"][slot] = n + settled
        return np.where(settled & (n >= _FIRST), score, np.nan)

    def _left(self, slot: Ints, step: Ints, value: Floats) -> Floats:
        """Size of what is left of a reading."""
        share = step / (self.tide + step)
        level = self.state["level"][slot]
        for pole in range(_POLES):
            level[:, pole] += share * (value - level[:, pole])
            value = value - level[:, pole]
        self.state["level"][slot] = level
        left = self.state["left"][slot]
        left += step / (self.chop + step) * (value - left)
        self.state["left"][slot] = left
        out: Floats = np.abs(left)
        return out

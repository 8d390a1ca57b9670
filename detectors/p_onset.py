"""The first wave of an earthquake at one station."""

from typing import ClassVar

import numpy as np

from detectors.base import SECOND, Column, Detector, Floats, Ints
from detectors.blocked import Blocked
from detectors.cascade import BLOCK, Cascade, average, band_pass

_WARM = 2  # times `long` without an answer
_SETTLED = 16  # times `long` after which nothing of the start is left in the mean


class POnset(Blocked, Detector):
    """Power of the ground's motion of late over what it was a moment ago, in the band of nearby earthquakes.

    The vertical component goes through a band-pass and is squared; a recursive mean over `short` is divided by one
    over `long` that lags behind by `lag`, so that the onset does not raise its own measure. The start's bias of the
    long mean is divided out.

    Args:
        low: lower corner of the band, Hz.
        high: upper corner, Hz.
        order: sections of the band-pass.
        short: what the short mean remembers, microseconds.
        long: what the long mean remembers, microseconds.
        lag: what smooths the long mean once more, microseconds.
        rate: readings a second, Hz.
        max_gap: longest time between two readings, microseconds; None = five times the running median step.
        slots: room to begin with.

    Memory: 264 bytes.

    Reference: Allen 1978 (STA/LTA picker); Withers et al. 1998 (comparison). Figures: docs/detectors.md.

    Noise, and from reading 2000 on a wave of three times its size:

    >>> time, random = np.arange(2400), np.random.default_rng(5)
    >>> ground = random.normal(size=2400) + np.where(time < 2000, 0, 3 * np.sin(time * 2 * np.pi * 8 / 100))
    >>> score = POnset(slots=1).series(np.array([0]), 10_000 * time[None], ground[None])[0]
    >>> int(np.argmax(score > POnset.thr_on))
    2015
    """

    thr_on: ClassVar[float] = 6.5
    thr_off: ClassVar[float] = 2.5
    scale_free: ClassVar[bool] = True

    def __init__(
        self,
        *,
        low: float = 4.0,
        high: float = 20.0,
        order: int = 2,
        short: int = SECOND // 5,
        long: int = 5 * SECOND,
        lag: int = SECOND,
        rate: float = 100.0,
        max_gap: int | None = None,
        slots: int = 0,
    ) -> None:
        self.low, self.high, self.order, self.rate = low, high, order, rate
        self.short, self.long, self.lag = short, long, lag
        samples = [max(span * rate / SECOND, 1.0) for span in (short, long, lag)]
        self._band = Cascade("band", band_pass(low, high, order, rate))
        self._short = Cascade("short", [average(samples[0])])
        self._long = Cascade("long", [average(samples[1]), average(samples[2])])
        count = np.arange(1, int(_SETTLED * samples[1]) + 1)
        self._bias = 1 - (1 - 1 / samples[1]) ** count
        self._bias[-1] = 1.0
        self._warm = int(_WARM * samples[1])
        columns: dict[str, Column] = {"origin": Column(np.float64, 0.0)}
        for cascade in (self._band, self._short, self._long):
            columns |= cascade.columns()
        super().__init__(slots, max_gap, **columns)

    def _begin(self, slot: Ints, value: Floats) -> None:
        for cascade in (self._band, self._short, self._long):
            cascade.reset(self.state, slot)
        self.state["origin"][slot] = value

    def _at(self, slot: Ints, count: Ints, value: Floats) -> Floats:
        at = count % BLOCK
        moved = self._band.step(self.state, slot, at, value - self.state["origin"][slot])
        power = moved * moved
        short = self._short.step(self.state, slot, at, power)
        return self._ratio(count, short, self._long.step(self.state, slot, at, power))

    def _span(self, slot: Ints, count: Ints, value: Floats) -> Floats:
        at = int(count[0]) % BLOCK
        moved = self._band.span(self.state, slot, at, value - self.state["origin"][slot][:, None])
        power = moved * moved
        short = self._short.span(self.state, slot, at, power)
        long = self._long.span(self.state, slot, at, power)
        return self._ratio(count[:, None] + np.arange(value.shape[1]), short, long)

    def _ratio(self, count: Ints, short: Floats, long: Floats) -> Floats:
        usual = long / self._bias[np.minimum(count, len(self._bias) - 1)]
        moves = usual > 0
        ratio = np.where(moves, short / np.where(moves, usual, 1.0), 0.0)
        return np.where(count >= self._warm, ratio, np.nan)

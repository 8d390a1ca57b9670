"""The general detector of one datastream: three views of a reading, each as rare as it is, added up."""

from typing import ClassVar

import numpy as np

from detectors import rarity
from detectors.base import HOUR, Column, Detector, Floats, Ints

_NOW = ("n", "ref", "fast", "slow", "quick", "calm", "previous", "peak", "peak_at")
_FEW = 4  # up to so many readings a call are taken one by one
_BLIND = 50  # readings without an answer
_ODD = 0.7390851332151607  # no fraction: readings in whole steps must not meet the borders of bins
_STILL = 1e-12  # squared changes below this share of the squared first change are none


class Anomaly(Detector):
    """How rare a reading is for its own datastream: -log10 of a probability, over three views of it.

    1. *profile*: distance from the mean of this hour of the week (from that of the hour of the day, or the slow
       level, while this hour has not been seen);
    2. *level*: distance between a fast and a slow moving average;
    3. *volatility*: how far the mean square change of late is from its slow average, as a logarithm.

    Each view has a histogram of its own past (`detectors.rarity`). The score is the sum of the three surprises; after
    it, for `refractory` readings, a score counts only if it is above that peak, and is 0 otherwise. So one happening
    gives one alarm, whatever the threshold is.

    Nothing depends on the unit: the first change ever seen is the measure of all bins. A slot is blind for its first
    50 readings. It never stops learning unless it is `frozen`.

    Args:
        fast: readings that the fast averages remember.
        slow: readings that the slow averages remember.
        past: readings that the histograms remember.
        weeks: weeks that the profile remembers.
        refractory: readings after a peak in which only a higher one counts.
        slots: room to begin with.

    Memory: 12 KB. One reading changes one hour of each profile and one bin of each histogram.

    Reference: Ahmad et al. 2017 (anomaly likelihood) for tail probabilities in place of limits; HdrHistogram for the
    bins. What each view is worth on real series: docs/detectors.md.

    A pump's pressure with a daily rhythm and noise loses a tenth at reading 700; it fires at once:

    >>> noise = np.random.default_rng(1).normal(size=800)
    >>> pressure = 40 + 3 * np.sin(np.arange(800) * 2 * np.pi / 24) + 0.3 * noise
    >>> pressure[700:] -= 4.0
    >>> part, here = Anomaly(slots=1), np.array([0])
    >>> score = [part.update(here, np.array([i * HOUR]), np.array([v]))[0] for i, v in enumerate(pressure)]
    >>> next(i for i, s in enumerate(score) if s >= part.thr_on)
    700
    """

    scale_free: ClassVar[bool] = True
    thr_on: ClassVar[float] = 6.5
    thr_off: ClassVar[float] = 3.0

    def __init__(
        self,
        *,
        fast: int = 20,
        slow: int = 200,
        past: int = 10_000,
        weeks: int = 50,
        refractory: int = 100,
        slots: int = 0,
    ) -> None:
        self.fast, self.slow, self.past, self.weeks, self.refractory = fast, slow, past, weeks, refractory
        super().__init__(
            slots,
            now=Column(np.float64, 0.0, len(_NOW)),
            day=Column(np.float64, 0.0, 24, 1),
            days=Column(np.float64, 0, 24, 1),
            week=Column(np.float64, 0.0, 168, 1),
            weeks=Column(np.float64, 0, 168, 1),
            **rarity.columns(3),
        )

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        if len(slot) <= _FEW:
            rows = zip(slot.tolist(), (time // HOUR).tolist(), value.tolist(), strict=True)
            return np.array([self._one(*row) for row in rows])
        now = self.state["now"][slot].T.copy()
        n, ref, fast, slow, quick, calm, previous, peak, peak_at = now
        new = n == 0
        if new.any():
            fast[new] = slow[new] = previous[new] = value[new]
        n += 1
        change = value - previous
        np.copyto(ref, np.abs(change), where=ref == 0)
        quickly, slowly = np.maximum(1 / self.fast, 1 / n), np.maximum(1 / self.slow, 1 / n)
        view = np.empty((len(slot), 3))
        view[:, 0] = np.abs(value - self._usual(slot, time // HOUR, value, slow))
        fast += quickly * (value - fast)
        slow += slowly * (value - slow)
        square = change * change
        quick += quickly * (square - quick)
        calm += slowly * (square - calm)
        previous[:] = value
        measure = np.where(ref > 0, ref, 1.0) * _ODD
        still = _STILL * measure * measure
        view[:, 1] = np.abs(fast - slow)
        view[:, :2] /= measure[:, None]
        view[:, 2] = 0.5 * np.abs(np.log((quick + still) / (calm + still)))
        each = rarity.surprise(self.state, slot, view, self.past, learn=not self.frozen)
        score = each[:, 0] + each[:, 1] + each[:, 2]
        counts = (score > peak) | (n - peak_at > self.refractory)
        np.copyto(peak, score, where=counts)
        np.copyto(peak_at, n, where=counts)
        self.state["now"][slot] = now.T
        return np.where(n > _BLIND, np.where(counts, score, 0.0), np.nan)

    def _usual(self, slot: Ints, hour: Ints, value: Floats, slow: Floats) -> Floats:
        """What this hour used to be; then the hour learns."""
        day, week = hour % 24, hour % 168
        seen_day, seen = self.state["days"][slot, day], self.state["weeks"][slot, week]
        by_day, by_week = self.state["day"][slot, day], self.state["week"][slot, week]
        usual: Floats = np.where(seen > 0, by_week, np.where(seen_day > 0, by_day, slow))
        if not self.frozen:
            seen_day, seen = np.minimum(seen_day + 1, 12 * self.weeks), np.minimum(seen + 1, self.weeks)
            self.state["days"][slot, day], self.state["weeks"][slot, week] = seen_day, seen
            self.state["day"][slot, day] = by_day + (value - by_day) / seen_day
            self.state["week"][slot, week] = by_week + (value - by_week) / seen
        return usual

    def _one(self, slot: int, hour: int, value: float) -> float:
        """The same for one reading, in the same steps: numpy's overhead would be five times the work."""
        row = self.state["now"][slot]
        n, ref, fast, slow, quick, calm, previous, peak, peak_at = row.tolist()
        if n == 0:
            fast = slow = previous = value
        n += 1
        change = value - previous
        ref = ref or abs(change)
        quickly, slowly = max(1 / self.fast, 1 / n), max(1 / self.slow, 1 / n)
        profile = abs(value - self._usual_of_one(slot, hour, value, slow))
        fast += quickly * (value - fast)
        slow += slowly * (value - slow)
        square = change * change
        quick += quickly * (square - quick)
        calm += slowly * (square - calm)
        measure = (ref or 1.0) * _ODD
        still = _STILL * measure * measure
        volatility = 0.5 * abs(float(np.log((quick + still) / (calm + still))))
        view = [profile / measure, abs(fast - slow) / measure, volatility]
        first, second, third = rarity.surprise_of_one(self.state, slot, view, self.past, learn=not self.frozen)
        score = first + second + third
        counts = score > peak or n - peak_at > self.refractory
        if counts:
            peak, peak_at = score, n
        row[:] = n, ref, fast, slow, quick, calm, value, peak, peak_at
        return np.nan if n <= _BLIND else score if counts else 0.0

    def _usual_of_one(self, slot: int, hour: int, value: float, slow: float) -> float:
        day, week = hour % 24, hour % 168
        usual = slow
        for name, count, at, most in (("day", "days", day, 12 * self.weeks), ("week", "weeks", week, self.weeks)):
            seen, mean = float(self.state[count][slot, at]), float(self.state[name][slot, at])
            usual = mean if seen > 0 else usual
            if not self.frozen:
                self.state[count][slot, at] = seen = min(seen + 1, most)
                self.state[name][slot, at] = mean + (value - mean) / seen
        return usual

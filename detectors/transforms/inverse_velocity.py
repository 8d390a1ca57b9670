"""Time of failure from the inverse of a velocity."""

from typing import ClassVar

import numpy as np

from detectors.base import NEVER, SECOND, Bools, Column, Floats, Ints
from detectors.transforms.days import DAY
from detectors.transforms.trend import Trend, line
from detectors.transforms.window import MaxGap

_ENOUGH = 5  # points that a line needs
_NEW = 3  # points that make a new trend
_WILD = 3.0  # spreads that each of them has to be off the old line
_SAME = 1e-6  # days: times that differ by less are the same
_LEAST = 0.05  # and at least this share of the old line's mean


class InverseVelocity(Trend):
    """When a slope that moves faster and faster will fail: where the line of its inverse velocity meets zero.

    The velocity is the change of the displacement over `short`, one for each remembered reading of the last `over`
    and the present one; 1 / velocity is fitted by a least-squares line against time. Where the last three points
    all lie on one side of the line through those before them, further off than three times its spread, the trend
    has changed, and the fit goes on with spans that begin in the middle of the first of these, or later. Velocities
    below `min_rate` count as none.

    Answers the hours until failure (0 when it should have been), the time of failure in seconds since 1970 and the
    share of the spread that the line explains (R2). Without a trend towards failure the hours are `horizon`, which also
    stands for never, R2 is 0 and the time is that far ahead: a rule on it is false, and not unknown. NaN until the
    readings span half of `over`. Noise has to be taken off before: `mean` or `median`, and a `short` that is long.

    Args:
        over: how far back the line goes, microseconds.
        short: what the velocity is taken over, microseconds; shorter than `over`.
        min_rate: the value's unit a day.
        horizon: the longest time until failure that is told, microseconds.
        max_gap: longest time between two readings, microseconds; None = `over`, "pace" = by the running median step.
        cells: readings remembered a slot.
        slots: room to begin with.

    Memory: 16 bytes a cell and 32. One reading changes one cell and four numbers.

    Reference: Fukuzono 1985; Carla et al. 2017, doi 10.1007/s10346-016-0731-5 (smoothing, windows; verified); Bozzano
    et al. 2018 (a fit begins anew when the trend changes; verified). How a change is told is ours.

    1 / velocity falls from 1 d/mm at day 0 to zero at day 10; at day 8 that is 48 h away:

    >>> part, here, hour = InverseVelocity(slots=1), np.array([0]), np.arange(193)
    >>> moved = -10.0 * np.log(1 - hour / 240)
    >>> out = part.series(here, 3_600_000_000 * hour[None], moved[None])[0]
    >>> out[192].round(2).tolist()
    [47.94, 863780.72, 1.0]
    """

    outputs: ClassVar[tuple[str, ...]] = ("lead", "failure", "r2")
    units: ClassVar[tuple[str, ...]] = ("h", "s", "1")

    def __init__(
        self,
        *,
        over: int = 2 * DAY,
        short: int = DAY // 6,
        min_rate: float = 0.1,
        horizon: int = 90 * DAY,
        max_gap: MaxGap = None,
        cells: int = 61,
        slots: int = 0,
    ) -> None:
        if not 0 < short < over or min_rate <= 0 or horizon <= 0:
            raise ValueError(f"InverseVelocity: short is 0 to over, min_rate and horizon above 0, not {short}, {over}")
        self.short, self.min_rate, self.horizon = short, min_rate, horizon
        super().__init__(over, max_gap, cells, slots, trend=Column(np.int64, NEVER))
        self._lag = max(1, round(short / self._spacing))

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        ago, moved, known = self._window(slot, time, value)
        x, inverse, there = self._points(ago, moved, known)
        there &= self._since(slot, time, ago)
        changed = self._changed(x, inverse, there)
        oldest = np.minimum.reduce(np.where(_last(there, _NEW), x, 0.0), axis=1)
        begin = time + np.rint(oldest * DAY).astype(np.int64)
        self.state["trend"][slot] = np.where(changed, begin, self.state["trend"][slot])
        out = self._failure(time, x, inverse, there & self._since(slot, time, ago))
        out[~self._covered(slot, time)] = np.nan
        return out

    def _since(self, slot: Ints, time: Ints, ago: Floats) -> Bools:
        """Which spans lie wholly within the present trend."""
        inside: Bools = ago[:, : -self._lag] >= ((self.state["trend"][slot] - time) / DAY - _SAME)[:, None]
        return inside

    def _points(self, ago: Floats, moved: Floats, known: Bools) -> tuple[Floats, Floats, Bools]:
        """Middle of each span in days before now, inverse velocity over it, and which there are."""
        span = ago[:, self._lag :] - ago[:, : -self._lag]
        there = known[:, self._lag :] & known[:, : -self._lag] & (span > 0)
        velocity = (moved[:, self._lag :] - moved[:, : -self._lag]) / np.where(there, span, 1.0)
        there &= velocity >= self.min_rate
        inverse = np.where(there, 1 / np.where(there, velocity, 1.0), 0.0)
        return np.where(there, 0.5 * (ago[:, self._lag :] + ago[:, : -self._lag]), 0.0), inverse, there

    def _changed(self, x: Floats, inverse: Floats, there: Bools) -> Bools:
        newest = _last(there, _NEW)
        before = there & ~newest
        slope, level, share, n = line(x, inverse, before)
        off = np.where(newest, inverse - (level[:, None] + slope[:, None] * x), 0.0)
        mean = np.add.reduce(np.where(before, inverse, 0.0), axis=1) / np.maximum(n, 1)
        distance = np.where(before, inverse - mean[:, None], 0.0)
        left = np.maximum(1 - share, 0.0) * np.add.reduce(distance * distance, axis=1)
        limit = np.maximum(_WILD * np.sqrt(left / np.maximum(n - 2, 1)), _LEAST * mean)[:, None]
        above, below = (np.add.reduce(newest & side, axis=1) == _NEW for side in (off > limit, off < -limit))
        changed: Bools = (n >= _ENOUGH) & (above | below)
        return changed

    def _failure(self, time: Ints, x: Floats, inverse: Floats, there: Bools) -> Floats:
        slope, level, share, n = line(x, inverse, there)
        fails = (slope < 0) & (n >= _ENOUGH)
        longest = self.horizon / DAY
        days = np.where(fails, level / np.where(fails, -slope, 1.0), longest)
        days = np.minimum(np.maximum(days, 0.0), longest)
        return np.stack([24 * days, time / SECOND + days * (DAY / SECOND), np.where(fails, share, 0.0)], axis=1)


def _last(there: Bools, count: int) -> Bools:
    """The last `count` that are there."""
    behind: Bools = there & (np.cumsum(there[:, ::-1], axis=1)[:, ::-1] <= count)
    return behind

"""From scores to an alarm, over the whole series of one datastream: what `detectors.trigger` does reading by reading.

`Latches` judges thousands of slots as readings come; this is the same rule over arrays, for one slot, with what a
scorer needs besides: persistence by count, a shortest time on, and a time off after an alarm.
"""

from dataclasses import dataclass

import numpy as np

from detectors.base import Bools, Floats, Ints


@dataclass(frozen=True)
class Alarm:
    """When scores make an alarm.

    It goes on when a score is at or above `thr_on` - for at least `persist` microseconds without one below it, or in
    `n` of the last `m` scores -, and off at the first score below `thr_off`. It stays on for at least `hold`, and after
    it went off stays off for at least `refractory` (microseconds). A missing score (NaN) changes nothing and counts for
    nothing.

    >>> score = np.array([1, 5, np.nan, 4, 1, 5, 5, 1.0])
    >>> Alarm(thr_on=5, thr_off=3).over(np.arange(8), score).astype(int).tolist()
    [0, 1, 1, 1, 0, 1, 1, 0]
    """

    thr_on: float
    thr_off: float
    persist: int = 0
    n: int = 1
    m: int = 1
    hold: int = 0
    refractory: int = 0

    def __post_init__(self) -> None:
        if not self.thr_off <= self.thr_on or not 1 <= self.n <= self.m:
            raise ValueError(f"an alarm needs thr_off <= thr_on and 1 <= n <= m, found {self}")

    def over(self, time: Ints, score: Floats) -> Bools:
        """For each row whether the alarm is on; `time` (microseconds) never falls."""
        known = np.flatnonzero(np.isfinite(score))
        on = np.zeros(len(score), dtype=np.bool_)
        on[known] = self._of_known(time[known], score[known])
        since = np.zeros(len(score), dtype=np.int64)
        since[known] = known
        newest = np.maximum.accumulate(since)
        after = np.arange(len(score)) >= (known[0] if known.size else len(score))
        held: Bools = on[newest] & after
        return held

    def _of_known(self, time: Ints, score: Floats) -> Bools:
        above, below = score >= self.thr_on, score < self.thr_off
        if self.persist > 0 or self.m > 1:
            above = self._lasting(time, above)
        on = np.zeros(len(score), dtype=np.bool_)
        state, changed = False, np.iinfo(np.int64).min // 2
        for row in np.flatnonzero(above | below).tolist():
            goes = (above[row] and not state and time[row] - changed >= self.refractory) or (
                below[row] and state and time[row] - changed >= self.hold
            )
            if goes:
                state, changed = not state, int(time[row])
                on[row] = True
        # rows where it changes are marked; between them it stays as it is
        changes: Bools = np.logical_xor.accumulate(on) if len(on) else on
        return changes

    def _lasting(self, time: Ints, above: Bools) -> Bools:
        """Rows at which the scores have been high for long enough, or often enough."""
        starts = above & np.concatenate([[True], ~above[:-1]])
        begun = np.maximum.accumulate(np.where(starts, np.arange(len(above)), 0))
        long_enough = above & (time - time[begun] >= self.persist)
        total = np.cumsum(above)
        often = above & (
            total - np.concatenate([np.zeros(self.m, dtype=np.int64), total[: -self.m]])[: len(above)] >= self.n
        )
        lasting: Bools = long_enough & often
        return lasting

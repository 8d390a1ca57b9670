"""Rows through the transforms and detectors of a chain, part after part."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from streams.core.runs import Runs
from streams.core.series import AnyPart, series
from streams.core.wholeness import hidden_of, lacking_after, lacking_before, window_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: times, scores, whether they are lower bounds, what a forecast says (`Rows`)
Scored = tuple[Ints, Floats, Bools | None, Floats | None]


class Through:
    """The parts of a chain; accumulates: some of them sum up over a window."""

    def __init__(self, parts: Sequence[AnyPart], *, ahead: bool) -> None:
        """`ahead`: the last one is a forecast, and all that it answers is told."""
        self._parts, self._ahead, self._hidden = parts, ahead, hidden_of(parts)
        windows = [one for part in parts if (one := window_of(part)) is not None]
        self._paced, self.accumulates = any(one.paced for one in windows), bool(windows)

    def rows(self, local: Ints, runs: Runs, time: Ints, value: Floats) -> Scored:
        """The times that the scores are about, the scores, which of them lack data, what a forecast says."""
        if self._paced and not runs.single:
            return self._turn_by_turn(local, runs, time, value)
        at, score, before, bound, ahead = time, value, value, None, None
        for part, hidden in zip(self._parts, self._hidden, strict=True):
            before = score
            lacks = None if runs.single else lacking_before(part, local, runs, at, score)
            score = series(part, local, runs, at, score)
            if runs.single:
                lacks = lacking_after(part, local)
                if part.takes_late:  # what it says of a late row is about the newest time
                    at = np.maximum(at, part.newest(local))
            if lacks is not None and hidden:
                score = np.where(lacks, np.nan, score)
            elif lacks is not None and lacks.any():
                bound = lacks if bound is None else bound | lacks
        if self._ahead:
            ahead, score = np.stack([before, score[:, 0]], axis=1), np.ascontiguousarray(score[:, 1])
        return at, score, bound, ahead

    def _turn_by_turn(self, local: Ints, runs: Runs, time: Ints, value: Floats) -> Scored:
        at, score, bound = np.empty_like(time), np.empty(len(local)), np.empty(len(local), np.bool_)
        ahead = np.empty((len(local), 2)) if self._ahead else None
        for rows in runs.turns():
            at[rows], score[rows], lacks, said = self.rows(local[rows], Runs.of(local[rows]), time[rows], value[rows])
            bound[rows] = False if lacks is None else lacks
            if ahead is not None:
                ahead[rows] = said
        return at, score, bound, ahead

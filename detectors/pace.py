"""When a slot's readings begin anew: at its first one, and after a gap.

A gap is longer than `max_gap`, or where that is None longer than five times the running median step (of the last nine
steps above 0; from the third on).
"""

import numpy as np

from detectors.base import LARGEST, NEVER, Bools, Column, Floats, Ints, State

TIMES = 5
_STEPS = 9
_ENOUGH = 3
_UNKNOWN = np.iinfo(np.int64).max


def columns() -> dict[str, Column]:
    """The last steps of a slot, and how many there were."""
    return {"steps": Column(np.int64, 0, _STEPS, 1), "paced": Column(np.int64, 0)}


def begins(state: State, slot: Ints, time: Ints, max_gap: int | None) -> Bools:
    """Marks the rows that begin anew, and takes note of the steps. `last` is still the reading before."""
    last = state["last"][slot]
    step, first = time - last, last == NEVER
    if max_gap is not None:
        anew: Bools = first | (step > max_gap)
        return anew
    steps, count = state["steps"][slot], state["paced"][slot]
    known = np.minimum(count, _STEPS)
    ordered = np.sort(np.where(np.arange(_STEPS) < known[:, None], steps, _UNKNOWN), axis=1)
    middle = ordered[np.arange(len(slot)), np.maximum(known - 1, 0) >> 1]
    anew = first | ((known >= _ENOUGH) & (step > TIMES * np.where(known > 0, middle, 0)))
    rows = np.flatnonzero(~first & (step > 0))
    at = slot[rows]
    state["steps"][at, count[rows] % _STEPS] = step[rows]
    state["paced"][at] += 1
    return anew


def regular(state: State, slot: Ints, time: Ints, good: Bools, max_gap: int | None) -> Bools:
    """Which of m slots certainly have no beginning among n readings each; takes note of the steps of those.

    time: [m, n]; good: [m], the slots it is asked for. The note is what n calls of `begins` leave behind.
    """
    last = state["last"][slot]
    step = np.empty_like(time)
    step[:, 0] = time[:, 0] - last
    np.subtract(time[:, 1:], time[:, :-1], out=step[:, 1:])
    shortest, longest = np.minimum.reduce(step, axis=1), np.maximum.reduce(step, axis=1)
    ordered = good & (last != NEVER) & (shortest >= 0)
    if max_gap is not None:
        within: Bools = ordered & (longest <= max_gap)
        return within
    count, ring = state["paced"][slot], state["steps"][slot]
    least = np.minimum(shortest, ring.min(axis=1))
    sure: Bools = ordered & (count >= _STEPS) & (least > 0) & (longest <= TIMES * least)
    rows = np.flatnonzero(sure)
    keep = min(_STEPS, step.shape[1])
    newest = np.arange(step.shape[1] - keep, step.shape[1])
    state["steps"][slot[rows, None], (count[rows, None] + newest) % _STEPS] = step[rows[:, None], newest]
    state["paced"][slot[rows]] = count[rows] + step.shape[1]
    return sure


def finite(value: Floats) -> Bools:
    """Which rows of [m, n] have no missing value, and none beyond the `LARGEST`."""
    if value.size and value.min() >= -LARGEST and value.max() <= LARGEST:  # nearly always all of them
        return np.ones(len(value), np.bool_)
    there: Bools = np.logical_and.reduce(np.abs(value) <= LARGEST, axis=1)
    return there


def gaps(time: Ints, max_gap: int | None = None) -> Ints:
    """Numbers of the readings of one series that come after a gap; `time` never falls.

    >>> gaps(np.array([0, 10, 20, 30, 30, 90, 100]))
    array([5])
    """
    found: list[int] = []
    steps: list[int] = []
    for row, step in enumerate(np.diff(time).tolist(), start=1):
        limit = max_gap
        if max_gap is None:
            limit = TIMES * sorted(steps)[(len(steps) - 1) >> 1] if len(steps) >= _ENOUGH else None
        if limit is not None and step > limit:
            found.append(row)
        if step > 0:
            steps = [*steps[1 - _STEPS :], step]
    return np.array(found, dtype=np.int64)

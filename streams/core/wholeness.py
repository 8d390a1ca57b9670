"""Windows that lack data: which answers rest on less than they ask for, and what such an answer still proves.

A maximum of fewer readings is at most the true one, a minimum at least: that proves that a threshold is reached on one
side and proves nothing on the other, and never lets a latch go. A mean, a rate or a trend of part of its window is an
estimate: it is told once half of the window is covered, and counts either way.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detectors.base import Transform
from detectors.transforms.window import Window
from streams.core.links import Link, complete
from streams.core.runs import Runs, latest
from streams.core.series import AnyPart

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def window_of(part: AnyPart) -> Window | None:
    """The part, if it is a window that gives a bound while it lacks data."""
    inner = part.part if isinstance(part, Link) else part
    return inner if isinstance(inner, Window) and inner.bounds else None


def direction_of(parts: Sequence[AnyPart]) -> int | None:
    """What the last part answers while a window lacks data: 1, the true value is at least that; -1, at most that.

    0: it proves nothing. None: there is no such window.
    """
    found: int | None = None
    for part, hidden in zip(parts, hidden_of(parts), strict=True):
        window = window_of(part)
        if hidden:
            continue
        if window is not None:
            found = _bounds(part, window) if found in (None, _bounds(part, window)) else 0
        elif found and not _keeps(part):
            return 0
    return found


def _bounds(part: AnyPart, window: Window) -> int:
    first = not isinstance(part, Link) or not part.output
    return window.bounds if first else 0


def _keeps(part: AnyPart) -> bool:
    inner = part.part if isinstance(part, Link) else part
    return isinstance(inner, Transform) and inner.keeps_bounds


def hidden_of(parts: Sequence[AnyPart]) -> list[bool]:
    """Whose answers a later window must not see while they lack data: it proves something the other way.

    The fall of a minimum that misses the nights would be that from day to night.
    """
    ways = [0 if (window := window_of(part)) is None else _bounds(part, window) for part in parts]
    return [bool(way) and any(one not in (0, way) for one in ways[number:]) for number, way in enumerate(ways)]


def lacking_after(part: AnyPart, local: Ints) -> Bools | None:
    """Whose latest answers rest on less than a whole window; None: the part is no such window."""
    return None if window_of(part) is None else ~complete(part, local)


def lacking_before(part: AnyPart, local: Ints, runs: Runs, time: Ints, value: Floats) -> Bools | None:
    """The same of rows that the part has yet to take, sorted by slot, each slot's in the order of time."""
    window = window_of(part)
    if window is None:
        return None
    own, good = local[runs.starts], np.isfinite(value)
    there, begin = latest(good), runs.begin
    newest = np.empty_like(there)
    newest[0], newest[1:] = -1, there[:-1]
    last = np.repeat(window.state["last"][own], runs.counts)
    before = np.where(newest >= begin, time[newest], last)
    began = latest(good & (time - before > window.gap))
    since = np.repeat(window.state["since"][own], runs.counts)
    since = np.where(began >= begin, time[began], since)
    lacks: Bools = time - since < window.over
    return lacks

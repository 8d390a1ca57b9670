"""Checks that go from value to value: a shift that does not last, swings to and fro, a value that does not move.

Each has two forms that give the same: `step` takes one row of each of several slots, `walk` many rows of one slot.
State is zero for a slot of which nothing is known yet, so that a slot that is not checked takes no memory.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from streams.core.quality import REPEATS_FOR_STUCK, ROUNDING
from streams.core.runs import SHORT, Runs
from streams.models.datastream import Datastream

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
MANY = 2**31 - 1
UNKNOWN = 2  # which way a value goes, before it has gone any
UNKNOWN = 2  # which way a value goes, before it has gone any


class Sequential(ABC):
    """One check: what it goes by, by kind; what it remembers, by slot."""

    STATE: ClassVar[dict[str, tuple[type, bool]]]  # name -> dtype, whether a slot has several

    def __init__(self, uses: Bools, count: int, width: int = 0) -> None:
        """`uses`: the kinds that are checked; `width`: of what a slot has several."""
        self.uses, self._width = uses, width
        for name, (dtype, several) in self.STATE.items():
            setattr(self, name, np.zeros((count, width) if several else count, dtype))

    def grow(self, count: int) -> None:
        """Take in new slots, of which nothing is known yet."""
        for name in self.STATE:
            old: NDArray[Any] = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.zeros((count - len(old), *old.shape[1:]), old.dtype)]))

    def marks(self, slot: Ints, runs: Runs, kind: Ints, time: Ints, value: Floats, before: Floats) -> Bools:
        """Which rows are in doubt; `before`: the value before each, NaN for none."""
        if runs.single:
            return self.step(slot, kind, time, value, before)
        found = np.zeros(len(slot), np.bool_)
        if len(slot) <= SHORT * len(runs):
            for turn in runs.turns():
                found[turn] = self.step(slot[turn], kind[turn], time[turn], value[turn], before[turn])
            return found
        for start, count in zip(runs.starts.tolist(), runs.counts.tolist(), strict=True):
            some = slice(start, start + count)
            rows = (time[some].tolist(), value[some].tolist(), before[some].tolist())
            found[some] = self.walk(int(slot[start]), int(kind[start]), *rows)
        return found

    @abstractmethod
    def step(self, slot: Ints, kind: Ints, time: Ints, value: Floats, before: Floats) -> Bools:
        """One row of each of several slots."""

    @abstractmethod
    def walk(self, slot: int, kind: int, times: list[int], values: list[float], before: list[float]) -> list[bool]:
        """Rows of one slot."""


class Shift(Sequential):
    """A step larger than `shift` counts once it has lasted `shift_for`; until then its values are in doubt.

    A value that is back near the one before the step ends it. base: the value before it; since: when it was; 0: none.
    """

    STATE: ClassVar = {"base": (np.float64, False), "since": (np.int64, False)}
    base: Floats
    since: Ints

    def __init__(self, streams: list[Datastream], uses: Bools, count: int) -> None:
        super().__init__(uses, count)
        self._height = np.array([s.checks.shift or 0.0 for s in streams]) * ROUNDING
        self._lasting = np.array([s.checks.shift_for for s in streams], np.int64)

    def marks(self, slot: Ints, runs: Runs, kind: Ints, time: Ints, value: Floats, before: Floats) -> Bools:
        """Only the runs with a step in them, or with one that is going on, are gone through."""
        height = self._height[kind]
        concerns = (np.abs(value - before) > height) | (self.since[slot] != 0)
        some = runs.having(concerns)
        if not len(some):
            return np.asarray(concerns)
        found = np.zeros(len(slot), np.bool_)
        own = slot[some]
        found[some] = super().marks(own, Runs.of(own), kind[some], time[some], value[some], before[some])
        return found

    def step(self, slot: Ints, kind: Ints, time: Ints, value: Floats, before: Floats) -> Bools:
        """One row of each of several slots."""
        since, base, height = self.since[slot], self.base[slot], self._height[kind]
        on = since != 0
        near = on & (np.abs(value - base) <= height)
        lasted = on & ~near & (time - since >= self._lasting[kind])
        begins = (~on | lasted) & (np.abs(value - before) > height)
        over = near | lasted
        self.since[slot] = np.where(begins, time, np.where(over, 0, since))
        self.base[slot] = np.where(begins, before, np.where(over, 0.0, base))
        return np.asarray(begins | (on & ~over))

    def walk(self, slot: int, kind: int, times: list[int], values: list[float], before: list[float]) -> list[bool]:
        """Rows of one slot."""
        since, base = int(self.since[slot]), float(self.base[slot])
        height, lasting = float(self._height[kind]), int(self._lasting[kind])
        found = []
        for time, value, last in zip(times, values, before, strict=True):
            near = since != 0 and abs(value - base) <= height
            lasted = since != 0 and not near and time - since >= lasting
            if near or lasted:
                since, base = 0, 0.0
            if not near and since == 0 and abs(value - last) > height:
                since, base = time, last
            found.append(since != 0)
        self.since[slot], self.base[slot] = since, base
        return found


class Swings(Sequential):
    """So many changes of direction, each larger than a band, within a time.

    extreme: the highest or lowest value since the last change; way: 1 up, -1 down, 2 not known yet, 0 never heard;
    turns: times of the newest changes, going round; turned: how many there were.
    """

    STATE: ClassVar = {
        "extreme": (np.float64, False), "way": (np.int8, False), "turned": (np.int32, False), "turns": (np.int64, True),
    }  # fmt: skip
    extreme: Floats
    way: NDArray[np.int8]
    turned: NDArray[np.int32]
    turns: Ints

    def __init__(self, streams: list[Datastream], uses: Bools, count: int) -> None:
        self._most = np.array([max(s.checks.swings, 1) for s in streams], np.int64)
        super().__init__(uses, count, int(self._most[uses].max(initial=1)))
        self._band = np.array([s.checks.swing_band for s in streams]) * ROUNDING
        self._within = np.array([s.checks.swing_for for s in streams], np.int64)

    def step(self, slot: Ints, kind: Ints, time: Ints, value: Floats, before: Floats) -> Bools:  # noqa: ARG002
        """One row of each of several slots."""
        way, extreme, band = self.way[slot], self.extreme[slot], self._band[kind]
        gone = (value - extreme) * way  # how far on, the way it went
        turns, further = gone < -band, gone > 0
        fresh = np.flatnonzero(way & 1 == 0)  # which way is not known yet
        if len(fresh):
            self._begin(fresh, way, extreme, value, band)
            turns[fresh] = further[fresh] = False
        self.extreme[slot] = np.where(further | turns, value, extreme)
        self.way[slot] = np.where(turns, -way, way)
        rows = np.flatnonzero(turns)
        some, most = slot[rows], self._most[kind]
        count = self.turned[slot]
        self.turns[some, count[rows] % most[rows]] = time[rows]
        count[rows] = np.minimum(count[rows].astype(np.int64) + 1, MANY)
        self.turned[some] = count[rows]
        found = count >= most
        enough = np.flatnonzero(found)
        oldest = self.turns[slot[enough], count[enough] % most[enough]]
        found[enough] = oldest >= time[enough] - self._within[kind[enough]]
        return np.asarray(found)

    @staticmethod
    def _begin(rows: Ints, way: NDArray[np.int8], extreme: Floats, value: Floats, band: Floats) -> None:
        """The first value of a slot, and the first one that goes some way."""
        first = rows[way[rows] == 0]
        step = value[rows] - extreme[rows]
        goes = rows[(way[rows] == UNKNOWN) & (np.abs(step) > band[rows])]
        way[goes] = np.where(value[goes] > extreme[goes], 1, -1)
        way[first] = UNKNOWN
        extreme[first], extreme[goes] = value[first], value[goes]

    def walk(self, slot: int, kind: int, times: list[int], values: list[float], before: list[float]) -> list[bool]:  # noqa: ARG002
        """Rows of one slot."""
        way, extreme, count = int(self.way[slot]), float(self.extreme[slot]), int(self.turned[slot])
        band, most, within = float(self._band[kind]), int(self._most[kind]), int(self._within[kind])
        turns = self.turns[slot].tolist()
        found = []
        for time, value in zip(times, values, strict=True):
            if way == 0:
                way, extreme = UNKNOWN, value
            elif way == UNKNOWN:
                if abs(value - extreme) > band:
                    way, extreme = 1 if value > extreme else -1, value
            elif (value - extreme) * way < -band:
                way, extreme = -way, value
                turns[count % most] = time
                count = min(count + 1, MANY)
            elif (value - extreme) * way > 0:
                extreme = value
            found.append(count >= most and turns[count % most] >= time - within)
        self.way[slot], self.extreme[slot], self.turned[slot], self.turns[slot] = way, extreme, count, turns
        return found


class Stay(Sequential):
    """A value that stays within a band of the first one for too long. since: 0 = never heard."""

    STATE: ClassVar = {"anchor": (np.float64, False), "since": (np.int64, False), "count": (np.int32, False)}
    anchor: Floats
    since: Ints
    count: NDArray[np.int32]

    def __init__(self, streams: list[Datastream], uses: Bools, count: int) -> None:
        super().__init__(uses, count)
        self._band = np.array([s.checks.stuck_band for s in streams]) * ROUNDING
        self._limit = np.array([max(s.stuck_for or 1, 1) for s in streams], np.int64)
        self._rest = [s.rest for s in streams]
        self._rests = np.full((len(streams), max((len(s.rest) for s in streams), default=0)), np.nan)
        for kind, rest in enumerate(self._rest):
            self._rests[kind, : len(rest)] = rest

    def step(self, slot: Ints, kind: Ints, time: Ints, value: Floats, before: Floats) -> Bools:  # noqa: ARG002
        """One row of each of several slots."""
        since, anchor, band = self.since[slot], self.anchor[slot], self._band[kind]
        same = (since != 0) & (np.abs(value - anchor) <= band)
        since = np.where(same, since, time)
        count = np.where(same, np.minimum(self.count[slot].astype(np.int64) + 1, MANY), 1)
        self.anchor[slot], self.since[slot], self.count[slot] = np.where(same, anchor, value), since, count
        found = same & (count >= REPEATS_FOR_STUCK) & (time - since >= self._limit[kind])
        if found.any():
            found &= ~(np.abs(self._rests[kind] - value[:, None]) <= band[:, None]).any(axis=1)
        return np.asarray(found)

    def walk(self, slot: int, kind: int, times: list[int], values: list[float], before: list[float]) -> list[bool]:  # noqa: ARG002
        """Rows of one slot."""
        since, anchor, count = int(self.since[slot]), float(self.anchor[slot]), int(self.count[slot])
        band, limit, rests = float(self._band[kind]), int(self._limit[kind]), self._rest[kind]
        found = []
        for time, value in zip(times, values, strict=True):
            if since != 0 and abs(value - anchor) <= band:
                count = min(count + 1, MANY)
                stuck = count >= REPEATS_FOR_STUCK and time - since >= limit
                found.append(stuck and not any(abs(rest - value) <= band for rest in rests))
            else:
                since, anchor, count = time, value, 1
                found.append(False)
        self.since[slot], self.anchor[slot], self.count[slot] = since, anchor, count
        return found

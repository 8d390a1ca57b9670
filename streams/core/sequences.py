"""Checks that go from value to value: a shift that does not last, a value that does not move; `swings`: to and fro.

Each has two forms that give the same: `step` takes one row of each of several slots, `walk` many rows of one slot.
State is zero for a slot of which nothing is known yet, so that a slot that is not checked takes no memory.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from streams.core.per_kind import PerKind
from streams.core.quality import REPEATS_FOR_STUCK, ROUNDING
from streams.core.runs import Runs
from streams.models.datastream import Datastream

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Kinds = NDArray[np.integer[Any]]
MANY = 2**31 - 1


class Sequential(ABC):
    """One check: what it goes by, by kind; what it remembers, by slot."""

    STATE: ClassVar[dict[str, tuple[type, bool]]]  # name -> dtype, whether a slot has several

    def __init__(self, uses: Bools, count: int, width: int = 0) -> None:
        """`uses`: the kinds that are checked; `width`: of what a slot has several."""
        self.uses, self._width = uses, width
        self.every = bool(uses.all())
        for name, (dtype, several) in self.STATE.items():
            setattr(self, name, np.zeros((count, width) if several else count, dtype))

    def grow(self, count: int) -> None:
        """Take in new slots, of which nothing is known yet."""
        for name in self.STATE:
            old: NDArray[Any] = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.zeros((count - len(old), *old.shape[1:]), old.dtype)]))

    def marks(self, slot: Ints, runs: Runs, kind: Kinds, time: Ints, value: Floats, before: Floats) -> Bools:
        """Which rows are in doubt; `before`: the value before each, NaN for none."""
        if runs.single:
            return self.step(slot, kind, time, value, before)
        found = np.zeros(len(slot), np.bool_)
        turns, rest = runs.in_turns()
        for turn in turns:
            found[turn] = self.step(slot[turn], kind[turn], time[turn], value[turn], before[turn])
        for begin, end in rest:
            some = slice(begin, end)
            rows = (time[some].tolist(), value[some].tolist(), before[some].tolist())
            found[some] = self.walk(int(slot[begin]), int(kind[begin]), *rows)
        return found

    def restored(self, slot: Ints, kind: Kinds) -> None:  # noqa: B027 - most keep nothing that follows from the state
        """The state of these slots has been put in place of what it was."""

    @abstractmethod
    def step(self, slot: Ints, kind: Kinds, time: Ints, value: Floats, before: Floats) -> Bools:
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
        self._height = PerKind(np.array([s.checks.shift or 0.0 for s in streams]) * ROUNDING, uses)
        self._lasting = PerKind(np.array([s.checks.shift_for for s in streams], np.int64), uses)

    def marks(self, slot: Ints, runs: Runs, kind: Kinds, time: Ints, value: Floats, before: Floats) -> Bools:
        """Only the runs with a step in them, or with one that is going on, are gone through."""
        concerns = (np.abs(value - before) > self._height.at(kind)) | (self.since[slot] != 0)
        some = runs.having(concerns)
        if not len(some):
            return np.asarray(concerns)
        found = np.zeros(len(slot), np.bool_)
        own = slot[some]
        found[some] = super().marks(own, Runs.of(own), kind[some], time[some], value[some], before[some])
        return found

    def step(self, slot: Ints, kind: Kinds, time: Ints, value: Floats, before: Floats) -> Bools:
        """One row of each of several slots."""
        since, base, height = self.since[slot], self.base[slot], self._height.at(kind)
        on = since != 0
        near = on & (np.abs(value - base) <= height)
        lasted = on & ~near & (time - since >= self._lasting.at(kind))
        begins = (~on | lasted) & (np.abs(value - before) > height)
        over = near | lasted
        self.since[slot] = np.where(begins, time, np.where(over, 0, since))
        self.base[slot] = np.where(begins, before, np.where(over, 0.0, base))
        return np.asarray(begins | (on & ~over))

    def walk(self, slot: int, kind: int, times: list[int], values: list[float], before: list[float]) -> list[bool]:
        """Rows of one slot."""
        since, base = int(self.since[slot]), float(self.base[slot])
        height, lasting = float(self._height.of(kind)), int(self._lasting.of(kind))
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


class Stay(Sequential):
    """A value that stays within a band of the first one for too long. since: 0 = never heard."""

    STATE: ClassVar = {"anchor": (np.float64, False), "since": (np.int64, False), "count": (np.int32, False)}
    anchor: Floats
    since: Ints
    count: NDArray[np.int32]

    def __init__(self, streams: list[Datastream], uses: Bools, count: int) -> None:
        super().__init__(uses, count)
        self._band = PerKind(np.array([s.checks.stuck_band for s in streams]) * ROUNDING, uses)
        self._limit = PerKind(np.array([max(s.stuck_for or 1, 1) for s in streams], np.int64), uses)
        self._rest = [s.rest for s in streams]
        self._rests = np.full((len(streams), max((len(s.rest) for s in streams), default=0)), np.nan)
        for kind, rest in enumerate(self._rest):
            self._rests[kind, : len(rest)] = rest

    def step(self, slot: Ints, kind: Kinds, time: Ints, value: Floats, before: Floats) -> Bools:  # noqa: ARG002
        """One row of each of several slots."""
        same = np.abs(value - self.anchor[slot]) <= self._band.at(kind)
        same &= self.since[slot] != 0
        moved = np.flatnonzero(~same)
        if len(moved):
            own = slot[moved]
            self.anchor[own], self.since[own], self.count[own] = value[moved], time[moved], 1
        if len(moved) < len(slot):
            stays = np.flatnonzero(same)
            same[stays] = self._stuck(slot[stays], kind[stays], time[stays], value[stays])
        return np.asarray(same)

    def _stuck(self, slot: Ints, kind: Kinds, time: Ints, value: Floats) -> Bools:
        """Which of those that have not moved have not for too long."""
        self.count[slot] = count = np.minimum(self.count[slot].astype(np.int64) + 1, MANY)
        found = (count >= REPEATS_FOR_STUCK) & (time - self.since[slot] >= self._limit.at(kind))
        rows = np.flatnonzero(found)
        if len(rows):
            band = np.broadcast_to(self._band.at(kind[rows]), len(rows))[:, None]
            found[rows] = ~(np.abs(self._rests[kind[rows]] - value[rows, None]) <= band).any(axis=1)
        return np.asarray(found)

    def walk(self, slot: int, kind: int, times: list[int], values: list[float], before: list[float]) -> list[bool]:  # noqa: ARG002
        """Rows of one slot."""
        since, anchor, count = int(self.since[slot]), float(self.anchor[slot]), int(self.count[slot])
        band, limit, rests = float(self._band.of(kind)), int(self._limit.of(kind)), self._rest[kind]
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

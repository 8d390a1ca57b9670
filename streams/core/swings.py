"""A check that goes from value to value (`sequences`): one that swings to and fro too often."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from streams.core.per_kind import PerKind
from streams.core.quality import ROUNDING
from streams.core.sequences import MANY, Bools, Floats, Ints, Kinds, Sequential
from streams.models.datastream import Datastream

UNKNOWN = 2  # which way a value goes, before it has gone any


class Swings(Sequential):
    """So many changes of direction, each larger than a band, within a time.

    extreme: the highest or lowest value since the last change; way: 1 up, -1 down, 2 not known yet, 0 never heard;
    turns: times of the newest changes, going round; turned: how many there were. From these follows `until`: the last
    time at which the changes so far are too many; 0: they are not.
    """

    STATE: ClassVar = {
        "extreme": (np.float64, False), "way": (np.int8, False), "turned": (np.int32, False), "turns": (np.int64, True),
    }  # fmt: skip
    extreme: Floats
    way: NDArray[np.int8]
    turned: NDArray[np.int32]
    turns: Ints

    def __init__(self, streams: list[Datastream], uses: Bools, count: int) -> None:
        most = np.array([max(s.checks.swings, 1) for s in streams], np.int64)
        super().__init__(uses, count, int(most[uses].max(initial=1)))
        self._most = PerKind(most, uses)
        self._band = PerKind(np.array([s.checks.swing_band for s in streams]) * ROUNDING, uses)
        self._within = PerKind(np.array([s.checks.swing_for for s in streams], np.int64), uses)
        self.until = np.zeros(count, np.int64)

    def grow(self, count: int) -> None:
        """Take in new slots, of which nothing is known yet."""
        super().grow(count)
        self.until = np.append(self.until, np.zeros(count - len(self.until), np.int64))

    def step(self, slot: Ints, kind: Kinds, time: Ints, value: Floats, before: Floats) -> Bools:  # noqa: ARG002
        """One row of each of several slots."""
        way, extreme, band = self.way[slot], self.extreme[slot], self._band.at(kind)
        gone = (value - extreme) * way  # how far on, the way it went
        turns, further = gone < -band, gone > 0
        fresh = np.flatnonzero(way & 1 == 0)  # which way is not known yet
        if len(fresh):
            turns[fresh] = further[fresh] = False
            self._begin(slot[fresh], value[fresh], self._band.at(kind[fresh]))
        rows = np.flatnonzero(further)
        self.extreme[slot[rows]] = value[rows]
        rows = np.flatnonzero(turns)
        if len(rows):
            self._turn(slot[rows], kind[rows], time[rows], value[rows], -way[rows])
        return np.asarray(time <= self.until[slot])

    def _turn(self, slot: Ints, kind: Kinds, time: Ints, value: Floats, way: NDArray[np.int8]) -> None:
        """Slots that change their direction."""
        self.extreme[slot], self.way[slot] = value, way
        count, most = self.turned[slot].astype(np.int64), self._most.at(kind)
        self.turns[slot, count - count // most * most] = time
        self.turned[slot] = count = np.minimum(count + 1, MANY)
        self._look(slot, kind, count)

    def _look(self, slot: Ints, kind: Kinds, count: Ints) -> None:
        """Until when so many changes are too many."""
        most = self._most.at(kind)
        oldest = self.turns[slot, count - count // most * most]
        self.until[slot] = np.where(count >= most, oldest + self._within.at(kind), 0)

    def restored(self, slot: Ints, kind: Kinds) -> None:
        """The state of these slots has been put in place of what it was."""
        ours = self.uses[kind]
        self._look(slot[ours], kind[ours], self.turned[slot[ours]].astype(np.int64))

    def _begin(self, slot: Ints, value: Floats, band: Floats) -> None:
        """The first value of each of some slots, or one that may be the first to go some way."""
        first = self.way[slot] == 0
        goes = ~first & (np.abs(value - self.extreme[slot]) > band)
        self.way[slot[goes]] = np.where(value > self.extreme[slot], 1, -1)[goes]
        self.way[slot[first]] = UNKNOWN
        moved = first | goes
        self.extreme[slot[moved]] = value[moved]

    def walk(self, slot: int, kind: int, times: list[int], values: list[float], before: list[float]) -> list[bool]:  # noqa: ARG002
        """Rows of one slot."""
        way, extreme, count = int(self.way[slot]), float(self.extreme[slot]), int(self.turned[slot])
        band, most, within = float(self._band.of(kind)), int(self._most.of(kind)), int(self._within.of(kind))
        turns, until = self.turns[slot].tolist(), int(self.until[slot])
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
                until = turns[count % most] + within if count >= most else 0
            elif (value - extreme) * way > 0:
                extreme = value
            found.append(time <= until)
        self.way[slot], self.extreme[slot], self.turned[slot], self.turns[slot] = way, extreme, count, turns
        self.until[slot] = until
        return found

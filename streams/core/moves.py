"""Checks that look at how values move, over rows in good order: a rise, a fall, a shift, swings, one that stays.

And the last of them: a sensor that was in doubt stays so until it has given good values in a row.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from streams.core import quality
from streams.core.per_kind import PerKind
from streams.core.quality import (
    DOUBTS,
    FALL,
    HARD,
    OSCILLATION,
    RISE,
    ROUNDING,
    SATURATED,
    SHIFT,
    STUCK,
    UNRELIABLE,
)
from streams.core.runs import Runs
from streams.core.sequences import Kinds, Sequential, Shift, Stay
from streams.core.swings import Swings
from streams.models.datastream import Checks, Datastream
from streams.models.times import SECOND

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
FEW = 24  # rows of which each is looked at by itself
T = TypeVar("T", np.bool_, np.int64)


def used_by(own: Checks, stuck_for: int | None, checks: frozenset[str]) -> frozenset[str]:
    """The checks of these that a datastream with these settings is put to."""
    found = {
        "rise": own.rise_max is not None, "fall": own.fall_max is not None, "shift": own.shift is not None,
        "oscillation": own.swings > 0, "stuck": own.stuck_band > 0 and stuck_for is not None,
    }  # fmt: skip
    recover = {"recover"} if own.recover > 0 else set[str]()
    return frozenset({name for name, set_ in found.items() if set_ and name in checks} | recover)


class Moves:
    """State of these checks by slot; kept only where some kind of datastream is put to them."""

    def __init__(self, streams: list[Datastream], checks: Sequence[frozenset[str]], count: int) -> None:
        """`streams`, `checks`: by kind; `count`: slots."""
        used = [used_by(s.checks, s.stuck_for, c) for s, c in zip(streams, checks, strict=True)]
        self.uses = np.array([bool(one) for one in used], np.bool_)  # by kind
        self.ever = bool(self.uses.any())
        self._every = bool(self.uses.all())
        self._rate = [
            np.array([(one or np.inf) if name in of else np.inf for one, of in zip(per_second, used, strict=True)])
            for name, per_second in (
                ("rise", [s.checks.rise_max for s in streams]), ("fall", [s.checks.fall_max for s in streams])
            )
        ]  # fmt: skip
        self._rates = any(np.isfinite(rate).any() for rate in self._rate)
        self._least_rate = PerKind(np.minimum(*self._rate) * (ROUNDING / SECOND) * (1 - 1e-12))  # a bit less: a sieve
        wanted = [s.checks.recover if "recover" in of else 0 for s, of in zip(streams, used, strict=True)]
        self._recover = np.array(wanted, np.int64)
        self._recovers = bool((self._recover > 0).any())
        self._checks: list[tuple[int, Sequential]] = []
        for name, bit, check in (("shift", SHIFT, Shift), ("oscillation", OSCILLATION, Swings), ("stuck", STUCK, Stay)):
            of_kind = np.array([name in of for of in used], np.bool_)
            if of_kind.any():
                self._checks.append((bit, check(streams, of_kind, count)))
        size = count if self.ever else 0
        self.seen, self.last = np.zeros(size, np.int64), np.zeros(size)  # the newest value that could be; 0: none
        self.left = np.zeros(size if self._recovers else 0, np.int16)  # good values still wanted

    def grow(self, count: int) -> None:
        """Take in new slots."""
        if not self.ever or count <= len(self.seen):
            return
        count = max(count, len(self.seen) + max(len(self.seen) // 4, 64))
        for _, check in self._checks:
            check.grow(count)
        for name, array in self._own():
            setattr(self, name, np.concatenate([array, np.zeros(count - len(array), array.dtype)]))

    def _own(self) -> Iterator[tuple[str, NDArray[Any]]]:
        yield from (("seen", self.seen), ("last", self.last))
        if self._recovers:
            yield "left", self.left

    def tables(self) -> dict[str, NDArray[Any]]:
        """All state by name, a row each slot."""
        found = dict(self._own())
        for _, check in self._checks:
            found |= {f"{type(check).__name__}.{name}": getattr(check, name) for name in check.STATE}
        return found

    def restored(self, slot: Ints, kind: Kinds) -> None:
        """The tables have been changed at these slots."""
        for _, check in self._checks:
            check.restored(slot, kind)

    # -- rows --------------------------------------------------------------------------------------------------------

    def of_rows(self, slot: Ints, runs: Runs, kind: Kinds, time: Ints, value: Floats, bits: Ints | None) -> Ints | None:
        """Bits of rows with a value, sorted by slot, each slot's in order; None: none of these. `bits`: so far."""
        if self._every:
            return self._of_ours(slot, runs, kind, time, value, bits)
        ours = np.flatnonzero(self.uses[kind])
        if not len(ours):
            return None
        if len(ours) == len(slot):
            return self._of_ours(slot, runs, kind, time, value, bits)
        own, flags = slot[ours], None if bits is None else bits[ours]
        some = self._of_ours(own, Runs.of(own), kind[ours], time[ours], value[ours], flags)
        return None if some is None else _spread(some, ours, len(slot))

    def _of_ours(
        self, slot: Ints, runs: Runs, kind: Kinds, time: Ints, value: Floats, bits: Ints | None
    ) -> Ints | None:
        could = None if bits is None else np.flatnonzero(bits & HARD == 0)
        if could is None or len(could) == len(slot):
            found = self._moving(slot, runs, kind, time, value)
        else:
            own = slot[could]
            some = self._moving(own, Runs.of(own), kind[could], time[could], value[could])
            found = None if some is None else _spread(some, could, len(slot))
        if self._recovers:
            unreliable = self._unreliable(slot, runs, kind, bits, found)
            if unreliable is not None:
                found = unreliable if found is None else found | unreliable
        return found

    def _moving(self, slot: Ints, runs: Runs, kind: Kinds, time: Ints, value: Floats) -> Ints | None:
        """Rows whose values could be."""
        if not len(slot):
            return None
        own, last = slot[runs.starts], runs.last
        before, then = np.empty_like(value), np.empty_like(time)
        before[1:], then[1:] = value[:-1], time[:-1]
        seen = self.seen[own]
        before[runs.starts], then[runs.starts] = np.where(seen == 0, np.nan, self.last[own]), seen
        self.seen[own], self.last[own] = time[last], value[last]
        found: Ints | None = None
        for bit, mark in self._marks(slot, runs, kind, time, value, before, then):
            if mark.any():
                found = np.zeros(len(slot), np.int64) if found is None else found
                found[mark] |= bit
        return found

    def _marks(
        self, slot: Ints, runs: Runs, kind: Kinds, time: Ints, value: Floats, before: Floats, then: Ints
    ) -> Iterator[tuple[int, Bools]]:
        if self._rates:
            yield from self._too_fast(kind, value - before, time - then)
        for bit, check in self._checks:
            if check.every:
                yield bit, check.marks(slot, runs, kind, time, value, before)
                continue
            ours = np.flatnonzero(check.uses[kind])
            if len(ours):
                mark = np.zeros(len(slot), np.bool_)
                own = slot[ours]
                mark[ours] = check.marks(own, Runs.of(own), kind[ours], time[ours], value[ours], before[ours])
                yield bit, mark

    def _too_fast(self, kind: Kinds, step: Floats, gap: Ints) -> Iterator[tuple[int, Bools]]:
        """Rows that rise or fall too fast; nearly always there is none that is fast at all."""
        rows = np.flatnonzero(np.abs(step) > self._least_rate.at(kind) * np.maximum(gap, 1))
        if not len(rows):
            return
        step, kind = step[rows], kind[rows]
        seconds = np.where(gap[rows] > 0, gap[rows] * (ROUNDING / SECOND), np.inf)
        for bit, sign, rate in ((RISE, 1, self._rate[0]), (FALL, -1, self._rate[1])):
            yield bit, _spread(sign * step > rate[kind] * seconds, rows, len(gap))

    def _unreliable(self, slot: Ints, runs: Runs, kind: Kinds, bits: Ints | None, more: Ints | None) -> Ints | None:
        """Good values of a sensor from which more of them are wanted."""
        every = bits if more is None else more if bits is None else bits | more
        concerns = self.left[slot] > 0
        if every is not None:
            concerns |= every != 0
        some = runs.having(concerns)
        if not len(some):
            return None
        flags = np.zeros(len(some), np.int64) if every is None else every[some]
        if len(some) <= FEW:
            return _spread(self._count_few(slot[some], kind[some], flags), some, len(slot))
        against, wanted = quality.counting(flags, DOUBTS), self._recover[kind[some]]
        bad = (against != 0) & (wanted > 0)
        ours = Runs.of(slot[some]).having(bad | (self.left[slot[some]] > 0))
        passed = quality.only_saturated(flags[ours], against[ours])
        return _spread(self._counted(slot[some[ours]], wanted[ours], bad[ours], passed), some[ours], len(slot))

    def _count_few(self, slot: Ints, kind: Kinds, flags: Ints) -> Ints:
        """The same row by row: a call of numpy takes longer than some rows."""
        found = []
        for at, of, bits in zip(slot.tolist(), kind.tolist(), flags.tolist(), strict=True):
            left, wanted, against = int(self.left[at]), int(self._recover[of]), quality.counting_one(bits, DOUBTS)
            good = not against and not bits & SATURATED  # at the end of the range: no word of it
            left = wanted if against else max(left - 1, 0) if good else left
            found.append(UNRELIABLE if left and good else 0)
            self.left[at] = left
        return np.array(found, np.int64)

    def _counted(self, slot: Ints, wanted: Ints, bad: Bools, passed: Bools) -> Ints:
        """The same of slots of which some row is in doubt or was. `passed`: at the end of the range, no word of it."""
        runs, left, good = Runs.of(slot), self.left[slot], ~(bad | passed)
        row, begin = np.arange(len(slot)), runs.begin
        newest = np.maximum.accumulate(np.where(bad, row, -1))
        sofar = np.cumsum(good)
        since = np.where(newest >= begin, wanted - (sofar - sofar[newest]), left - (sofar - sofar[begin] + good[begin]))
        since = np.maximum(since, 0)
        last = runs.last
        self.left[slot[last]] = since[last]
        return np.where(good & (since > 0), UNRELIABLE, 0)


def _spread(some: NDArray[T], rows: Ints, count: int) -> NDArray[T]:
    """What some rows have, among all of them."""
    found = np.zeros(count, some.dtype)
    found[rows] = some
    return found

"""What rows do to the slots: repeats out, quality, state, chains.

Rows in good order (later than all before them, not ahead of the clock, of a datastream that is there) go through
together, however many there are of one slot; any other row is taken on its own, one of each slot at a time.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.core import quality, refuse, triggers
from streams.core.absence import Absences
from streams.core.bounds import bound_of
from streams.core.chains import Chain
from streams.core.distrust import Distrust
from streams.core.fired import Fired
from streams.core.moves import Moves
from streams.core.output import Output
from streams.core.quality import ABSENT, FUTURE, HARD, LATE, STUCK, Limits
from streams.core.resolve import Batch
from streams.core.runs import Runs
from streams.core.sampling import Candidates, Sampling
from streams.core.segment import Segment
from streams.core.slots import FAILED, NEVER, OK, UNHEARD, Slots, next_second
from streams.core.watch import Watch
from streams.models.times import DAY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LONGEST = 3650 * DAY  # of a silence; keeps the sums within 64 bits


@dataclass(slots=True)
class _Rows:
    """Rows on their way, sorted by slot. `which`: rows of the batch."""

    which: Ints
    slot: Ints
    time: Ints
    received: Ints
    value: Floats
    bits: Ints | None  # None: none is set

    def keep(self, rows: Ints | Bools) -> "_Rows":
        """Some of them."""
        columns: list[Any] = [getattr(self, name) for name in _Rows.__slots__]
        kept: list[Any] = [None if one is None else one[rows] for one in columns]
        return _Rows(*kept)


class Judge:
    """Slots, limits and chains of a partition."""

    def __init__(
        self,
        slots: Slots,
        limits: Limits,
        moves: Moves,
        silence: Ints,
        chains: list[Chain],
        absences: Absences,
        watch: Watch,
        sampling: Sampling,
        distrust: Distrust,
    ) -> None:
        """`silence`: received time without a usable value after which a datastream counts as silent, by kind."""
        self.slots, self.limits, self.moves, self.silence, self.watch = slots, limits, moves, silence, watch
        self.chains, self.absences, self.sampling, self.distrust = chains, absences, sampling, distrust
        self._silent_ever = bool((silence != NEVER).any())
        self._stuck_ever = bool((limits.stuck_for > 0).any())
        self.next_due = NEVER  # the earliest silence or absence that rows have set since it was last looked at

    def unwatched(self, slot: Ints) -> Bools:
        """Slots whose rows are looked at by no check but their range: only their frames may go through as they are."""
        kind = self.slots.kind[slot]
        free = self.limits.stuck_for[kind] == 0
        if self.moves.ever:
            free &= ~self.moves.uses[kind]
        if self.sampling.ever:
            free &= ~self.sampling.concerns(slot)
        return np.asarray(free)

    def segment(self, batch: Batch, rows: Ints, out: Output) -> Segment:
        """Rows of a batch between which nothing falls due, in order."""
        segment = Segment()
        self.take(segment, batch, rows, out)
        return segment

    def take(self, segment: Segment, batch: Batch, rows: Ints, out: Output) -> None:
        """Rows of a segment, in order."""
        slot = batch.slot[rows]
        if len(rows) > 1:
            order = np.argsort(slot, kind="stable")
            rows, slot = rows[order], slot[order]
        while len(rows):
            left = self._step(segment, batch, rows, slot, out)
            rows, slot = rows[left], slot[left]

    def _step(self, segment: Segment, batch: Batch, rows: Ints, slot: Ints, out: Output) -> Ints:
        """Of each slot: the rows up to the first that is not in good order, then that one. What is left for later."""
        runs = Runs.of(slot)
        good = self._good(batch, rows, slot, runs)
        if good.all():
            self._together(segment, self._rows(batch, rows, slot), runs, batch, out)
            return np.empty(0, np.int64)
        first = runs.first(~good)
        stop, at = np.repeat(first, runs.counts), np.arange(len(rows))
        before = np.flatnonzero(at < stop)
        if len(before):
            self._together(segment, self._rows(batch, rows[before], slot[before]), Runs.of(slot[before]), batch, out)
        ends = runs.starts + runs.counts
        odd = np.flatnonzero(first < ends)
        alone, rest = self._sort_out(segment, batch, rows, slot, first[odd], ends[odd], out)
        if len(alone):
            self._alone(segment, self._rows(batch, rows[alone], slot[alone], whole=True), batch, out)
        stop[...] = np.repeat(_set(ends, odd, rest), runs.counts)
        return np.flatnonzero(at >= stop)

    def _sort_out(
        self, segment: Segment, batch: Batch, rows: Ints, slot: Ints, first: Ints, ends: Ints, out: Output
    ) -> tuple[Ints, Ints]:
        """From one odd row of each slot on: repeats dropped, late ones handled; rows that come alone, what is left."""
        which = rows[first]
        doubt = batch.columns.time[which] <= self.slots.newest[slot[first]]
        doubt |= batch.columns.time[which] > batch.received[which] + quality.FUTURE_AFTER
        if batch.columns.ids:
            doubt |= np.array([row in batch.columns.ids for row in which.tolist()])
        alone, rest, late = first.copy(), first + 1, []
        for i in np.flatnonzero(doubt).tolist():
            at, some, new = self._skip(batch, rows, int(slot[first[i]]), int(first[i]), int(ends[i]), out)
            late += some
            alone[i], rest[i] = (at, at + 1) if new else (-1, at)
        if late:
            self._late(segment, batch, rows[late], slot[late], out)
        return alone[alone >= 0], rest

    def _skip(self, batch: Batch, rows: Ints, slot: int, at: int, end: int, out: Output) -> tuple[int, list[int], bool]:
        """Rows of one slot from `at` on: the next one that counts, late ones before it, whether it was found new."""
        columns, newest = batch.columns, int(self.slots.newest[slot])
        late: list[int] = []
        while at < end:
            row = int(rows[at])
            time, value = int(columns.time[row]), float(batch.value[row])
            named = row in columns.ids
            if not named and newest < time <= int(batch.received[row]) + quality.FUTURE_AFTER:
                return at, late, False
            if self._is_new(batch, row, slot, value, out):
                if named or time >= newest or (batch.special is not None and batch.special[row]):
                    return at, late, True
                self.slots.remember_late(slot, time, value)
                late.append(at)
            at += 1
        return end, late, False

    def _late(self, segment: Segment, batch: Batch, which: Ints, slot: Ints, out: Output) -> None:
        """Rows older than their slots' newest, sorted by slot: only accumulations take them in."""
        rows = self._rows(batch, which, slot, whole=True)
        assert rows.bits is not None  # noqa: S101 - for the type checker
        rows.bits = rows.bits | LATE
        _count(len(which), rows.bits, out)
        takers = [chain for chain in self.chains if chain.takes_late]
        for turn in Runs.of(slot).turns() if takers else ():
            self._through(takers, segment, batch, rows.keep(turn))

    def _good(self, batch: Batch, rows: Ints, slot: Ints, runs: Runs) -> Bools:
        """Rows in good order, as far as can be said before the first one of their slot that is not."""
        slots, time, own = self.slots, batch.columns.time[rows], slot[runs.starts]
        before = np.empty_like(time)
        before[1:] = time[:-1]
        before[runs.starts] = slots.newest[own]
        good = time > before
        good &= time <= batch.received[rows] + quality.FUTURE_AFTER
        if (slots.state[own] != OK).any():
            good &= slots.state[slot] == OK
        if batch.special is not None:
            good &= ~batch.special[rows]
        if self.absences.on:
            gone = np.zeros(len(slots), np.bool_)
            gone[[slot for slot, _, _ in self.absences.on]] = True
            good &= ~gone[slot]
        return np.asarray(good)

    def _rows(self, batch: Batch, rows: Ints, slot: Ints, *, whole: bool = False) -> _Rows:
        bits = None if batch.bits is None else batch.bits[rows]
        if bits is None and whole:
            bits = np.zeros(len(rows), np.int64)
        return _Rows(rows, slot, batch.columns.time[rows], batch.received[rows], batch.value[rows], bits)

    # -- rows in good order ------------------------------------------------------------------------------------------

    def _together(self, segment: Segment, rows: _Rows, runs: Runs, batch: Batch, out: Output) -> None:
        """Rows in good order."""
        slots, slot = self.slots, rows.slot
        slots.remember(slot, runs, rows.time, rows.value)
        if batch.columns.ids:
            self._note_ids(batch, rows)
        segment.steps.append((rows.which, slot, rows.time, slots.newest[slot], slots.state[slot]))
        has = np.arange(len(slot)) if rows.bits is None else np.flatnonzero(rows.bits & ABSENT == 0)
        valued = rows if len(has) == len(slot) else rows.keep(has)
        of_valued = runs if valued is rows else Runs.of(valued.slot)
        if (self._stuck_ever or self.moves.ever) and len(valued.slot):
            found = self._over_time(valued, of_valued)
            if found is not None:
                rows.bits = np.zeros(len(slot), np.int64) if rows.bits is None else rows.bits
                rows.bits[has] |= found
        _count(len(slot), rows.bits, out)
        if self.sampling.ever:
            self.sampling.of_runs(segment, Candidates(rows.which, slot, rows.time, rows.value, rows.bits), runs)
        if rows.bits is not None or self.distrust.concerns(slot):
            self._trust(segment, rows)
        last = runs.last
        own = slot[last]
        slots.newest[own] = rows.time[last]
        slots.bits[own] = 0 if rows.bits is None else rows.bits[last]
        slots.changed[own] = True
        self._heard(valued, of_valued)
        cut = batch.cut[rows.which]
        for chain in self.chains:
            for one in chain.update(slot, runs, rows.time, rows.received, cut, rows.bits):
                trigger = triggers.of_latch(slots, self.watch, one, self._bound(one, rows))
                segment.add(int(rows.which[one.row]), one.slot, trigger, matured=one.matured)
            segment.tap(chain, rows.which)

    def _bound(self, fired: Fired, rows: _Rows) -> str:
        """The bound behind the flag of the row that caused an edge."""
        bits = triggers.doubt_of(fired)
        if not bits:
            return ""
        place = int(self.slots.stream[fired.slot])
        return bound_of(self.limits, bits, place, float(rows.value[fired.row]), int(rows.time[fired.row]))

    def _over_time(self, rows: _Rows, runs: Runs) -> Ints | None:
        """Rows with a value: what only those before them show."""
        stuck = self._stuck_runs(rows, runs) if self._stuck_ever else None
        if not self.moves.ever:
            return stuck
        bits = rows.bits if stuck is None else stuck if rows.bits is None else rows.bits | stuck
        more = self.moves.of_rows(rows.slot, self.slots.kind[rows.slot].astype(np.int64), rows.time, rows.value, bits)
        return stuck if more is None else more if stuck is None else stuck | more

    def _trust(self, segment: Segment, rows: _Rows) -> None:
        """Who gives suspect values, and who gives good ones again."""
        self.distrust.of_rows(segment, rows.which, rows.slot, rows.time, rows.received, rows.bits)
        self.next_due = min(self.next_due, self.distrust.next_due)

    def _note_ids(self, batch: Batch, rows: _Rows) -> None:
        ids = batch.columns.ids
        for row, slot, time in zip(rows.which.tolist(), rows.slot.tolist(), rows.time.tolist(), strict=True):
            if row in ids:
                self.slots.note_id(slot, ids[row], time)

    def _stuck_runs(self, rows: _Rows, runs: Runs) -> Ints | None:
        """Rows with a value: how long it has been the same; STUCK where that is too long (None: nowhere)."""
        slots, slot, value, time = self.slots, rows.slot, rows.value, rows.time
        before = np.empty_like(value)
        before[1:] = value[:-1]
        before[runs.starts] = slots.value[slot[runs.starts]]
        same = value == before
        last = runs.last
        own = slot[last]
        if not same.any():
            slots.same_since[own], slots.same_count[own] = time[last], 1
            return None
        row = np.arange(len(slot))
        starts = ~same
        starts[runs.starts] = True
        began = np.maximum.accumulate(np.where(starts, row, 0))
        on = same[began]  # the value was the same before the first row already
        since = np.where(on, slots.same_since[slot], time[began])
        count = row - began + 1 + np.where(on, slots.same_count[slot], 0)
        slots.same_since[own], slots.same_count[own] = since[last], np.minimum(count[last], 2**31 - 1)
        limit = self.limits.stuck_for[slots.kind[slot]]
        stuck = same & (limit > 0) & (count >= quality.REPEATS_FOR_STUCK) & (time - since >= np.maximum(limit, 1))
        if stuck.any():
            stuck &= ~self.limits.rests(slots.kind[slot], value)
        return np.where(stuck, STUCK, 0) if stuck.any() else None

    def _heard(self, rows: _Rows, runs: Runs) -> None:
        """Rows with a usable value: the datastreams are there."""
        if not len(rows.slot):
            return
        last = runs.last
        self.hear(rows.slot[last], rows.received[last], rows.value[last])

    def hear(self, own: Ints, received: Ints, value: Floats) -> None:
        """The last usable value of each of several slots."""
        slots = self.slots
        slots.value[own], slots.heard[own] = value, received
        if self._silent_ever:
            slots.due[own] = due = self.due(own, received)
            self.next_due = min(self.next_due, int(due.min()))
        if self.absences:
            self.next_due = min(self.next_due, self.absences.renew(own, received))

    def never_heard(self) -> Ints:
        """Slots of which nothing was heard and for which nobody waits yet."""
        slots, count = self.slots, len(self.slots.numbers)
        unheard = (slots.newest[:count] == UNHEARD) & (slots.due[:count] == NEVER) & (slots.state[:count] == OK)
        return np.flatnonzero(unheard & (self.silence[slots.kind[:count]] != NEVER))

    def due(self, slot: Ints, received: Ints) -> Ints:
        """When slots that were heard at a time count as silent, unless they are heard again."""
        silence = self.silence[self.slots.kind[slot]]
        return np.where(silence == NEVER, NEVER, next_second(received + np.minimum(silence, LONGEST)))

    # -- one row of each slot ----------------------------------------------------------------------------------------

    def _alone(self, segment: Segment, rows: _Rows, batch: Batch, out: Output) -> None:
        """One new row of each of several slots, whatever it may be."""
        assert rows.bits is not None  # noqa: S101 - for the type checker
        slots = self.slots
        ahead = rows.time > rows.received + quality.FUTURE_AFTER
        newest = slots.newest[rows.slot]
        self._remember(rows, rows.time < newest)
        rows.time = np.where(ahead, rows.received, rows.time)  # never advances time: it counts as of when it came
        late = ~ahead & (rows.time < newest)
        rows.bits = rows.bits | np.where(ahead, FUTURE, 0) | np.where(late, LATE, 0)
        rows.bits |= self._over_time_alone(rows, late)
        _count(len(rows.slot), rows.bits, out)
        counted = np.where(late | ahead, UNHEARD, rows.time)
        segment.steps.append((rows.which, rows.slot, counted, newest, slots.state[rows.slot]))
        if self.sampling.ever:
            one = Candidates(rows.which, rows.slot, rows.time, rows.value, rows.bits)
            self.sampling.of_rows(segment, one, newest)
        self._trust(segment, rows)
        self._advance(segment, batch, rows, late)
        self._through([chain for chain in self.chains if chain.takes_late], segment, batch, rows)
        on_time = np.flatnonzero(~late)
        others = [chain for chain in self.chains if not chain.takes_late]
        self._through(others, segment, batch, rows if len(on_time) == len(late) else rows.keep(on_time))

    def _remember(self, rows: _Rows, late: Bools) -> None:
        on_time = rows if not late.any() else rows.keep(~late)
        self.slots.remember(on_time.slot, Runs.of(on_time.slot), on_time.time, on_time.value)
        for i in np.flatnonzero(late).tolist():
            self.slots.remember_late(int(rows.slot[i]), int(rows.time[i]), float(rows.value[i]))

    def _through(self, chains: list[Chain], segment: Segment, batch: Batch, rows: _Rows) -> None:
        """One row of each of several slots through some chains."""
        bits, cut = rows.bits, batch.cut[rows.which]
        assert bits is not None  # noqa: S101
        for chain in chains:
            for one in chain.update(rows.slot, Runs.of(rows.slot), rows.time, rows.received, cut, bits):
                row = int(rows.which[one.row])
                if bits[one.row] & (LATE | FUTURE):
                    one.own = int(batch.columns.time[row])
                trigger = triggers.of_latch(self.slots, self.watch, one, self._bound(one, rows))
                segment.add(row, one.slot, trigger, matured=one.matured)
            segment.tap(chain, rows.which)

    def _is_new(self, batch: Batch, row: int, slot: int, value: float, out: Output) -> bool:
        time, name = int(batch.columns.time[row]), batch.columns.ids.get(row)
        stored = self.slots.stored(slot, time)
        seen = None if name is None else self.slots.given(slot, name)
        if stored is None and seen is None:
            if name is not None:
                self.slots.note_id(slot, name, time)
            return True
        if stored is not None and not (stored == value or (math.isnan(stored) and math.isnan(value))):
            found = batch.columns.at(row)
            out.rejects.append((found, refuse.conflict(found, stored, value, self.slots.unit(slot))))
        elif stored is None and seen is not None and seen != time:
            found = batch.columns.at(row)
            out.rejects.append((found, refuse.conflicting_id(found, seen)))
        else:
            out.repeats += 1
        return False

    def _over_time_alone(self, rows: _Rows, late: Bools) -> Ints:
        """The same of one row of each of several slots: neither late ones nor those ahead of the clock are judged."""
        if not (self._stuck_ever or self.moves.ever):
            return np.zeros(len(late), np.int64)
        slot = rows.slot
        bits = rows.bits if rows.bits is not None else np.zeros(len(slot), np.int64)
        judged = np.flatnonzero(~late & ~np.isnan(rows.value) & (bits & FUTURE == 0))
        found = np.zeros(len(slot), np.int64)
        if len(judged):
            some = self._over_time(rows.keep(judged), Runs.of(slot[judged]))
            found[judged] = 0 if some is None else some
        return found

    def _advance(self, segment: Segment, batch: Batch, rows: _Rows, late: Bools) -> None:
        """Newest time and value, and whether the datastream is there at all."""
        assert rows.bits is not None  # noqa: S101
        slots, bits = self.slots, rows.bits
        moves = ~late & (bits & FUTURE == 0)
        slots.newest[rows.slot[moves]] = rows.time[moves]
        has = ~late & (bits & ABSENT == 0)
        usable = has & (bits & HARD == 0)
        slots.value[rows.slot[has]] = rows.value[has]
        slots.bits[rows.slot[~late]] = bits[~late]
        slots.changed[rows.slot[~late]] = True
        own, received = rows.slot[usable], rows.received[usable]
        slots.heard[own] = received
        if len(own):
            slots.due[own] = self.due(own, received)
            self.next_due = min(self.next_due, int(slots.due[own].min()))
        if self.absences:
            self._back(segment, rows, np.flatnonzero(usable))
        for i in np.flatnonzero(has & ((slots.state[rows.slot] != OK) | (bits & HARD > 0))).tolist():
            row = int(rows.which[i])
            own_time = int(batch.columns.time[row]) if bits[i] & FUTURE else None
            slot = int(rows.slot[i])
            bound = ""
            if bits[i] & HARD:
                bound = bound_of(self.limits, HARD, int(slots.stream[slot]), float(rows.value[i]), int(rows.time[i]))
            self._presence(segment, row, slot, int(rows.time[i]), bound, own_time)

    def _presence(self, segment: Segment, row: int, slot: int, time: int, bound: str, own: int | None) -> None:
        """A value from a datastream that was lost, or one that cannot be: it lies beyond a bound."""
        failed = bool(bound)
        if not failed:
            segment.add(row, slot, triggers.back(self.slots, slot, time, own))
        elif self.slots.state[slot] == OK:
            segment.add(row, slot, triggers.failed(self.slots, slot, time, bound, own))
        self.slots.state[slot] = FAILED if failed else OK
        segment.states.append((row, slot, FAILED if failed else OK))

    def _back(self, segment: Segment, rows: _Rows, usable: Ints) -> None:
        for i in usable.tolist():
            for fired in self.absences.heard(int(rows.slot[i]), int(rows.received[i])):
                trigger = triggers.of_latch(self.slots, self.watch, fired)
                segment.add(int(rows.which[i]), fired.slot, trigger)
        if len(usable):
            self.next_due = min(self.next_due, int(self.absences.due[rows.slot[usable]].min()))


def _set(array: Ints, at: Ints, values: Ints) -> Ints:
    found = array.copy()
    found[at] = values
    return found


def _count(rows: int, bits: Ints | None, out: Output) -> None:
    out.accepted += rows
    if bits is None or not bits.any():
        return
    for bit, name in quality.NAMES.items():
        if count := int((bits & bit > 0).sum()):
            out.checks[name] = out.checks.get(name, 0) + count

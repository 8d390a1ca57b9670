"""Rows that are not in good order: repeats, conflicts, late ones, those ahead of the clock, values of who was lost."""

import math

import numpy as np
from numpy.typing import NDArray

from streams.core import quality, refuse, triggers
from streams.core.absence import Absences
from streams.core.arrived import Arrived
from streams.core.bounds import bound_of, bound_of_edge
from streams.core.chains import Chain
from streams.core.distrust import Distrust
from streams.core.output import Output
from streams.core.over_time import OverTime
from streams.core.presence import Presence
from streams.core.quality import ABSENT, FUTURE, HARD, LATE, Limits
from streams.core.resolve import Batch
from streams.core.runs import Runs
from streams.core.sampling import Candidates, Sampling
from streams.core.segment import Segment
from streams.core.slots import FAILED, OK, UNHEARD, Slots
from streams.core.watch import Watch

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class OddRows:
    """Slots, limits and chains of a partition, as `Judge` has them."""

    def __init__(
        self,
        slots: Slots,
        limits: Limits,
        over_time: OverTime,
        presence: Presence,
        chains: list[Chain],
        absences: Absences,
        watch: Watch,
        sampling: Sampling,
        distrust: Distrust,
    ) -> None:
        self._slots, self._limits, self._over_time, self._presence = slots, limits, over_time, presence
        self._chains, self._absences, self._watch = chains, absences, watch
        self._sampling, self._distrust = sampling, distrust

    def sort_out(
        self, segment: Segment, batch: Batch, rows: Ints, slot: Ints, first: Ints, ends: Ints, out: Output
    ) -> tuple[Ints, Ints]:
        """From one odd row of each slot on: repeats dropped, late ones handled; rows that come alone, what is left."""
        which = rows[first]
        doubt = batch.columns.time[which] <= self._slots.newest[slot[first]]
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
        columns, newest = batch.columns, int(self._slots.newest[slot])
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
                self._slots.remember_late(slot, time, value)
                late.append(at)
            at += 1
        return end, late, False

    def _is_new(self, batch: Batch, row: int, slot: int, value: float, out: Output) -> bool:
        time, name = int(batch.columns.time[row]), batch.columns.ids.get(row)
        stored = self._slots.stored(slot, time)
        seen = None if name is None else self._slots.given(slot, name)
        if stored is None and seen is None:
            if name is not None:
                self._slots.note_id(slot, name, time)
            return True
        if stored is not None and not (stored == value or (math.isnan(stored) and math.isnan(value))):
            found = batch.columns.at(row)
            out.rejects.append((found, refuse.conflict(found, stored, value, self._slots.unit(slot))))
        elif stored is None and seen is not None and seen != time:
            found = batch.columns.at(row)
            out.rejects.append((found, refuse.conflicting_id(found, seen)))
        else:
            out.repeats += 1
            if out.flags is not None:
                out.flags.repeat(row, slot)
        return False

    def _late(self, segment: Segment, batch: Batch, which: Ints, slot: Ints, out: Output) -> None:
        """Rows older than their slots' newest, sorted by slot: only accumulations take them in."""
        rows = Arrived.of(batch, which, slot, whole=True)
        assert rows.bits is not None  # noqa: S101 - for the type checker
        rows.bits = rows.bits | LATE
        rows.count(out)
        takers = [chain for chain in self._chains if chain.takes_late]
        for turn in Runs.of(slot).turns() if takers else ():
            self._through(takers, segment, batch, rows.keep(turn))

    def alone(self, segment: Segment, rows: Arrived, batch: Batch, out: Output) -> None:
        """One new row of each of several slots, whatever it may be."""
        assert rows.bits is not None  # noqa: S101 - for the type checker
        slots = self._slots
        ahead = rows.time > rows.received + quality.FUTURE_AFTER
        newest = slots.newest[rows.slot]
        self._remember(rows, rows.time < newest)
        rows.time = np.where(ahead, rows.received, rows.time)  # never advances time: it counts as of when it came
        late = ~ahead & (rows.time < newest)
        rows.bits = rows.bits | np.where(ahead, FUTURE, 0) | np.where(late, LATE, 0)
        rows.bits |= self._over_time.of_alone(rows, late)
        rows.count(out)
        counted = np.where(late | ahead, UNHEARD, rows.time)
        segment.steps.append((rows.which, rows.slot, counted, newest, slots.state[rows.slot]))
        if self._sampling.ever:
            one = Candidates(rows.which, rows.slot, rows.time, rows.value, rows.bits)
            self._sampling.of_rows(segment, one, newest)
        self._distrust.of_rows(segment, rows, Runs.of(rows.slot))
        self._presence.wait(self._distrust.next_due)
        self._advance(segment, batch, rows, late)
        self._through([chain for chain in self._chains if chain.takes_late], segment, batch, rows)
        on_time = np.flatnonzero(~late)
        others = [chain for chain in self._chains if not chain.takes_late]
        self._through(others, segment, batch, rows if len(on_time) == len(late) else rows.keep(on_time))

    def _remember(self, rows: Arrived, late: Bools) -> None:
        on_time = rows if not late.any() else rows.keep(~late)
        self._slots.remember(on_time.slot, Runs.of(on_time.slot), on_time.time, on_time.value)
        for i in np.flatnonzero(late).tolist():
            self._slots.remember_late(int(rows.slot[i]), int(rows.time[i]), float(rows.value[i]))

    def _through(self, chains: list[Chain], segment: Segment, batch: Batch, rows: Arrived) -> None:
        """One row of each of several slots through some chains."""
        bits, cut = rows.bits, batch.cut[rows.which]
        assert bits is not None  # noqa: S101
        for chain in chains:
            for one in chain.update(rows.slot, Runs.of(rows.slot), rows.time, rows.received, cut, bits):
                row = int(rows.which[one.row])
                if bits[one.row] & (LATE | FUTURE):
                    one.own = int(batch.columns.time[row])
                trigger = triggers.of_latch(
                    self._slots, self._watch, one, bound_of_edge(self._limits, self._slots, one, rows)
                )
                segment.add(row, one.slot, trigger, matured=one.matured)
            segment.tap(chain, rows.which)

    def _advance(self, segment: Segment, batch: Batch, rows: Arrived, late: Bools) -> None:
        """Newest time and value, and whether the datastream is there at all."""
        assert rows.bits is not None  # noqa: S101
        slots, bits = self._slots, rows.bits
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
            slots.due[own] = self._presence.due(own, received)
            self._presence.wait(int(slots.due[own].min()))
        if self._absences:
            self._back(segment, rows, np.flatnonzero(usable))
        for i in np.flatnonzero(has & ((slots.state[rows.slot] != OK) | (bits & HARD > 0))).tolist():
            row = int(rows.which[i])
            own_time = int(batch.columns.time[row]) if bits[i] & FUTURE else None
            slot = int(rows.slot[i])
            bound = ""
            if bits[i] & HARD:
                bound = bound_of(self._limits, HARD, int(slots.stream[slot]), float(rows.value[i]), int(rows.time[i]))
            self._there(segment, row, slot, int(rows.time[i]), bound, own_time)

    def _there(self, segment: Segment, row: int, slot: int, time: int, bound: str, own: int | None) -> None:
        """A value from a datastream that was lost, or one that cannot be: it lies beyond a bound."""
        failed = bool(bound)
        if not failed:
            segment.add(row, slot, triggers.back(self._slots, slot, time, own))
        elif self._slots.state[slot] == OK:
            segment.add(row, slot, triggers.failed(self._slots, slot, time, bound, own))
        self._slots.state[slot] = FAILED if failed else OK
        segment.states.append((row, slot, FAILED if failed else OK))

    def _back(self, segment: Segment, rows: Arrived, usable: Ints) -> None:
        for i in usable.tolist():
            for fired in self._absences.heard(int(rows.slot[i]), int(rows.received[i])):
                trigger = triggers.of_latch(self._slots, self._watch, fired)
                segment.add(int(rows.which[i]), fired.slot, trigger)
        if len(usable):
            self._presence.wait(int(self._absences.due[rows.slot[usable]].min()))

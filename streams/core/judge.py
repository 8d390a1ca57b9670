"""What rows do to the slots: repeats out, quality, state, chains.

Rows in good order (later than all before them, not ahead of the clock, of a datastream that is there) go through
together, however many there are of one slot; any other row is taken on its own, one of each slot at a time:
`odd_rows`.
"""

import numpy as np
from numpy.typing import NDArray

from streams.core import quality, triggers
from streams.core.absence import Absences
from streams.core.arrived import Arrived
from streams.core.bounds import bound_of_edge
from streams.core.chains import Chain
from streams.core.distrust import Distrust
from streams.core.moves import Moves
from streams.core.odd_rows import OddRows
from streams.core.output import Output
from streams.core.over_time import OverTime
from streams.core.presence import Presence
from streams.core.quality import ABSENT, Limits
from streams.core.resolve import Batch
from streams.core.runs import Runs
from streams.core.sampling import Candidates, Sampling
from streams.core.segment import Segment
from streams.core.slots import OK, Slots
from streams.core.watch import Watch

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


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
        self.presence, self._over_time = Presence(slots, silence, absences), OverTime(slots, limits, moves)
        self._odd = OddRows(
            slots, limits, self._over_time, self.presence, chains, absences, watch, sampling, distrust
        )  # fmt: skip

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
            self._together(segment, Arrived.of(batch, rows, slot), runs, batch, out)
            return np.empty(0, np.int64)
        first = runs.first(~good)
        stop, at = np.repeat(first, runs.counts), np.arange(len(rows))
        before = np.flatnonzero(at < stop)
        if len(before):
            self._together(segment, Arrived.of(batch, rows[before], slot[before]), Runs.of(slot[before]), batch, out)
        ends = runs.starts + runs.counts
        odd = np.flatnonzero(first < ends)
        alone, rest = self._odd.sort_out(segment, batch, rows, slot, first[odd], ends[odd], out)
        if len(alone):
            self._odd.alone(segment, Arrived.of(batch, rows[alone], slot[alone], whole=True), batch, out)
        stop[...] = np.repeat(_set(ends, odd, rest), runs.counts)
        return np.flatnonzero(at >= stop)

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

    def _together(self, segment: Segment, rows: Arrived, runs: Runs, batch: Batch, out: Output) -> None:
        """Rows in good order."""
        slots, slot = self.slots, rows.slot
        slots.remember(slot, runs, rows.time, rows.value)
        if batch.columns.ids:
            self._note_ids(batch, rows)
        newest = slots.newest[slot]
        segment.steps.append((rows.which, slot, rows.time, newest, slots.state[slot]))
        has = np.arange(len(slot)) if rows.bits is None else np.flatnonzero(rows.bits & ABSENT == 0)
        valued = rows if len(has) == len(slot) else rows.keep(has)
        of_valued = runs if valued is rows else Runs.of(valued.slot)
        if self._over_time.ever and len(valued.slot):
            found = self._over_time.of_rows(valued, of_valued)
            if found is not None:
                rows.bits = np.zeros(len(slot), np.int64) if rows.bits is None else rows.bits
                rows.bits[has] |= found
        rows.count(out)
        if self.sampling.ever:
            some = Candidates(rows.which, slot, rows.time, rows.value, rows.bits)
            self.sampling.of_runs(segment, some, runs, newest)
        if rows.bits is not None or self.distrust.due is not None:
            self.distrust.of_rows(segment, rows, runs)
            self.presence.wait(self.distrust.next_due)
        last = runs.last
        own = slot[last]
        slots.newest[own] = rows.time[last]
        slots.bits[own] = 0 if rows.bits is None else rows.bits[last]
        slots.changed[own] = True
        self.presence.heard(valued, of_valued)
        cut = batch.cut[rows.which]
        for chain in self.chains:
            for one in chain.update(slot, runs, rows.time, rows.received, cut, rows.bits):
                trigger = triggers.of_latch(slots, self.watch, one, bound_of_edge(self.limits, self.slots, one, rows))
                segment.add(int(rows.which[one.row]), one.slot, trigger, matured=one.matured)
            segment.tap(chain, rows.which)

    def _note_ids(self, batch: Batch, rows: Arrived) -> None:
        ids = batch.columns.ids
        for row, slot, time in zip(rows.which.tolist(), rows.slot.tolist(), rows.time.tolist(), strict=True):
            if row in ids:
                self.slots.note_id(slot, ids[row], time)


def _set(array: Ints, at: Ints, values: Ints) -> Ints:
    found = array.copy()
    found[at] = values
    return found

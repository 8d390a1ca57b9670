"""Which datastreams give nothing but suspect values: told when that has lasted as long as silence would.

Edges only, and by received time: whoever gives one good value in three intervals is trusted, so that values flapping
about a limit make no signals, and many stations in doubt together are one. Nothing is kept before a value is suspect.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from streams.core import quality, triggers
from streams.core.arrived import Arrived
from streams.core.runs import Runs
from streams.core.segment import Segment
from streams.core.slots import NEVER, Slots, next_second
from streams.models.times import DAY, MINUTE

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
TOLD = NEVER - 1  # in `due`: it has been told, and a good value is waited for
LONGEST = 3650 * DAY
FEW = 24  # rows of which each is looked at by itself
WITHOUT_INTERVAL = 10 * MINUTE
#: what says nothing of a sensor's worth: the end of its range, or no value that counts
PASSED = quality.HARD | quality.ABSENT | quality.LATE
SUSPECT = quality.SUSPECTS & ~quality.SATURATED


class Distrust:
    """Those of one partition. due: received time from which on a slot counts as in doubt; NEVER: it is trusted."""

    def __init__(self, slots: Slots, silence: Ints, used: NDArray[np.bool_]) -> None:
        """By kind: how long each may be silent, and whether any hazard wants to know."""
        wait = np.where(silence == NEVER, WITHOUT_INTERVAL, np.minimum(silence, LONGEST))
        self._slots, self._wait, self._used = slots, wait, used
        self.due: Ints | None = None  # made when the first value is suspect
        self.next_due = NEVER

    @property
    def shortest(self) -> int:
        """No doubt that begins now is told before."""
        return int(self._wait.min(initial=LONGEST))

    def grow(self) -> None:
        """New slots."""
        if self.due is not None and len(self.due) < len(self._slots):
            self.due = np.append(self.due, np.full(len(self._slots) - len(self.due), NEVER))

    def of_rows(self, segment: Segment, rows: Arrived, runs: Runs) -> None:
        """Rows sorted by slot, each slot's in order."""
        some = self._concerned(rows, runs)
        if len(some):
            flagged = rows.keep(some)
            self._of_flagged(segment, flagged, np.zeros(len(some), np.int64) if flagged.bits is None else flagged.bits)

    def _concerned(self, rows: Arrived, runs: Runs) -> Ints:
        """Rows of slots that have a flag here, or are not trusted."""
        flagged = None if rows.bits is None else rows.bits != 0
        if self.due is None:
            return np.empty(0, np.int64) if flagged is None else runs.having(flagged)
        doubted = self.due[rows.slot] != NEVER
        return runs.having(doubted if flagged is None else doubted | flagged)

    def _of_flagged(self, segment: Segment, rows: Arrived, bits: Ints) -> None:
        slot = rows.slot
        counts = (bits & PASSED == 0) & self._used[self._slots.kind[slot]]
        against = quality.counting(bits, SUSPECT)
        suspect, ended = counts & (against != 0), quality.only_saturated(bits, against)
        concerned = suspect if self.due is None else counts & (suspect | (self.due[slot] != NEVER))
        if not concerned.any():
            return
        if self.due is None:
            self.due = np.full(len(self._slots), NEVER)
        some = Runs.of(slot).having(concerned)
        some = some[counts[some]]
        if len(some) <= FEW:
            self._take_few(segment, rows.keep(some), suspect[some], ended[some])
            return
        which, slot, time, received = rows.which[some], slot[some], rows.time[some], rows.received[some]
        self._take(segment, which, slot, time, received, suspect[some], ended[some])

    def _take(
        self, segment: Segment, which: Ints, slot: Ints, time: Ints, received: Ints, suspect: Bools, ended: Bools
    ) -> None:
        """Rows with a value, of slots of which some is suspect or was. `ended`: at the end of the range."""
        assert self.due is not None  # noqa: S101 - for the type checker
        runs, row, good = Runs.of(slot), np.arange(len(slot)), ~(suspect | ended)
        own, ends = slot[runs.starts], runs.starts + runs.counts
        newest = np.maximum.reduceat(np.where(good, row, -1), runs.starts)
        calm = np.maximum.reduceat(np.where(suspect, -1, row), runs.starts)  # the last that is not suspect
        first = np.minimum.reduceat(np.where(good, row, len(row)), runs.starts)
        before = self.due[own]
        for i in np.flatnonzero((newest >= 0) & (before == TOLD)).tolist():
            at = int(first[i])
            segment.add(int(which[at]), int(own[i]), triggers.trust(self._slots, int(own[i]), int(time[at])))
        # what is told stays so until a good value; what is not told does not last through the end of the range
        due = np.where((newest >= 0) | (calm >= 0) & (before != TOLD), NEVER, before)
        since = np.where(calm >= 0, calm + 1, runs.starts)  # the first that is suspect after the last that is not
        begins = np.flatnonzero((since < ends) & (due == NEVER))
        wait = self._wait[self._slots.kind[own[begins]]]
        due[begins] = next_second(received[since[begins]] + wait)
        self.due[own] = due
        self.next_due = min(self.next_due, int(due[begins].min(initial=NEVER)))

    def _take_few(self, segment: Segment, rows: Arrived, suspect: Bools, ended: Bools) -> None:
        """The same slot by slot: a call of numpy takes longer than some rows."""
        assert self.due is not None  # noqa: S101 - for the type checker
        runs, slots, kind = Runs.of(rows.slot), self._slots, self._slots.kind
        bad, passed = suspect.tolist(), ended.tolist()
        for start, count in zip(runs.starts.tolist(), runs.counts.tolist(), strict=True):
            slot, of = int(rows.slot[start]), range(start, start + count)
            good = next((at for at in of if not (bad[at] or passed[at])), None)
            since = next((at + 1 for at in reversed(of) if not bad[at]), start)
            due = int(self.due[slot])
            if good is not None and due == TOLD:
                trigger = triggers.trust(slots, slot, int(rows.time[good]))
                segment.add(int(rows.which[good]), slot, trigger)
            if good is not None or (since > start and due != TOLD):
                due = NEVER
            if since < start + count and due == NEVER:
                due = next_second(int(rows.received[since]) + int(self._wait[kind[slot]]))
                self.next_due = min(self.next_due, due)
            self.due[slot] = due

    def mature(self, now: int) -> Iterator[tuple[int, int]]:
        """Slots that are in doubt by now, and since when."""
        if self.due is None or self.next_due > now:
            return
        for slot in np.flatnonzero(self.due <= now).tolist():
            yield int(self.due[slot]), slot
            self.due[slot] = TOLD
        self._look()

    def pause(self, longer: int, waiting: NDArray[np.bool_]) -> None:
        """Nobody could write for so long."""
        if self.due is not None:
            self.due[waiting[: len(self.due)] & (self.due < TOLD)] += longer
            self._look()

    def _look(self) -> None:
        assert self.due is not None  # noqa: S101 - for the type checker
        first = int(self.due.min(initial=NEVER))
        self.next_due = NEVER if first == TOLD else first

    # -- saved and restored ------------------------------------------------------------------------------------------

    def save(self, first: int, end: int) -> tuple[Ints, Ints] | None:
        """Places from `first` on of slots that are not trusted, and their dues; None: there are none."""
        if self.due is None:
            return None
        places = np.flatnonzero(self.due[first:end] != NEVER)
        return (places, self.due[first:end][places]) if len(places) else None

    def load(self, own: Ints, slot: Ints, due: Ints) -> None:
        """Slots that come from a chunk, and those of them that are not trusted."""
        if self.due is None and len(slot):
            self.due = np.full(len(self._slots), NEVER)
        self.grow()
        if self.due is not None:
            self.due[own] = NEVER
            self.due[slot] = due
            self._look()

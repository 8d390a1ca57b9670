"""A handful of rows about which nothing is odd: the changes of state that `Judge` makes, with plain numbers.

Whatever is in any doubt (a slot twice, a row that is late or out of range, something that falls due meanwhile) is left
to `Judge`: `rows` looks and changes nothing. Both ways give the same bytes.
"""

from typing import NamedTuple

import numpy as np

from streams.core import triggers
from streams.core.judge import Judge
from streams.core.output import Output
from streams.core.presence import LONGEST
from streams.core.quality import FUTURE_AFTER
from streams.core.resolve import Batch, Resolver
from streams.core.runs import Runs
from streams.core.sampling import Candidates
from streams.core.segment import Segment
from streams.core.slots import NEVER, OK, next_second
from streams.core.station_table import NOWHERE
from streams.models.columns import Columns

FEW = 28  # rows for which this is quicker


class HandfulRow(NamedTuple):
    """A row in good order. `before`: newest time of its slot until now; received: running maximum."""

    slot: int
    which: int
    time: int
    received: int
    value: float
    before: int


class Handful:
    """Slots, limits and chains of a partition, as `Judge` has them."""

    def __init__(self, judge: Judge, resolver: Resolver) -> None:
        self._judge, self._slots, self._place = judge, judge.slots, resolver.place
        self._low, self._high = judge.limits.normal
        self._stuck_ever = bool((judge.limits.stuck_for > 0).any())
        self._moving: list[bool] = judge.moves.uses.tolist()
        self._moves_ever = judge.moves.ever
        self._waits: list[int] = judge.silence.tolist()
        self._silent_ever = any(wait != NEVER for wait in self._waits)
        self._runs = [Runs(np.arange(count), np.ones(count, np.int64), single=True) for count in range(FEW + 1)]

    def rows(self, columns: Columns, before: int, outage: int, until: int, longest: int) -> list[HandfulRow] | None:
        """The rows, sorted by slot; None: they are no handful, or something about them is odd.

        before: received time so far; outage: a longer pause is odd; until: received time at which something falls due;
        longest: nothing that begins with the first row falls due before.
        """
        if self._judge.moves.ever or not _is_plain(columns):  # rows are compared with those before them: not here
            return None
        slots, now, found = self._slots, before, []
        gone = {slot for slot, _, _ in self._judge.absences.on}
        fields = (columns.station, columns.property, columns.time.tolist(), columns.received.tolist())
        for which, (station, name, time, received) in enumerate(zip(*fields, strict=True)):
            if received - now > outage:
                return None
            now = max(now, received)
            until = until if which else min(until, now + longest)
            slot, value = self._place(station, name), float(columns.value[which])
            if now >= until or slot in gone or not self._is_usual(slot, value):
                return None
            newest = int(slots.newest[slot])
            if not newest < time <= now + FUTURE_AFTER:
                return None
            gone.add(slot)
            found.append(HandfulRow(slot, which, time, now, value, newest))
        found.sort()
        return found

    def _is_usual(self, slot: int, value: float) -> bool:
        due = self._judge.distrust.due
        if due is not None and due[slot] != NEVER:  # NOWHERE is none of them: it is looked at next
            return False
        if slot == NOWHERE or not self._low[slot] < value < self._high[slot] or self._slots.state[slot] != OK:
            return False
        if self._moves_ever and self._moving[self._slots.kind[slot]]:
            return False
        return not (self._stuck_ever and value == self._slots.value[slot])

    def take(self, rows: list[HandfulRow], out: Output) -> Segment:
        """Let these rows count."""
        slots, judge = self._slots, self._judge
        columns = [np.array(column) for column in zip(*rows, strict=True)]
        slot, which, time, received, value, before = columns
        self._remember(rows)
        slots.written[slot] += 1  # goes round
        out.accepted += len(rows)
        if self._silent_ever:
            self._wait(rows)
        if judge.absences:
            judge.presence.wait(judge.absences.renew(slot, received))
        segment = Segment(steps=[(which, slot, time, before, np.full(len(rows), OK, np.int8))])
        if judge.sampling.ever:
            judge.sampling.of_rows(segment, Candidates(which, slot, time, value, None), before)
        for chain in judge.chains:
            for one in chain.update(slot, self._runs[len(rows)], time, received, value, None):
                trigger = triggers.of_latch(slots, judge.watch, one)
                segment.add(rows[one.row].which, one.slot, trigger, matured=one.matured)
            segment.tap(chain, which)
        return segment

    def _remember(self, rows: list[HandfulRow]) -> None:
        slots = self._slots
        for slot, _, time, received, value, _ in rows:
            at = int(slots.written[slot]) % slots.remembered
            slots.times[slot, at], slots.values[slot, at] = time, value
            slots.newest[slot], slots.value[slot], slots.heard[slot] = time, value, received
            slots.bits[slot], slots.changed[slot] = 0, True
            if self._stuck_ever:
                slots.same_since[slot], slots.same_count[slot] = time, 1

    def _wait(self, rows: list[HandfulRow]) -> None:
        """The datastreams are there: when each would count as silent."""
        slots = self._slots
        for slot, _, _, received, *_ in rows:
            wait = self._waits[slots.kind[slot]]
            due = NEVER if wait == NEVER else next_second(received + min(wait, LONGEST))
            slots.due[slot] = due
            self._judge.presence.wait(due)

    @staticmethod
    def batch(columns: Columns, rows: list[HandfulRow]) -> Batch:
        """What `Bank` needs in order to tell what these rows set off."""
        by_row = sorted(rows, key=lambda row: row.which)
        slot, received = np.array([row.slot for row in by_row]), np.array([row.received for row in by_row])
        return Batch(columns, slot, columns.value, received, None, columns.value, None)


def _is_plain(columns: Columns) -> bool:
    """Whether there is nothing but a few rows, each a key of its own."""
    if type(columns) is not Columns or not 0 < len(columns) <= FEW or columns.key is not None:
        return False
    given = columns.unit, columns.status
    return given == (None, None) and not (columns.ids or columns.ticks)

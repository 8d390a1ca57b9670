"""Records of a partition pass through its slots, segment by segment: nothing falls due within one.

Received time is the running maximum of the records' Kafka timestamps; before a record is handled, everything that fell
due by its received time fires: silences, absences and holds. Where batches begin and end makes no difference.
"""

import numpy as np
from numpy.typing import NDArray

from streams.core import score, triggers
from streams.core.by_frame import ByFrame
from streams.core.deadlines import Deadlines
from streams.core.handful import Handful, HandfulRow
from streams.core.holdings import Holdings
from streams.core.output import Output
from streams.core.presence import LONGEST
from streams.core.resolve import Batch, FrameBatch
from streams.core.segment import Segment
from streams.core.slots import NEVER, UNHEARD, next_second
from streams.core.station_table import NOWHERE
from streams.core.telling import Telling
from streams.core.timeline import Timeline
from streams.models.columns import Columns
from streams.models.framed import Framed

Ints = NDArray[np.int64]
NOT_SAVED = -1


def _which(row: HandfulRow) -> int:
    return row.which


class Passage:
    """How far a partition is, and the way of its records."""

    def __init__(self, held: Holdings, outage: int) -> None:
        """`outage`: a pause in received time longer than this does not count towards silence."""
        self._held, self._outage = held, outage
        self._slots, self._judge, self._joins, self._longest = held.slots, held.judge, held.joins, held.longest
        self._by_frame = ByFrame(held.judge)
        self._handful = Handful(held.judge, held.resolver)
        self._deadlines, self._telling = Deadlines(held), Telling(held)
        self.received = UNHEARD
        self.position = (-1, 0)  # offset and row of the newest record
        self.next_due = NEVER  # not later than the received time at which something falls due
        self.behind: Ints | None = None  # offset up to which each slot's state was restored
        self._begun = False  # whether a record has come since it was made

    def run(self, columns: Columns, out: Output) -> Output:
        """Records in offset order; what they gave."""
        if not columns or self._passes_quietly(columns):
            return out
        self._stand(self.received)
        if self.behind is None and self._begun and out.flags is None:
            some = self._handful.rows(columns, self.received, self._outage, self.next_due, self._longest)
            if some is not None:
                self._take(columns, some, out)
                return out
        line = Timeline.of(columns, self.received)
        if not self._begun:
            self._begin(int(line.received[0]))
        batch = self._batch(line, columns, out)
        known = self._known(batch)
        if columns.meta:
            score.note_batteries(self._slots, batch.slot, columns.meta)
        pauses = line.pauses(self._outage, LONGEST)
        at = 0
        while at < len(line):
            now = int(line.received[at])
            if at in pauses and self.received != UNHEARD:
                self._pause(now - self.received, line.place(at)[0])
            self._stand_at(line, at)
            n = self._fire_due(now, out)
            end = max(line.first_at(min(self.next_due, line.heard_from(at) + self._longest)), at + 1)
            end = min([end, *(p for p in pauses if p > at)])
            framed = known is None and isinstance(batch, FrameBatch)
            rows = line.records(at, end) if framed else line.rows(at, end)
            if known is not None:
                rows = rows[known[rows]]
            if len(rows):
                self._segment(batch, rows, out, n if line.is_row(at) else 0, framed=framed)
            self.position, self.received = line.end(end - 1), int(line.received[end - 1])
            at = end
        out.rejects.sort(key=lambda reject: (reject[0].offset, reject[0].row))
        return out

    def _stand(self, received: int) -> None:
        """How far received time is says which season begins next."""
        if received != UNHEARD:
            self._deadlines.borders.stand(received)
            self.next_due = min(self.next_due, self._deadlines.borders.next)

    def _begin(self, now: int) -> None:
        """The first record: whoever was never heard is waited for from here on.

        Of files nobody is waited for, and where all is an exercise nobody says anything Actual.
        """
        self._begun = True
        if self.received == UNHEARD:
            self._stand(now)
        if self._outage == NEVER or self._held.site.exercise:
            return
        waited = self._judge.presence.never_heard()
        self._slots.due[waited] = self._judge.presence.due(waited, np.full(len(waited), now))
        self.next_due = self._deadlines.next()

    def _passes_quietly(self, columns: Columns) -> bool:
        """Ticks alone, at which nothing falls due: nothing but time has gone on."""
        if len(columns) or not self._begun:
            return False
        now = self.received
        for _, tick in columns.ticks:
            if tick.received - now > self._outage:
                return False
            now = max(now, tick.received)
        if now >= self.next_due:
            return False
        self.position, self.received = (columns.ticks[-1][1].offset, 0), now
        return True

    def _take(self, columns: Columns, rows: list[HandfulRow], out: Output) -> None:
        """A handful of rows, all in good order, while nothing falls due."""
        segment = self._handful.take(rows, out)
        if columns.meta:
            score.note_batteries(self._slots, [row.slot for row in sorted(rows, key=_which)], columns.meta)
        self._join_rows(segment)
        if segment.fired or segment.samples:
            self._telling.say(segment, self._handful.batch(columns, rows), out, 0, self.position)
        self.next_due = self._deadlines.earliest(self.next_due)
        self.position = (int(columns.offset[-1]), int(columns.row[-1]))
        self.received = max(row.received for row in rows)

    def _batch(self, line: Timeline, columns: Columns, out: Output) -> Batch:
        """The rows with their slots; as frames where they come so."""
        if isinstance(columns, Framed) and out.flags is None:
            framed = self._held.resolver.frames(columns, line.received_of_records, self._held.limits)
            if framed is not None:
                return framed
        batch = self._held.resolver.batch(columns, line.received_of_rows, self._held.limits, out.rejects)
        if out.flags is not None:
            out.flags.begin(self._held, batch)
        return batch

    def _known(self, batch: Batch) -> NDArray[np.bool_] | None:
        """The rows that are to be judged; None: all of them."""
        if self.behind is None:
            return None if batch.all_known else batch.slot != NOWHERE
        behind = np.append(self.behind, np.full(max(len(self._slots) - len(self.behind), 0) + 1, NOT_SAVED))
        if isinstance(batch, FrameBatch) and (batch.columns.frames.offset > behind[batch.slots]).all():
            return None
        return np.asarray((batch.slot != NOWHERE) & (batch.columns.offset > behind[batch.slot]))

    def _stand_at(self, line: Timeline, at: int) -> None:
        self.position = line.place(at)
        self.received = int(line.received[at])

    def _segment(self, batch: Batch, rows: Ints, out: Output, n: int, *, framed: bool) -> None:
        """Rows (`framed`: frames) between which nothing falls due; of the newest record `n` signals have been made."""
        judge = self._by_frame if framed else self._judge
        segment = judge.segment(batch, rows, out)
        self._join_rows(segment)
        if segment.fired or segment.samples:
            self._telling.say(segment, batch, out, n, self.position)
        self.next_due = self._deadlines.earliest(self.next_due)

    def _join_rows(self, segment: Segment) -> None:
        """Readings of several datastreams that belong together."""
        for row, fired in self._joins.update(segment.tapped) if segment.tapped else ():
            trigger = triggers.of_latch(self._slots, self._held.watch, fired)
            segment.add_joined(row, fired.slot, trigger, matured=fired.matured)

    def _fire_due(self, now: int, out: Output) -> int:
        """Silences and holds that are over by `now`, in the order in which they fell due; how many signals they made.

        Each is received when it fell due, not when the next record happened to come.
        """
        if now < self.next_due:
            return 0
        found = self._deadlines.fall_due(now)
        if out.flags is not None:
            out.flags.silent(found, self.position, self._held)
        self.next_due = self._deadlines.next()
        n = 0
        for due in sorted({due for due, _, _ in found}):
            some = [(slot, t) for at, slot, t in found if at == due]
            n = self._telling.groups(some, due, out, n, self.position)
        return n

    def _pause(self, length: int, before: int) -> None:
        """Nobody could write for so long before an offset: silence begins to count anew from where it was."""
        waiting = np.ones(len(self._slots), np.bool_)
        if self.behind is not None:  # the state of these has the pause in it already
            waiting[np.flatnonzero(self.behind >= before)] = False
        self._deadlines.pause(next_second(length), waiting)
        self.next_due = self._deadlines.next()

    def restored(self, own: Ints, upto: int) -> None:
        """Slots are as they were before offset `upto`: their rows that lie before it are passed over."""
        if self.behind is None:
            self.behind = np.full(len(self._slots), NOT_SAVED)
        if more := len(self._slots) - len(self.behind):
            self.behind = np.append(self.behind, np.full(more, NOT_SAVED))
        self.behind[own] = upto - 1
        due = int(self._slots.due[own].min(initial=NEVER))  # of these alone: a site has many chunks
        holds = [one.active.latches.next_due for one in self._held.latchings]
        self.next_due = min([self.next_due, due, self._held.absences.next_due, *holds])

    def caught_up(self, upto: int) -> None:
        """From here on all that comes lies at `upto` or later."""
        if self.behind is not None and int(self.behind.max(initial=NOT_SAVED)) < upto:
            self.behind = None

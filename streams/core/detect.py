"""The Bank: one partition of `readings` in, signals out. A function of the records in offset order and of nothing else.

Where batches begin and end makes no difference. Received time is the running maximum of the records' Kafka timestamps;
before a record is handled, everything that fell due by its received time fires: silences, absences and holds.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from streams.core import kept_joins, quality, score, triggers
from streams.core.absence import Absences
from streams.core.bounds import bound_of
from streams.core.by_frame import ByFrame
from streams.core.catch_up import CatchUp
from streams.core.chains import Chain
from streams.core.chunk import Rest, decode_chunk, decode_rest, encode
from streams.core.distrust import Distrust
from streams.core.fired import Fired
from streams.core.handful import Handful, HandfulRow
from streams.core.join_plan import plan_joins
from streams.core.joined import Joins
from streams.core.judge import LONGEST, Judge
from streams.core.kept import Keeper
from streams.core.moves import Moves
from streams.core.output import Output
from streams.core.plan import kinds_of, plan_chains
from streams.core.quality import Limits
from streams.core.resolve import Batch, FrameBatch, Resolver
from streams.core.sampling import Sampling
from streams.core.segment import Moving, Segment, Told
from streams.core.slots import NEVER, OK, SILENT, UNHEARD, Slots, next_second
from streams.core.station_table import NOWHERE
from streams.core.timeline import Timeline
from streams.core.watch import Watch
from streams.models.columns import Columns
from streams.models.datastream import Datastream
from streams.models.framed import Framed
from streams.models.ids import cause_id
from streams.models.latest import LatestValue
from streams.models.observation import Status
from streams.models.signal import Progress, Source, Trigger, Triggered
from streams.models.site import Site
from streams.models.times import HOUR, SECOND

__all__ = ["OUTAGE", "TOGETHER", "Bank", "Output"]
Ints = NDArray[np.int64]
TOGETHER = 1_000  # triggers of one signal: it has to fit into a record
NOT_SAVED = -1
OUTAGE = 10 * SECOND  # ticks come every second: a longer pause in received time means that nobody could write


def _which(row: HandfulRow) -> int:
    return row.which


class Bank:
    """Quality, transforms and latches of all datastreams in one partition of `readings`.

    `outage`: a pause in received time longer than this does not count towards silence (nobody could write: in catch-up
    after it nobody is called because everyone was silent). A replay of files has no ticks, so there none is too long.
    """

    def __init__(
        self, site: Site, partition: int, partitions: int, topic: str = "readings", *, outage: int = OUTAGE
    ) -> None:
        self.site, self.partition, self.topic, self.outage = site, partition, topic, outage
        numbers = site.datastreams.numbers_in(partition, partitions)
        self.kinds = kinds = kinds_of(site, numbers)
        self.slots = Slots(site.datastreams, numbers, kinds.kind, site.remember)
        checks = [site.checks_of(one) for one in kinds.streams]
        intervals = [one.interval if "gap" in c else None for one, c in zip(kinds.streams, checks, strict=True)]
        silence = np.array([quality.SILENT_AFTER * i if i else NEVER for i in intervals], np.int64)
        chains, absences = plan_chains(site, kinds.streams)
        self._joins = Joins(plan_joins(site, kinds.streams, chains), kinds, self.slots, self._other)
        self.chains = [Chain(plan, kinds) for plan in chains.found.values()]
        self._latchings = [chain.latching for chain in (*self.chains, *self._joins.chains)]
        self.absences = Absences(absences, self.slots, len(kinds.streams))
        self.watch = Watch(site, self.slots, partition, partitions)
        self._limits = Limits.of(site.datastreams, numbers, kinds.kind, kinds.streams, checks, site.timezone)
        self._moves = Moves(kinds.streams, checks, len(self.slots))
        used = np.array([one.property in site.hazards_of for one in kinds.streams], np.bool_)
        self._distrust = Distrust(self.slots, silence, used)
        self._sampling = Sampling(site, self.slots, topic, partition)
        self._judge = Judge(
            self.slots, self._limits, self._moves, silence, self.chains, self.absences, self.watch,
            self._sampling, self._distrust,
        )  # fmt: skip
        self._by_frame = ByFrame(self._judge)
        self._intervals = np.array([one.interval or NEVER for one in kinds.streams], np.int64)
        self._score = np.full(len(numbers), score.NOT_YET, np.uint8)
        self.health = np.zeros(len(score.CLASSES), np.int64)  # datastreams in each class, as last told in `latest`
        self._resolver = Resolver(site, self.slots, site.datastreams.places(partitions), self._join)
        self._handful = Handful(self._judge, self._resolver)
        self._joined = len(self.slots)
        self.received = UNHEARD
        self.position = (-1, 0)  # offset and row of the newest record
        self.next_due = NEVER  # not later than the received time at which something falls due
        self._keeper = Keeper(site, self.slots, kinds, self.chains, self.absences, self._moves, self._distrust)
        self._behind: Ints | None = None  # offset up to which each slot's state was restored
        self._catch_up: CatchUp | None = None
        self._begun = False  # whether a record has come since it was made
        waits: list[int] = silence.tolist()
        #: no wait that begins within a segment may end within it: a segment is never longer than this
        self._longest = min(
            [
                *(h for one in self._latchings for h in one.holds),
                *self.absences.holds,
                *self._joins.waits,
                *waits,
                self._distrust.shortest,
                HOUR,
            ]
        )

    @property
    def streams(self) -> list[Datastream]:
        """The partition's datastreams, made when asked for."""
        return [self.site.datastreams.at(int(number)) for number in self.slots.numbers]

    def _join(self) -> None:
        """New slots: datastreams heard for the first time in another status than Actual."""
        for slot in range(self._joined, len(self.slots)):
            self.watch.join(slot)
        self._joined = len(self.slots)
        for chain in (*self.chains, *self._joins.chains):
            chain.grow(self.slots.stream[: len(self.slots)])
        self.absences.grow()
        self._moves.grow(len(self.slots))
        self._distrust.grow()

    # -- records -----------------------------------------------------------------------------------------------------

    def handle(self, columns: Columns) -> Output:
        """Records of this partition in offset order; the next call goes on where this one ended."""
        if self._catch_up is not None:
            columns = self._come_nearer(self._catch_up, columns)
        return self._run(columns, Output())

    def _run(self, columns: Columns, out: Output) -> Output:
        if not columns:
            return out
        if self._behind is None and self._begun:
            some = self._handful.rows(columns, self.received, self.outage, self.next_due, self._longest)
            if some is not None:
                self._take(columns, some, out)
                return out
        line = Timeline.of(columns, self.received)
        if not self._begun:
            self._begin(int(line.received[0]))
        batch = self._batch(line, columns, out)
        known = self._known(batch)
        if columns.meta:
            score.note_batteries(self.slots, batch.slot, columns.meta)
        pauses = line.pauses(self.outage, LONGEST)
        at = 0
        while at < len(line):
            now = int(line.received[at])
            if at in pauses and self.received != UNHEARD:
                self._pause(now - self.received, line.place(at)[0])
            self._stand_at(line, at)
            n = self._fire_due(now, out)
            end = max(line.first_at(min(self.next_due, now + self._longest)), at + 1)
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

    def _begin(self, now: int) -> None:
        """The first record: whoever was never heard is waited for from here on. Of files nobody is waited for."""
        self._begun = True
        if self.outage == NEVER:
            return
        waited = self._judge.never_heard()
        self.slots.due[waited] = self._judge.due(waited, np.full(len(waited), now))
        self._look_for_next()

    def _take(self, columns: Columns, rows: list[HandfulRow], out: Output) -> None:
        """A handful of rows, all in good order, while nothing falls due."""
        segment = self._handful.take(rows, out)
        if columns.meta:
            score.note_batteries(self.slots, [row.slot for row in sorted(rows, key=_which)], columns.meta)
        self._join_rows(segment)
        if segment.fired or segment.samples:
            self._say(segment, self._handful.batch(columns, rows), out, 0, self.position)
        self._due_later()
        self.position = (int(columns.offset[-1]), int(columns.row[-1]))
        self.received = max(row.received for row in rows)

    def _batch(self, line: Timeline, columns: Columns, out: Output) -> Batch:
        """The rows with their slots; as frames where they come so."""
        if isinstance(columns, Framed):
            framed = self._resolver.frames(columns, line.received_of_records, self._limits)
            if framed is not None:
                return framed
        return self._resolver.batch(columns, line.received_of_rows, self._limits, out.rejects)

    def _known(self, batch: Batch) -> NDArray[np.bool_] | None:
        """The rows that are to be judged; None: all of them."""
        if self._behind is None:
            return None if batch.all_known else batch.slot != NOWHERE
        behind = np.append(self._behind, np.full(max(len(self.slots) - len(self._behind), 0) + 1, NOT_SAVED))
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
            self._say(segment, batch, out, n, self.position)
        self._due_later()

    def _join_rows(self, segment: Segment) -> None:
        """Readings of several datastreams that belong together."""
        for row, fired in self._joins.update(segment.tapped) if segment.tapped else ():
            trigger = triggers.of_latch(self.slots, self.watch, fired)
            segment.add_joined(row, fired.slot, trigger, matured=fired.matured)

    def _due_later(self) -> None:
        """Note what rows have begun to wait for."""
        holds = [one.active.latches.next_due for one in self._latchings]
        self.next_due = min([self.next_due, self._judge.next_due, self._joins.next_due, *holds])

    # -- what falls due ----------------------------------------------------------------------------------------------

    def _fire_due(self, now: int, out: Output) -> int:
        """Silences and holds that are over by `now`, in the order in which they fell due; how many signals they made.

        Each is received when it fell due, not when the next record happened to come.
        """
        if now < self.next_due:
            return 0
        slots = self.slots
        found: list[tuple[int, int, Trigger]] = []
        for slot in np.flatnonzero(slots.due <= now).tolist():
            due = int(slots.due[slot])
            slots.due[slot] = NEVER
            if slots.state[slot] == OK:
                found.append((due, slot, triggers.silent(slots, slot)))
            slots.state[slot], slots.changed[slot] = SILENT, True
        for due, slot in self._distrust.mature(now):
            found.append((due, slot, triggers.doubt(slots, slot, self._bound(slot) if slots.bits[slot] else "")))
        fired = self._mature(now) + self.absences.fall_due(now)
        found += [(due, one.slot, triggers.of_latch(slots, self.watch, one)) for due, one in fired]
        self._look_for_next()
        n = 0
        for due in sorted({due for due, _, _ in found}):
            n = self._signal_groups([(slot, t) for at, slot, t in found if at == due], due, out, n)
        return n

    def _mature(self, now: int) -> list[tuple[int, Fired]]:
        """Holds that are over by `now`, and rows that have waited for others until then, as they fell due."""
        found: list[tuple[int, Fired]] = []
        while (due := self._joins.next_due) <= now:
            found += [one for latching in self._latchings for one in latching.mature(due)]
            found += self._joins.give_up(due)
        return found + [one for latching in self._latchings for one in latching.mature(now)]

    def _pause(self, length: int, before: int) -> None:
        """Nobody could write for so long before an offset: silence begins to count anew from where it was."""
        slots, longer = self.slots, next_second(length)
        waiting = np.ones(len(slots), np.bool_)
        if self._behind is not None:  # the state of these has the pause in it already
            waiting[np.flatnonzero(self._behind >= before)] = False
        slots.due[: len(slots)][waiting & (slots.due[: len(slots)] != NEVER)] += longer
        self.absences.pause(longer, waiting)
        self._joins.pause(longer)
        self._distrust.pause(longer, waiting)
        self._look_for_next()

    def _look_for_next(self) -> None:
        holds = [one.active.latches.next_due for one in self._latchings]
        self._judge.next_due = NEVER
        silence, doubt = int(self.slots.due.min(initial=NEVER)), self._distrust.next_due
        self.next_due = min([silence, doubt, self.absences.next_due, self._joins.next_due, *holds])

    # -- signals -----------------------------------------------------------------------------------------------------

    def _signal_groups(self, found: list[tuple[int, Trigger]], due: int, out: Output, n: int) -> int:
        """One signal a zone and status, in order of zone, numbered from `n`; the next number."""
        groups: dict[tuple[str, Status], list[tuple[int, Trigger]]] = {}
        for slot, trigger in found:
            for zone in self.watch.zones_of(slot, trigger):
                groups.setdefault((zone, self.slots.status(slot)), []).append((slot, trigger))
        for zone, status in sorted(groups):
            together = sorted(groups[zone, status], key=lambda one: triggers.order(one[1]))
            for start in range(0, len(together), TOGETHER):
                told = together[start : start + TOGETHER]
                passed = {key: self.watch.passed(key) for key in self.watch.subjects(told, zone)}
                place = (*self.position, n)
                out.signals.append(self._signal(place, zone, status, [t for _, t in told], due, passed))
                n += 1
        return n

    def _signal(
        self,
        place: tuple[int, int, int],
        zone: str,
        status: Status,
        told: list[Trigger],
        received: int,
        passed: dict[str, int],
    ) -> Triggered:
        self.watch.note(passed, max(t.time for t in told), received)
        signal_id = cause_id("signal", zone, status, *(t.id for t in told))
        return Triggered(signal_id, Source(self.topic, self.partition, *place), received, zone, status, told, passed)

    def _say(self, segment: Segment, batch: Batch, out: Output, n: int, first: tuple[int, int]) -> None:
        """What rows set off, then each row's sample. `n`: signals that the row at `first` has made before."""
        before = len(out.signals)
        if segment.fired:
            self._tell(segment, batch, out, n, first)
        if segment.samples:
            out.signals[before:] = self._sampling.tell(segment.samples, batch, out.signals[before:], (first, n))

    def _tell(self, segment: Segment, batch: Batch, out: Output, n: int, first: tuple[int, int]) -> None:
        """Signals in row order: what each hold's end meant, earliest first, then what the row itself meant."""
        todo = []  # row, its place, number of the signal, zone, slot, triggers, subjects
        for row in sorted(segment.fired):
            own_place = batch.columns.place(row)
            count, own = n if own_place == first else 0, segment.fired[row][1]
            for together in segment.in_turn(row):
                # what is about an earlier time comes before what else the row means
                upto = NEVER if together is own else together[0].trigger.time
                for zone, some in self._by_zone(together):
                    subjects = self.watch.subjects([(one.slot, one.trigger) for one in some], zone)
                    told = sorted((one.trigger for one in some), key=triggers.order)
                    todo.append((row, upto, (*own_place, count), zone, some[0].slot, told, subjects))
                    count += 1
        moving = Moving(segment, self.slots, (self.watch.members(key) for *_, keys in todo for key in keys))
        for row, upto, place, zone, slot, told, keys in todo:
            moving.up_to(row)
            passed = {key: min(self.watch.passed(key), upto) for key in keys}
            status = self.slots.status(slot)
            out.signals.append(self._signal(place, zone, status, told, batch.received_at(row), passed))
        moving.finish()

    def _by_zone(self, together: list[Told]) -> list[tuple[str, list[Told]]]:
        found: dict[str, list[Told]] = {}
        for one in together:
            for zone in self.watch.zones_of(one.slot, one.trigger):
                found.setdefault(zone, []).append(one)
        return sorted(found.items())

    # -- saved and restored ------------------------------------------------------------------------------------------

    @property
    def slots_used(self) -> int:
        """How many slots there are. Never fewer than before."""
        return len(self.slots)

    @property
    def catching_up(self) -> bool:
        """Whether records are read whose outputs were made before: `load_rest` said up to where."""
        return self._catch_up is not None

    def save_chunk(self, first: int, count: int) -> bytes:
        """The state of slots `first` … `first + count - 1` as of the newest record: whole by itself."""
        received = self.received if self._catch_up is None else self._catch_up.received
        return self._keeper.chunk(first, count, received)

    def save_rest(self) -> bytes:
        """What is in no slot, as of the newest record. Not while `catching_up`."""
        watched = []
        for key, (time, received) in self.watch.watched.items():
            station, prop, status = self.slots.key(int(self.watch.members(key)[0]))
            watched.append((key.split("|", 1)[0], station, prop, status, time, received))
        joins = kept_joins.save(self._joins, self.slots)
        return encode(Rest(self.received, self.position, watched, joins=joins))

    def load_rest(self, rest: bytes, upto: int) -> None:
        """Go on from what `save_rest` gave when the newest record was the one before offset `upto`.

        Then come the chunks (`load_chunk`), then `handle`, from the smallest of their offsets on. What lies before
        `upto` brings the slots there: it gives no output, and progress and position stay as they were at `upto`. Slots
        of which no chunk comes begin with nothing.
        """
        found = decode_rest(rest)
        self.received, self.position = found.received, found.position
        for hazard, station, prop, status, time, received in found.watched:
            slot = self._named(station, prop, status)
            if slot is not None and hazard in self.site.hazards:
                self.watch.watched[self.watch.key(self.site.hazards[hazard], slot)] = (time, received)
        kept_joins.load(self._joins, found.joins, self._named)
        self.next_due = min(self.next_due, self._joins.next_due)
        self.tell_anew()
        self._catch_up = CatchUp(upto)

    def _named(self, station: str, prop: str, status: Status) -> int | None:
        number = self.slots.table.number(station, prop)
        if number is None:
            return None
        place = int(np.searchsorted(self.slots.numbers, number))
        if place == len(self.slots.numbers) or self.slots.numbers[place] != number:
            return None
        if status == "Actual":
            return place
        return self._other(place, status)

    def _other(self, place: int, status: Status) -> int:
        """The slot of a datastream in another status than Actual."""
        slot = self.slots.other(place, status)
        self._join()
        return slot

    def load_chunk(self, chunk: bytes, first: int, upto: int) -> int:
        """Take slots in as they were before offset `upto`; how many were left out: their configuration has changed.

        Rows of these slots that lie before `upto` are passed over. Raises ValueError for a chunk that cannot be read.
        """
        found = decode_chunk(chunk)
        own, left_out = self._keeper.take(found, first, self._join)
        if self._behind is None:
            self._behind = np.full(len(self.slots), NOT_SAVED)
        if more := len(self.slots) - len(self._behind):
            self._behind = np.append(self._behind, np.full(more, NOT_SAVED))
        self._behind[own] = upto - 1
        if self._catch_up is not None:
            self._catch_up.note(upto, found.received)
        due = int(self.slots.due[own].min(initial=NEVER))  # of these alone: a site has many chunks
        holds = [one.active.latches.next_due for one in self._latchings]
        self.next_due = min([self.next_due, due, self.absences.next_due, *holds])
        return left_out

    def _come_nearer(self, catch_up: "CatchUp", columns: Columns) -> Columns:
        """Records that come before those whose outputs are still to be made; those that remain."""
        before, after = columns.split(catch_up.upto - 1)
        if before:
            watch = self.watch
            kept = self.received, self.position, watch.watched, watch.told_to
            self.received, watch.watched, watch.told_to = catch_up.start(before), {}, {}
            self._joins.catching_up = True
            self._run(before, Output())
            self._joins.catching_up = False
            catch_up.received = self.received
            self.received, self.position, watch.watched, watch.told_to = kept
        if after:
            self._catch_up = None
            if self._behind is not None and int(self._behind.max(initial=NOT_SAVED)) < catch_up.upto:
                self._behind = None
        return after

    # -- what others ask ---------------------------------------------------------------------------------------------

    def progress(self, zones: Iterable[str] | None = None) -> Progress:
        """How far this partition is, and how far the subjects on watch are (those in `zones` only)."""
        wanted = None if zones is None else frozenset(zones)
        told = self.watch.told(wanted, self.received, self._slots_on())
        return Progress(self.partition, self.position[0], max(self.received, 0), told)

    def progress_of(self, groups: Sequence[AbstractSet[str]]) -> list[Progress]:
        """The same for several groups of zones at once."""
        told = self.watch.told(frozenset().union(*groups), self.received, self._slots_on())
        of_zone: dict[str, dict[str, int]] = {}
        for key, time in told.items():
            of_zone.setdefault(self.watch.zone(key), {})[key] = time
        found = []
        for zones in groups:
            mine = [item for zone in zones & of_zone.keys() for item in of_zone[zone].items()]
            found.append(Progress(self.partition, self.position[0], max(self.received, 0), dict(sorted(mine))))
        return found

    def _slots_on(self) -> Iterator[int]:
        """Slots at which something is on; asked only when a subject may be let go."""
        yield from (slot for slot, _, _ in self.absences.on)
        for latching in self._latchings:
            yield from latching.slots_on()

    def tell_anew(self) -> None:
        """Nobody waits until progress is confirmed: after a restart or a rebalance the last word may have been lost."""
        self.watch.told_to = {}

    def take_latest(self, most: int = 1_000_000_000) -> list[LatestValue]:
        """The datastreams that changed since the last call, for the topic `latest`; at most so many, then the rest."""
        return self.slots.take_changed(most, self._bound, self._scores)

    def _scores(self, slots: Ints) -> NDArray[np.uint8]:
        """The health of some slots; how many datastreams are in each class is kept along."""
        found = score.scores(self.slots, slots, self._intervals)
        actual = slots < len(self.slots.numbers)
        own = slots[actual]
        before = self._score[own]
        for some, more in ((before[before != score.NOT_YET], -1), (found[actual], 1)):
            self.health += more * np.bincount(score.class_of(some), minlength=len(score.CLASSES))
        self._score[own] = found[actual]
        return found

    def _bound(self, slot: int) -> str:
        """The bound behind the flag of a slot's last value."""
        slots = self.slots
        place, bits = int(slots.stream[slot]), int(slots.bits[slot])
        return bound_of(self._limits, bits, place, float(slots.value[slot]), int(slots.newest[slot]))

"""The Bank: one partition of `readings` in, signals out. A function of the records in offset order and of nothing else.

Where batches begin and end makes no difference. Received time is the running maximum of the records' Kafka timestamps;
before a record is handled, everything that fell due by its received time fires: silences, absences and holds.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from streams.core import quality, refuse, triggers
from streams.core.absence import Absences
from streams.core.chains import Chain
from streams.core.plan import make_plan
from streams.core.quality import ABSENT, FUTURE, HARD, LATE, STUCK, Limits
from streams.core.segment import Segment, rounds
from streams.core.slots import FAILED, NEVER, OK, SILENT, UNHEARD, Slots, next_second
from streams.core.watch import Watch, elsewhere
from streams.models.ids import cause_id
from streams.models.latest import LatestValue
from streams.models.observation import Row, Status, Tick
from streams.models.partition import partition_of
from streams.models.reject import Reject
from streams.models.signal import Progress, Source, Trigger, Triggered
from streams.models.site import Site
from streams.models.times import DAY, HOUR, SECOND
from streams.models.units import convert, same_dimension

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
TOGETHER = 1_000  # triggers of one signal: it has to fit into a record
OUTAGE = 10 * SECOND  # ticks come every second: a longer pause in received time means that nobody could write
LONGEST = 3650 * DAY  # of a silence; keeps the sums within 64 bits


@dataclass(slots=True)
class Output:
    """What a batch of records meant."""

    signals: list[Triggered] = field(default_factory=list)
    rejects: list[tuple[Row, Reject]] = field(default_factory=list)
    checks: dict[str, int] = field(default_factory=dict)  # rows flagged, by check
    repeats: int = 0
    accepted: int = 0

    def add(self, other: "Output") -> None:
        """Take in what the records that follow meant."""
        self.signals += other.signals
        self.rejects += other.rejects
        self.repeats += other.repeats
        self.accepted += other.accepted
        for check, count in other.checks.items():
            self.checks[check] = self.checks.get(check, 0) + count


@dataclass(slots=True)
class _Rows:
    """One row of each of several slots, as arrays."""

    which: Ints  # row of the segment
    slot: Ints
    time: Ints
    received: Ints
    value: Floats
    bits: Ints

    def keep(self, mask: Bools) -> "_Rows":
        return _Rows(*(getattr(self, name)[mask] for name in self.__slots__))


class Bank:
    """Quality, transforms and latches of all datastreams in one partition of `readings`.

    `outage`: a pause in received time longer than this does not count towards silence (nobody could write: in catch-up
    after it nobody is called because everyone was silent). A replay of files has no ticks, so there none is too long.
    """

    def __init__(
        self, site: Site, partition: int, partitions: int, topic: str = "readings", *, outage: int = OUTAGE
    ) -> None:
        self.site, self.partition, self.topic = site, partition, topic
        self.streams = [
            s for s in site.datastreams.values() if partition_of(s.station.encode(), partitions) == partition
        ]
        checks = [site.checks_of(s) for s in self.streams]
        self.limits = Limits.of(self.streams, checks)
        intervals = [s.interval if "gap" in c else None for s, c in zip(self.streams, checks, strict=True)]
        self.silence = np.array([quality.SILENT_AFTER * i if i else NEVER for i in intervals], np.int64)
        chains, absences = make_plan(site, self.streams)
        self.chains = [Chain(plan, len(self.streams)) for plan in chains]
        self.absences = Absences(absences)
        self.slots = Slots(self.streams, site.remember)
        self.watch = Watch(site, self.slots, elsewhere(site, partition, partitions))
        self.outage = outage
        self.received = UNHEARD
        self.position = (-1, 0)  # offset and row of the newest record
        self.next_due = NEVER
        self._step = self._smallest_wait()
        self._scales: dict[tuple[str, str], tuple[float, float] | None] = {}

    def _smallest_wait(self) -> int:
        """No wait that begins within a segment may end within it: a segment is never longer than this."""
        holds = [p.hold for c in self.chains for row in c.plans for p in row if p.hold > 0]
        silences: list[int] = self.silence.tolist()
        return min([*holds, *self.absences.holds, *silences, HOUR])

    # -- records -----------------------------------------------------------------------------------------------------

    def handle(self, records: list[Row | Tick]) -> Output:
        """Records of this partition in offset order; the next call goes on where this one ended."""
        out = Output()
        whole = np.maximum.accumulate(np.array([self.received, *(r.received for r in records)], np.int64))
        received = whole[1:]
        pauses = np.flatnonzero(received - np.maximum(whole[:-1], received - LONGEST) > self.outage)
        at = 0
        while at < len(records):
            now = int(received[at])
            if at in pauses and self.received != UNHEARD:
                self._pause(now - self.received)
            self._stand_at(records[at], now)
            n = self._fire_due(now, out)
            end = max(int(np.searchsorted(received, min(self.next_due, now + self._step), "left")), at + 1)
            end = min([end, *(int(p) for p in pauses if p > at)])
            kept = [i for i in range(at, end) if isinstance(records[i], Row)]
            if kept:
                rows = [r for r in records[at:end] if isinstance(r, Row)]
                self._segment(rows, received[kept], out, n if kept[0] == at else 0)
            self._stand_at(records[end - 1], int(received[end - 1]))
            at = end
        return out

    def _stand_at(self, record: Row | Tick, received: int) -> None:
        self.position = (record.offset, record.row if isinstance(record, Row) else 0)
        self.received = received

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
        fired = [one for chain in self.chains for one in chain.mature(now)] + self.absences.due(slots, now)
        found += [(due, one.slot, triggers.of_latch(slots, one)) for due, one in fired]
        self._note_next_due()
        n = 0
        for due in sorted({due for due, _, _ in found}):
            n = self._signal_groups([(slot, t) for at, slot, t in found if at == due], due, out, n)
        return n

    def _pause(self, length: int) -> None:
        """Nobody could write for so long: silence begins to count anew from where it was."""
        slots = self.slots
        slots.due[slots.due != NEVER] += next_second(length)
        self.absences.pause(next_second(length))
        self._note_next_due()

    def _note_next_due(self) -> None:
        silence = int(self.slots.due.min()) if len(self.slots) else NEVER
        self.next_due = min([silence, self.absences.next_due, *(c.latches.next_due for c in self.chains)])

    def _signal_groups(self, found: list[tuple[int, Trigger]], due: int, out: Output, n: int) -> int:
        """One signal a zone and status, in order of zone, numbered from `n`; the next number."""
        groups: dict[tuple[str, Status], list[Trigger]] = {}
        for slot, trigger in found:
            key = (self.slots.datastream(slot).zone, self.slots.keys[slot][2])
            groups.setdefault(key, []).append(trigger)
        for zone, status in sorted(groups):
            together = sorted(groups[zone, status], key=triggers.order)
            for start in range(0, len(together), TOGETHER):
                told = together[start : start + TOGETHER]
                passed = {key: self.watch.passed(key) for key in self.watch.subjects(told, status)}
                out.signals.append(self._signal((*self.position, n), zone, status, told, due, passed))
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

    # -- rows --------------------------------------------------------------------------------------------------------

    def _segment(self, rows: list[Row], received: Ints, out: Output, n: int) -> None:
        """Rows between which nothing falls due; `n` signals have been made of the first one's record already."""
        first = (rows[0].offset, rows[0].row)
        known, slot, value = self._resolve(rows, out)
        if known:
            segment = Segment([rows[i] for i in known], received[known])
            time = np.array([r.time for r in segment.rows], np.int64)
            for which in rounds(slot):
                bits = np.zeros(len(which), np.int64)
                batch = _Rows(which, slot[which], time[which], segment.received[which], value[which], bits)
                self._round(segment, batch, out)
            self._tell(segment, out, n, first)
        self._note_next_due()

    def _resolve(self, rows: list[Row], out: Output) -> tuple[list[int], Ints, Floats]:
        """Slots and values in the datastreams' own units; rows that belong nowhere are rejected."""
        slots = self.slots
        values, known, keys = [], [], []
        for i, row in enumerate(rows):
            key = (row.station, row.property, row.status)
            number = slots.stream_of.get(key[:2])
            if number is None:
                out.rejects.append((row, refuse.unknown(row, self.site)))
                continue
            value = row.value
            if row.unit is not None and row.unit != self.streams[number].unit:
                scale = self._scale(row.unit, self.streams[number].unit)
                if scale is None:
                    out.rejects.append((row, refuse.wrong_unit(row, self.streams[number])))
                    continue
                value = value * scale[0] + scale[1]
            known.append(i)
            keys.append(key)
            values.append(value)
        if missing := [key for key in dict.fromkeys(keys) if key not in slots.of]:
            first = len(slots)
            slots.grow(missing)
            self.watch.join(first)
            for chain in self.chains:
                chain.grow(slots.stream)
        return known, np.array([slots.of[key] for key in keys], np.int64), np.array(values, np.float64)

    def _scale(self, unit: str, own: str) -> tuple[float, float] | None:
        """(a, b) of a * x + b from a unit to the datastream's own; None when there is no way."""
        key = (unit, own)
        if key not in self._scales:
            self._scales[key] = None
            if same_dimension(unit, own):
                zero = convert(0.0, unit, own)
                self._scales[key] = (convert(1.0, unit, own) - zero, zero)
        return self._scales[key]

    def _round(self, segment: Segment, batch: _Rows, out: Output) -> None:
        """One row of each of several slots: repeats out, quality, state, chains."""
        slots = self.slots
        batch.bits[batch.time > batch.received + quality.FUTURE_AFTER] = FUTURE
        keep = self._new(segment, batch, out)
        if not keep.all():
            batch = batch.keep(keep)
        if not len(batch.slot):
            return
        slots.remember(batch.slot, batch.time, batch.value)
        newest = slots.newest[batch.slot]
        ahead = batch.bits & FUTURE > 0  # never advances time: it counts as of when it was received
        batch.time = np.where(ahead, batch.received, batch.time)
        late = ~ahead & (batch.time < newest)
        stream = slots.stream[batch.slot]
        ranges, cut = self.limits.judge(stream, batch.value)
        batch.bits |= ranges | np.where(late, LATE, 0) | self._stuck(batch, stream, late)
        _count(batch, out)
        counted = np.where(late | ahead, UNHEARD, batch.time)
        segment.rounds.append((batch.which, batch.slot, counted, newest, slots.state[batch.slot]))
        self._advance(segment, batch, stream, late)
        on_time = np.flatnonzero(~late)
        for chain in self.chains:
            rows = slice(None) if chain.takes_late else on_time
            fired = chain.update(batch.slot[rows], batch.time[rows], batch.received[rows], cut[rows], batch.bits[rows])
            for one in fired:
                row = int(batch.which[rows][one.row])
                if batch.bits[rows][one.row] & (LATE | FUTURE):
                    one.own = segment.rows[row].time
                segment.add(row, one.slot, triggers.of_latch(slots, one), matured=one.matured)

    def _new(self, segment: Segment, batch: _Rows, out: Output) -> Bools:
        """Which rows are neither repeats (no effect) nor conflicts (rejected)."""
        keep = np.ones(len(batch.slot), np.bool_)
        doubt = (batch.time <= self.slots.newest[batch.slot]) | (batch.bits > 0)
        doubt |= np.array([segment.rows[i].id is not None for i in batch.which.tolist()])
        for i in np.flatnonzero(doubt).tolist():
            row = segment.rows[batch.which[i]]
            keep[i] = self._is_new(row, int(batch.slot[i]), float(batch.value[i]), out)
        return keep

    def _is_new(self, row: Row, slot: int, value: float, out: Output) -> bool:
        stored = self.slots.stored(slot, row.time)
        seen = None if row.id is None else self.slots.given(slot, row.id)
        if stored is None and seen is None:
            if row.id is not None:
                self.slots.note_id(slot, row.id, row.time)
            return True
        if stored is not None and not (stored == value or (math.isnan(stored) and math.isnan(value))):
            out.rejects.append((row, refuse.conflict(row, stored, value, self.slots.datastream(slot).unit)))
        elif stored is None and seen is not None and seen != row.time:
            out.rejects.append((row, refuse.conflicting_id(row, seen)))
        else:
            out.repeats += 1
        return False

    def _stuck(self, batch: _Rows, stream: Ints, late: Bools) -> Ints:
        """Unchanged for at least the datastream's `stuck_for` (and five readings), unless it may rest there."""
        slots, slot = self.slots, batch.slot
        judged = ~late & ~np.isnan(batch.value) & (batch.bits & FUTURE == 0)
        same = judged & (batch.value == slots.value[slot])
        since = np.where(same, slots.same_since[slot], batch.time)
        count = np.where(same, slots.same_count[slot] + 1, 1)
        slots.same_since[slot] = np.where(judged, since, slots.same_since[slot])
        slots.same_count[slot] = np.where(judged, count, slots.same_count[slot])
        limit = self.limits.stuck_for[stream]
        stuck = same & (limit > 0) & (count >= quality.REPEATS_FOR_STUCK)
        stuck &= batch.time - np.where(stuck, since, batch.time) >= np.where(stuck, limit, 1)
        if stuck.any():
            stuck &= ~self.limits.rests(stream, batch.value)
        return np.where(stuck, STUCK, 0)

    def _advance(self, segment: Segment, batch: _Rows, stream: Ints, late: Bools) -> None:
        """Newest time and value, and whether the datastream is there at all."""
        slots, slot = self.slots, batch.slot
        slots.newest[slot] = np.where(late | (batch.bits & FUTURE > 0), slots.newest[slot], batch.time)
        has = ~late & (batch.bits & ABSENT == 0)
        usable = has & (batch.bits & HARD == 0)
        slots.value[slot] = np.where(has, batch.value, slots.value[slot])
        slots.bits[slot] = np.where(late, slots.bits[slot], batch.bits)
        slots.changed[slot] |= ~late
        slots.heard[slot] = np.where(usable, batch.received, slots.heard[slot])
        silence = self.silence[stream]
        due = np.where(silence == NEVER, NEVER, next_second(batch.received + np.minimum(silence, LONGEST)))
        slots.due[slot] = np.where(usable, due, slots.due[slot])
        if self.absences:
            self._heard(segment, batch, usable)
        for i in np.flatnonzero(has & ((slots.state[slot] != OK) | (batch.bits & HARD > 0))).tolist():
            self._presence(segment, int(batch.which[i]), int(slot[i]), int(batch.time[i]), int(batch.bits[i]))

    def _presence(self, segment: Segment, row: int, slot: int, time: int, bits: int) -> None:
        """A value from a datastream that was lost, or one that cannot be."""
        failed, own = bool(bits & HARD), segment.rows[row].time if bits & FUTURE else None
        if not failed:
            segment.add(row, slot, triggers.back(self.slots, slot, time, own))
        elif self.slots.state[slot] == OK:
            segment.add(row, slot, triggers.failed(self.slots, slot, time, own))
        self.slots.state[slot] = FAILED if failed else OK
        segment.states.append((row, slot, FAILED if failed else OK))

    def _heard(self, segment: Segment, batch: _Rows, usable: Bools) -> None:
        for i in np.flatnonzero(usable).tolist():
            for fired in self.absences.heard(self.slots, int(batch.slot[i])):
                segment.add(int(batch.which[i]), fired.slot, triggers.of_latch(self.slots, fired))

    def _tell(self, segment: Segment, out: Output, n: int, first: tuple[int, int]) -> None:
        """Signals in row order: what each hold's end meant, earliest first, then what the row itself meant."""
        if not segment.fired:
            return
        todo = []  # row, its place, number of the signal, zone, status, triggers, subjects
        for row in sorted(segment.fired):
            slot, matured, own = segment.fired[row]
            own_place = (segment.rows[row].offset, segment.rows[row].row)
            zone, status = self.slots.datastream(slot).zone, self.slots.keys[slot][2]
            ends = [[t for t in matured if t.time == end] for end in sorted({t.time for t in matured})]
            for count, told in enumerate(filter(None, (*ends, own)), n if own_place == first else 0):
                told.sort(key=triggers.order)
                upto = NEVER if told is own else told[0].time  # a hold's end comes before what else the row means
                subjects = self.watch.subjects(told, status)
                todo.append((row, upto, (*own_place, count), zone, status, told, subjects))
        moving = segment.moving(self.watch.members({key for *_, keys in todo for key in keys}))
        for row, upto, place, zone, status, told, keys in todo:
            at = moving.up_to(row)
            passed = {key: min(self.watch.passed(key, at), upto) for key in keys}
            out.signals.append(self._signal(place, zone, status, told, int(segment.received[row]), passed))

    # -- what others ask ---------------------------------------------------------------------------------------------

    def progress(self, zones: Iterable[str] | None = None) -> Progress:
        """How far this partition is, and how far the subjects on watch are (those in `zones` only)."""
        on = [*self.absences.on(), *(slot for chain in self.chains for slot in chain.slots_on())]
        wanted = None if zones is None else set(zones)
        told = self.watch.told(wanted, self.received, on)
        return Progress(self.partition, self.position[0], max(self.received, 0), told)

    def take_latest(self) -> list[LatestValue]:
        """The datastreams that changed since the last call, for the topic `latest`."""
        return self.slots.take_changed()


def _count(batch: _Rows, out: Output) -> None:
    out.accepted += len(batch.slot)
    if batch.bits.any():
        for bit, name in quality.NAMES.items():
            if count := int((batch.bits & bit > 0).sum()):
                out.checks[name] = out.checks.get(name, 0) + count

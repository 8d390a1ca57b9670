"""Rows of state back into a new Assessor. What its site no longer has is dropped, and said."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streams.core.alarms import Told
from streams.core.doubted import Word
from streams.core.floor import Turn
from streams.core.mute import Silence
from streams.core.neighbours import Member
from streams.core.picture import Latch, Position
from streams.core.relayed import Held
from streams.core.row_forms import DECODERS, LatchRow, PastRow, StateRow, SubjectRow
from streams.core.rows import parts_of
from streams.core.stretches import Spans
from streams.core.subject import Alert, Subject
from streams.core.timers import Timer
from streams.models.observation import STATUSES
from streams.models.signal import Reported, Trigger

if TYPE_CHECKING:
    from streams.core.assess import Assessor


class GoneError(Exception):
    """The site no longer has what a row is about."""


def load(assessor: "Assessor", rows: Mapping[str, bytes]) -> dict[str, str]:
    """Take in rows; returns those that were dropped, and why. Raises ValueError or KeyError for what is no state."""
    dropped, loading = {}, _Loading(assessor)
    found = sorted((ORDER.index(row[0]), row, key) for key in rows for row in [parts_of(key)])
    for _, row, key in found:
        kind, *names = row
        try:
            getattr(loading, kind)(DECODERS[kind].decode(rows[key]), *names)
        except GoneError as gone:
            dropped[key] = str(gone)
    loading.finish()
    assessor.changed.clear()
    assessor.changed.update(parts_of(key) for key in dropped)
    return dropped


class _Loading:
    """One method for each kind of row."""

    def __init__(self, assessor: "Assessor") -> None:
        self._to = assessor
        self._rows: dict[str, SubjectRow] = {}
        self._alerts: dict[tuple[str, str], Alert] = {}
        self._acts: list[tuple[int, str]] = []
        self._heard: list[tuple[tuple[int, int], tuple[str, str]]] = []

    def state(self, row: StateRow) -> None:
        to, floor = self._to, self._to.floor
        to.lay_out(row.readings or to.readings_partitions)
        floor.received, floor.whole, floor.heard = row.received, row.whole, row.heard
        floor.began, floor.now, floor.last = row.began, row.now, row.last
        to.seen = {(topic, partition): at for topic, partition, at in row.seen}
        to.desk.looked = row.looked
        to.health.unheard = frozenset(row.unheard)
        to.alerts.touched.update(row.touched)

    def subject(self, row: SubjectRow, key: str) -> None:
        hazard_name, name, status = key.split("|")
        hazard = self._to.site.hazards.get(hazard_name)
        if hazard is None:
            raise GoneError(f"there is no hazard {hazard_name} any more")
        if not self._to.is_known(hazard, name):
            raise GoneError(f"{hazard_name} has no datastream at {name} any more")
        subject = self._to.subject(hazard, name, row.zone, next(one for one in STATUSES if one == status))
        subject.state, subject.settled, subject.on, subject.falls = row.state, row.settled, row.on, row.falls
        for station, prop, check in row.lost:
            if (station, prop) in subject.picture.members:
                subject.picture.known.lose((station, prop), check)
        for timer in row.timers:
            self._to.timers.add(Timer(key, timer.kind, timer.time, timer.received, timer.token, timer.name))
        self._rows[key] = row

    def alert(self, row: Alert, key: str, ident: str) -> None:
        self._of(key)
        self._alerts[key, ident] = row

    def passed(self, row: dict[int, int], key: str) -> None:
        self._of(key).passed = row

    def latch(self, row: LatchRow, key: str, station: str, prop: str, condition: str) -> None:
        picture = self._of(key).picture
        if (station, prop) not in picture.members:
            raise GoneError(f"there is no datastream {station} {prop} any more")
        if condition not in picture.hazard.conditions:
            raise GoneError(f"{picture.hazard.name} has no condition {condition} any more")
        latch = Latch(True, row.since, row.last, row.good, row.position, row.own or row.good)
        picture.raised.setdefault(condition, {})[station, prop] = latch

    def said(self, _: bool, key: str, station: str, prop: str, condition: str) -> None:
        picture = self._of(key).picture
        if (station, prop) not in picture.members:
            raise GoneError(f"there is no datastream {station} {prop} any more")
        if condition not in picture.book.words:
            raise GoneError(f"{picture.hazard.name} waits for no first word of {condition} any more")
        picture.known.say((station, prop), condition)

    def report(self, row: Reported, key: str, condition: str, _: str) -> None:
        picture = self._of(key).picture
        if condition not in picture.hazard.conditions:
            raise GoneError(f"{picture.hazard.name} has no condition {condition} any more")
        picture.call(condition, row, ahead=False)

    def past(self, row: PastRow, key: str) -> None:
        memory = self._of(key).picture.memory
        memory.now, memory.passed, memory.spans = row.now, row.passed, row.spans
        for name, station, prop, end in row.lately:
            memory.lately.setdefault(name, {})[station, prop] = end

    def apart(self, row: Spans, key: str, by: str, station: str, prop: str) -> None:
        picture = self._of(key).picture
        if (station, prop) not in picture.members:
            raise GoneError(f"there is no datastream {station} {prop} any more")
        if by not in picture.book.script.apart:
            raise GoneError(f"{picture.hazard.name} has no rule that each {by} answers for itself any more")
        picture.memory.parts.spans[by, station, prop] = row

    def relay(self, row: Held, key: str, condition: str, alert: str) -> None:
        picture = self._of(key).picture
        if condition not in picture.book.waits:
            raise GoneError(f"{picture.hazard.name} waits for no alert by {condition} any more")
        picture.relays.setdefault(condition, {})[alert] = row

    def heard(self, row: tuple[int, int], zone: str, alert: str) -> None:
        self._heard.append((row, (zone, alert)))

    def act(self, received: int, ident: str) -> None:
        self._acts.append((received, ident))

    def silence(self, row: Silence, ident: str) -> None:
        self._to.desk.silences[ident] = row

    def alarm(self, row: Told, subject: str) -> None:
        self._to.alarms.told[subject] = row

    def health(self, version: int, zone: str, status: str) -> None:
        self._to.health.versions[zone, status] = version

    def lost(self, row: Trigger, zone: str, status: str, station: str, prop: str) -> None:
        if (station, prop) not in self._to.site.datastreams:
            raise GoneError(f"there is no datastream {station} {prop} any more")
        self._to.health.lost.setdefault((zone, status), {})[station, prop] = row

    def distrust(self, row: list[str], zone: str, status: str, station: str, prop: str) -> None:
        if (station, prop) not in self._to.site.datastreams:
            raise GoneError(f"there is no datastream {station} {prop} any more")
        self._to.health.standings.doubted.setdefault((zone, status), {})[station, prop] = row

    def near(self, row: Member, status: str, station: str, prop: str) -> None:
        if not self._to.verdicts.bank.restore((status, station, prop), row):
            raise GoneError(f"{station} {prop} is compared with nobody any more")

    def doubt(self, row: Word, _: str, __: str, station: str, prop: str) -> None:
        if (station, prop) not in self._to.site.datastreams:
            raise GoneError(f"there is no datastream {station} {prop} any more")
        self._to.doubts.restore(row, (station, prop))

    def wait(self, signal: Turn, *position: int) -> None:
        received, partition, offset, row, n = position
        at: Position = (received, partition, offset, row, n)
        self._to.floor.waiting[at] = signal

    def _of(self, key: str) -> Subject:
        found = self._to.subjects.get(key)
        if found is None:
            raise GoneError("its subject is not of this site any more")
        return found

    def finish(self) -> None:
        """What can be worked out is not saved."""
        self._to.floor.resume()
        self._to.desk.acts = {ident: received for received, ident in sorted(self._acts)}
        self._to.relays.heard = {key: row for row, key in sorted(self._heard, key=_by_time)}
        self._to.alarms.look()
        self._to.alerts.touched.intersection_update(self._to.subjects)
        for key, row in self._rows.items():
            subject = self._to.subjects[key]
            subject.past = {ident: self._alerts[key, ident] for ident in row.past}
            subject.alert = None if row.alert is None else subject.past[row.alert]
            self._to.alerts.note(subject)
        for position, signal in sorted(self._to.floor.waiting.items(), key=_place):
            self._to.lay_ahead(signal, position)


def _place(item: tuple[Position, Any]) -> Position:
    return item[0]


def _by_time(item: tuple[tuple[int, int], tuple[str, str]]) -> tuple[int, tuple[str, str]]:
    return item[0][1], item[1]


#: subjects before what is about them
ORDER = (
    *("state", "subject", "alert", "passed", "latch", "said", "report", "past", "apart", "relay", "heard"),
    *("act", "silence", "alarm", "health", "lost", "distrust", "near", "doubt", "wait"),
)

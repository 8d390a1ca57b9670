"""The Assessor: one partition of `signals` in, commands out. A function of the records in offset order.

Everything has its turn in the order of the sorted stream: once every `readings` partition has passed its received time.
What raises acts on arrival as well, ahead of its turn (docs/architecture.md, What is deterministic). Repeats are
dropped by `source`, people's acts and alarms by their id.
"""

from collections.abc import Iterable, Iterator, Mapping

from streams.core.alarms import Alarms
from streams.core.alerts import Alerts
from streams.core.changes import Changes, acts_at_once, is_new_peak
from streams.core.desk import Desk
from streams.core.floor import Floor, Row, Turn, position_of
from streams.core.health import Health
from streams.core.lifecycle import Stimulus, step
from streams.core.picture import Picture, Position
from streams.core.restore import load
from streams.core.rows import parts_of, row_keys, save, text_of
from streams.core.rulebook import Rulebook
from streams.core.subject import Moment, Subject
from streams.core.timers import Timer, Timers
from streams.models.command import Command
from streams.models.ids import cause_id
from streams.models.level import RED
from streams.models.observation import Status, Tick
from streams.models.partition import partition_of
from streams.models.signal import Act, Alarm, Progress, Reported, Signal, Trigger, Triggered
from streams.models.site import Hazard, Site, subject_key


class Assessor:
    """Pictures, levels and alerts of the zones in one partition of `signals`."""

    def __init__(self, site: Site, partition: int, readings_partitions: int) -> None:
        self.site, self.partition = site, partition
        self.readings_partitions = readings_partitions
        self.changed: set[Row] = {("state",)}  # rows of state that are no longer as saved
        self.floor = Floor(readings_partitions, changed=self.changed)
        self.timers = Timers()
        self.subjects: dict[str, Subject] = {}
        self.seen: dict[tuple[str, int], tuple[int, int, int]] = {}
        self.repeats = 0
        self.health = Health(site, self.changed)
        self.alarms = Alarms(site, self.changed)
        self.desk = Desk(self.changed)
        self.alerts = Alerts(site, self.timers, self.desk, self.changed)
        self._dirty: set[str] = set()
        self._books = {hazard.name: Rulebook(hazard) for hazard in site.hazards.values()}
        self._out: frozenset[int] = frozenset()

    def handle(self, signal: Signal | Tick, received: int) -> list[Command]:
        """One record of `signals` with its Kafka timestamp (microseconds); the commands that follow from it."""
        self.floor.clock(received)
        self.alerts.now = self.floor.now
        self.changed.add(("state",))
        commands: list[Command] = []
        if isinstance(signal, Triggered | Reported):
            if not self._repeated(signal):
                commands += self._arrived(signal)
        elif isinstance(signal, Progress):
            self.floor.progress(signal.partition, signal.received, whole=True)
            if signal.passed:
                commands += self._arrived(signal)
        elif isinstance(signal, Act):
            commands += self._act(signal, received)
        elif isinstance(signal, Alarm):
            commands += self._alarm(signal, received)
        commands += self._catch_up()
        if self.desk.silences:
            commands += self._unmute(received)
        commands += self.alarms.over(received)
        if self.partition == 0 and self.floor.out != self.health.unheard:  # one voice is enough
            commands += self.health.partitions(self.floor.out, received)
        return commands

    # -- state -------------------------------------------------------------------------------------------------------

    @property
    def dirty(self) -> set[str]:
        """Keys of the rows that are no longer as saved. Whoever saves them empties the set."""
        self._dirty.update(map(text_of, self.changed))
        self.changed.clear()
        return self._dirty

    def take_dirty(self) -> set[str]:
        """The same; from now on it counts what changes from now on."""
        found, self._dirty = self.dirty, set()
        return found

    def keys(self) -> Iterator[str]:
        """Keys of all rows of state."""
        return map(text_of, row_keys(self))

    def save(self, keys: Iterable[str] | None = None) -> dict[str, bytes | None]:
        """Rows of state, whole; of these keys, or all. None = it is gone."""
        return save(self, row_keys(self) if keys is None else map(parts_of, keys))

    def load(self, rows: Mapping[str, bytes]) -> dict[str, str]:
        """State as saved, into a new Assessor. Returns the rows that were dropped, and why; they are dirty now."""
        return load(self, rows)

    # -- signals have their turn -------------------------------------------------------------------------------------

    def _repeated(self, signal: Triggered | Reported) -> bool:
        source = signal.source
        last = self.seen.get((source.topic, source.partition))
        if last is not None and source.position <= last:
            self.repeats += 1
            return True
        self.seen[source.topic, source.partition] = source.position
        return False

    def _arrived(self, signal: Turn) -> Iterator[Command]:
        """Its turn, if that is now; else it waits, and what of it raises acts ahead of its turn."""
        if isinstance(signal, Triggered):
            self.floor.progress(signal.source.partition, signal.received)
        position = position_of(signal)
        yield from self._catch_up(before=position)
        if self.floor.is_next(position, signal):
            yield from self._settle(signal, position, ahead=False)
            return
        self.floor.wait(position, signal)
        if isinstance(signal, Triggered):
            yield from self._raise_ahead(signal, position)
        elif isinstance(signal, Reported):
            yield from self._count(signal, ahead=True)

    def _catch_up(self, before: Position | None = None) -> Iterator[Command]:
        """Whatever may act now that the partitions are where they are, in the order of the sorted stream."""
        while (found := self.floor.release(before)) is not None:
            position, signal = found
            yield from self._settle(signal, position, ahead=True)
        yield from self._due_by(self.floor.level if before is None else min(before[0], self.floor.level))
        if before is None and self.alerts.touched:
            yield from self._due_of_touched()

    def _settle(self, signal: Turn, position: Position, *, ahead: bool) -> Iterator[Command]:
        """A signal has its turn; `ahead`: what of it raises has acted already."""
        yield from self._due_by(min(signal.received, self.floor.level))
        if isinstance(signal, Reported):
            yield from self._count(signal, ahead=False)
        else:
            partition = signal.partition if isinstance(signal, Progress) else signal.source.partition
            yield from self._pass(partition, signal.passed)
            if isinstance(signal, Triggered):
                yield from self._apply(signal, position, ahead=ahead)
        yield from self._due_of_touched()

    # -- signals of sensors ------------------------------------------------------------------------------------------

    def _raise_ahead(self, signal: Triggered, position: Position) -> Iterator[Command]:
        """What raises, before its turn: it is laid over the picture."""
        changes = Changes()
        for trigger in filter(acts_at_once, signal.triggers):
            for subject in self._subjects_of(trigger, signal.zone, signal.status):
                peaked = is_new_peak(subject, trigger)
                differs = subject.picture.raise_ahead(trigger, position)
                changes.note(subject, trigger, differs=differs, peaked=peaked)
        yield from self._decide(signal, changes)

    def lay_ahead(self, signal: Turn) -> None:
        """What raises of a signal that waits, into the pictures again; everything has been said about it."""
        if isinstance(signal, Triggered):
            for trigger in filter(acts_at_once, signal.triggers):
                for subject in self._subjects_of(trigger, signal.zone, signal.status):
                    subject.picture.raise_ahead(trigger, position_of(signal))
        elif isinstance(signal, Reported):
            for subject, names in self.concerned(signal):
                for name, _ in names:
                    subject.picture.call(name, signal, ahead=True)

    def _apply(self, signal: Triggered, position: Position, *, ahead: bool) -> Iterator[Command]:
        """Take the triggers of one row into the pictures, then judge each subject that changed once."""
        changes = Changes()
        for trigger in signal.triggers:
            acted = ahead and acts_at_once(trigger)
            for subject in self._subjects_of(trigger, signal.zone, signal.status):
                peaked = not acted and is_new_peak(subject, trigger)
                differs = subject.picture.settle(trigger, position)
                changes.note(subject, trigger, differs=differs, peaked=peaked, acted=acted)
                if trigger.condition:
                    self.changed.add(("latch", subject.key, trigger.station, trigger.property, trigger.condition))
        for subject in changes.differing():
            subject.settle()
        yield from self._decide(signal, changes)
        if presence := [t for t in signal.triggers if t.edge in ("lost", "back")]:
            yield from self.health.stations(signal, presence)

    def _decide(self, signal: Triggered, changes: Changes) -> Iterator[Command]:
        for subject, trigger, differs, peaked in changes.told():
            time = signal.received if trigger.edge == "lost" else trigger.time
            moment = Moment(signal.id, time, signal.received, trigger, new_peak=peaked)
            if differs:
                yield from self._decide_or_mark(subject, moment, trigger)
            else:
                yield from self.alerts.peak(subject, moment)
            self._mark(subject)

    def _decide_or_mark(self, subject: Subject, moment: Moment, trigger: Trigger) -> Iterator[Command]:
        """Decide; when a station whose alert is on is lost or back, and nothing else is said, say so."""
        commands = list(self.alerts.decide(subject, moment))
        presence = trigger.edge in ("lost", "back") and subject.picture.is_on((trigger.station, trigger.property))
        if presence and not commands and subject.alert is not None:
            commands += self.alerts.say(subject, Stimulus.REPEAT, moment, subject.alert.level)
        yield from commands

    def _mark(self, subject: Subject) -> None:
        """Its row is no longer as saved."""
        self.changed.add(("subject", subject.key))
        if subject.alert is not None:
            self.changed.add(("alert", subject.key, subject.alert.id))

    def _subjects_of(self, trigger: Trigger, zone: str, status: Status) -> Iterator[Subject]:
        if trigger.hazard:
            if trigger.hazard in self.site.hazards:
                yield self.subject(self.site.hazards[trigger.hazard], trigger.subject, zone, status)
            return
        for hazard in self.site.hazards_of.get(trigger.property, ()):
            about = self.site.members.about((trigger.station, trigger.property), hazard.subject)
            if about is not None:
                yield self.subject(hazard, about, zone, status)

    def subject(self, hazard: Hazard, name: str, zone: str, status: Status) -> Subject:
        """A subject's state, from the moment on that it is first spoken of."""
        key = subject_key(hazard.name, name, status)
        found = self.subjects.get(key)
        if found is None:
            members = self.site.members.of(hazard.subject, name, hazard.properties)
            picture = Picture(self._books[hazard.name], {m: self.site.datastreams[m] for m in members})
            homes = frozenset(partition_of(m[0].encode(), self.readings_partitions) for m in members)
            found = self.subjects[key] = Subject(name, zone, status, picture, key, partitions=homes)
            self._mark(found)
        return found

    # -- time --------------------------------------------------------------------------------------------------------

    def _pass(self, partition: int, passed: dict[str, int]) -> Iterator[Command]:
        """Subjects' datastreams in one partition have passed these times: what data makes due."""
        for key in sorted(passed):
            subject, time = self.subjects.get(key), passed[key]
            if subject is None:
                continue
            if time > subject.passed.get(partition, 0):
                subject.passed[partition] = time
                self.changed.add(("passed", key))
            yield from self._due_of(subject)

    def _due_by(self, received: int) -> Iterator[Command]:
        """Timers due by received time; not while a partition of their own subject is away: its backlog may differ."""
        if self._out is not self.floor.out:
            self._out = self.floor.out
            self.timers.unpark()
        for timer in self.timers.due(received) if self.timers.is_due(received) else ():
            if self._out and self.floor.is_away(self.subjects[timer.key].partitions, timer.received):
                self.timers.park(timer)
            else:
                yield from self._fire(timer)

    def _due_of(self, subject: Subject) -> Iterator[Command]:
        for timer in self.timers.due_of(subject.key, subject.data_passed):
            yield from self._fire(timer)

    def _due_of_touched(self) -> Iterator[Command]:
        """What began to wait may be over by the data that is there."""
        touched = self.alerts.touched
        while touched:
            for key in sorted(touched):
                touched.discard(key)
                yield from self._due_of(self.subjects[key])

    def _fire(self, timer: Timer) -> Iterator[Command]:
        subject = self.subjects[timer.key]
        cause = cause_id("timer", timer.key, timer.kind, timer.time)
        moment = Moment(cause, timer.time, timer.received)
        yield from self._due(subject, timer, moment)
        self._mark(subject)

    def _due(self, subject: Subject, timer: Timer, moment: Moment) -> Iterator[Command]:
        token = timer.token
        if timer.kind.startswith("lower"):
            subject.lower(*map(int, token))
            yield from self.alerts.publish(subject, moment)
        elif timer.kind == "renew":
            yield from self.alerts.renew(subject, moment, int(token[0]))
        elif timer.kind == "evidence":
            yield from self.alerts.new_evidence(subject, moment)
        elif timer.kind == "report":
            condition, report = map(str, token)
            subject.picture.uncall(condition, report)
            self.changed.add(("report", subject.key, condition, report))
            subject.settle()
            yield from self.alerts.decide(subject, moment)
        elif timer.kind == "forget" and subject.alert is not None and subject.alert.version == token[0]:
            subject.state, _ = step(subject.state, Stimulus.FORGOTTEN)

    # -- people ------------------------------------------------------------------------------------------------------

    def _count(self, report: Reported, *, ahead: bool) -> Iterator[Command]:
        """A report counts for every subject that it may speak of."""
        moment = Moment(report.id, report.time, report.received)
        for subject, names in self.concerned(report):
            for name, within in names:
                subject.picture.call(name, report, ahead=ahead)
                if not ahead:
                    self.changed.add(("report", subject.key, name, report.id))
                    self.alerts.wait(subject, "report", moment, within, name, report.id, name=f"{name}|{report.id}")
            if not ahead:
                subject.settle()
            yield from self.alerts.decide(subject, moment)
            self._mark(subject)

    def concerned(self, report: Reported) -> Iterator[tuple[Subject, list[tuple[str, int]]]]:
        """The subjects that a report may speak of; for each the conditions that it counts for, and how long."""
        for hazard in self.site.hazards.values():
            names = [(c.name, c.within) for c in self._books[hazard.name].waits_for(report.kind)]
            for name in self._near(hazard, report) if names else ():
                yield self.subject(hazard, name, report.zone, report.status), names

    def _near(self, hazard: Hazard, report: Reported) -> list[str]:
        """The subjects of the zone that a report speaks of: the nearest one if it says where it is."""
        if hazard.subject == "zone":
            return [report.zone]
        names = self.site.members.subjects_in(report.zone, hazard.subject, hazard.properties)
        if report.lon is None or report.lat is None or len(names) < 2:
            return names
        lon, lat = report.lon, report.lat

        def distance(name: str) -> float:
            places = [self.site.datastreams[m] for m in self.site.members.of(hazard.subject, name, hazard.properties)]
            near = [(s.lon - lon) ** 2 + (s.lat - lat) ** 2 for s in places if s.lon is not None and s.lat is not None]
            return min(near, default=float("inf"))

        return [min(names, key=lambda name: (distance(name), name))]

    def _act(self, act: Act, received: int) -> Iterator[Command]:
        if not self.desk.is_new(act.id, self.floor.now):
            self.repeats += 1
            return
        moment = Moment(cause_id("act", act.id), received, received, by=act.by, note=act.note or None)
        if act.kind in ("silence", "unsilence", "approve"):
            self.desk.silence(act, received)
            yield from self._mute(moment)
            return
        subject = self.alerts.of.get(act.alert)
        if subject is None or subject.alert is None or subject.status != act.status:
            return  # an Exercise act never touches an Actual alert
        if act.kind == "ack":
            subject.alert.acknowledged_by = act.by
            yield from self.alerts.say(subject, Stimulus.ACKNOWLEDGED, moment, subject.alert.level)
        else:
            yield from self.alerts.end(subject, act, moment)
        self._mark(subject)

    def _alarm(self, alarm: Alarm, received: int) -> Iterator[Command]:
        if self.desk.is_new(f"alarm:{alarm.id}", self.floor.now):
            yield self.alarms.tell(alarm, received)
        else:
            self.repeats += 1

    def _mute(self, moment: Moment, turned: set[str] | None = None) -> Iterator[Command]:
        """Marks follow the silences that are in force: an open alert whose marks change is said again.

        So is what a silence of red mutes, whenever that is announced again (`turned`).
        """
        for _, subject in sorted(self.alerts.open.items()):
            alert = subject.alert
            assert alert is not None  # noqa: S101 - open subjects have one
            muted_by = self.desk.muted_by(subject, self.floor.now)
            again = alert.level == RED and not (turned or set()).isdisjoint(muted_by)
            if muted_by != alert.muted_by or again:
                lifted = bool(alert.muted_by) and not muted_by
                stimulus = Stimulus.UNMUTED if lifted else Stimulus.REPEAT
                yield from self.alerts.say(subject, stimulus, moment, alert.level)
                self._mark(subject)

    def _unmute(self, received: int) -> Iterator[Command]:
        """Silences begin and end at received times."""
        for due, turned in self.desk.due(received).items():
            yield from self._mute(Moment(cause_id("silence", due), due, due), turned)

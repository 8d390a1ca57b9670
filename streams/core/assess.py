"""The Assessor: one partition of `signals` in, commands out. A function of the records in offset order.

A rise acts on arrival. A fall, an absence or a data timer acts once every `readings` partition has passed its received
time, in the order of the sorted stream (docs/architecture.md, What is deterministic). Repeats are dropped by `source`,
people's acts by their id.
"""

from collections.abc import Iterator

from streams.core.alerts import Alerts
from streams.core.desk import Desk
from streams.core.floor import Floor, Waiting
from streams.core.health import Health
from streams.core.lifecycle import State, Stimulus, step
from streams.core.picture import Picture, Position
from streams.core.subject import Moment, Subject
from streams.core.timers import Timer, Timers
from streams.models.command import Command
from streams.models.ids import cause_id
from streams.models.level import RED
from streams.models.observation import Status, Tick
from streams.models.partition import partition_of
from streams.models.signal import Act, Progress, Reported, Signal, Trigger, Triggered
from streams.models.site import Hazard, ReportCondition, Site, subject_key

RISES = frozenset({"on", "sighting"})


class Assessor:
    """Pictures, levels and alerts of the zones in one partition of `signals`."""

    def __init__(self, site: Site, partition: int, readings_partitions: int) -> None:
        self.site, self.partition = site, partition
        self.readings_partitions = readings_partitions
        self.floor = Floor(readings_partitions)
        self.timers = Timers()
        self.subjects: dict[str, Subject] = {}
        self.seen: dict[tuple[str, int], tuple[int, int, int]] = {}
        self.repeats = 0
        self.health = Health(site)
        self.desk = Desk()
        self.alerts = Alerts(site, self.timers, self.desk)
        self._members: dict[str, list[tuple[str, str]]] = {}  # "hazard|subject" -> datastreams
        self._in_zone: dict[tuple[str, str], list[str]] = {}  # (hazard, zone) -> subjects
        for key, users in site.users.items():
            zone = site.datastreams[key].zone
            for hazard, subject in users:
                self._members.setdefault(f"{hazard.name}|{subject}", []).append(key)
                known = self._in_zone.setdefault((hazard.name, zone), [])
                if subject not in known:
                    known.append(subject)

    def handle(self, signal: Signal | Tick, received: int) -> list[Command]:
        """One record of `signals` with its Kafka timestamp (microseconds); the commands that follow from it."""
        self.floor.clock(received)
        self.alerts.now = self.floor.now
        commands: list[Command] = []
        if isinstance(signal, Triggered):
            commands += self._triggered(signal)
        elif isinstance(signal, Progress):
            self.floor.progress(signal.partition, signal.received)
            self._note_passed(signal.partition, signal.passed)
        elif isinstance(signal, Reported):
            commands += self._reported(signal)
        elif isinstance(signal, Act):
            commands += self._act(signal, received)
        commands += self._catch_up()
        commands += self._unmute(received)
        if self.partition == 0:  # one voice is enough
            commands += self.health.partitions(self.floor, received)
        return commands

    # -- signals of sensors ------------------------------------------------------------------------------------------

    def _repeated(self, signal: Triggered | Reported) -> bool:
        source = signal.source
        last = self.seen.get((source.topic, source.partition))
        if last is not None and source.position <= last:
            self.repeats += 1
            return True
        self.seen[source.topic, source.partition] = source.position
        return False

    def _triggered(self, signal: Triggered) -> Iterator[Command]:
        if self._repeated(signal):
            return
        self.floor.progress(signal.source.partition, signal.received)
        position: Position = (signal.received, signal.source.partition, *signal.source.position)
        yield from self._catch_up(before=position)
        self._note_passed(signal.source.partition, signal.passed)
        for key in sorted(signal.passed):
            yield from self._due_of(key)
        rises = [t for t in signal.triggers if _acts_at_once(t)]
        others = [t for t in signal.triggers if not _acts_at_once(t)]
        at_once = others
        if others:
            waiting = Waiting(position, signal, others)
            self.floor.wait(waiting)
            at_once = others if self._is_next(waiting) else []
        yield from self._apply(signal, position, rises + at_once)

    def _is_next(self, waiting: Waiting) -> bool:
        """Take it back from the queue when it may act now."""
        if self.floor.waiting[0] is not waiting:
            return False
        return self.floor.release() is waiting

    def _apply(self, signal: Triggered, position: Position, triggers: list[Trigger]) -> Iterator[Command]:
        """Take triggers of one row into the pictures, then judge each subject that changed once."""
        changed: dict[str, tuple[Trigger, bool]] = {}
        for trigger in triggers:
            for subject in self._subjects_of(trigger, signal.zone, signal.status):
                before = self._peak(subject, trigger)
                if subject.picture.apply(trigger, position):
                    new_peak = trigger.edge == "sighting" and trigger.peak != before
                    first, peaked = changed.get(subject.key, (trigger, False))
                    changed[subject.key] = (first if first.condition else trigger, peaked or new_peak)
        for key, (trigger, new_peak) in changed.items():
            time = signal.received if trigger.edge == "lost" else trigger.time
            moment = Moment(signal.id, time, signal.received, trigger, new_peak=new_peak)
            yield from self._decide_or_mark(self.subjects[key], moment)
        lost = [t for t in triggers if t.edge in ("lost", "back")]
        yield from self.health.stations(signal, lost)

    def _decide_or_mark(self, subject: Subject, moment: Moment) -> Iterator[Command]:
        """Decide; when a station whose alert is on is lost or back, and nothing else is said, say so."""
        commands = list(self.alerts.decide(subject, moment))
        trigger = moment.trigger
        presence = trigger if trigger is not None and trigger.edge in ("lost", "back") else None
        on = presence is not None and subject.picture.is_on(presence.station, presence.property)
        if on and not commands and subject.alert is not None:
            commands += self.alerts.say(subject, Stimulus.REPEAT, moment, subject.alert.level)
        yield from commands

    def _peak(self, subject: Subject, trigger: Trigger) -> float | None:
        latch = subject.picture.latches.get((trigger.station, trigger.property, trigger.condition))
        return latch.last.peak if latch is not None else None

    def _subjects_of(self, trigger: Trigger, zone: str, status: Status) -> Iterator[Subject]:
        if trigger.hazard:
            if trigger.hazard in self.site.hazards:
                yield self._subject(self.site.hazards[trigger.hazard], trigger.subject, zone, status)
            return
        for hazard, subject in self.site.users.get((trigger.station, trigger.property), ()):
            yield self._subject(hazard, subject, zone, status)

    def _subject(self, hazard: Hazard, name: str, zone: str, status: Status) -> Subject:
        key = subject_key(hazard.name, name, status)
        found = self.subjects.get(key)
        if found is None:
            members = self._members.get(f"{hazard.name}|{name}", [])
            picture = Picture(hazard, {m: self.site.datastreams[m] for m in members})
            homes = frozenset(partition_of(m[0].encode(), self.readings_partitions) for m in members)
            found = self.subjects[key] = Subject(name, zone, status, picture, partitions=homes)
        return found

    # -- time --------------------------------------------------------------------------------------------------------

    def _note_passed(self, partition: int, passed: dict[str, int]) -> None:
        for key, time in passed.items():
            subject = self.subjects.get(key)
            if subject is not None:
                subject.passed[partition] = max(time, subject.passed.get(partition, 0))
                self.alerts.touched.add(key)

    def _catch_up(self, before: Position | None = None) -> Iterator[Command]:
        """Whatever may act now that the partitions are where they are, in the order of the sorted stream."""
        while True:
            waiting = self.floor.release(before)
            limit = waiting.position[0] if waiting else before[0] if before else self.floor.level
            yield from self._due_by(min(limit, self.floor.level))
            if waiting is None:
                break
            first = min(t.time for t in waiting.triggers)
            for key in self._keys_of(waiting):
                yield from self._due_of(key, not_after=first)
            yield from self._apply(waiting.signal, waiting.position, waiting.triggers)
        while before is None and self.alerts.touched:
            for key in sorted(self.alerts.touched):
                self.alerts.touched.discard(key)
                yield from self._due_of(key)

    def _due_by(self, received: int) -> Iterator[Command]:
        """Timers due by received time; not while a partition of their own subject is away: its backlog may differ."""
        held = []
        for timer in self.timers.due(received):
            homes = self.subjects[timer.key].partitions
            if any(self.floor.received.get(p, -1) < timer.received for p in homes):
                held.append(timer)
            else:
                yield from self._fire(timer)
        for timer in held:
            self.timers.add(timer)

    def _keys_of(self, waiting: Waiting) -> list[str]:
        zone, status = waiting.signal.zone, waiting.signal.status
        return sorted({s.key for t in waiting.triggers for s in self._subjects_of(t, zone, status)})

    def _due_of(self, key: str, not_after: int | None = None) -> Iterator[Command]:
        subject = self.subjects.get(key)
        if subject is None:
            return

        def passed(time: int) -> bool:
            return (not_after is None or time <= not_after) and subject.data_passed(time)

        for timer in self.timers.due_of(key, passed):
            yield from self._fire(timer)

    def _fire(self, timer: Timer) -> Iterator[Command]:
        subject = self.subjects[timer.key]
        moment = Moment(cause_id("timer", timer.key, timer.kind, timer.time), timer.time, timer.received)
        if timer.kind.startswith("lower"):
            level, fall = timer.token
            subject.lower(level, fall)
            yield from self.alerts.publish(subject, moment)
        elif timer.kind == "renew":
            yield from self.alerts.renew(subject, moment, timer.token)
        elif timer.kind == "evidence":
            yield from self.alerts.new_evidence(subject, moment)
        elif timer.kind == "report":
            condition, report = timer.token
            subject.picture.calls[condition].remove(report)
            yield from self.alerts.decide(subject, moment)
        elif timer.kind == "forget" and subject.alert is not None and subject.alert.version == timer.token:
            subject.state, _ = step(subject.state, Stimulus.FORGOTTEN)

    # -- people ------------------------------------------------------------------------------------------------------

    def _reported(self, report: Reported) -> Iterator[Command]:
        if self._repeated(report):
            return
        for hazard in self.site.hazards.values():
            waits = [c for c in hazard.conditions.values() if isinstance(c, ReportCondition) and report.kind in c.kinds]
            if not waits:
                continue
            for name in self._near(hazard, report):
                subject = self._subject(hazard, name, report.zone, report.status)
                moment = Moment(report.id, report.time, report.received)
                for condition in waits:
                    subject.picture.calls.setdefault(condition.name, []).append(report)
                    self.alerts.wait(subject, "report", moment, condition.within, (condition.name, report))
                yield from self.alerts.decide(subject, moment)

    def _near(self, hazard: Hazard, report: Reported) -> list[str]:
        """The subjects of the zone that a report speaks of: the nearest one if it says where it is."""
        names = self._in_zone.get((hazard.name, report.zone), [])
        if hazard.subject == "zone":
            return [report.zone]
        if report.lon is None or report.lat is None or len(names) < 2:
            return names
        lon, lat = report.lon, report.lat

        def distance(name: str) -> float:
            places = [self.site.datastreams[m] for m in self._members[f"{hazard.name}|{name}"]]
            near = [(s.lon - lon) ** 2 + (s.lat - lat) ** 2 for s in places if s.lon is not None and s.lat is not None]
            return min(near, default=float("inf"))

        return [min(names, key=lambda name: (distance(name), name))]

    def _act(self, act: Act, received: int) -> Iterator[Command]:
        if not self.desk.is_new(act, received):
            self.repeats += 1
            return
        moment = Moment(cause_id("act", act.id), received, received, by=act.by, note=act.note or None)
        subject = self._of_alert(act)
        if act.kind == "ack" and subject is not None and subject.alert is not None:
            subject.alert.acknowledged_by = act.by
            yield from self.alerts.say(subject, Stimulus.ACKNOWLEDGED, moment, subject.alert.level)
        elif act.kind in ("end", "withdraw") and subject is not None:
            yield from self.alerts.end(subject, act, moment)
        elif act.kind in ("silence", "unsilence", "approve"):
            self.desk.silence(act, received)
            yield from self._mute(moment)

    def _of_alert(self, act: Act) -> Subject | None:
        """Whose alert an act speaks of: an Exercise act never touches an Actual alert."""
        for subject in self.subjects.values():
            if subject.alert is not None and subject.alert.id == act.alert and subject.status == act.status:
                return subject
        return None

    def _mute(self, moment: Moment, turned: set[str] | None = None) -> Iterator[Command]:
        """Marks follow the silences that are in force: an open alert whose marks change is said again.

        So is what a silence of red mutes, whenever that is announced again (`turned`).
        """
        for subject in self._open_subjects():
            alert = subject.alert
            assert alert is not None  # noqa: S101 - open subjects have one
            muted_by = self.desk.muted_by(subject, self.floor.now)
            again = alert.level == RED and not (turned or set()).isdisjoint(muted_by)
            if muted_by != alert.muted_by or again:
                lifted = bool(alert.muted_by) and not muted_by
                stimulus = Stimulus.UNMUTED if lifted else Stimulus.REPEAT
                yield from self.alerts.say(subject, stimulus, moment, alert.level)

    def _open_subjects(self) -> list[Subject]:
        open_ones = [s for s in self.subjects.values() if s.state in (State.ACTIVE, State.PROPOSED)]
        return sorted(open_ones, key=lambda s: s.key)

    def _unmute(self, received: int) -> Iterator[Command]:
        """Silences begin and end at received times."""
        for due, turned in self.desk.due(received).items():
            yield from self._mute(Moment(cause_id("silence", due), due, due), turned)


def _acts_at_once(trigger: Trigger) -> bool:
    """A rise does; a fall, a loss and an absence wait until every partition has passed their received time."""
    return trigger.edge in RISES and trigger.comparison != "absent"

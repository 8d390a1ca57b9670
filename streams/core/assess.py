"""The Assessor: one partition of `signals` in, commands out. A function of the records in offset order.

Everything has its turn in the order of the sorted stream: once every `readings` partition has passed its received time.
What raises acts on arrival as well, ahead of its turn (docs/architecture.md, What is deterministic). Repeats are
dropped by `source`, people's acts and alarms by their id.
"""

from collections.abc import Iterable, Iterator, Mapping

from streams.core.alarms import Alarms
from streams.core.alerts import Alerts
from streams.core.desk import Desk
from streams.core.doubts import Doubts
from streams.core.due import Due
from streams.core.floor import OF_READINGS, OF_SOURCE, ONCE, Floor, Row, Turn, position_of
from streams.core.health import Health
from streams.core.people import People
from streams.core.picture import Position
from streams.core.restore import load
from streams.core.rows import parts_of, row_keys, save, text_of
from streams.core.sensors import Sensors
from streams.core.subject import Moment, Subject
from streams.core.subjects import Subjects
from streams.core.timers import Timers
from streams.core.verdicts import Verdicts
from streams.models.command import Command
from streams.models.observation import Status, Tick
from streams.models.signal import Act, Alarm, Checked, Layout, Progress, Relay, Reported, Sampled, Signal, Triggered
from streams.models.site import Hazard, Site


class Assessor:
    """Pictures, levels and alerts of the zones in one partition of `signals`."""

    def __init__(self, site: Site, partition: int, readings_partitions: int) -> None:
        self.site, self.partition = site, partition
        self.readings_partitions = readings_partitions
        self.changed: set[Row] = {("state",)}  # rows of state that are no longer as saved
        self.floor = Floor(readings_partitions, changed=self.changed)
        self.timers = Timers()
        self._all = Subjects(site, readings_partitions, self.changed)
        self.subjects = self._all.found
        self.seen: dict[tuple[str, int], tuple[int, int, int]] = {}
        self.repeats = 0
        self.health = Health(site, self.changed)
        self.alarms = Alarms(site, self.changed)
        self.desk = Desk(self.changed)
        self.alerts = Alerts(site, self.timers, self.desk, self.changed)
        self.relays = self.alerts.relays
        self._due = Due(self.timers, self.alerts, self._all, self.changed)
        self._sensors = Sensors(self._all, self.alerts, self.health, self.changed)
        self._people = People(self.desk, self.alerts, self._all)
        self.verdicts = Verdicts(site, self.changed)  # the second Bank
        self.doubts = Doubts(site, self._all, self.alerts, self.health, self.changed)
        self._dirty: set[str] = set()
        self._began = False

    def handle(self, signal: Signal | Tick, received: int) -> list[Command]:
        """One record of `signals` with its Kafka timestamp (microseconds); the commands that follow from it."""
        self.floor.clock(received)
        self.alerts.now = self.floor.now
        self.changed.add(("state",))
        commands: list[Command] = []
        if not self._began and self.partition == 0:  # one voice is enough
            self._began = True
            commands += self.health.hazards(received)
        if self.desk.silences:  # before all else: what is said from now on is no longer muted
            commands += self._people.turn(received)
        commands += self._heard(signal, received)
        commands += self._catch_up()
        commands += self.alarms.over(received)
        if self.partition == 0 and self.floor.out != self.health.unheard:  # one voice is enough
            commands += self.health.partitions(self.floor.out, received)
        return commands

    def _heard(self, signal: Signal | Tick, received: int) -> Iterable[Command]:
        if isinstance(signal, OF_SOURCE):
            return () if self._repeated(signal) else self._arrived(signal, position_of(signal))
        if isinstance(signal, Progress):
            self.floor.progress(signal.partition, signal.received, whole=True)
            return self._arrived(signal, position_of(signal)) if signal.passed else ()
        if isinstance(signal, Relay):
            return self._relayed(signal)
        if isinstance(signal, Checked):
            return self._checked(signal)
        if isinstance(signal, Layout):
            self.lay_out(signal.readings)
        return self._once(signal, received) if isinstance(signal, ONCE) else ()

    def take_relays(self) -> list[Relay | Checked]:
        """What pictures here and elsewhere have to hear since this was last asked: into `signals`, in order."""
        found: list[Relay | Checked] = [*self.relays.out, *self.verdicts.out]
        self.relays.out.clear()
        self.verdicts.out.clear()
        return found

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

    def subject(self, hazard: Hazard, name: str, zone: str, status: Status) -> Subject:
        """A subject's state, from the moment on that it is first spoken of."""
        return self._all.of(hazard, name, zone, status)

    def lay_out(self, readings: int) -> None:
        """From here on signals come from so many readings partitions."""
        if readings != self.readings_partitions:
            self.readings_partitions = readings
            self.floor.lay_out(readings)
            self._all.lay_out(readings)

    def is_known(self, hazard: Hazard, name: str) -> bool:
        """Whether the site has such a subject."""
        return self._all.is_known(hazard, name)

    # -- signals have their turn -------------------------------------------------------------------------------------

    def _repeated(self, signal: Triggered | Reported | Sampled) -> bool:
        source = signal.source
        last = self.seen.get((source.topic, source.partition))
        if last is not None and source.position <= last:
            self.repeats += 1
            return True
        self.seen[source.topic, source.partition] = source.position
        return False

    def _arrived(self, signal: Turn, position: Position) -> Iterator[Command]:
        """Its turn, if that is now; else it waits, and what of it raises acts ahead of its turn."""
        if isinstance(signal, OF_READINGS):
            self.floor.progress(signal.source.partition, signal.received)
        self._due.wait_for(signal)
        yield from self._catch_up(before=position)
        if self.floor.is_next(position, signal):
            yield from self._settle(signal, position, ahead=False)
            self._due.go_on()
            return
        self.floor.wait(position, signal)
        if isinstance(signal, Triggered):
            yield from self._sensors.ahead(signal, position)
        elif isinstance(signal, Reported):
            yield from self._count(signal, ahead=True)
        elif isinstance(signal, Checked):
            yield from self.doubts.ahead(signal, position)
        self._due.go_on()

    def _catch_up(self, before: Position | None = None) -> Iterator[Command]:
        """Whatever may act now that the partitions are where they are, in the order of the sorted stream."""
        while self.floor.waiting and (found := self.floor.release(before)) is not None:
            position, signal = found
            yield from self._settle(signal, position, ahead=True)
        yield from self._due.by(self.floor.level if before is None else min(before[0], self.floor.level), self.floor)
        if before is None and self.alerts.touched:
            yield from self._due.of_touched()

    def _settle(self, signal: Turn, position: Position, *, ahead: bool) -> Iterator[Command]:
        """A signal has its turn; `ahead`: what of it raises has acted already."""
        yield from self._due.by(min(signal.received, self.floor.level), self.floor)
        if isinstance(signal, Reported):
            yield from self._count(signal, ahead=False)
        elif isinstance(signal, Sampled):
            self.verdicts.turn(signal)
        elif isinstance(signal, Checked):
            yield from self.doubts.turn(signal, position)
        else:
            partition = signal.partition if isinstance(signal, Progress) else signal.source.partition
            yield from self._pass(partition, signal.passed)
            if isinstance(signal, Triggered):
                yield from self._sensors.turn(signal, position, acted=ahead)
        yield from self._due.of_touched()

    def lay_ahead(self, signal: Turn, position: Position) -> None:
        """What raises of a signal that waits, into the pictures again; everything has been said about it."""
        if isinstance(signal, Checked):
            self.doubts.lay(signal, position)
        elif isinstance(signal, Triggered):
            self._sensors.lay(signal, position)
        elif isinstance(signal, Reported):
            for subject, waiting in self._all.of_report(signal):
                for name, _ in waiting:
                    subject.picture.call(name, signal, ahead=True)

    def _pass(self, partition: int, passed: dict[str, int]) -> Iterator[Command]:
        """Subjects' datastreams in one partition have passed these times: what data makes due."""
        for key in sorted(passed):
            subject, time = self.subjects.get(key), passed[key]
            if subject is None:
                continue
            if time > subject.passed.get(partition, 0):
                subject.passed[partition] = time
                self.changed.add(("passed", key))
            yield from self._due.of(subject)

    # -- people, and alerts of other hazards -------------------------------------------------------------------------

    def _count(self, report: Reported, *, ahead: bool) -> Iterator[Command]:
        """A report counts for every subject that it may speak of."""
        moment = Moment(report.id, report.time, report.received)
        for subject, waiting in self._all.of_report(report):
            for name, within in waiting:
                subject.picture.call(name, report, ahead=ahead)
                if not ahead:
                    self.changed.add(("report", subject.key, name, report.id))
                    self.alerts.wait(subject, "report", moment, within, name, report.id, name=f"{name}|{report.id}")
            if not ahead:
                self.alerts.settle(subject, report.time, report.received)
            yield from self.alerts.decide(subject, moment)
            self._all.mark(subject)

    def _relayed(self, relay: Relay) -> Iterator[Command]:
        """An alert that hazards of a zone wait for: it acts at its place in `signals`, as what people do."""
        if not self.relays.is_new(relay, self.floor.now):
            self.repeats += 1
            return
        moment = Moment(relay.id, relay.time, relay.received)
        for subject, names in self._all.of_relay(relay, self.relays):
            differs = [name for name in names if subject.picture.relay(name, relay)]
            self.changed.update(("relay", subject.key, name, relay.alert) for name in differs)
            if differs:
                self.alerts.settle(subject, relay.time, relay.received)
                yield from self.alerts.decide(subject, moment)
                self._all.mark(subject)

    def _checked(self, checked: Checked) -> Iterator[Command]:
        """A word of neighbours: its turn is after everything that was heard before it."""
        if self.doubts.is_new(checked):
            yield from self._arrived(checked, self.floor.behind())
        else:
            self.repeats += 1

    def _once(self, signal: Act | Alarm, received: int) -> Iterator[Command]:
        """What people do, and what roles say of themselves: not again what was heard within 7 days."""
        if not self.desk.is_new(signal.id if isinstance(signal, Act) else f"alarm:{signal.id}", self.floor.now):
            self.repeats += 1
        elif isinstance(signal, Act):
            yield from self._people.act(signal, received)
        else:
            yield self.alarms.tell(signal, received)

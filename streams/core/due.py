"""What falls due: timers of subjects, by the data that has passed or by received time."""

from collections.abc import Callable, Iterable, Iterator

from streams.core.alerts import Alerts
from streams.core.changes import acts_at_once
from streams.core.floor import Floor, Turn
from streams.core.lifecycle import Stimulus, step
from streams.core.subject import Moment, Subject
from streams.core.subjects import Subjects
from streams.core.timers import Timer, Timers
from streams.models.command import Command
from streams.models.ids import cause_id
from streams.models.signal import Triggered
from streams.models.site import subject_key


class Due:
    """Fires timers at whichever comes first. What each kind does is in `KINDS`."""

    def __init__(self, timers: Timers, alerts: Alerts, subjects: Subjects, changed: set[tuple[str, ...]]) -> None:
        """`changed`: rows of state that are no longer as saved."""
        self._timers, self._alerts, self._subjects, self._changed = timers, alerts, subjects, changed
        self._out: frozenset[int] = frozenset()
        self._coming: dict[str, int] = {}  # subject -> phenomenon time of what is about to rise there
        self._kept: list[Timer] = []

    def wait_for(self, signal: Turn) -> None:
        """What rises comes first: a level that comes back at the very time when it was to be lowered was never off."""
        if not isinstance(signal, Triggered):
            return
        for trigger in signal.triggers:
            key = subject_key(trigger.hazard, trigger.subject, signal.status)
            subject = self._subjects.found.get(key)
            if subject is not None and subject.falls and acts_at_once(trigger):
                self._coming[key] = min(trigger.time, self._coming.get(key, trigger.time))

    def go_on(self) -> None:
        """It has risen: what waited for it falls due."""
        for timer in self._kept:
            if self._timers.one(timer.key, timer.kind, timer.name) is None:  # else the waiting has begun anew
                self._timers.add(timer)
                self._alerts.touched.add(timer.key)
        self._kept.clear()
        self._coming.clear()

    def by(self, received: int, floor: Floor) -> Iterable[Command]:
        """By received time; not while a partition of their own subject is away: its backlog may differ."""
        if self._out is not floor.out:
            self._out = floor.out
            self._timers.unpark()
        return self._by(received, floor) if self._timers.is_due(received) else ()

    def _by(self, received: int, floor: Floor) -> Iterator[Command]:
        for timer in self._timers.due(received):
            if self._out and floor.is_away(self._subjects.found[timer.key].partitions, timer.received):
                self._timers.park(timer)
            else:
                yield from self._fire(timer)

    def of(self, subject: Subject) -> Iterator[Command]:
        """By the data that has passed."""
        for timer in self._timers.due_of(subject.key, subject.data_passed):
            yield from self._fire(timer)

    def of_touched(self) -> Iterator[Command]:
        """What began to wait may be over by the data that is there."""
        touched = self._alerts.touched
        while touched:
            for key in sorted(touched):
                touched.discard(key)
                yield from self.of(self._subjects.found[key])

    def _fire(self, timer: Timer) -> Iterator[Command]:
        if timer.kind.startswith("lower") and timer.time >= self._coming.get(timer.key, timer.time + 1):
            self._kept.append(timer)
            return
        subject = self._subjects.found[timer.key]
        moment = Moment(cause_id("timer", timer.key, timer.kind, timer.time), timer.time, timer.received)
        yield from KINDS[timer.kind.partition("-")[0]](self, subject, timer, moment)
        self._subjects.mark(subject)

    def lower(self, subject: Subject, timer: Timer, moment: Moment) -> Iterator[Command]:
        """The lowering time of a level is over."""
        subject.lower(*map(int, timer.token))
        yield from self._alerts.publish(subject, moment)

    def renew(self, subject: Subject, timer: Timer, moment: Moment) -> Iterator[Command]:
        """Two thirds of the time that a command is good for."""
        yield from self._alerts.renew(subject, moment, int(timer.token[0]))

    def evidence(self, subject: Subject, _: Timer, moment: Moment) -> Iterator[Command]:
        """New peaks may be told again."""
        yield from self._alerts.new_evidence(subject, moment)

    def report(self, subject: Subject, timer: Timer, moment: Moment) -> Iterator[Command]:
        """A report counts no more."""
        condition, report = map(str, timer.token)
        subject.picture.uncall(condition, report)
        self._changed.add(("report", subject.key, condition, report))
        self._alerts.settle(subject, moment.time, moment.received)
        yield from self._alerts.decide(subject, moment)

    def look(self, subject: Subject, _: Timer, moment: Moment) -> Iterator[Command]:
        """A window has run out."""
        subject.picture.memory.passed = max(subject.picture.memory.passed, moment.time)
        self._alerts.settle(subject, moment.time, moment.received)
        yield from self._alerts.decide(subject, moment)

    def forget(self, subject: Subject, timer: Timer, _: Moment) -> Iterator[Command]:
        """The reopening time is over."""
        if subject.alert is not None and subject.alert.version == timer.token[0]:
            subject.state, _nothing = step(subject.state, Stimulus.FORGOTTEN)
        yield from ()


KINDS: dict[str, Callable[[Due, Subject, Timer, Moment], Iterator[Command]]] = {
    "lower": Due.lower,
    "renew": Due.renew,
    "evidence": Due.evidence,
    "report": Due.report,
    "look": Due.look,
    "forget": Due.forget,
}

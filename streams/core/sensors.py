"""What sensors say: triggers of one row into the pictures of the subjects that they speak of."""

from collections.abc import Iterator

from streams.core.alerts import Alerts
from streams.core.changes import PRESENCE, TRUST, Changes, acts_at_once, is_new_peak
from streams.core.health import Health
from streams.core.lifecycle import Stimulus
from streams.core.picture import Position
from streams.core.subject import Moment, Subject
from streams.core.subjects import Subjects
from streams.models.command import Command
from streams.models.signal import Triggered


class Sensors:
    """Those of one partition of `signals`."""

    def __init__(self, subjects: Subjects, alerts: Alerts, health: Health, changed: set[tuple[str, ...]]) -> None:
        """`changed`: rows of state that are no longer as saved."""
        self._subjects, self._alerts, self._health, self._changed = subjects, alerts, health, changed

    def ahead(self, signal: Triggered, position: Position) -> Iterator[Command]:
        """What raises, before its turn: it is laid over the picture."""
        changes = Changes(signal.received)
        for trigger in filter(acts_at_once, signal.triggers):
            for subject in self._subjects.of_trigger(trigger, signal.zone, signal.status):
                peaked = is_new_peak(subject, trigger)
                differs = subject.picture.raise_ahead(trigger, position)
                changes.note(subject, trigger, differs=differs, peaked=peaked)
        yield from self._decide(signal, changes)

    def lay(self, signal: Triggered, position: Position) -> None:
        """The same again, of a signal that waits; everything has been said about it."""
        for trigger in filter(acts_at_once, signal.triggers):
            for subject in self._subjects.of_trigger(trigger, signal.zone, signal.status):
                subject.picture.raise_ahead(trigger, position)

    def turn(self, signal: Triggered, position: Position, *, acted: bool) -> Iterator[Command]:
        """They have their turn: each subject that changed is judged once. `acted`: what raises did so before."""
        changes = Changes(signal.received)
        for trigger in (one for one in signal.triggers if one.edge not in TRUST):
            said = acted and acts_at_once(trigger)
            for subject in self._subjects.of_trigger(trigger, signal.zone, signal.status):
                peaked = not said and is_new_peak(subject, trigger)
                differs = subject.picture.settle(trigger, position)
                changes.note(subject, trigger, differs=differs, peaked=peaked, acted=said)
                if trigger.condition in subject.picture.book.words:
                    self._changed.add(("said", subject.key, trigger.station, trigger.property, trigger.condition))
                if trigger.condition:
                    self._changed.add(("latch", subject.key, trigger.station, trigger.property, trigger.condition))
        for subject, time in changes.differing():
            self._alerts.settle(subject, time, signal.received)
        yield from self._decide(signal, changes)
        if presence := [t for t in signal.triggers if t.edge in PRESENCE]:
            yield from self._health.stations(signal, presence)
        if doubts := [t for t in signal.triggers if t.edge in TRUST]:
            yield from self._health.doubts(signal, doubts)

    def _decide(self, signal: Triggered, changes: Changes) -> Iterator[Command]:
        for subject, trigger, differs, peaked in changes.told():
            moment = Moment(signal.id, changes.time_of(trigger), signal.received, trigger, new_peak=peaked)
            if differs:
                yield from self._decide_or_mark(subject, moment, marks=changes.is_presence(subject))
            else:
                yield from self._alerts.peak(subject, moment)
            self._subjects.mark(subject)

    def _decide_or_mark(self, subject: Subject, moment: Moment, *, marks: bool) -> Iterator[Command]:
        """Decide; when a station whose alert is on is lost or back (`marks`), and nothing else is said, say so."""
        commands = list(self._alerts.decide(subject, moment))
        if marks and not commands and subject.alert is not None:
            commands += self._alerts.say(subject, Stimulus.REPEAT, moment, subject.alert.level)
        yield from commands

"""From a subject's picture to its alert: levels, what is published of them, and how an alert ends."""

from collections.abc import Iterator

from streams.core.announce import Announcer
from streams.core.desk import Desk
from streams.core.lifecycle import State, Stimulus, step
from streams.core.relays import Relays
from streams.core.subject import Alert, Fall, Moment, Subject
from streams.core.timers import Timer, Timers
from streams.models.command import Command
from streams.models.ids import alert_id
from streams.models.level import NONE, RED
from streams.models.signal import Act
from streams.models.site import Site
from streams.models.times import MINUTE

PAST = 32  # alerts of a subject that are remembered
EVIDENCE_EVERY = 5 * MINUTE  # at most one `evidence` update of an alert in this time


class Alerts:
    """Decides for one subject at a time. `now` (received time of `signals`) is only what silences are held against."""

    def __init__(self, site: Site, timers: Timers, desk: Desk, changed: set[tuple[str, ...]]) -> None:
        """`changed`: rows of state that are no longer as saved."""
        self.announce = Announcer(site)
        self.changed = changed
        self.relays = Relays(site, changed)
        self.timers, self.desk = timers, desk
        self.now = 0
        self.touched: set[str] = set()  # subjects for which something began to wait
        self.open: dict[str, Subject] = {}  # subject key -> subject with an open alert
        self.of: dict[str, Subject] = {}  # alert id -> subject whose newest alert it is

    def wait(
        self, subject: Subject, kind: str, moment: Moment, after: int, *token: int | str, name: str = ""
    ) -> None:  # fmt: skip
        """Begin to wait: due `after` the moment, in phenomenon and in received time."""
        self.timers.add(Timer(subject.key, kind, moment.time + after, moment.received + after, token, name))
        self.touched.add(subject.key)

    def note(self, subject: Subject) -> None:
        """Where the alert of a subject stands, for who looks for it."""
        if subject.alert is not None:
            self.of[subject.alert.id] = subject
        if subject.state in (State.ACTIVE, State.PROPOSED):
            self.open[subject.key] = subject
        else:
            self.open.pop(subject.key, None)

    def settle(self, subject: Subject, time: int, received: int) -> None:
        """The settled picture has changed: set the level latches, and look again when a window runs out."""
        gone = subject.settle(time, received)
        if not subject.picture.book.remembers:
            return
        self.changed.update(("relay", subject.key, name, alert) for name, alert in gone)
        self.changed.add(("past", subject.key))
        self.changed.update(("apart", subject.key, *part) for part in subject.picture.memory.parts.take_changed())
        due = subject.next_look()
        waits = self.timers.one(subject.key, "look")
        if due is not None and (waits is None or (waits.time, waits.received) != due):
            self.timers.add(Timer(subject.key, "look", *due))
            self.touched.add(subject.key)

    def decide(self, subject: Subject, moment: Moment) -> Iterator[Command]:
        """The picture has changed: judge the levels, then publish what differs."""
        falls: list[tuple[int, Fall]] = subject.judge(moment)
        for level, fall in falls:
            after = subject.picture.hazard.lower.after
            self.wait(subject, f"lower-{level}", moment, after, level, fall.time, fall.received)
        commands = list(self.publish(subject, moment))
        yield from commands
        if not commands and moment.new_peak:
            yield from self.peak(subject, moment)
        self.relays.note(subject, moment.cause, moment)  # the same level may need no other alert any more

    def peak(self, subject: Subject, moment: Moment) -> Iterator[Command]:
        """There is more than was told before: of a red alert that is news."""
        if subject.alert is not None and subject.alert.level == RED:
            yield from self._evidence_or_wait(subject, moment)

    def publish(self, subject: Subject, moment: Moment) -> Iterator[Command]:
        """Compare the level that should be published with the one that is."""
        level = subject.level
        self._forget(subject, moment)
        alert = subject.alert
        if subject.state in (State.QUIET, State.ENDED):
            if alert is not None and subject.state is State.ENDED:
                alert.raw_when_ended = min(alert.raw_when_ended, level)
            if level > (alert.raw_when_ended if alert is not None and subject.state is State.ENDED else NONE):
                yield from self._open(subject, level, moment)
            return
        assert alert is not None  # noqa: S101 - open states have one
        if level == NONE:
            yield from self._over(subject, moment)
        elif level > alert.level:
            yield from self.say(subject, Stimulus.LEVEL_UP, moment, level)
        elif level < alert.level:
            yield from self.say(subject, Stimulus.LEVEL_DOWN, moment, level)
        elif subject.state is State.PROPOSED:
            yield from self.say(subject, Stimulus.RESUMED, moment, level)

    def _forget(self, subject: Subject, moment: Moment) -> None:
        """What was measured after the reopening time is another alert, also when that timer has yet to fire."""
        timer = self.timers.one(subject.key, "forget")
        if subject.state is State.ENDED and timer is not None and timer.time <= moment.measured:
            subject.state, _nothing = step(subject.state, Stimulus.FORGOTTEN)

    def _open(self, subject: Subject, level: int, moment: Moment) -> Iterator[Command]:
        name = alert_id(subject.picture.hazard.name, subject.subject, moment.time, subject.status)
        if subject.alert is not None:
            self.of.pop(subject.alert.id, None)
        if subject.state is not State.ENDED and name in subject.past:  # of the same second: an id is never given twice
            subject.alert, subject.state = subject.past[name], State.ENDED
        if subject.state is State.ENDED:
            yield from self.say(subject, Stimulus.REOPENED, moment, level)
            return
        subject.alert = subject.past[name] = Alert(name, moment.time)
        for old in list(subject.past)[:-PAST]:
            self.changed.add(("alert", subject.key, old))
            del subject.past[old]
        yield from self.say(subject, Stimulus.RAISED, moment, level)

    def _over(self, subject: Subject, moment: Moment) -> Iterator[Command]:
        """No level holds any longer: the timer ends it, or proposes to."""
        alert, lower = subject.alert, subject.picture.hazard.lower
        assert alert is not None  # noqa: S101 - called in open states only
        who = lower.end_red if alert.peak_level == RED else lower.end
        stimulus = Stimulus.CLEARED if who == "timer" else Stimulus.PROPOSE_END
        yield from self.say(subject, stimulus, moment, alert.level if who == "person" else NONE)

    def say(self, subject: Subject, stimulus: Stimulus, moment: Moment, level: int) -> Iterator[Command]:
        """Go through the table; a command where it says so."""
        alert = subject.alert
        state, msg_type = step(subject.state, stimulus)
        if alert is None or (state is subject.state and msg_type is None):
            return
        subject.state = state
        self.note(subject)
        if msg_type is None:
            return
        previous, alert.level = alert.level, level
        if stimulus is Stimulus.REOPENED:
            alert.raw_when_ended, previous = NONE, NONE
        alert.peak_level = max(alert.peak_level, level)
        if level > previous:
            alert.acknowledged_by = None  # an acknowledgement holds for the level it was given at
            alert.seconds = None
        alert.muted_by = self.desk.muted_by(subject, self.now)
        command = self.announce.command(subject, stimulus, msg_type, previous, moment)
        yield command
        if msg_type == "Cancel":
            alert.raw_when_ended = subject.raw
            alert.level, alert.seconds = NONE, None
            self.wait(subject, "forget", moment, subject.picture.hazard.lower.reopen, alert.version)
        elif msg_type != "Ack":
            alert.spoken = alert.version
            self.wait(subject, "renew", moment, subject.picture.hazard.message.expires * 2 // 3, alert.spoken)
        self.relays.note(subject, command.id, moment)

    def renew(self, subject: Subject, moment: Moment, version: int) -> Iterator[Command]:
        """A level that is on never expires: it is said again at two thirds of its time."""
        if subject.alert is not None and subject.alert.spoken == version:
            yield from self.say(subject, Stimulus.REPEAT, moment, subject.alert.level)

    def _evidence_or_wait(self, subject: Subject, moment: Moment) -> Iterator[Command]:
        alert = subject.alert
        assert alert is not None  # noqa: S101 - asked for open alerts only
        if alert.evidence_at is None or moment.time >= alert.evidence_at + EVIDENCE_EVERY:
            yield from self.new_evidence(subject, moment)
        elif not alert.evidence_waits:
            alert.evidence_waits = True
            due = alert.evidence_at + EVIDENCE_EVERY
            self.timers.add(Timer(subject.key, "evidence", due, moment.received + due - moment.time))

    def new_evidence(self, subject: Subject, moment: Moment) -> Iterator[Command]:
        """Red has no ceiling: a new peak is told."""
        alert = subject.alert
        if alert is None:
            return
        alert.evidence_waits = False
        if alert.level == RED:
            alert.evidence_at = moment.time
            yield from self.say(subject, Stimulus.EVIDENCE, moment, alert.level)

    def end(self, subject: Subject, act: Act, moment: Moment) -> Iterator[Command]:
        """Ending or withdrawing; one that has ever been red needs two different persons within ten minutes."""
        alert = subject.alert
        if alert is None or subject.state not in (State.ACTIVE, State.PROPOSED):
            return
        first = self.desk.first_of_two(alert, act, moment)
        if alert.peak_level == RED and first is None:
            alert.seconds = (act.by, moment.received, act.kind)
            yield from self.say(subject, Stimulus.SECONDED, moment, alert.level)
            return
        if first is not None and alert.peak_level == RED:
            moment.by = f"{first}, {act.by}"
        subject.falls.clear()
        yield from self.say(subject, Stimulus.ENDED if act.kind == "end" else Stimulus.WITHDRAWN, moment, NONE)

"""What people do to alerts: acknowledge, end and withdraw them, and silence their calls for a while."""

from collections.abc import Iterator

from streams.core.alerts import Alerts
from streams.core.desk import Desk
from streams.core.lifecycle import Stimulus
from streams.core.subject import Moment
from streams.core.subjects import Subjects
from streams.models.command import Command
from streams.models.ids import cause_id
from streams.models.level import RED
from streams.models.signal import Act


class People:
    """The operators of one partition of `signals`."""

    def __init__(self, desk: Desk, alerts: Alerts, subjects: Subjects) -> None:
        self._desk, self._alerts, self._subjects = desk, alerts, subjects

    def act(self, act: Act, received: int) -> Iterator[Command]:
        """One that has not been seen before."""
        moment = Moment(cause_id("act", act.id), received, received, by=act.by, note=act.note or None)
        if act.kind in ("silence", "unsilence", "approve"):
            self._desk.silence(act, received)
            yield from self._mute(moment)
            return
        subject = self._alerts.of.get(act.alert)
        if subject is None or subject.alert is None or subject.status != act.status:
            return  # an Exercise act never touches an Actual alert
        if act.kind == "ack":
            subject.alert.acknowledged_by = act.by
            yield from self._alerts.say(subject, Stimulus.ACKNOWLEDGED, moment, subject.alert.level)
        else:
            yield from self._alerts.end(subject, act, moment)
        self._subjects.mark(subject)

    def turn(self, received: int) -> Iterator[Command]:
        """Silences begin and end at received times: what is said of it is as of then."""
        now = self._alerts.now
        for due, turned in self._desk.due(received).items():
            self._alerts.now = due
            yield from self._mute(Moment(cause_id("silence", due), due, due), turned)
        self._alerts.now = now
        self._desk.let_go(received)

    def _mute(self, moment: Moment, turned: set[str] | None = None) -> Iterator[Command]:
        """Marks follow the silences that are in force: an open alert whose marks change is said again.

        So is what a silence of red mutes, whenever that is announced again (`turned`).
        """
        for _, subject in sorted(self._alerts.open.items()):
            alert = subject.alert
            assert alert is not None  # noqa: S101 - open subjects have one
            muted_by = self._desk.muted_by(subject, self._alerts.now)
            again = alert.level == RED and not (turned or set()).isdisjoint(muted_by)
            if muted_by != alert.muted_by or again:
                lifted = bool(alert.muted_by) and not muted_by
                stimulus = Stimulus.UNMUTED if lifted else Stimulus.REPEAT
                yield from self._alerts.say(subject, stimulus, moment, alert.level)
                self._subjects.mark(subject)

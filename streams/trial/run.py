"""The core through a scenario, second by second as in production, on one partition of everything.

A second without a record brings a tick; nothing is done for a tick before which nothing falls due, so that days of
quiet take no time.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from streams.core.assess import Assessor
from streams.core.decode import decode
from streams.core.detect import OUTAGE, Bank
from streams.core.triage import triage
from streams.core.zones import ZoneIndex
from streams.models import signal
from streams.models.columns import Columns
from streams.models.command import Command
from streams.models.level import NUMBER
from streams.models.observation import Tick
from streams.models.reject import Reject
from streams.models.signal import Reported
from streams.models.site import Site
from streams.models.times import MINUTE, SECOND
from streams.replay import FakeRecord
from streams.trial.events import Act, Event, Script

PACE = OUTAGE // SECOND
LEAP = 10 * MINUTE  # at most so long nobody is asked whether anything is due
HOPS = 16  # rounds of relays after one record


class Said(NamedTuple):
    """A command, and when it came out (microseconds since 1970)."""

    command: Command
    came: int


class Trial:
    """One run. `unmet`: acts that found no alert to act on."""

    def __init__(self, site: Site, start: int, *, leap: int = LEAP) -> None:
        self.site, self.start, self.leap = site, start, leap
        self.bank, self.assessor = Bank(site, 0, 1), Assessor(site, 0, 1)
        self.said: list[Said] = []
        self.rejects: list[Reject] = []
        self.unmet: list[str] = []
        self._zones = ZoneIndex(site.zones)
        self._offsets = {"readings": 0, "reports": 0}
        self._now = start  # received time
        self._told = start  # received time of the last signal or progress
        self._untold = False  # whether something came since
        self._silenced: dict[str, str] = {}  # silence -> zone
        self._open: dict[tuple[str, str, str], tuple[str, str]] = {}  # hazard, subject, status -> alert, zone

    def run(self, script: Script) -> None:
        """Everything that comes in, and the time until the end."""
        for received, events in groupby(script.events, key=lambda event: event.received):
            if received > script.until:
                break
            self._wait(self.start + received, script)
            self._take(received, list(events))
        self._wait(self.start + script.until + 1, script)

    # -- time --------------------------------------------------------------------------------------------------------

    def _wait(self, until: int, script: Script) -> None:
        """Time without records up to the next one; without ticks while nobody is there."""
        for away in script.away:
            begins, ends = self.start + away.begins, self.start + away.ends
            if begins < until and ends > self._now:
                self._quiet(min(begins, until))
                self._now = max(self._now, min(ends, until))
        self._quiet(until)

    def _quiet(self, until: int) -> None:
        while self._now + SECOND < until:
            after = self._next(until) - self._now
            if self._now + after >= until and until - self._now < OUTAGE:
                return  # ticks would make no difference
            count = min(-(-after // SECOND), -(-(until - self._now) // SECOND) - 1)
            self._ticks(max(count, 1))

    def _next(self, until: int) -> int:
        """Not later than the next time at which anything falls due."""
        found = min(until, self._now + self.leap, self.bank.next_due)
        if self._untold and len(self.assessor.timers):
            found = min(found, max(self._told + self.site.progress, self._now + SECOND))
        for silence in self.assessor.desk.silences.values():
            found = min([found, *silence.turns(self._now, found)])
        return self._due(found)

    def _due(self, until: int) -> int:
        """The first second at which a timer of an alert is due."""
        timers, first, last = self.assessor.timers, 0, -(-(until - self._now) // SECOND)
        if last < 1 or not timers.is_due(until):
            return until
        while last - first > 1:
            middle = (first + last) // 2
            if timers.is_due(self._now + middle * SECOND):
                last = middle
            else:
                first = middle
        return self._now + last * SECOND

    def _ticks(self, count: int) -> None:
        """So many seconds. Of the ticks in between only so many come that it is no outage: nothing is due at them."""
        seconds = [*range(PACE, count, PACE), count]
        ticks = [Tick(self._offset("readings"), self._now + n * SECOND) for n in seconds]
        self._now = ticks[-1].received
        self._readings(Columns(ticks=[(0, tick) for tick in ticks]))
        self._progress()

    # -- records -----------------------------------------------------------------------------------------------------

    def _take(self, received: int, events: list[Event]) -> None:
        """What is received at one moment, in the order of the scenario."""
        self._now = self.start + received
        for topic, some in groupby(events, key=lambda event: event.topic):
            if topic == "readings":
                self._readings(self._decoded(list(some)))
                continue
            self._progress()
            for event in some:
                self._act(event.what) if topic == "acts" else self._report(event)
        if self._now - self._told >= self.site.progress:
            self._progress()

    def _offset(self, topic: str) -> int:
        self._offsets[topic] += 1
        return self._offsets[topic] - 1

    def _record(self, event: Event) -> FakeRecord:
        return FakeRecord(event.topic, event.key.encode(), event.what, self._offset(event.topic), self._now // 1000)

    def _decoded(self, events: Sequence[Event]) -> Columns:
        columns, refused = decode("readings", 0, 1, [self._record(event) for event in events])
        self.rejects += [one.reject for one in refused]
        return columns

    def _readings(self, columns: Columns) -> None:
        output = self.bank.handle(columns)
        self.rejects += [reject for _, reject in output.rejects]
        self._untold = self._untold or bool(len(columns) or output.signals)
        for one in output.signals:
            if isinstance(one, signal.Triggered):
                self._told = self._now
            self._assess(one)

    def _progress(self) -> None:
        self._told, self._untold = self._now, False
        self._assess(self.bank.progress())

    def _report(self, event: Event) -> None:
        found = triage(self._record(event), self.site, str, self._zones)
        if isinstance(found, Reported):
            self._assess(found)
        else:
            self.rejects.append(found)

    # -- people ------------------------------------------------------------------------------------------------------

    def _act(self, act: Act) -> None:
        deed = act.deed
        identity = f"{deed.id}" if deed.id else f"act-{act.number}"
        if deed.does in ("silence", "unsilence", "approve"):
            zone = deed.zone or self._silenced.get(deed.silence or "", "")
            self._assess(self._silence(act, identity, zone))
            return
        found = list(self._meant(act))
        if not found:
            about = f"{deed.hazard or 'any hazard'} at {deed.subject or 'any subject'}"
            self.unmet.append(f"{deed.does} by {act.by}: no alert is open of {about}")
        for number, (alert, zone) in enumerate(found):
            name = identity if deed.id or not number else f"{identity}-{number}"
            self._assess(signal.Act(name, zone, deed.does, act.by, deed.status, alert, deed.note))

    def _silence(self, act: Act, identity: str, zone: str) -> signal.Act:
        deed = act.deed
        if deed.does == "silence":
            self._silenced[identity] = zone
        return signal.Act(
            identity, zone, deed.does, act.by, deed.status, note=deed.note, hazard=deed.hazard or "",
            subject=deed.subject or "", silence=deed.silence or "", max_level=NUMBER[deed.max_level],
            ends=self._now + (deed.lasts or 0),
        )  # fmt: skip

    def _meant(self, act: Act) -> Iterator[tuple[str, str]]:
        """The open alerts that an act is about, with their zones."""
        deed = act.deed
        for (hazard, subject, status), found in sorted(self._open.items()):
            if deed.hazard in (None, hazard) and deed.subject in (None, subject) and deed.status == status:
                yield found

    # -- what comes out ----------------------------------------------------------------------------------------------

    def _assess(self, one: Any) -> None:
        """A signal, and what its commands set off elsewhere."""
        waiting: list[Any] = [one]
        for _ in range(HOPS):
            for each in waiting:
                self._say(self.assessor.handle(each, self._now))
            waiting = [*self.assessor.take_relays()]
            if not waiting:
                return

    def _say(self, commands: Iterable[Command]) -> None:
        for command in commands:
            self.said.append(Said(command, self._now))
            if command.kind != "alert" or command.alert is None:
                continue
            key = (str(command.hazard), str(command.subject), command.status)
            if command.msg_type == "Cancel":
                self._open.pop(key, None)
            else:
                self._open[key] = (command.alert, str(command.zone))

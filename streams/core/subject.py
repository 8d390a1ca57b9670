"""One subject of one hazard and status: its picture, its level latches and its alert, from quiet to ended."""

from dataclasses import dataclass, field

import msgspec

from streams.core.lifecycle import State
from streams.core.picture import Picture
from streams.core.stretches import Due
from streams.core.view import raw_levels, remember
from streams.models.level import COLOURS, NONE
from streams.models.observation import Status
from streams.models.signal import Trigger

LEVELS = tuple(range(1, len(COLOURS) + 1))
REFERENCES = 100  # earlier commands that a command names at most


class Fall(msgspec.Struct, array_like=True):
    """A level whose rule has ceased to hold, since when; good data has to say so for the lowering time."""

    time: int
    received: int
    held: bool = False  # a sensor was lost meanwhile: the time begins anew when it is back


@dataclass(slots=True)
class Moment:
    """What is being decided upon: a cause, its phenomenon time and its received time."""

    cause: str
    time: int
    received: int
    trigger: Trigger | None = None
    by: str | None = None
    note: str | None = None
    new_peak: bool = False  # more than was told before

    @property
    def measured(self) -> int:
        """Phenomenon time of what was measured: a loss is decided upon when it is heard, but tells of no later time."""
        return self.time if self.trigger is None else min(self.time, self.trigger.time)


class Alert(msgspec.Struct, array_like=True):
    """The alert of a subject, if it ever had one."""

    id: str
    opened: int
    version: int = 0
    level: int = NONE
    peak_level: int = NONE  # the highest ever: red binds two persons
    acknowledged_by: str | None = None  # holds for the level at which it was given
    evidence_at: int | None = None  # time of the newest `evidence` update
    evidence_waits: bool = False
    raw_when_ended: int = NONE  # ended by a person while its conditions held: only more than this opens it again
    spoken: int = 0  # version of the newest command but acknowledgements: what a renewal renews
    seconds: tuple[str, int, str] | None = None  # who has said that it is to end, when (received), and how
    muted_by: list[str] = []
    sent: list[tuple[str, int]] = []  # id and expiry of the newest commands
    total: int = 0  # commands sent
    relayed: int = NONE  # the level that other hazards were told of
    words: int = 0  # how often they were told

    def note_sent(self, ident: str, expires: int) -> None:
        """One more command."""
        self.sent.append((ident, expires))
        del self.sent[:-REFERENCES]
        self.total += 1


@dataclass(slots=True)
class Subject:
    """Everything the assessor remembers of a subject."""

    subject: str
    zone: str
    status: Status
    picture: Picture
    key: str = ""  # its name in `Triggered.passed`
    state: State = State.QUIET
    alert: Alert | None = None
    past: dict[str, Alert] = field(default_factory=dict)  # earlier alerts: an id is never given twice
    settled: dict[int, bool] = field(default_factory=dict)  # level -> its rule's latch, in the order of the stream
    on: dict[int, bool] = field(default_factory=dict)  # level -> the same, or its rule holds with what is ahead
    falls: dict[int, Fall] = field(default_factory=dict)  # level -> still counted though its rule is off
    passed: dict[int, int] = field(default_factory=dict)  # readings partition -> phenomenon time passed
    partitions: frozenset[int] = frozenset()  # readings partitions that hold its datastreams

    @property
    def raw(self) -> int:
        """The highest level whose rule holds."""
        return max((level for level, on in self.on.items() if on), default=NONE)

    @property
    def level(self) -> int:
        """The highest level that holds or has held within the lowering time."""
        return max([self.raw, *self.falls])

    def data_passed(self, time: int) -> bool:
        """Whether every datastream that is heard has reported at or after `time`."""
        passed = self.passed
        return bool(self.partitions) and all(passed.get(p, 0) >= time for p in self.partitions)

    def settle(self, time: int, received: int) -> list[tuple[str, str]]:
        """The settled picture has changed: set the level latches. Unknown changes nothing.

        Returns the relayed alerts that do not count any more: condition and alert.
        """
        gone = remember(self.picture, time, received) if self.picture.book.remembers else []
        found = raw_levels(self.picture)
        for level in LEVELS:
            truth = found.get(level, False)  # a level that only doubt raised, and that no rule speaks of
            if truth is not None:
                self.settled[level] = truth
        return gone

    def next_look(self) -> Due | None:
        """When something may change by itself: phenomenon and received time."""
        memory, waits = self.picture.memory, self.picture.book.waits
        found = [
            (held.fell + waits[name].lasting, held.received + waits[name].lasting)
            for name, relays in self.picture.relays.items()
            for held in relays.values()
            if held.fell is not None
        ]
        due = memory.next_look()
        return min(found if due is None else [*found, due], default=None)

    def judge(self, moment: Moment) -> list[tuple[int, Fall]]:
        """Set the levels from the level latches and from what is ahead; returns the falls that begin (for timers).

        What is ahead only ever adds: nothing falls that has not fallen in the order of the stream.
        """
        begun = []
        after = self.picture.hazard.lower.after
        early = raw_levels(self.picture, ahead=True) if self.picture.has_ahead else {}
        for level in LEVELS:
            was = self.on.get(level, False)
            now = self.on[level] = early.get(level) is True or self.settled.get(level, False)
            if now:
                self.falls.pop(level, None)
            elif was:
                begun.append(self._falls(level, moment))
        for level, fall in list(self.falls.items()) if self.falls else ():
            if self.picture.is_silent:
                fall.held = True
            elif fall.held:  # all are back: now good data begins to count
                begun.append(self._falls(level, moment))
        if not after:
            for level, fall in begun:
                self.lower(level, fall.time, fall.received)
        return begun if after else []

    def _falls(self, level: int, moment: Moment) -> tuple[int, Fall]:
        fall = self.falls[level] = Fall(moment.time, moment.received)
        return level, fall

    def lower(self, level: int, time: int, received: int) -> None:
        """The lowering time of a level that fell then is over; while a sensor is lost nothing is lowered."""
        if self.falls.get(level) == Fall(time, received):
            del self.falls[level]

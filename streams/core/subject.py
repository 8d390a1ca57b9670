"""One subject of one hazard and status: its picture, its level latches and its alert, from quiet to ended."""

from collections import deque
from dataclasses import dataclass, field

from streams.core.lifecycle import State
from streams.core.picture import Picture
from streams.models.level import COLOURS, NONE
from streams.models.observation import Status
from streams.models.signal import Trigger
from streams.models.site import subject_key

LEVELS = range(1, len(COLOURS) + 1)


@dataclass(slots=True)
class Fall:
    """A level whose rule has ceased to hold: when, and whether its lowering time is over."""

    time: int
    received: int
    over: bool = False


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


@dataclass(slots=True)
class Alert:
    """The alert of a subject, if it ever had one."""

    id: str
    opened: int
    version: int = 0
    level: int = NONE
    peak_level: int = NONE  # the highest ever: red binds two persons
    acknowledged_by: str | None = None  # holds for the level at which it was given
    published: int = 0  # time of the newest command, for renewal
    published_received: int = 0
    evidence_at: int | None = None  # time of the newest `evidence` update
    evidence_waits: bool = False
    ended_at: int = 0
    ended_received: int = 0
    raw_when_ended: int = NONE  # ended by a person while its conditions held: only more than this opens it again
    spoken: int = 0  # version of the newest command but acknowledgements: what a renewal renews
    seconds: tuple[str, int, str] | None = None  # who has said that it is to end, when (received), and how
    muted_by: list[str] = field(default_factory=list)
    sent: deque[tuple[str, int]] = field(default_factory=lambda: deque(maxlen=1000))  # command id, expires
    total: int = 0  # commands sent


@dataclass(slots=True)
class Subject:
    """Everything the assessor remembers of a subject."""

    subject: str
    zone: str
    status: Status
    picture: Picture
    state: State = State.QUIET
    alert: Alert | None = None
    on: dict[int, bool] = field(default_factory=dict)  # level -> its rule's latch
    falls: dict[int, Fall] = field(default_factory=dict)  # level -> still counted though its rule is off
    passed: dict[int, int] = field(default_factory=dict)  # readings partition -> phenomenon time passed
    partitions: frozenset[int] = frozenset()  # readings partitions that hold its datastreams

    @property
    def key(self) -> str:
        """Its name in `Triggered.passed`."""
        return subject_key(self.picture.hazard.name, self.subject, self.status)

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
        return bool(self.partitions) and all(self.passed.get(p, 0) >= time for p in self.partitions)

    def judge(self, moment: Moment) -> list[tuple[int, Fall]]:
        """Set the level latches from the picture; returns the falls that begin now (for timers)."""
        begun = []
        after = self.picture.hazard.lower.after
        for level, truth in self.picture.raw_levels().items():
            was = self.on.get(level, False)
            now = was if truth is None else truth
            self.on[level] = now
            if now:
                self.falls.pop(level, None)
            elif was:
                fall = Fall(moment.time, moment.received)
                self.falls[level] = fall
                if after:
                    begun.append((level, fall))
                else:
                    self.lower(level, fall)
        if not self.picture.lost:
            self.settle()
        return begun

    def lower(self, level: int, fall: Fall) -> None:
        """The lowering time of a level is over; while a sensor is lost nothing is lowered."""
        if self.falls.get(level) is not fall:
            return
        fall.over = True
        if not self.picture.lost:
            del self.falls[level]

    def settle(self) -> None:
        """Lower what was held back by a lost sensor that is there again."""
        self.falls = {level: fall for level, fall in self.falls.items() if not fall.over}

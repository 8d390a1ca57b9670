"""One hazard file after checking: inputs, conditions, levels, messages. Built by `streams.config`, read by everything.

Numbers are in the unit named beside them; durations are microseconds, distances metres, levels 1 (blue) to 4 (red).
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from streams.models.datastream import Datastream, Name

Check = Literal["range", "stuck", "gap", "rise", "fall", "shift", "oscillation", "neighbour"]
CHECKS: tuple[Check, ...] = ("range", "stuck", "gap", "rise", "fall", "shift", "oscillation", "neighbour")


@dataclass(frozen=True, slots=True)
class Step:
    """One transform of an input: its catalogue name and checked parameters (durations in microseconds)."""

    part: str
    parameters: dict[str, Any]
    unit: str = ""  # what its values have to be in, where a parameter is a number of that unit
    # which of its answers other steps build upon, where it has several; not in `repr`, of which saved joins are named
    output: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """One channel of an input that is made of several: a property of the same station, through steps, in a unit."""

    channel: str  # the part's name for it
    property: str
    unit: str
    steps: tuple[Step, ...] = ()
    output: str | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A property, through zero or more transforms, in one unit (the unit that the conditions speak)."""

    name: str
    property: str
    unit: str
    steps: tuple[Step, ...] = ()
    datum: bool = False  # its datastreams and thresholds have to name their height datum
    output: str | None = None  # which output of the last step, where that has several
    sources: tuple[Source, ...] = ()  # of several inputs: its channels in the part's order; `property`: of the first
    join: Literal["exact", "latest"] = "exact"  # how their readings become rows (detectors/join)
    max_wait: int = 10_000_000  # exact: how long a row waits for its other readings
    max_age: int = 600_000_000  # latest: how old a reading may be


@dataclass(frozen=True, slots=True)
class Threshold:
    """`station.NAME + offset` (attribute given) or a plain number, in `unit`."""

    attribute: str | None
    offset: float
    unit: str


@dataclass(frozen=True, slots=True)
class Season:
    """Other thresholds at some time of the year, by the site's calendar. May run over the new year."""

    first: tuple[int, int]  # month, day, inclusive
    last: tuple[int, int]
    thr_on: Threshold
    thr_off: Threshold

    def covers(self, day: tuple[int, int]) -> bool:
        """Whether a day (month, day) lies in it."""
        if self.first <= self.last:
            return self.first <= day <= self.last
        return day >= self.first or day <= self.last


@dataclass(frozen=True, slots=True)
class Forecast:
    """The threshold will be reached within `within` microseconds with at least this probability."""

    within: int
    probability: float
    over: int  # readings the line is drawn through, microseconds


@dataclass(frozen=True, slots=True)
class Condition:
    """A named condition of one input. kind `above`/`below`: thr_on, thr_off, hold; `absent`: no data for `hold`."""

    name: str
    input: str
    kind: Literal["above", "below", "absent"]
    thr_on: Threshold | None = None
    thr_off: Threshold | None = None
    strict: bool = False  # `above`/`below` (>, <) instead of `at_least`/`at_most` (>=, <=)
    hold: int = 0  # the condition has to hold this long (`for`)
    source: str | None = None
    samples: tuple[int, int] | None = None  # `for: 3 of 5`: at so many of the newest so many readings
    seasons: tuple[Season, ...] = ()  # the first that fits the day counts, else thr_on and thr_off
    forecast: Forecast | None = None  # `forecast_reaches`: thr_on is the level that is forecast


@dataclass(frozen=True, slots=True)
class ReportCondition:
    """At least `at_least` distinct reporters of these kinds in the subject's zone within a time."""

    name: str
    kinds: tuple[str, ...]
    at_least: int
    within: int
    source: str | None = None
    near: float | None = None  # metres: reports that lie within a circle of this radius; None = anywhere in the zone


@dataclass(frozen=True, slots=True)
class AlertCondition:
    """Alerts of another hazard that matter here: open at a level, where they matter, and at how many places."""

    name: str
    hazard: str
    at_least: int  # level number
    relation: Literal["zone", "near", "upstream", "downstream", "subject"] = "zone"
    within: float | None = None  # near: metres between the subjects; upstream, downstream: metres along the river
    lasting: int = 0  # it goes on counting so long after the alert has fallen or ended, microseconds
    source: str | None = None
    count: int = 1  # at so many different places at least
    by: Literal["subject", "zone"] = "subject"  # what a place is: what the alert is about, or the zone it lies in


AnyCondition = Condition | ReportCondition | AlertCondition

#: a level's rule: a condition's name, or {"all": [...]}, {"any": [...]}, {"not": ...}, {"vote": {...}},
#: {"promote": {...}}, {"sequence": {...}}, {"count": {...}}, {"absence": {...}} (core/rules)
Expression = str | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Area:
    """What an alert's area is made of: the zone, the subject's cells (zones its stations lie in), or a circle."""

    kind: Literal["zone", "cells", "buffer"] = "zone"
    radius: float = 0.0  # metres around the subject's stations (`buffer`)


@dataclass(frozen=True, slots=True)
class Lower:
    """Who lowers and ends an alert, and when."""

    after: int
    end: Literal["timer", "person"] = "person"
    end_red: Literal["timer", "person"] = "person"
    reopen: int = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Text:
    """What one level says. `headline` may be empty: then it is made from names."""

    headline: Name = field(default_factory=dict)
    instruction: Name = field(default_factory=dict)
    response: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """CAP event, expiry and texts by level number (level 0 = default)."""

    cap: str = "OET-000"
    category: tuple[str, ...] = ("Other",)
    expires: int = 6 * 3_600_000_000
    texts: dict[int, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hazard:
    """One hazard file after checking."""

    name: str
    title: Name
    subject: Literal["zone", "station", "source", "reach", "event"]
    inputs: dict[str, Input]
    conditions: dict[str, AnyCondition]
    levels: dict[int, Expression]  # 1 blue .. 4 red
    lower: Lower
    suspect_raises_at_most: int  # level number
    checks: tuple[Check, ...]
    message: Message
    version: str  # sha256:... of the file's content
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    classification: Literal["open", "sensitive", "restricted"] = "sensitive"
    agreeing: int = 2  # `quality.lifted_by: 2 agreeing`: so many independent stations lift the cap of doubtful values
    area: Area = Area()
    inactive: dict[int, str] = field(default_factory=dict)  # level -> why it cannot be reached (unconfirmed values)

    @property
    def properties(self) -> frozenset[str]:
        """What its inputs are made of."""
        return frozenset(one.property for one in self.inputs.values())

    def subject_of(self, stream: Datastream) -> str:
        """What an alert of this hazard that this datastream raises is about."""
        if self.subject == "zone":
            return stream.zone
        if self.subject == "event":
            return stream.group or stream.station
        return stream.station if self.subject == "station" else stream.subject

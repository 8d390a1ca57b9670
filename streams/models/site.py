"""The checked description of one deployment: zones, stations, hazards. Built by `streams.config`, read by everything.

All numbers are in the unit of the datastream they belong to; durations and times are microseconds.
"""

import builtins
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from streams.models.observation import Status

Check = Literal["range", "stuck", "gap"]
CHECKS: tuple[Check, ...] = ("range", "stuck", "gap")
Name = dict[str, str]  # {"zh": ..., "en": ...}


@dataclass(frozen=True, slots=True)
class Zone:
    """An area with a responsible unit: a grid cell or an administrative unit."""

    id: str
    name: Name
    parent: str | None
    unit: str  # the responsible unit
    geometry: dict[str, Any]  # GeoJSON Polygon or MultiPolygon, WGS-84


@dataclass(frozen=True, slots=True)
class Datastream:
    """One observed property at one station: a row of `stations.csv`."""

    station: str
    property: str
    unit: str  # UCUM
    zone: str
    subject: str  # as in the file, or the station id
    name: Name
    lon: float | None = None  # WGS-84
    lat: float | None = None
    original: dict[str, Any] | None = None  # position as given, when it came in another CRS
    interval: int | None = None  # reporting interval; None = silence cannot be judged
    reporting: Literal["periodic", "on_change"] = "periodic"
    range_min: float | None = None  # the instrument's range: a value at or beyond it is `saturated`
    range_max: float | None = None
    hard_min: float | None = None  # physically impossible beyond: flag 4
    hard_max: float | None = None
    soft_min: float | None = None  # unusual beyond: flag 3
    soft_max: float | None = None
    stuck_for: int | None = None  # unchanged this long = stuck; None = not judged
    rest: tuple[float, ...] = (0.0,)  # values that may rest for ever
    datum: str | None = None
    classification: Literal["open", "sensitive", "restricted"] = "sensitive"
    attributes: dict[str, tuple[float, str]] = field(default_factory=dict)  # station.NAME -> (number, UCUM)
    subject_name: Name | None = None  # of a reach or a hazard source

    @builtins.property  # the field `property` hides the name
    def key(self) -> tuple[str, str]:
        """(station, property)."""
        return (self.station, self.property)


@dataclass(frozen=True, slots=True)
class Step:
    """One transform of an input: its catalogue name and checked parameters (durations in microseconds)."""

    part: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Input:
    """A property, through zero or more transforms, in one unit (the unit that the conditions speak)."""

    name: str
    property: str
    unit: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Threshold:
    """`station.NAME + offset` (attribute given) or a plain number, in `unit`."""

    attribute: str | None
    offset: float
    unit: str


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


@dataclass(frozen=True, slots=True)
class ReportCondition:
    """At least `at_least` distinct reporters of these kinds in the subject's zone within a time."""

    name: str
    kinds: tuple[str, ...]
    at_least: int
    within: int
    source: str | None = None


#: a level's rule: a condition's name, or {"all": [...]}, {"any": [...]}, {"not": ...}, {"vote": {...}} (core/rules)
Expression = str | dict[str, Any]


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
    conditions: dict[str, Condition | ReportCondition]
    levels: dict[int, Expression]  # 1 blue .. 4 red
    lower: Lower
    suspect_raises_at_most: int  # level number
    checks: tuple[Check, ...]
    message: Message
    version: str  # sha256:... of the file's content
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    classification: Literal["open", "sensitive", "restricted"] = "sensitive"

    def subject_of(self, stream: Datastream) -> str:
        """What an alert of this hazard that this datastream raises is about."""
        if self.subject == "zone":
            return stream.zone
        return stream.station if self.subject == "station" else stream.subject


@dataclass(frozen=True)
class Site:
    """Everything the core knows of the world. Immutable: a change is a new Site."""

    zones: dict[str, Zone]
    datastreams: dict[tuple[str, str], Datastream]
    hazards: dict[str, Hazard]
    timezone: str = "UTC"
    progress: int = 5_000_000  # between two progress signals
    remember: int = 64  # newest readings of a datastream by which repeats and conflicts are told apart
    properties: frozenset[str] = frozenset()
    report_kinds: frozenset[str] = frozenset()
    version: str = ""

    @cached_property
    def stations(self) -> dict[str, list[Datastream]]:
        """Datastreams by station id."""
        found: dict[str, list[Datastream]] = {}
        for stream in self.datastreams.values():
            found.setdefault(stream.station, []).append(stream)
        return found

    @cached_property
    def subject_names(self) -> dict[str, Name]:
        """Names of reaches and hazard sources, where stations.csv gives one."""
        return {s.subject: s.subject_name for s in self.datastreams.values() if s.subject_name is not None}

    @cached_property
    def users(self) -> dict[tuple[str, str], list[tuple[Hazard, str]]]:
        """Which (hazard, subject) a datastream feeds."""
        found: dict[tuple[str, str], list[tuple[Hazard, str]]] = {}
        for hazard in self.hazards.values():
            used = {i.property for i in hazard.inputs.values()}
            for key, stream in self.datastreams.items():
                if stream.property in used:
                    found.setdefault(key, []).append((hazard, hazard.subject_of(stream)))
        return found

    def checks_of(self, stream: Datastream) -> frozenset[Check]:
        """The quality checks of a datastream: what its hazards ask for; all, if none uses it."""
        users = self.users.get(stream.key)
        return frozenset(CHECKS) if users is None else frozenset(c for hazard, _ in users for c in hazard.checks)


def subject_key(hazard: str, subject: str, status: Status) -> str:
    """Names one subject's picture in `Triggered.passed` and in the assessor."""
    return f"{hazard}|{subject}|{status}"

"""The checked description of one deployment: zones, stations, hazards. Built by `streams.config`, read by everything.

All numbers are in the unit of the datastream they belong to; durations and times are microseconds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any, Literal

import numpy as np

from streams.models.datastream import Datastream, Name, Profile
from streams.models.datastreams import NONE, Datastreams
from streams.models.members import Members
from streams.models.observation import Status

__all__ = [
    "CHECKS", "Check", "Condition", "Datastream", "Datastreams", "Expression", "Hazard", "Input", "Lower", "Message",
    "Name", "Profile", "ReportCondition", "Site", "Step", "Text", "Threshold", "Zone", "subject_key",
]  # fmt: skip

Check = Literal["range", "stuck", "gap"]
CHECKS: tuple[Check, ...] = ("range", "stuck", "gap")


@dataclass(frozen=True, slots=True)
class Zone:
    """An area with a responsible unit: a grid cell or an administrative unit."""

    id: str
    name: Name
    parent: str | None
    unit: str  # the responsible unit
    geometry: dict[str, Any]  # GeoJSON Polygon or MultiPolygon, WGS-84


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

    @property
    def properties(self) -> frozenset[str]:
        """What its inputs are made of."""
        return frozenset(one.property for one in self.inputs.values())

    def subject_of(self, stream: Datastream) -> str:
        """What an alert of this hazard that this datastream raises is about."""
        if self.subject == "zone":
            return stream.zone
        return stream.station if self.subject == "station" else stream.subject


@dataclass(frozen=True)
class Site:
    """Everything the core knows of the world. Immutable: a change is a new Site."""

    zones: dict[str, Zone]
    datastreams: Datastreams  # a dict of datastreams, when given, becomes one
    hazards: dict[str, Hazard]
    timezone: str = "UTC"
    progress: int = 5_000_000  # between two progress signals
    remember: int = 16  # newest readings of a datastream by which repeats and conflicts are told apart
    properties: frozenset[str] = frozenset()
    report_kinds: frozenset[str] = frozenset()
    version: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "datastreams", Datastreams.of(self.datastreams))

    @cached_property
    def stations(self) -> "Stations":
        """Datastreams by station id."""
        return Stations(self.datastreams)

    @cached_property
    def subject_names(self) -> "SubjectNames":
        """Names of reaches and hazard sources, where stations.csv gives one."""
        return SubjectNames(self.datastreams)

    @cached_property
    def hazards_of(self) -> dict[str, tuple[Hazard, ...]]:
        """The hazards that a property feeds."""
        found: dict[str, tuple[Hazard, ...]] = {}
        for hazard in self.hazards.values():
            for name in dict.fromkeys(one.property for one in hazard.inputs.values()):
                found[name] = (*found.get(name, ()), hazard)
        return found

    @cached_property
    def members(self) -> Members:
        """Which datastreams make up a subject; one index for all who ask."""
        return Members(self.datastreams)

    @cached_property
    def users(self) -> "Users":
        """Which (hazard, subject) a datastream feeds."""
        return Users(self)

    def checks_of(self, stream: Datastream | Profile) -> frozenset[Check]:
        """The quality checks of a datastream: what its hazards ask for; all, if none uses it."""
        hazards = self.hazards_of.get(stream.property)
        return frozenset(CHECKS) if hazards is None else frozenset(c for hazard in hazards for c in hazard.checks)


class Stations(Mapping[str, list[Datastream]]):
    """Station id -> its datastreams, made when asked for."""

    def __init__(self, datastreams: Datastreams) -> None:
        self._all = datastreams

    def __len__(self) -> int:
        return len(self._all.stations)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all.stations)

    def __contains__(self, station: object) -> bool:
        return station in self._all.station_of

    def __getitem__(self, station: str) -> list[Datastream]:
        return [self._all.at(number) for number in self._all.of_station(self._all.station_of[station])]


class SubjectNames(Mapping[str, Name]):
    """Subject -> its name, of the subjects that have one."""

    def __init__(self, datastreams: Datastreams) -> None:
        self._all = datastreams
        rows = np.flatnonzero(datastreams.subject_name != NONE)
        subjects, names = datastreams.subject[rows].tolist(), datastreams.subject_name[rows].tolist()
        self._codes = {datastreams.subject_id(subject): name for subject, name in zip(subjects, names, strict=True)}

    def __len__(self) -> int:
        return len(self._codes)

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __getitem__(self, subject: str) -> Name:
        name: Name = self._all.subject_names[self._codes[subject]]
        return name


class Users(Mapping[tuple[str, str], list[tuple[Hazard, str]]]):
    """(station, property) -> which hazards it feeds, and what their alerts there are about. Made when asked for."""

    def __init__(self, site: Site) -> None:
        self._all, self._hazards_of = site.datastreams, site.hazards_of

    def __len__(self) -> int:
        return len(self._all.of_property(self._hazards_of))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Those of the first hazard first, each in the order of the file."""
        for _, same in groupby(self._hazards_of.items(), key=lambda item: item[1][0].name):
            yield from map(self._all.key, self._all.of_property([name for name, _ in same]).tolist())

    def __getitem__(self, key: tuple[str, str]) -> list[tuple[Hazard, str]]:
        stream = self._all[key]
        return [(hazard, hazard.subject_of(stream)) for hazard in self._hazards_of[key[1]]]


def subject_key(hazard: str, subject: str, status: Status) -> str:
    """Names one subject's picture in `Triggered.passed` and in the assessor."""
    return f"{hazard}|{subject}|{status}"

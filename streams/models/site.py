"""The checked description of one deployment: zones, stations, hazards. Built by `streams.config`, read by everything.

All numbers are in the unit of the datastream they belong to; durations and times are microseconds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from streams.models.datastream import Datastream, Name, Profile
from streams.models.datastreams import NONE, Datastreams
from streams.models.hazard import (
    CHECKS,
    AlertCondition,
    AnyCondition,
    Area,
    Check,
    Condition,
    Expression,
    Forecast,
    Hazard,
    Input,
    Lower,
    Message,
    ReportCondition,
    Season,
    Source,
    Step,
    Text,
    Threshold,
)  # fmt: skip
from streams.models.members import Members
from streams.models.neighbours import Neighbours
from streams.models.observation import Status

if TYPE_CHECKING:
    from streams.models.zone_areas import ZoneAreas

__all__ = [
    "CHECKS", "AlertCondition", "AnyCondition", "Area", "Check", "Condition", "Datastream", "Datastreams", "Expression",
    "Forecast", "Hazard", "Input", "Lower", "Message", "Name", "Profile", "Reach", "ReportCondition", "Season", "Site",
    "Source", "Step", "Text", "Threshold", "Zone", "subject_key",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Zone:
    """An area with a responsible unit: a grid cell or an administrative unit."""

    id: str
    name: Name
    parent: str | None
    unit: str  # the responsible unit
    geometry: dict[str, Any]  # GeoJSON Polygon or MultiPolygon, WGS-84
    level: str | None = None  # province, city, county, street, community or cell (models/zone_tree)


@dataclass(frozen=True, slots=True)
class Reach:
    """A piece of a river, and where its water goes."""

    id: str
    downstream: str | None
    length: float = 0.0  # metres to the next one


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
    exercise: bool = False  # nothing Actual is expected here
    reaches: dict[str, Reach] = field(default_factory=dict)  # the river graph

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
    def zone_areas(self) -> "ZoneAreas":
        """What alerts about zones carry as their area."""
        from streams.models.zone_areas import ZoneAreas  # noqa: PLC0415 - shapely, which few roles need: 0.1 s of a start

        return ZoneAreas(self.zones)

    @cached_property
    def unwatched(self) -> dict[str, list[str]]:
        """Zone -> hazards in use for which it has no datastream."""
        from streams.models.watched import unwatched  # noqa: PLC0415 - it knows sites

        return unwatched(self)

    @cached_property
    def users(self) -> "Users":
        """Which (hazard, subject) a datastream feeds."""
        return Users(self)

    @cached_property
    def neighbours(self) -> Neighbours:
        """Who is compared with whom."""
        compares = [one.checks.compares and "neighbour" in self.checks_of(one) for one in self.datastreams.profiles]
        return Neighbours(self.datastreams, np.array(compares, np.bool_))

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

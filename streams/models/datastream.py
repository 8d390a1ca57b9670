"""One datastream, and what many of them share. Numbers are in its own unit; durations are microseconds."""

import builtins
from dataclasses import dataclass, field
from typing import Any, Literal

Name = dict[str, str]  # {"zh": ..., "en": ...}
Reporting = Literal["periodic", "on_change"]
Classification = Literal["open", "sensitive", "restricted"]


#: limits that may differ from month to month
LIMITS = ("hard_min", "hard_max", "soft_min", "soft_max")


@dataclass(frozen=True, slots=True)
class Checks:
    """What the checks of a datastream need beyond its bounds (docs/quality.md). None or 0: not judged."""

    rise_max: float | None = None  # per second
    fall_max: float | None = None
    stuck_band: float = 0.0  # a value that stays this near to the first one is unchanged
    shift: float | None = None  # a larger step that does not last `shift_for` was none
    shift_for: int = 0
    swings: int = 0  # changes of direction, each larger than `swing_band`, within `swing_for`
    swing_band: float = 0.0
    swing_for: int = 0
    recover: int = 0  # good values in a row until a sensor that was in doubt is trusted again
    months: tuple[tuple[int, str, float], ...] = ()  # month, name of a limit, what it is then
    neighbour: float | None = None  # largest normal difference from the median of its neighbours
    neighbour_least: int = 0  # neighbours that have to be there; where it is compared at least 1
    neighbour_age: int = 0  # a neighbour's value counts while its time is no more than this before
    neighbour_every: int = 0  # a sample at most this often
    drift: float | None = None  # largest normal slow mean of that difference
    drift_for: int = 0  # its time constant

    @property
    def compares(self) -> bool:
        """Whether it is compared with neighbours."""
        return self.neighbour is not None or self.drift is not None


NO_CHECKS = Checks()


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
    reporting: Reporting = "periodic"
    range_min: float | None = None  # the instrument's range: a value at or beyond it is `saturated`
    range_max: float | None = None
    hard_min: float | None = None  # physically impossible beyond: flag 4
    hard_max: float | None = None
    soft_min: float | None = None  # unusual beyond: flag 3
    soft_max: float | None = None
    stuck_for: int | None = None  # unchanged this long = stuck; None = not judged
    rest: tuple[float, ...] = (0.0,)  # values that may rest for ever
    datum: str | None = None
    classification: Classification = "sensitive"
    attributes: dict[str, tuple[float, str]] = field(default_factory=dict)  # station.NAME -> (number, UCUM)
    subject_name: Name | None = None  # of a reach or a hazard source
    group: str | None = None  # network: what an alert of a hazard with `subject: event` is about
    checks: Checks = NO_CHECKS

    @builtins.property  # the field `property` hides the name
    def key(self) -> tuple[str, str]:
        """(station, property)."""
        return (self.station, self.property)


#: the bounds of a datastream, which are its own like its position: a gauge's range begins at its bed
BOUNDS = ("range_min", "range_max", "hard_min", "hard_max", "soft_min", "soft_max")


@dataclass(frozen=True, slots=True)
class Profile:
    """What many datastreams have in common. Fields as in `Datastream`.

    Of attributes it says which there are, in which unit; their numbers are columns of the table, as are the bounds.
    """

    property: str
    unit: str
    interval: int | None
    reporting: Reporting
    stuck_for: int | None
    rest: tuple[float, ...]
    datum: str | None
    classification: Classification
    attributes: tuple[tuple[str, str], ...]  # (NAME, UCUM) of what the station has, by name
    checks: Checks = NO_CHECKS

    @classmethod
    def of(cls, stream: Datastream) -> "Profile":
        """The part of a datastream that others may share."""
        attributes = tuple(sorted((name, unit) for name, (_, unit) in stream.attributes.items()))
        return cls(**{name: getattr(stream, name) for name in SHARED}, attributes=attributes)

    def unit_of(self, attribute: str) -> str | None:
        """The unit of an attribute; None where the station has none of this name."""
        return next((unit for name, unit in self.attributes if name == attribute), None)


#: the fields that a datastream takes over from its profile as they are
SHARED = tuple(name for name in Profile.__slots__ if name != "attributes")

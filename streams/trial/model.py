"""What a scenario file may say (schema tocsin.test/1, docs/testing.md)."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from streams.models.crs import Crs
from streams.models.level import Colour
from streams.models.observation import Status
from streams.models.report import ReportSource
from streams.models.times import MINUTE, SECOND
from streams.trial.expected import Expected, Part
from streams.trial.words import At, Length, Names, Start, Value

SCHEMA = "tocsin.test/1"
START = "2026-07-01T08:00:00+08:00"
KINDS = ("constant", "ramp", "sine", "burst", "values", "csv", "silence", "missing", "stuck")


class Csv(Part):
    """Readings from a file beside the scenario: the first row falls on the beginning of the piece."""

    file: str
    column: str = Field(description="of the values; an empty cell is a missing value")
    time: str = Field(default="time", description="column of the times; without a zone: the site's")


class Piece(Part):
    """What one or more datastreams measure for a while: exactly one kind, and how it is sent."""

    constant: Value | None = None
    ramp: Value | None = Field(default=None, description="straight to this value, `over` a time")
    sine: float | None = Field(default=None, description="amplitude, with `period`, around the value before")
    burst: float | None = Field(default=None, description="amplitude of a sine that comes and goes")
    values: tuple[float | None, ...] | None = Field(default=None, description="one after the other; null = missing")
    csv: Csv | None = None
    silence: Length | None = Field(default=None, gt=0, description="nothing is sent for so long")
    missing: Length | None = Field(default=None, gt=0, description="null is sent for so long")
    stuck: Length | None = Field(default=None, gt=0, description="the last value for so long")
    at: At | None = Field(default=None, description="when it begins; default: when the one before is over")
    lasts: Length | None = Field(
        default=None, gt=0, alias="for", description="default: until the next begins, or the end"
    )
    over: Length | None = Field(default=None, gt=0, description="the same as `for`")
    begin: Value | None = Field(default=None, alias="from", description="of `ramp`; default: the value before")
    around: Value | None = Field(default=None, description="of `sine` and `burst`; default: the value before")
    period: Length | None = Field(default=None, gt=0, description="of `sine` and `burst`")
    every: Length | None = Field(default=None, gt=0, description="between two readings")
    noise: float | None = Field(default=None, ge=0, description="standard deviation; the scenario's `seed` decides it")
    delay: Length | None = Field(default=None, description="received so long after its time")
    ahead: Length | None = Field(default=None, description="stamped so far in the future")
    sent: int | None = Field(default=None, ge=1, le=100, description="how often each reading comes")
    status: Status | None = None
    unit: str | None = Field(default=None, description="of the numbers here, if not the datastream's own")
    meta: dict[str, Any] | None = None

    @property
    def kind(self) -> str:
        """Which of them it is."""
        return next((kind for kind in KINDS if kind in self.model_fields_set), "")

    def _check(self, kinds: int) -> None:
        if sum(kind in self.model_fields_set for kind in KINDS) != kinds:
            raise ValueError(f"exactly one of {', '.join(KINDS)}")
        if self.lasts is not None and self.over is not None:
            raise ValueError("`for` or `over`: they are the same")
        if self.ramp is not None and not (self.lasts or self.over):
            raise ValueError("`over:`, how long the ramp takes")
        if (self.sine is not None or self.burst is not None) and self.period is None:
            raise ValueError("`period:` of the sine, like `10 s`")


class Segment(Piece):
    """A piece of a `curve`."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        self._check(1)
        return self


class Readings(Piece):
    """What some stations measure: one piece, or a `curve` of several. The last entry of a datastream counts."""

    stations: Names = Field(alias="station", min_length=1, description="an id, a pattern like R-*, or a list of them")
    observed: str | None = Field(
        default=None, alias="property", description="may be left out where a station has only one"
    )
    curve: tuple[Segment, ...] = ()
    rate: float | None = Field(default=None, gt=0, le=10_000, description="readings a second, sent in sampled frames")
    frame: Length = Field(default=SECOND, gt=0, description="length of a sampled frame")

    @model_validator(mode="after")
    def _pieces(self) -> Self:
        self._check(0 if self.curve else 1)
        return self

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The curve."""
        return self.curve or (self,)


class Position(Part):
    """Longitude and latitude."""

    lon: float
    lat: float
    crs: Crs = "WGS84"


class Call(Part):
    """What somebody sees and reports; with several `reporters` one after the other."""

    at: At
    kind: str
    source: ReportSource = "citizen"
    reporters: Names = Field(default=(), description="equal names are one person; none: a nameless one")
    every: Length = Field(default=0, description="between the reporters")
    zone: str | None = None
    station: str | None = Field(default=None, description="its position is the report's")
    position: Position | None = None
    severity: Colour | None = None
    text: str | None = None
    status: Status = "Actual"
    delay: Length = 0


class Deed(Part):
    """What people do. With several names in `by`: one after the other, a second apart."""

    at: At
    does: Literal["ack", "end", "withdraw", "silence", "unsilence", "approve"]
    by: Names = Field(min_length=1)
    hazard: str | None = Field(default=None, description="of the open alert, or of what is silenced")
    subject: str | None = None
    status: Status = "Actual"
    note: str = ""
    id: str | None = Field(
        default=None, description="name of a silence, as `muted_by` shows it; or to send an act again"
    )
    silence: str | None = Field(default=None, description="`id` of the silence that is lifted or approved")
    zone: str | None = Field(default=None, description="of a silence")
    max_level: Colour = "yellow"
    lasts: Length | None = Field(default=None, alias="for", description="of a silence")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.does == "silence" and (self.zone is None or self.lasts is None or self.id is None):
            raise ValueError("a silence with `id:`, `zone:` and `for:`")
        if self.does in ("unsilence", "approve") and self.silence is None:
            raise ValueError("`silence:`, the id of the silence that is meant")
        return self


class Outage(Part):
    """Nobody can write (`broker`), or nobody reads (`worker`): what came meanwhile is read afterwards, or `lost`."""

    begins: At = Field(alias="from")
    ends: At = Field(alias="to")
    of: Literal["broker", "worker"] = "broker"
    lost: bool = Field(default=False, description="readings of that time never come")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begins.absolute == self.ends.absolute and self.begins.time >= self.ends.time:
            raise ValueError("`from:` before `to:`")
        return self


Shown = Literal[
    "up", "down", "flapping", "stuck", "missing", "saturation", "late", "silence", "timers", "outage"
]  # fmt: skip


class Case(Part):
    """One scenario."""

    about: str | None = Field(default=None, description="what it is about, for people")
    shows: tuple[Shown, ...] = Field(default=(), description="which of the cases that every hazard is tested for")
    start: Start | None = Field(default=None, description=f"default: {START}")
    until: At | None = Field(default=None, description="default: the last that comes in")
    every: Length = Field(default=MINUTE, gt=0, description="between two readings, where nothing else is said")
    seed: int = 1
    readings: tuple[Readings, ...] = ()
    reports: tuple[Call, ...] = ()
    acts: tuple[Deed, ...] = ()
    outages: tuple[Outage, ...] = ()
    expect: tuple[Expected, ...] | None = None
    exact: bool | Literal["levels"] = Field(
        default="levels", description="what has to be expected: changes of level (`levels`), all (`true`), nothing"
    )
    rejects: dict[str, int] = Field(default={}, description="reason -> how many readings and reports are refused")


def _zone(given: Any) -> Any:
    return {"id": given} if isinstance(given, str) else _tuples(given)


def _tuples(given: Any) -> Any:
    """Lists of JSON as the strict model takes them once a function has had them in hand."""
    if isinstance(given, dict):
        return {key: _tuples(one) for key, one in given.items()}
    return tuple(map(_tuples, given)) if isinstance(given, list) else given


class ZonePart(Part):
    """A zone in short: its id, and an area if that matters."""

    id: str
    box: tuple[float, float, float, float] | None = Field(default=None, description="west, south, east, north")
    polygon: tuple[tuple[float, float], ...] | None = Field(default=None, description="closed by itself")
    names: dict[Literal["zh", "en"], str] | None = None
    parent: str | None = None
    level: str | None = Field(default=None, description="as in zones.geojson")
    unit: str | None = None


class File(Case):
    """A whole file: a site, and one scenario or several `scenarios` on it."""

    schema_: Literal["tocsin.test/1"] = Field(alias="schema")
    name: str | None = None
    base: str | None = Field(default=None, description="another file: this one adds to its site and its readings")
    config: str | None = Field(default=None, description="a configuration folder, instead of all that follows")
    timezone: str | None = None
    app: dict[str, Any] | None = Field(default=None, description="as app.yaml")
    stations: tuple[dict[str, Any], ...] = Field(default=(), description="rows with the columns of stations.csv")
    zones: tuple[Annotated[ZonePart, BeforeValidator(_zone)], ...] = ()
    reaches: tuple[dict[str, Any], ...] = Field(default=(), description="rows with the columns of reaches.csv")
    hazards: tuple[Any, ...] = Field(default=(), description="names of hazard files of --config, or whole hazards")
    overlays: tuple[dict[str, Any], ...] = ()
    leaves_out: dict[Shown, str] = Field(default={}, description="a case that this hazard cannot have -> why")
    scenarios: dict[str, Case] = Field(default={}, description="by name; what they leave out is the file's")

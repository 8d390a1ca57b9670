"""The same records as pydantic models: they generate the JSON Schemas in `docs/schemas/` and describe the HTTP API.

Fields equal those of the msgspec structs (a test compares them). Input ignores unknown fields, as the wire promises.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from streams.models.command import SCHEMA, Kind, MsgType, Reason
from streams.models.crs import Crs
from streams.models.explanation_door import Explanation
from streams.models.level import Colour
from streams.models.observation import Classification, Status
from streams.models.reject import Reason as RejectReason
from streams.models.report import ReportSource
from streams.models.signal_door import Checked, Sampled

Time = Annotated[
    str | float, Field(description="RFC 3339 with a zone, or epoch seconds", examples=["2026-07-20T14:03:00+08:00"])
]
OutTime = Annotated[str, Field(description="RFC 3339 in the deployment's zone, with milliseconds")]
Value = Annotated[float | None, Field(description="null = missing; never a string, boolean or NaN")]
Unit = Annotated[str | None, Field(description="UCUM code; none = the datastream's own", examples=["m"])]


class In(BaseModel):
    """Input: strict types, finite numbers, unknown fields ignored."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False, extra="ignore")


class Out(BaseModel):
    """Output: fields are only ever added."""

    model_config = ConfigDict(allow_inf_nan=False)


class Observation(In):
    """One value of a datastream at a phenomenon time."""

    station: Annotated[str, Field(description="station id; also the record's key", examples=["QH-R-014"])]
    property: Annotated[str, Field(description="observed property", examples=["water_level"])]
    time: Time
    value: Value
    unit: Unit = None
    id: Annotated[str | None, Field(description="makes a re-send idempotent")] = None
    status: Status = "Actual"
    meta: Annotated[dict[str, Any] | None, Field(description="battery, rssi, firmware: station health")] = None


class SampledFrame(In):
    """Equally spaced values of one datastream."""

    station: str
    property: str
    start: Time
    step: Annotated[float, Field(gt=0, description="seconds between values")]
    values: Annotated[list[float | None], Field(min_length=1)]
    unit: Unit = None
    id: str | None = None
    status: Status = "Actual"
    meta: dict[str, Any] | None = None


class SenmlRecord(In):
    """One record of a SenML pack (RFC 8428); the resolved name is `station/property`."""

    n: str | None = None
    v: float | None = None
    t: Annotated[float | None, Field(description="seconds; below 2**28 relative to received time")] = None
    u: str | None = None
    bn: str | None = None
    bt: float | None = None
    bu: str | None = None
    bv: float | None = None
    bver: Annotated[float | None, Field(le=10)] = None
    status: Annotated[Status | None, Field(description="carries on like a base field")] = None


class Readings(RootModel[Observation | SampledFrame | list[Observation] | list[SenmlRecord]]):
    """A value of the topic `readings` (key = station id): one observation, a frame, a sampled frame, a SenML pack."""


class Position(In):
    """Longitude first; converted to WGS-84 on the way in."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    crs: Crs = "WGS84"


class Report(In):
    """What people see: a value of the topic `reports`."""

    id: Annotated[str, Field(min_length=1)]
    kind: Annotated[str, Field(description="one of the site's report_kinds", examples=["smoke"])]
    time: Time
    source: ReportSource
    position: Position | None = None
    zone: Annotated[str | None, Field(description="none = the zone in which the position lies")] = None
    reporter: Annotated[str | None, Field(description="personal: becomes a pseudonym at the door")] = None
    contact: Annotated[str | None, Field(description="personal: becomes a pseudonym at the door")] = None
    text: str | None = None
    severity: Colour | None = None
    media: list[str] = []
    status: Status = "Actual"


class Evidence(Out):
    """One datastream's part in a decision."""

    station: str
    property: str
    value: float | None
    unit: str
    time: OutTime
    quality: Annotated[int, Field(description="1 good, 2 not evaluated, 3 suspect, 4 fail, 9 missing")]
    rule: str
    rule_version: str
    threshold: float | None
    comparison: str
    score: float | None = None
    peak: float | None = None
    check: str = ""
    bound: Annotated[str, Field(description="what that check goes by", examples=["soft_max 8 m"])] = ""
    clear: Annotated[float | None, Field(description="threshold at which the condition ends")] = None
    reading: Annotated[float | None, Field(description="what `part` made it of, in the datastream's unit")] = None
    part: Annotated[str, Field(description="what made the value, with a digest of code and parameters")] = ""
    lead: Annotated[float | None, Field(description="of a forecast: seconds until the threshold is reached")] = None


class Command(Out):
    """What the outside must do: a value of `command.feed.*` and `command.current.*`."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    id: str
    schema_: Annotated[str, Field(alias="schema")] = SCHEMA
    kind: Kind
    msg_type: MsgType
    status: Status
    classification: Classification
    alert: str | None
    version: Annotated[int, Field(ge=1, description="counts from 1 without gaps")]
    references: list[str] = []
    references_total: int = 0
    incident: str | None = None
    hazard: str | None
    subject: str | None
    zone: Annotated[str | None, Field(description="null: the system's own health, key `system`")]
    level: Colour | None
    previous_level: Colour | None
    reason: Reason
    urgency: str
    severity: str
    certainty: str
    onset: str | None
    time: OutTime
    expires: str | None
    headline: dict[str, str]
    instruction: dict[str, str] = {}
    area: Annotated[dict[str, Any] | None, Field(description="GeoJSON geometry")] = None
    evidence: list[Evidence] = []
    confidence: float | None = None
    muted_by: list[str] = []
    public: Literal["none", "draft", "released"] = "none"
    by: str | None = None
    note: str | None = None
    acknowledged_by: Annotated[str | None, Field(description="holds for the level at which it was given")] = None
    proposed: str | None = None
    reports: int = 0
    raw_level: Colour | None = None
    explanation: Annotated[Explanation | None, Field(description="of an alert; null for health")] = None
    stages: dict[str, str] = {}


class Reject(Out):
    """A record or row that could not be used: a value of `rejects`."""

    topic: Annotated[str | None, Field(description="null at a door, as partition and offset")] = None
    partition: int | None = None
    offset: int | None = None
    row: int | None = None
    stage: str
    reason: RejectReason
    detail: str
    field: str | None = None
    found: str | None = None
    expected: str | None = None
    time: str | None = None
    raw_base64: str = ""
    raw_length: int = 0
    raw_sha256: str = ""


class Alarm(In):
    """What a role says about itself: a value of the topic `signals` with `type: alarm` (key `system`)."""

    id: Annotated[str, Field(description="of its cause: dropped when it comes again")]
    role: Annotated[str, Field(examples=["observe"])]
    topic: Annotated[str, Field(description="with partition: the input it is about", examples=["readings"])]
    partition: int
    offset: Annotated[int, Field(description="poison, lost: of the (first) record; state: where reading began again")]
    what: Literal["state", "poison", "lost"]
    since: Annotated[
        int,
        Field(description="µs. state: can be trusted from here on; poison, lost: received time of it, of the next one"),
    ]
    detail: str
    received: Annotated[int, Field(description="µs")]


class Rejection(Out):
    """One refused row of a body, by its place in the body."""

    index: int | None
    reason: RejectReason
    detail: str


class Answer(Out):
    """What a door answers: 202 if anything was accepted, else 422."""

    accepted: int
    rejected: list[Rejection]


#: file name in docs/schemas -> model
SCHEMAS: dict[str, type[BaseModel]] = {
    "readings": Readings,
    "reports": Report,
    "command": Command,
    "rejects": Reject,
    "answer": Answer,
    "alarm": Alarm,
    "sample": Sampled,
    "checked": Checked,
}

"""A scenario: what stations measure, what people see and do, and what goes wrong, second by second. A YAML file.

`configs/demo/scenario.yaml` shows every part of it. All times count from the start of the scenario.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from streams.config.problems import ConfigError, Problems, Report
from streams.config.schema_parts import DURATION
from streams.config.validated import validated
from streams.config.yaml_file import Node, read_yaml
from streams.models.durations import FORM, parse_duration
from streams.models.level import Colour
from streams.models.report import ReportSource

SCHEMA = "tocsin.scenario/1"


def _microseconds(text: Any) -> int:
    try:
        return parse_duration(text)
    except (TypeError, ValueError):
        raise ValueError(FORM) from None


Duration = Annotated[int, BeforeValidator(_microseconds), WithJsonSchema(DURATION)]
Words = tuple[str, ...]


class Part(BaseModel):
    """Unknown keys are errors: a misspelt one would silently play something else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Piece(Part):
    """One turn of a curve: `to` another level (at once, over a time, ever faster), or a passing `burst` or `wave`."""

    at: Duration
    to: float | None = Field(default=None, description="new level above `start`")
    burst: float | None = Field(default=None, description="height of a half sine that comes and goes")
    wave: float | None = Field(default=None, description="amplitude of a sine")
    over: Duration = Field(default=0, description="how long it takes; 0 = a step")
    period: Duration = Field(default=60_000_000, gt=0, description="of `wave`")
    steepness: float = Field(default=0.0, ge=0, le=50, description="of `to`: 0 = straight, 4 = slow, then ever faster")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(kind is not None for kind in (self.to, self.burst, self.wave)) != 1:
            raise ValueError("exactly one of `to`, `burst`, `wave`")
        if self.to is None and not self.over:
            raise ValueError("`over:`, how long a burst or wave lasts")
        return self


class Readings(Part):
    """What some stations measure. Where several entries name a datastream, the last one counts."""

    stations: Words = Field(min_length=1, description="ids, or patterns like QL-R-*")
    property: str
    start: float | str = Field(default=0.0, description="a number, `station.NAME` or `station.NAME - 3 m`")
    noise: float = Field(default=0.0, ge=0, description="standard deviation")
    least: float | None = Field(default=None, description="never below")
    most: float | None = Field(default=None, description="never above")
    decimals: int = Field(default=2, ge=0, le=9)
    every: Duration | None = Field(default=None, gt=0, description="default: the scenario's `every`")
    later: Duration = Field(default=0, description="shifts all pieces: the same wave, further down the river")
    pieces: tuple[Piece, ...] = ()


class Fault(Part):
    """Stations that are `silent`, or `stuck` on the value they had."""

    stations: Words = Field(min_length=1)
    property: str | None = Field(default=None, description="default: all")
    kind: Literal["silent", "stuck"]
    at: Duration
    lasts: Duration


class Call(Part):
    """What somebody sees and reports."""

    at: Duration
    kind: str
    source: ReportSource = "citizen"
    reporter: str = Field(description="pseudonymised before it leaves; equal names are one person")
    zone: str | None = None
    station: str | None = Field(default=None, description="near this station: its position is the report's")
    text: str = ""
    severity: Colour | None = None


class Rubbish(Part):
    """Bytes that a broken gateway sends, one after the other. `$now` and `$station` are filled in."""

    at: Duration
    every: Duration = Field(default=5_000_000, gt=0)
    key: str = Field(description="the record's key: the station that the gateway speaks for")
    sends: Words = Field(min_length=1)


class Deed(Part):
    """What people do to every open alert of ours that matches. `end` by two names: both, one after the other."""

    at: Duration
    does: Literal["ack", "end", "withdraw"]
    by: Words = Field(min_length=1)
    hazard: str = "*"
    subject: str = "*"
    level: Colour | None = None
    note: str = ""
    until: Duration | None = Field(default=None, description="tried again every second until then")


class Scenario(Part):
    """The whole file."""

    schema_: Literal["tocsin.scenario/1"] = Field(alias="schema")
    name: dict[Literal["zh", "en"], str]
    seed: int
    length: Duration = Field(gt=0)
    every: Duration = Field(default=5_000_000, gt=0)
    readings: tuple[Readings, ...] = ()
    faults: tuple[Fault, ...] = ()
    reports: tuple[Call, ...] = ()
    rubbish: tuple[Rubbish, ...] = ()
    acts: tuple[Deed, ...] = ()


def scenario_schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors."""
    found = Scenario.model_json_schema(by_alias=True)
    return found | {"title": "Scenario", "description": "What stations measure, people do and what goes wrong, by time"}


@dataclass(frozen=True, slots=True)
class Source:
    """A scenario and where its parts stand in the file."""

    scenario: Scenario
    node: Node
    report: Report


def read_scenario(path: Path) -> Source:
    """The checked file. Raises ConfigError with every problem, each with its line."""
    problems = Problems()
    report = problems.in_file(str(path))
    node = read_yaml(path, report)
    scenario = None
    if node is not None:
        scenario = validated(Scenario, node, "", report)
    elif not problems.errors:
        report.error((1, 1), "", "nothing", f"a scenario: schema: {SCHEMA} …")
    if scenario is None or node is None or problems.errors:
        raise ConfigError(problems.errors)
    return Source(scenario, node, report)

"""What people do, as `Act` records. The API and the commands `tocsin ack|end|withdraw|silence` both build them here."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from streams.models.level import NUMBER, Colour
from streams.models.observation import Status
from streams.models.signal import Act
from streams.models.times import microseconds

AlertAct = Literal["ack", "end", "withdraw"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Id = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Person(BaseModel):
    """Who acts, and why."""

    by: Name = Field(description="The person who acts; unverified until logins exist.")
    note: str = Field(default="", max_length=2_000)
    id: Id | None = Field(
        default=None, description="Makes a repeat harmless; else the Idempotency-Key header, else new."
    )


class PersonBody(Person):
    """A body. Unknown fields are refused: a misspelt restriction of a silence would mute too much."""

    model_config = ConfigDict(extra="forbid")


class SilenceBody(PersonBody):
    """What is muted: empty hazard or subject = any in the zone. A level above `max_level` breaks through at once."""

    zone: Id
    hazard: str = ""
    subject: str = ""
    max_level: Colour = "yellow"
    starts: datetime | None = Field(default=None, description="Default: at once.")
    ends: datetime
    status: Status | None = Field(default=None, description="Default: Exercise on an exercise site, else Actual.")

    @field_validator("starts", "ends")
    @classmethod
    def _zoned(cls, moment: datetime | None) -> datetime | None:
        if moment is not None and moment.tzinfo is None:
            raise ValueError("a time needs a zone, for example 2026-07-20T14:03:00+08:00")
        return moment


class Target(msgspec.Struct):
    """What an act needs to know of the alert's latest command."""

    alert: str
    zone: str | None
    status: Status
    level: str | None = None


decode_target = msgspec.json.Decoder(Target).decode


def act_id(*given: str | None) -> str:
    """The first id given, or a fresh one: acts are dropped by id when they come again."""
    return next((g for g in given if g), None) or uuid.uuid4().hex


def on_alert(kind: AlertAct, target: Target, by: str, note: str = "", given: str | None = None) -> Act:
    """Acknowledge, end or withdraw one alert. The act has the alert's own status: an exercise never touches Actual."""
    return Act(
        id=act_id(given),
        zone=target.zone or "",
        kind=kind,
        by=by.strip(),
        status=target.status,
        alert=target.alert,
        note=note,
    )


def silence(body: SilenceBody, status: Status, given: str | None = None) -> Act:
    """Mute what matches until `ends`. Its id is the silence's id."""
    identity = act_id(body.id, given)
    return Act(
        id=identity,
        zone=body.zone,
        kind="silence",
        by=body.by,
        status=body.status or status,
        note=body.note,
        hazard=body.hazard,
        subject=body.subject,
        silence=identity,
        max_level=NUMBER[body.max_level],
        starts=microseconds(body.starts) if body.starts else 0,
        ends=microseconds(body.ends),
    )


def on_silence(kind: Literal["unsilence", "approve"], target: Target, person: Person, given: str | None = None) -> Act:
    """Lift a silence, or approve (as the second person) one that mutes red. `target.alert` is the silence's id."""
    return Act(
        id=act_id(person.id, given),
        zone=target.zone or "",
        kind=kind,
        by=person.by,
        status=target.status,
        note=person.note,
        silence=target.alert,
    )

"""`tocsin.command/1`: what the outside must do. Field order is the order on the wire (docs/wire.md)."""

from typing import Any, Literal

import msgspec

from streams.models.explanation import Explanation

SCHEMA = "tocsin.command/1"
Kind = Literal["alert", "case", "inspection", "call", "health"]
MsgType = Literal["Alert", "Update", "Cancel", "Ack"]
Reason = Literal[
    "first", "level_up", "level_down", "repeat", "area", "evidence", "ended", "expired", "withdrawn", "reopened",
    "acknowledged", "escalated", "unmuted", "rules_changed", "digest",
]  # fmt: skip


class Evidence(msgspec.Struct, gc=False):
    """One datastream's part in a decision."""

    station: str
    property: str
    value: float | None
    unit: str
    time: str
    quality: int
    rule: str
    rule_version: str
    threshold: float | None
    comparison: str
    score: float | None = None
    peak: float | None = None
    check: str = ""
    bound: str = ""  # what that check goes by: `soft_max 8 m`
    clear: float | None = None  # threshold at which the condition ends
    reading: float | None = None  # that `part` made the value of, in the datastream's unit
    part: str = ""  # which parts did, each with the digest of its code and parameters
    lead: float | None = None  # of a forecast: seconds until the threshold is reached


class Command(msgspec.Struct, kw_only=True):
    """One command. Times are RFC 3339 strings in the deployment's zone; `level` null = none."""

    id: str
    schema: str = SCHEMA
    kind: Kind
    msg_type: MsgType
    status: str
    classification: str
    alert: str | None
    version: int
    references: list[str] = []
    references_total: int = 0
    incident: str | None = None
    hazard: str | None
    subject: str | None
    zone: str | None
    level: str | None
    previous_level: str | None
    reason: str
    urgency: str
    severity: str
    certainty: str
    onset: str | None
    time: str
    expires: str | None
    headline: dict[str, str]
    instruction: dict[str, str] = {}
    area: dict[str, Any] | None = None
    evidence: list[Evidence] = []
    confidence: float | None = None
    muted_by: list[str] = []
    public: str = "none"
    by: str | None = None
    note: str | None = None
    acknowledged_by: str | None = None  # holds for the level at which it was given
    proposed: str | None = None  # what the timer proposes and a person must do ("ended")
    reports: int = 0  # distinct reporters that contributed
    raw_level: str | None = None
    explanation: Explanation | None = None
    stages: dict[str, str] = {}


encode_command = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Command).decode


def decode_command(value: bytes) -> Command:
    """The command in a record. What cannot be read is a ValueError, whatever is wrong with it."""
    try:
        return _decode(value)
    except RecursionError as error:  # thousands of brackets
        raise msgspec.DecodeError("nested too deeply") from error

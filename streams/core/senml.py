"""SenML packs (RFC 8428): records that inherit base fields, resolved to observations.

Name = `station/property`. Times below 2**28 are relative to received time. `status` (an extra field of ours)
carries on like a base field. Strings, booleans, data and sums are not observations.
"""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from streams.core.refusal import Refusal, missing, wrong_type
from streams.models.observation import Classification, Observation, Status

RELATIVE = 2**28
VERSION = 10  # of RFC 8428; a higher `bver` must not be guessed at


class SenmlRecord(msgspec.Struct, gc=False):
    """One record as it comes; what is not named here is no business of ours."""

    n: str | None = None
    v: float | UnsetType | None = UNSET
    t: float | None = None
    u: str | None = None
    bn: str | None = None
    bt: float | None = None
    bu: str | None = None
    bv: float | None = None
    bver: float | None = None
    status: Status | None = None
    classification: Classification | None = None
    vs: Any = UNSET
    vb: Any = UNSET
    vd: Any = UNSET
    s: Any = UNSET


class Pack:
    """The base fields in force while a pack is read."""

    def __init__(self, received: int) -> None:
        self.now = received / 1_000_000
        self.name, self.time, self.unit, self.value = "", 0.0, None, None  # type: str, float, str | None, float | None
        self.status: Status = "Actual"

    def inherit(self, record: SenmlRecord) -> None:
        """Base fields hold from this record on."""
        self.name = self.name if record.bn is None else record.bn
        self.time = self.time if record.bt is None else record.bt
        self.unit = self.unit if record.bu is None else record.bu
        self.value = self.value if record.bv is None else record.bv
        self.status = record.status or self.status
        if record.bver is not None and record.bver > VERSION:
            raise wrong_type("bver", record.bver, f"at most {VERSION}")

    def read(self, record: SenmlRecord) -> Observation | None:
        """The record as an observation; None when it only sets base fields. Raises Refusal."""
        self.inherit(record)
        if record.n is None and record.v is UNSET and _other(record) is None:
            return None
        name = self.name + (record.n or "")
        station, slash, name_of_property = name.rpartition("/")
        if not slash or not station or not name_of_property:
            raise wrong_type("n", name, "station/property")
        time = self.time + (record.t or 0.0)
        return Observation(
            station, name_of_property, time if time >= RELATIVE else self.now + time, self._value(record),
            self.unit if record.u is None else record.u, None, self.status,
        )  # fmt: skip

    def _value(self, record: SenmlRecord) -> float | None:
        other = _other(record)
        if other is not None:
            raise wrong_type(*other, "a number (field v)")
        if record.v is None:
            return None
        if isinstance(record.v, UnsetType):
            if self.value is None:
                raise missing("v", "number or null")
            return self.value
        return finite("v", record.v + (self.value or 0.0))


def _other(record: SenmlRecord) -> tuple[str, Any] | None:
    """A value of another kind than a number: its field and what was found."""
    for field in ("vs", "vb", "vd", "s"):
        found = getattr(record, field)
        if found is not UNSET:
            return field, found
    return None


def finite(field: str, value: float) -> float:
    """The value, unless it is NaN or infinite; raises Refusal."""
    if value - value != 0.0:
        raise Refusal("not_finite", f"{field} is not a finite number", field, value, "a finite number or null")
    return value

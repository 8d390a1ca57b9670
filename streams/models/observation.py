"""What a sensor gateway publishes to `readings` (docs/wire.md), as msgspec structs for the hot path."""

from typing import Any, Literal

import msgspec

Classification = Literal["open", "sensitive", "restricted"]  # anything else is refused (state secrets above all)
Status = Literal["Actual", "Exercise", "Test"]
CLASSIFICATIONS: tuple[Classification, ...] = ("open", "sensitive", "restricted")
STATUSES: tuple[Status, ...] = ("Actual", "Exercise", "Test")


class Observation(msgspec.Struct, gc=False):
    """One value of a datastream at a phenomenon time."""

    station: str
    property: str
    time: str | float
    value: float | None
    unit: str | None = None
    id: str | None = None
    status: Status = "Actual"
    meta: dict[str, Any] | None = None


class SampledFrame(msgspec.Struct, gc=False):
    """Equally spaced values: `start` and `step` (seconds)."""

    station: str
    property: str
    start: str | float
    step: float
    values: list[float | None]
    unit: str | None = None
    id: str | None = None
    status: Status = "Actual"
    meta: dict[str, Any] | None = None


class Row(msgspec.Struct, gc=False):
    """One observation after decoding, whatever form it came in. time, received: microseconds."""

    station: str
    property: str
    time: int
    value: float  # NaN = missing
    unit: str | None
    id: str | None
    status: Status
    offset: int
    row: int  # place inside its record
    received: int
    meta: dict[str, Any] | None = None


class Tick(msgspec.Struct, gc=False):
    """A control record of ours in an input partition: only its place and received time count."""

    offset: int
    received: int


#: header of every control record; its value is the kind of control record (b"tick")
CONTROL_HEADER = "tocsin"

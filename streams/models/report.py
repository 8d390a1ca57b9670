"""What people and departments see (`reports`, docs/wire.md), as msgspec structs."""

from typing import Literal

import msgspec

from streams.models.crs import Crs
from streams.models.level import Colour
from streams.models.observation import Status

ReportSource = Literal["grid_worker", "citizen", "department", "hotline", "inspection"]
SOURCES: tuple[ReportSource, ...] = ("grid_worker", "citizen", "department", "hotline", "inspection")


class Position(msgspec.Struct, gc=False):
    """Longitude first, as in GeoJSON."""

    lon: float
    lat: float
    crs: Crs = "WGS84"


class Report(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One incident report. `reporter` and `contact` are personal data: pseudonyms once past the door."""

    id: str
    kind: str
    time: str | float
    source: ReportSource
    position: Position | None = None
    zone: str | None = None
    reporter: str | None = None
    contact: str | None = None
    text: str | None = None
    severity: Colour | None = None
    media: list[str] = []
    status: Status = "Actual"


encode_report = msgspec.json.Encoder().encode

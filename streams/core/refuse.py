"""Why a row is refused by the Bank, with what was found and what would be right."""

from streams.models.observation import Row
from streams.models.reject import Reason, Reject
from streams.models.site import Datastream, Site
from streams.models.times import format_time

STAGE = "observe"


def unknown(row: Row, site: Site) -> Reject:
    """A station or a property that the site does not know."""
    streams = site.stations.get(row.station)
    if streams is None:
        detail = f"station {row.station!r} is not in stations.csv"
        return _reject(row, "unknown_station", detail, "station", row.station, "a station of stations.csv")
    known = ", ".join(sorted(stream.property for stream in streams))
    detail = f"station {row.station!r} has no property {row.property!r}"
    return _reject(row, "unknown_property", detail, "property", row.property, f"one of: {known}")


def wrong_unit(row: Row, stream: Datastream) -> Reject:
    """A unit of another dimension, or none at all."""
    detail = f"unit {row.unit!r} cannot be converted to {stream.unit!r}"
    return _reject(row, "wrong_unit", detail, "unit", str(row.unit), f"{stream.unit} or one that converts")


def conflict(row: Row, stored: float, value: float, unit: str) -> Reject:
    """Same datastream and time, other value: the first wins."""
    detail = "another value was already received for the same datastream and time; the first counts"
    return _reject(row, "conflict", detail, "value", f"{value:g} {unit}", f"{stored:g} {unit}")


def conflicting_id(row: Row, seen: int) -> Reject:
    """Same given id, other time: the first wins."""
    detail = f"id {row.id!r} was already received with another time; the first counts"
    return _reject(row, "conflict", detail, "time", format_time(row.time), format_time(seen))


def _reject(row: Row, reason: Reason, detail: str, field: str, found: str, expected: str) -> Reject:
    return Reject(
        offset=row.offset, row=row.row, stage=STAGE, reason=reason, detail=detail, field=field, found=found,
        expected=expected, time=format_time(row.time),
    )  # fmt: skip

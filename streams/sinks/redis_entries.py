"""Records -> what the Lua call of the Redis sink does for each. Nothing is decoded inside Redis."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import tzinfo
from typing import NamedTuple

import msgspec
import numpy as np
import structlog
from numpy.typing import NDArray

from streams.models.command import Command
from streams.models.latest import LatestFrame, decode_latest, encode_latest
from streams.models.site import Site
from streams.sinks.base import Count, Record
from streams.sinks.decode import commands_of, encode_any, is_control, stamped

log = structlog.get_logger(__name__)
GEO_LATITUDE = 85.05112878  # GEOADD refuses what lies nearer to the poles
Place = tuple[float, float]


class Entry(NamedTuple):
    """One thing that the Lua call does for a record (see redis.lua)."""

    offset: int
    what: str
    key: str
    a: float = 0
    b: float = 0
    payload: bytes = b""


def places_of(site: Site) -> dict[str, Place]:
    """Where stations are: longitude, latitude; those that Redis can take."""
    table = site.datastreams
    rows = ~_restricted(site) & (np.abs(table.lon) <= 180) & (np.abs(table.lat) <= GEO_LATITUDE)
    places = zip(table.lon[rows].tolist(), table.lat[rows].tolist(), strict=True)
    return dict(zip((table.stations[station] for station in table.station[rows].tolist()), places, strict=True))


def hidden_of(site: Site) -> frozenset[tuple[str, str]]:
    """Datastreams for the few: their values stay out."""
    return frozenset(site.datastreams.key(number) for number in np.flatnonzero(_restricted(site)).tolist())


def _restricted(site: Site) -> NDArray[np.bool_]:
    hidden = np.array([profile.classification == "restricted" for profile in site.datastreams.profiles], np.bool_)
    return hidden[site.datastreams.profile]


def command_entries(
    topic: str, partition: int, records: Sequence[Record], zone: tzinfo, published: int, count: Count
) -> list[Entry]:
    """One entry a command; restricted ones stay out."""
    return [
        _command_entry(record, command, encode_any(stamped(record, published, zone)))
        for record, command in commands_of(topic, partition, records, count)
        if command.classification != "restricted"
    ]


def _command_entry(record: Record, command: Command, payload: bytes) -> Entry:
    if command.kind == "alert" and command.alert is not None:
        what = "end" if command.msg_type == "Cancel" else "open"
        return Entry(record.offset, what, command.alert, command.version, record.timestamp, payload)
    if command.kind == "health":
        subject = command.subject or command.zone or "system"
        what = "well" if command.level is None or command.msg_type == "Cancel" else "ill"
        return Entry(record.offset, what, subject, payload=payload)
    return Entry(record.offset, "tell", "", payload=payload)


def latest_entries(
    topic: str,
    partition: int,
    records: Sequence[Record],
    places: Mapping[str, Place],
    hidden: AbstractSet[tuple[str, str]],
    count: Count,
) -> list[Entry]:
    """The last value of each datastream in the batch, and the places of stations that Redis does not have yet."""
    last: dict[str, Entry] = {}
    found: dict[str, Entry] = {}
    for record in records:
        for value in _frame(topic, partition, record, count).values:
            if (value.station, value.property) in hidden:
                continue
            key = f"{value.station}|{value.property}|{value.status}"
            last[key] = Entry(record.offset, "last", key, payload=encode_latest(value))
            if value.station in places:
                found[value.station] = Entry(record.offset, "place", value.station, *places[value.station])
    return [*last.values(), *found.values()]


def _frame(topic: str, partition: int, record: Record, count: Count) -> LatestFrame:
    if is_control(record):
        return LatestFrame([])
    try:
        return decode_latest(record.value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        count("skipped", 1)
        place = {"topic": topic, "partition": partition, "offset": record.offset}
        log.error("latest frame cannot be read, skipped", why=str(error), **place)  # noqa: TRY400
        return LatestFrame([])

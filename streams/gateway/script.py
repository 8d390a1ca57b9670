"""A scenario as a list of events in time: pure, so that the same scenario gives the same list on every machine."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from string import Template
from typing import Any, NamedTuple
from zlib import crc32

from streams.gateway.cast import Role
from streams.gateway.curve import value
from streams.gateway.scenario import Call, Deed, Fault, Scenario
from streams.models.site import Site

TRY_AGAIN = 1_000_000  # an act with `until` is tried this often


class Row(NamedTuple):
    """One reading."""

    property: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What one station sends at one moment."""

    station: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes with places to fill in."""

    key: str
    text: str

    def filled(self, now: str) -> bytes:
        """`$now`: a time; `$local`: the same without its zone; `$station`: the key."""
        places = {"now": now, "local": now[:19], "station": self.key}
        return Template(self.text).safe_substitute(places).encode("utf-8", "surrogateescape")


class Event(NamedTuple):
    """Something happens `at` microseconds after the start."""

    at: int
    what: Measured | Garbage | Call | Deed


def timeline(scenario: Scenario, roles: list[Role]) -> list[Event]:
    """Everything that happens in one run, in order; what falls on the same moment keeps the file's order."""
    events = [*_readings(scenario, roles), *_rubbish(scenario), *_deeds(scenario)]
    events += [Event(call.at, call) for call in scenario.reports]
    return sorted(events, key=lambda event: event.at)


def _readings(scenario: Scenario, roles: list[Role]) -> Iterator[Event]:
    def key(role: Role) -> tuple[str, int]:
        return role.stream.station, role.every

    for (station, every), group in groupby(sorted(roles, key=key), key):
        together = list(group)
        for at in range(crc32(station.encode()) % every, scenario.length, every):
            rows = tuple(row for role in together if (row := _row(scenario, role, at)) is not None)
            if rows:
                yield Event(at, Measured(station, rows))


def _row(scenario: Scenario, role: Role, at: int) -> Row | None:
    fault = role.fault(at)
    if fault is not None and fault.kind == "silent":
        return None
    stream = role.stream
    seed = f"{scenario.seed}|{stream.station}|{stream.property}"
    time = at if fault is None else _before(fault, at, role.every)
    return Row(stream.property, value(role.readings, role.start, seed, time), stream.unit)


def _before(fault: Fault, at: int, every: int) -> int:
    """When a stuck instrument moved for the last time: its last reading before the fault, or its first."""
    steps = -(-(at - fault.at + 1) // every)
    return max(at % every, at - steps * every)


def _rubbish(scenario: Scenario) -> Iterator[Event]:
    for one in scenario.rubbish:
        for number, text in enumerate(one.sends):
            at = one.at + number * one.every
            if at < scenario.length:
                yield Event(at, Garbage(one.key, text))


def _deeds(scenario: Scenario) -> Iterator[Event]:
    for deed in scenario.acts:
        last = deed.at if deed.until is None else min(deed.until, scenario.length - 1)
        for at in range(deed.at, max(last, deed.at) + 1, TRY_AGAIN):
            yield Event(at, deed)


def readings_body(measured: Measured, now: str, status: str) -> bytes:
    """WIRE `readings`: one observation, or a frame of many."""
    always = {"station": measured.station, "time": now, "status": status}
    rows = [{**always, **row._asdict()} for row in measured.rows]
    return json.dumps(rows if len(rows) > 1 else rows[0], ensure_ascii=False).encode()


def report_body(call: Call, identity: str, reporter: str, site: Site, now: str, status: str) -> bytes:
    """WIRE `reports`; the reporter is a pseudonym already."""
    found: dict[str, Any] = {"id": identity, "kind": call.kind, "time": now, "source": call.source}
    found |= {"reporter": reporter, "zone": call.zone, "text": call.text or None, "severity": call.severity}
    if call.station is not None and (place := site.stations[call.station][0]).lon is not None:
        found["position"] = {"lon": place.lon, "lat": place.lat}
    given = {key: one for key, one in found.items() if one is not None}
    return json.dumps({**given, "status": status}, ensure_ascii=False).encode()

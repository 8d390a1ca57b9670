"""Everything that comes in during a scenario, in the order in which it is received."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import msgspec

from streams.config.problems import Words, listed
from streams.config.yaml_file import Node
from streams.models.site import Datastream, Site
from streams.models.times import SECOND
from streams.trial.curve import Curve, Point, Role
from streams.trial.file import Scenario, Source
from streams.trial.model import Call, Deed, Outage, Readings

MILLISECOND = 1_000
encode = msgspec.json.Encoder().encode


class Event(NamedTuple):
    """Something is received: bytes for `readings` or `reports`, or what a person does. Times from the start."""

    received: int
    own: int  # when it would have been received, if everybody could write
    topic: str
    key: str
    what: Any  # bytes, or a Deed with who acts


class Act(NamedTuple):
    """One person's part in a deed."""

    number: int
    deed: Deed
    by: str


class Away(NamedTuple):
    """A time without records of ours."""

    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Script:
    """A scenario on its site: what comes in, until when, and when nobody was there."""

    events: list[Event]
    until: int
    away: list[Away]


def script(scenario: Scenario, site: Site) -> Script:
    """Everything that happens. What does not fit the site is said of the file."""
    settings = scenario.settings
    until = None if settings.until is None else settings.until.since(scenario.start)
    events = [*_readings(scenario, site, until), *_calls(scenario, site), *_deeds(scenario, site)]
    outages = [(_span(one, scenario.start), one) for one in settings.outages]
    for span, outage in outages:
        events = list(_held_back(events, span, outage))
    events.sort(key=lambda event: (event.received, event.own))
    last = max((event.received for event in events), default=0)
    away = sorted(Away(*span) for span, _ in outages)
    return Script(events, last if until is None else max(until, 0), away)


def _span(outage: Outage, start: int) -> tuple[int, int]:
    return outage.begins.since(start), outage.ends.since(start)


def _held_back(events: Iterable[Event], span: tuple[int, int], outage: Outage) -> Iterator[Event]:
    begins, ends = span
    for event in events:
        if not begins <= event.received < ends:
            yield event
        elif not (outage.lost and event.topic == "readings"):
            yield event._replace(received=ends) if outage.of == "broker" else event


# -- readings ----------------------------------------------------------------------------------------------------------


def _readings(scenario: Scenario, site: Site, until: int | None) -> Iterator[Event]:
    roles: dict[tuple[str, str], Role] = {}
    for source, node, readings in scenario.readings():
        for stream in _streams(source, node, readings, site):
            settings = scenario.settings
            role = Role(stream, readings, source, node, settings.every, settings.seed, site.timezone)
            roles.pop(stream.key, None)
            roles[stream.key] = role
    endless = set()
    for role in roles.values():
        curve = Curve(role, scenario.start, until)
        points = curve.points()
        if curve.open and id(role.node) not in endless:
            endless.add(id(role.node))
            role.source.error(
                role.node, "readings", Words("no end"), "`until:` of the scenario, or `for:` of each piece"
            )
        yield from (
            _frames(role, points, scenario.start) if role.readings.rate else _singles(role, points, scenario.start)
        )


def _streams(source: Source, node: Node, readings: Readings, site: Site) -> list[Datastream]:
    found = []
    for pattern in readings.stations:
        named = [one for station in site.stations if fnmatchcase(station, pattern) for one in site.stations[station]]
        known = sorted({one.property for one in named})
        if not named:
            source.error(node.value["station"], "station", pattern, f"one of {listed(site.stations)}", site.stations)
        elif readings.observed is None and len(known) > 1:
            source.error(node, "property", None, f"one of {listed(known)}")
        elif readings.observed not in (None, *known):
            source.error(node.value["property"], "property", readings.observed, f"one of {listed(known)}", known)
        found += [one for one in named if readings.observed in (None, one.property)]
    return found


def _singles(role: Role, points: Iterable[Point], start: int) -> Iterator[Event]:
    for at, value, piece in points:
        stamp = at + (_of(role, piece, "ahead") or 0)
        body = {**_head(role, piece), "time": (start + stamp) / SECOND, "value": value}
        yield from _sent(role, piece, at, encode(body))


def _frames(role: Role, points: list[Point], start: int) -> Iterator[Event]:
    """Sampled frames: readings of one piece, so many at a time, received when the last was made."""
    size = max(1, round(role.readings.frame / role.step))
    at = 0
    while at < len(points):
        piece = points[at].piece
        frame = [p for p in points[at : at + size] if p.piece is piece]
        stamp = frame[0].at + (_of(role, piece, "ahead") or 0)
        body = {
            **_head(role, piece), "start": (start + stamp) / SECOND, "step": role.step / SECOND,
            "values": [p.value for p in frame],
        }  # fmt: skip
        yield from _sent(role, piece, frame[-1].at, encode(body))
        at += len(frame)


def _of(role: Role, piece: Any, key: str) -> Any:
    """What a piece says, or its entry."""
    own = getattr(piece, key)
    return getattr(role.readings, key) if own is None else own


def _head(role: Role, piece: Any) -> dict[str, Any]:
    given = {"unit": _of(role, piece, "unit"), "status": _of(role, piece, "status"), "meta": _of(role, piece, "meta")}
    known = {key: one for key, one in given.items() if one is not None}
    return {"station": role.stream.station, "property": role.stream.property, **known}


def _sent(role: Role, piece: Any, at: int, body: bytes) -> Iterator[Event]:
    received = _whole(at + (_of(role, piece, "delay") or 0))
    for _ in range(_of(role, piece, "sent") or 1):
        yield Event(received, received, "readings", role.stream.station, body)


def _whole(time: int) -> int:
    """A broker counts milliseconds."""
    return -(-time // MILLISECOND) * MILLISECOND


# -- people ------------------------------------------------------------------------------------------------------------


def _calls(scenario: Scenario, site: Site) -> Iterator[Event]:
    for number, (source, node, call) in enumerate(scenario.own("reports"), start=1):
        _known(source, node, "kind", call.kind, site.report_kinds)
        _known(source, node, "zone", call.zone, site.zones)
        _known(source, node, "station", call.station, site.stations)
        for place, who in enumerate(call.reporters or ("",)):
            at = call.at.since(scenario.start) + place * call.every
            body = _report(call, f"report-{number}-{place + 1}", who, site)
            received = _whole(at + call.delay)
            yield Event(
                received, received, "reports", call.zone or "", encode({**body, "time": (scenario.start + at) / SECOND})
            )


def _report(call: Call, identity: str, who: str, site: Site) -> dict[str, Any]:
    found: dict[str, Any] = {"id": identity, "kind": call.kind, "source": call.source, "status": call.status}
    found |= {"reporter": who or None, "zone": call.zone, "text": call.text, "severity": call.severity}
    if call.position is not None:
        found["position"] = call.position.model_dump()
    elif (
        call.station is not None
        and call.station in site.stations
        and (place := site.stations[call.station][0]).lon is not None
    ):
        found["position"] = {"lon": place.lon, "lat": place.lat}
    return {key: one for key, one in found.items() if one is not None}


def _deeds(scenario: Scenario, site: Site) -> Iterator[Event]:
    silences = {deed.id for deed in scenario.case.acts if deed.does == "silence"}
    for number, (source, node, deed) in enumerate(scenario.own("acts"), start=1):
        _known(source, node, "hazard", deed.hazard, site.hazards)
        _known(source, node, "zone", deed.zone, site.zones)
        if deed.does != "silence":
            _known(source, node, "silence", deed.silence, silences)
        for place, who in enumerate(deed.by):
            received = _whole(deed.at.since(scenario.start) + place * SECOND)
            yield Event(received, received, "acts", "", Act(number * 100 + place, deed, who))


def _known(source: Source, node: Node, key: str, given: str | None, known: Any) -> None:
    if given is not None and given not in known:
        source.error(node.value[key], key, given, f"one of {listed(known)}", known)

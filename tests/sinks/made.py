"""Commands, records, a site and a producer for the tests of sinks."""

from dataclasses import dataclass, field
from typing import Any

from streams.models.command import Command, Evidence, encode_command
from streams.models.settings import App, Redis, Topics
from streams.models.site import Datastream, Hazard, Lower, Message, Site, Zone
from streams.models.times import format_time

NOON = 1_784_520_000_000  # ms
HOUR_MS = 3_600_000
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[113.0, 23.0], [114.0, 23.0], [114.0, 24.0], [113.0, 24.0], [113.0, 23.0]]],
}


@dataclass
class FakeRecord:
    offset: int
    value: bytes | None
    timestamp: int = NOON
    key: bytes | None = b"Z1"
    headers: list[tuple[str, bytes]] = field(default_factory=list)


def stream(station: str, prop: str = "water_level", classification: Any = "sensitive", **more: Any) -> Datastream:
    values: dict[str, Any] = {"subject": station, "name": {"zh": f"{station}站", "en": f"Gauge {station}"}, **more}
    place = {"lon": 113.2, "lat": 23.1}
    return Datastream(
        station=station, property=prop, unit="m", zone="Z1", classification=classification, **{**place, **values}
    )


def site(*streams: Datastream) -> Site:
    zone = Zone("Z1", {"zh": "青河镇", "en": "Qinghe"}, None, "unit 1", SQUARE)
    flood = Hazard(
        name="flood", title={"zh": "河道洪水", "en": "River flood"}, subject="reach", inputs={}, conditions={},
        levels={}, lower=Lower(0), suspect_raises_at_most=2, checks=(), message=Message(), version="sha256:0",
    )  # fmt: skip
    found = streams or (stream("ST-7781"), stream("ST-9902", classification="open"))
    return Site(zones={"Z1": zone}, datastreams={s.key: s for s in found}, hazards={"flood": flood}, timezone="UTC")


@dataclass
class FakeLoaded:
    app: App = field(default_factory=lambda: App(timezone="UTC"))
    site: Site = field(default_factory=site)
    topics: Topics = field(default_factory=Topics)


def loaded(url: str = "", audit_dir: str = "audit", **redis: Any) -> FakeLoaded:
    settings = Redis(url=url or "redis://127.0.0.1:1/0", **redis)
    return FakeLoaded(App(timezone="UTC", redis=settings, audit_dir=audit_dir))


def command(version: int = 1, **changed: Any) -> Command:
    time = format_time(NOON * 1000)
    values: dict[str, Any] = {
        "kind": "alert", "msg_type": "Alert" if version == 1 else "Update", "status": "Actual",
        "classification": "sensitive", "alert": "flood:reach-2:20260720T040000Z", "hazard": "flood",
        "subject": "reach-2", "zone": "Z1", "level": "orange", "previous_level": None, "reason": "first",
        "urgency": "Immediate", "severity": "Severe", "certainty": "Likely", "onset": time, "time": time,
        "expires": None, "headline": {"zh": "洪水橙色预警", "en": "Flood warning"},
    }  # fmt: skip
    values |= changed
    return Command(id=values.pop("id", f"{values['alert']}/{version}"), version=version, **values)


def evidence(station: str, prop: str = "water_level", **changed: Any) -> Evidence:
    values: dict[str, Any] = {
        "value": 5.21, "unit": "m", "time": format_time(NOON * 1000), "quality": 1, "rule": "flood/orange",
        "rule_version": "sha256:0", "threshold": 5.0, "comparison": ">=",
    }  # fmt: skip
    return Evidence(station=station, property=prop, **{**values, **changed})


def record(offset: int, sent: Command | bytes | None, timestamp: int = NOON) -> FakeRecord:
    return FakeRecord(offset, encode_command(sent) if isinstance(sent, Command) else sent, timestamp)


class Sent:
    """A producer that remembers."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes | None, bytes | None]] = []
        self.fails_at: int | None = None
        self.kafka_time: int | None = None

    async def send(self, topic: str, key: Any, value: Any, partition: Any = None, headers: Any = ()) -> None:
        if self.fails_at is not None and len(self.sent) == self.fails_at:
            self.fails_at = None
            raise OSError("broker gone")
        self.sent.append((topic, key, value))

    def on(self, topic: str) -> list[tuple[bytes | None, bytes | None]]:
        return [(key, value) for found, key, value in self.sent if found == topic]

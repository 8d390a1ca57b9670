"""A small site and a Kafka that only remembers, for the tests of the doors."""

from dataclasses import dataclass, field

from streams.gateway.producer import AwayError, Out
from streams.models.settings import App, Topics
from streams.models.site import Datastream, Site, Zone

ZONE = {"type": "Polygon", "coordinates": [[[113, 23], [114, 23], [114, 24], [113, 24], [113, 23]]]}


def stream(station: str, property_: str, unit: str) -> Datastream:
    return Datastream(station, property_, unit, "QH-03", station, {"zh": station, "en": station})


SITE = Site(
    zones={"QH-03": Zone("QH-03", {"zh": "区", "en": "zone"}, None, "unit", ZONE)},
    datastreams={
        s.key: s
        for s in (
            stream("QH-R-014", "water_level", "m"),
            stream("QH-R-014", "rain", "mm"),
            stream("QH-S-002", "acceleration", "m/s2"),
        )
    },
    hazards={},
    timezone="Asia/Shanghai",
    properties=frozenset({"water_level", "rain", "acceleration"}),
    report_kinds=frozenset({"smoke", "gas_smell"}),
)


@dataclass
class Loaded:
    app: App = field(default_factory=App)
    site: Site = SITE
    topics: Topics = field(default_factory=Topics)


class FakeKafka:
    """Confirms everything at once, unless it is told to be away or busy."""

    def __init__(self):
        self.records: list[Out] = []
        self.connected, self.busy, self.away = True, False, False

    async def open(self):
        pass

    async def close(self):
        pass

    async def send_all(self, records):
        if self.away:
            raise AwayError("Kafka did not confirm: gone")
        self.records.extend(records)

    def of(self, topic: str) -> list[Out]:
        return [record for record in self.records if record.topic == topic]

"""Made-up sites for the figures of rules: many hazards of every kind over many zones, and what happens there.

A signal meets the same in a small site and in a large one: `together` hazards go by each property, and they are what
its signals and its zones' reports are about; kinds of rules are mixed alike from every ten rules to the next.
"""

import math
from collections.abc import Iterator

from streams.models.ids import cause_id
from streams.models.partition import partition_of
from streams.models.signal import Edge, Progress, Reported, Signal, Source, Trigger, Triggered
from streams.models.site import (
    AlertCondition,
    AnyCondition,
    Condition,
    Datastream,
    Datastreams,
    Expression,
    Hazard,
    Input,
    Lower,
    Message,
    ReportCondition,
    Site,
    Threshold,
    Zone,
    subject_key,
)  # fmt: skip
from streams.models.times import HOUR, MINUTE, SECOND

PARTITIONS = 16  # of readings
STATIONS = 3  # of a zone
BEGIN = 1_784_527_200 * SECOND
REPORTS = 50  # one signal in so many is a person's report
MEANWHILE = SECOND  # between two progress signals of a partition
STEPS: list[tuple[str, Edge]] = [
    ("low", "on"), ("low", "sighting"), ("low", "sighting"), ("high", "on"), ("high", "sighting"), ("high", "sighting"),
    ("high", "off"), ("low", "off"),
]  # fmt: skip
#: what a rule may be; each hazard has two of these
LOWER: list[Expression] = [
    "low",
    {"any": ["low", {"all": ["high", "seen"]}]},
    {"vote": {"of": "low", "at_least": 2, "by": "station"}},
    {"all": ["low", {"not": "seen"}]},
    {"promote": {"to": 2, "items": {"it": {1: "low", 2: "high"}}, "counts": {2: 4, 3: 3, 4: 2}}},
]
HIGHER: list[Expression] = [
    "high",
    {"count": {"of": "high", "at_least": 2, "within": HOUR}},
    {"sequence": {"of": ["low", "high"], "within": HOUR}},
    {"any": [{"all": ["low", "high"]}, "elsewhere"]},
    {"vote": {"of": "high", "at_least": 2, "during": 10 * MINUTE}},
]


def hazards(rules: int, together: int = 1) -> list[Hazard]:
    """Two rules each, of every kind in turn; so many go by one property."""
    found = []
    for number in range(rules // 2):
        conditions: dict[str, AnyCondition] = {
            "low": Condition("low", "it", "above", Threshold(None, 3.0, "m"), Threshold(None, 2.5, "m")),
            "high": Condition("high", "it", "above", Threshold(None, 5.0, "m"), Threshold(None, 4.5, "m")),
            "seen": ReportCondition("seen", (f"kind-{number // together}",), 3, 30 * MINUTE),
            "elsewhere": AlertCondition("elsewhere", "none", 2),
        }
        levels: dict[int, Expression] = {2: LOWER[number % len(LOWER)], 3: HIGHER[2 * number % len(HIGHER)]}
        name, inputs = f"hazard-{number}", {"it": Input("it", f"property-{number // together}", "m")}
        titles = {"zh": f"灾种{number}", "en": f"Hazard {number}"}
        lower = Lower(0, "timer", "timer")
        found.append(
            Hazard(name, titles, "zone", inputs, conditions, levels, lower, 2, ("gap",), Message(), "sha256:b")
        )
    return found


def zones(count: int, corners: int = 40) -> dict[str, Zone]:
    """Round ones that overlap a little, in a square of one degree."""
    side = math.ceil(math.sqrt(count))
    turns = [2 * math.pi * n / corners for n in range(corners)]
    found = {}
    for number in range(count):
        x, y = number % side + 0.5, number // side + 0.5
        ring = [[110 + (x + 0.55 * math.cos(t)) / side, 27 + (y + 0.55 * math.sin(t)) / side] for t in turns]
        area = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        name = f"Z{number}"
        found[name] = Zone(name, {"zh": f"{name}区", "en": f"Zone {name}"}, None, "unit", area)
    return found


def site(rules: int, zone_count: int, together: int = 1) -> Site:
    """Every zone has stations of one property, one property after the other."""
    made, places = hazards(rules, together), zones(zone_count)
    streams = [
        Datastream(
            f"{zone}-{n}", f"property-{property_of(number, rules, together)}", "m", zone, zone,
            {"zh": "站", "en": "gauge"},
        )
        for number, zone in enumerate(places)
        for n in range(STATIONS)
    ]  # fmt: skip
    table = Datastreams.of({one.key: one for one in streams})
    return Site(places, table, {one.name: one for one in made}, timezone="Asia/Shanghai")


def property_of(zone: int, rules: int, together: int) -> int:
    """Which property the stations of a zone measure."""
    return zone % (rules // 2 // together)


def signals(zone_count: int, rules: int, count: int, together: int = 1) -> Iterator[tuple[Signal, int]]:
    """A thousand a second: zone after zone one of its stations goes up and down; now and then somebody reports."""
    offsets, told, at = [0] * PARTITIONS, [BEGIN] * PARTITIONS, [n % len(STEPS) for n in range(zone_count)]
    turns = [0] * zone_count
    for number in range(count):
        now, zone = BEGIN + number * SECOND // 1000, number % zone_count
        partition = number % PARTITIONS
        if now - told[partition] >= MEANWHILE:
            told[partition] = now
            yield Progress(partition, offsets[partition], now), now
        elif number % REPORTS == REPORTS - 1:
            source = Source("reports", 0, number, 0, 0)
            who, kind = f"person-{number}", f"kind-{property_of(zone, rules, together)}"
            yield Reported(cause_id(who), source, now, f"Z{zone}", "Actual", kind, "citizen", now, who), now
        else:
            condition, edge = STEPS[at[zone]]
            station = f"Z{zone}-{turns[zone] % STATIONS}"
            at[zone] = (at[zone] + 1) % len(STEPS)
            turns[zone] += at[zone] == 0
            home = partition_of(station.encode(), PARTITIONS)
            offsets[home] += 1
            source = Source("readings", home, offsets[home], 0, 0)
            first = property_of(zone, rules, together) * together
            yield _edge(zone, station, condition, edge, now, range(first, first + together), source), now


def _edge(zone: int, station: str, condition: str, edge: Edge, now: int, about: range, source: Source) -> Triggered:
    name, high, named = f"Z{zone}", 5.0 if condition == "high" else 3.0, [f"hazard-{number}" for number in about]
    found = [
        Trigger(
            cause_id(station, condition, hazard, edge, now), station, f"property-{about.start // len(about)}", edge,
            now, hazard, name, condition, high + 0.2, "m", threshold=high, comparison=">=", peak=high + 0.2,
            rule_version="sha256:b",
        )
        for hazard in named
    ]  # fmt: skip
    passed = {subject_key(hazard, name, "Actual"): now for hazard in named}
    return Triggered(cause_id("signal", *(one.id for one in found)), source, now, name, "Actual", found, passed)

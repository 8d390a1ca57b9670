"""Seeded sites and streams of `readings` records: everything that may come, in any order."""

import json
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from streams.models.datastream import Checks
from streams.models.site import CHECKS, Condition, Input, Step, Threshold
from streams.models.times import SECOND
from tests.core.sites import FOUR, above, absent, below, hazard, site, stream

START = 1_784_527_380
VALUES = (None, 0, 0, 1, 2.5, 2.9, 3, 3.05, 3.6, 4.4, 5, 6, 6.2, 7.5, 9, 99)
TICK = (("tocsin", b"tick"),)


@dataclass
class Record:
    key: bytes | None
    value: bytes | None
    offset: int
    timestamp: int
    headers: tuple = ()


def seeded_site(r: random.Random):
    zones, streams = ("Z1", "Z2"), []
    for i in range(r.choice([2, 5, 12])):
        subject = r.choice([None, "R1", "R2"])
        zone = {"R1": "Z1", "R2": "Z2"}.get(subject, r.choice(zones))
        more = {
            "interval": r.choice([None, 10 * SECOND, 30 * SECOND, 60 * SECOND]),
            "soft_max": r.choice([None, 8.0]),
            "hard_max": r.choice([None, 50.0]),
            "range_max": r.choice([None, 7.0]),
            "range_min": r.choice([None, None, 0.0]),
            "stuck_for": r.choice([None, 20 * SECOND, 90 * SECOND]),
            "attributes": r.choice([{}, {"warn": (r.choice([3.0, 4.0]), "m")}, {"warn": (350.0, "cm")}]),
        }
        streams.append(stream(f"S{i}", zone=zone, subject=subject, **more))
        if r.random() < 0.5:
            streams.append(stream(f"S{i}", "rain", "mm", zone, subject, interval=r.choice([None, 30 * SECOND])))
    return site(streams, _flood(r), *_others(r), zones=zones)


def _flood(r):
    inputs = {
        "stage": Input("stage", "water_level", "m"),
        "rise": Input("rise", "water_level", "m/h", (Step("rate", {"over": 60 * SECOND}),)),
        "smooth": Input("smooth", "water_level", "m", (Step("mean", {"over": 60 * SECOND}),)),
        "odd": Input("odd", "water_level", "1", (Step("ewma_z", {"alpha": 0.2, "warm_up": 4}),)),
        "shake": Input("shake", "water_level", "1", (Step("sta_lta", {"nsta": 3, "nlta": 9, "max_gap": 30 * SECOND}),)),
    }
    warn = Condition("att", "stage", "above", Threshold("warn", 0.0, "m"), Threshold("warn", -0.5, "m"))
    conditions = [
        *FOUR, warn, above("long", 3, 2, hold=r.choice([15, 45]) * SECOND),
        above("fast", 60, 30, unit="m/h", of="rise"),
        above("sm", 3, 2.5, of="smooth"), below("low", 1, 1.5), above("z", 2, 1, unit="1", of="odd"),
        above("s", 1.5, 1, unit="1", of="shake"), absent("gone", 100 * SECOND), absent("gone2", 25 * SECOND),
    ]  # fmt: skip
    kept = [c for c in conditions if r.random() < 0.7] or [FOUR[0]]
    levels = {1: {"any": [c.name for c in kept]}, **({4: "r"} if any(c.name == "r" for c in kept) else {})}
    if len(kept) % 3 == 0:  # may hold while nothing is on: of all these the first no is told
        levels[2] = {"all": [{"not": c.name} for c in kept]}
    used = {name: one for name, one in inputs.items() if name in {c.input for c in kept}}
    checks = tuple(c for c in ("range", "stuck", "gap") if r.random() < 0.7)
    return hazard(kept, levels, checks=checks, inputs=used, subject=r.choice(["zone", "reach", "station"]))


def _others(r):
    rain = {"rain": Input("rain", "rain", "mm", (Step("sum", {"over": 60 * SECOND}),))}
    wet = [above("wet", 5, 4, unit="mm", of="rain"), above("wet2", 8, 4, unit="mm", of="rain", hold=30 * SECOND)]
    if r.random() < 0.7:
        yield hazard(wet, {2: "wet"}, name="rain", subject="zone", inputs=rain, checks=("gap",))
    if r.random() < 0.4:
        yield hazard([above("hi", 3.5, 3)], {1: "hi"}, name="other", subject="station", checks=("range",))


class Source:
    """Makes records one after the other."""

    def __init__(self, r: random.Random, the_site) -> None:
        self.r, self.keys = r, [(one.station, one.property, one.unit) for one in the_site.datastreams.values()]
        self.calm, self.now, self.offset = r.random() < 0.4, float(START), r.randint(0, 100)
        self.sent: list[tuple[bytes, bytes]] = []

    def records(self, count: int) -> list[Record]:
        return [self.record() for _ in range(count)]

    def record(self) -> Record:
        r = self.r
        self.offset += r.choice([1, 1, 1, 2])
        self.now += r.choice([0, 0, 0, 0.5, 1, 5] if self.calm else [0, 0, 1, 5, 30, 200])
        received = int((self.now + r.choice([0, 0, 0, -3])) * 1000)
        if r.random() < 0.05:
            return Record(None, None, self.offset, received, TICK)
        key, value = self.body()
        self.sent.append((key, value))
        return Record(key, value, self.offset, received)

    def body(self):
        r = self.r
        if r.random() < 0.08 and self.sent:
            return r.choice(self.sent)
        self.station, self.property, self.unit = r.choice(self.keys)
        make = r.choices([self.one, self.frame, self.backlog, self.sampled, self.senml, self.bad], [60, 8, 8, 10, 4, 4])
        body = make[0]()
        value = body if isinstance(body, bytes) else json.dumps(body).encode()
        return (self.station.encode() if r.random() < 0.98 else b"nope"), value

    def value(self):
        return self.r.choice(VALUES) if self.r.random() < 0.5 else round(self.r.uniform(0, 8), 3)

    def one(self, at=None):
        r = self.r
        when = self.now + r.choice([0] * 20 + [-3, 300] if self.calm else [0, 0, 0, 0, 0, 0, -3, -40, 500])
        found = {"station": self.station, "property": self.property, "time": at or when, "value": self.value()}
        odd = {
            "unit": self.unit, "status": r.choice(["Exercise", "Test"]), "id": r.choice("abcdefgh"), "meta": {"a": 1},
            "time": datetime.fromtimestamp(found["time"], UTC).isoformat(), "station": "nope", "property": "nope",
        }  # fmt: skip
        for name, share in (("unit", 20), ("status", 8), ("id", 8), ("meta", 5), ("time", 10), ("property", 2)):
            if r.random() * 100 < share:
                found[name] = odd[name]
        if r.random() < 0.05:
            found |= r.choice([{"unit": "cm"}, {"unit": "kg"}, {"value": "bad"}, {"time": 5}, {"station": "nope"}])
        return found

    def frame(self):
        return [self.one() for _ in range(self.r.choice([1, 3, 6]))]

    def backlog(self):
        count = self.r.choice([5, 30])
        return [self.one(round(self.now - count + i, 3)) for i in range(count)]

    def sampled(self):
        r = self.r
        count, step = r.choice([3, 12, 40]), r.choice([0.01, 0.5])
        values = [self.value() if r.random() < 0.1 else round(r.uniform(1, 7), 2) for _ in range(count)]
        more = r.choice([{}, {}, {}, {"id": r.choice("xyz")}, {"status": "Exercise"}])
        start = self.now - count * step if r.random() < 0.8 else self.now
        return {
            "station": self.station, "property": self.property, "start": start, "step": step, "values": values, **more,
        }  # fmt: skip

    def senml(self):
        return [
            {"bn": self.station + "/", "bt": self.now, "n": self.property, "u": self.unit, "v": self.value()},
            {"n": self.property, "t": 1, "v": 2},
        ]

    def bad(self):
        return self.r.choice([b"rubbish", b"", b"[]", b'{"a":1}'])


def checked_site(r: random.Random):
    """The same, with datastreams that are put to every check that looks back, each to some of them; with groups."""
    found = seeded_site(r)
    streams = [
        replace(one, checks=_settings(r), rest=r.choice([(0.0,), ()]), group=r.choice([None, "G1", "G2"]))
        for one in found.datastreams.values()
    ]
    hazards = [
        replace(one, checks=tuple(c for c in CHECKS if r.random() < 0.8)) for one in found.hazards.values()
    ]  # fmt: skip
    return replace(
        found, datastreams={one.key: one for one in streams}, hazards={one.name: one for one in hazards},
        timezone=r.choice(["UTC", "Asia/Shanghai"]),
    )  # fmt: skip


def _settings(r: random.Random) -> Checks:
    month = datetime.fromtimestamp(START, UTC).month
    return Checks(
        rise_max=r.choice([None, 0.5, 0.02]),
        fall_max=r.choice([None, 0.5, 0.02]),
        stuck_band=r.choice([0.0, 0.0, 0.3]),
        shift=r.choice([None, 2.0]),
        shift_for=r.choice([8, 60]) * SECOND,
        swings=r.choice([0, 0, 2, 3]),
        swing_band=r.choice([0.0, 1.0]),
        swing_for=r.choice([20, 120]) * SECOND,
        recover=r.choice([0, 0, 3]),
        neighbour=r.choice([None, 1.0]),
        neighbour_every=r.choice([1, 10]) * SECOND,
        months=r.choice(
            [(), ((month, "soft_max", 4.0), (month, "hard_max", 40.0)), ((month % 12 + 1, "soft_min", 9.0),)]
        ),
    )

"""Random but sensible streams of signals: several readings partitions, votes, losses, doubt, reports and people."""

import random
from dataclasses import dataclass, field

import msgspec

from streams.core.assess import Assessor
from streams.core.plan import words_of
from streams.models.ids import cause_id
from streams.models.observation import Tick
from streams.models.partition import partition_of
from streams.models.signal import Act, Alarm, Progress, Reported, Sampled, Source, Trigger, Triggered, decode_signal
from streams.models.site import subject_key
from streams.models.times import HOUR, MINUTE, SECOND
from tests.core.random_sites import CONDITIONS, NAMES, ZONES, random_site

PARTITIONS = 3
encode = msgspec.json.Encoder().encode


@dataclass
class Sensors:
    """What observe would send of one readings partition, in order."""

    site: object
    partition: int
    chance: random.Random
    offset: int = 0
    received: int = 0
    on: dict = field(default_factory=dict)  # (station, hazard, condition) -> peak
    lost: set = field(default_factory=set)
    newest: dict = field(default_factory=dict)
    sampled: dict = field(default_factory=dict)
    said: set = field(default_factory=set)  # who has given a first answer

    def __post_init__(self):
        self.begins = random.Random(f"first {self.partition} {self.chance.getstate()[1][:3]}")
        self.drawn = random.Random(f"samples {self.partition} {self.chance.getstate()[1][:3]}")
        self.users = {n: self.site.users[n, "water_level"] for n in NAMES}
        self.homes = {n: dict(self.at_home(n)) for n in NAMES}  # station -> subjects, and the zone that decides of each
        self.stations = [n for n in NAMES if partition_of(n.encode(), PARTITIONS) == self.partition]

    def signals(self, count):
        found = []
        for _ in range(count):
            self.received += self.chance.choice([0, 1, 5, 5, 20, 60]) * SECOND
            self.offset += 1
            found += self.record()
            found += self.samples()
            if self.chance.random() < 0.3:
                found.append(self.progress())
        self.received += 2 * HOUR
        self.offset += 1
        return [*found, self.progress()]

    def record(self):
        if not self.stations:
            return []
        name = self.chance.choice(self.stations)
        time = max(self.received - self.chance.choice([0, 0, 3, 90]) * SECOND, self.newest.get(name, 0))
        edges = self.presence(name, time) if self.chance.random() < 0.3 else []
        if not (edges and edges[0].edge == "lost"):
            self.newest[name] = time
            edges += self.latches(name, time)
        edges.sort(key=lambda t: (t.hazard, t.subject, t.station, t.condition, t.edge))
        return [found for zone in ZONES if (found := self.told_to(zone, name, edges)) is not None]

    def told_to(self, zone, name, edges):
        """What a record means for one zone: its own, or the home of an event."""
        here = {key for key, home in self.homes[name].items() if home == zone}
        edges = [t for t in edges if (self.key(t) in here if t.hazard else here)]
        if not edges:
            return None
        about = here if any(not t.hazard for t in edges) else {self.key(t) for t in edges}
        ident = cause_id("signal", zone, *(t.id for t in edges))
        source = Source("readings", self.partition, self.offset, 0, ZONES.index(zone))
        return Triggered(
            ident, source, self.received, zone, "Actual", edges, {key: self.passed(key) for key in sorted(about)}
        )

    def samples(self):
        """What neighbours are compared by, behind all else that a record means."""
        found = []
        for n, name in enumerate(self.stations, start=len(ZONES)):
            if self.drawn.random() < 0.5 or (peers := self.site.neighbours.of(name, "water_level")) is None:
                continue
            time = self.sampled[name] = max(self.received, self.sampled.get(name, 0) + 1)
            quality, value = self.drawn.choice([1, 1, 1, 3]), self.drawn.choice([1.0, 1.0, 1.2, 1.2, 3.0])
            source = Source("readings", self.partition, self.offset, 0, n)
            ident = cause_id("sample", peers.group, name, time)
            about = ("Actual", peers.group, name, "water_level")
            found.append(Sampled(ident, source, self.received, peers.home, *about, time, value, "m", quality))
        return found

    def presence(self, name, time):
        edge = "back" if name in self.lost else "lost"
        (self.lost.discard if edge == "back" else self.lost.add)(name)
        check = "" if edge == "back" else self.chance.choice(["gap", "range_hard"])
        return [Trigger(cause_id(name, edge, time, self.offset), name, "water_level", edge, time, check=check)]

    def latches(self, name, time):
        found = []
        for which, subject in self.users[name]:
            for condition in CONDITIONS:
                if self.chance.random() < 0.4:
                    continue
                at = (name, which.name, condition)
                edge = self.chance.choice(["off", "sighting"]) if at in self.on else "on"
                first = condition in words_of(which) and at not in self.said and self.begins.random() < 0.7
                self.said.add(at)
                if first:
                    edge = "off"
                elif edge == "off":
                    del self.on[at]
                else:
                    self.on[at] = self.on.get(at, 0) + self.chance.choice([0, 1])
                ident = cause_id(*at, edge, time, self.offset)
                quality = self.chance.choice([1, 1, 3])
                found.append(
                    Trigger(
                        ident, name, "water_level", edge, time, which.name, subject, condition, 5.0, "m", quality,
                        peak=self.on.get(at), threshold=3.0, comparison=">=", first=first,
                    )
                )  # fmt: skip
        if found and name in self.lost and self.chance.random() < 0.7:
            found += self.presence(name, time)
        return found

    @staticmethod
    def key(trigger):
        return subject_key(trigger.hazard, trigger.subject, "Actual")

    def at_home(self, name):
        table, members = self.site.datastreams, self.site.members
        for which, subject in self.users[name]:
            home = members.home(which.subject, table.number(name, "water_level"))
            yield subject_key(which.name, subject, "Actual"), table.zones[home]

    def passed(self, key):
        times = [
            self.newest[n] for n in self.stations if n not in self.lost and n in self.newest and key in self.homes[n]
        ]
        return min(times, default=0)

    def progress(self):
        passed = {key: self.passed(key) for name in self.stations if name in self.newest for key in self.homes[name]}
        return Progress(self.partition, self.offset, self.received, passed)


class Night:
    """One arrangement: partitions are heard in any order, people speak in between, outputs are repeated."""

    def __init__(self, seed, count=25, *, outages=True):
        """`outages`: partitions may not be heard for more than 30 s."""
        self.chance = random.Random(seed)
        self.site = random_site(seed)
        self.steps = [1000, 1000, SECOND, 20 * SECOND] if outages else [1000]
        self.queues = [Sensors(self.site, p, random.Random(f"{seed} {p}")).signals(count) for p in range(PARTITIONS)]
        self.assessor = Assessor(self.site, 0, PARTITIONS)
        self.log = []  # (bytes of a signal or None for a tick, received, commands that followed)
        self.now = 0
        self.reports = self.reported = 0
        self.end = min(queue[-1].received for queue in self.queues) - SECOND
        self.acts = 0
        self.relays = []  # on their way back

    def run(self):
        while any(self.queues):
            queue = self.chance.choice([q for q in self.queues if q])
            for _ in range(min(self.chance.choice([1, 1, 2, 8]), len(queue))):
                signal = queue.pop(0)
                self.tell(signal)
                if self.chance.random() < 0.1:
                    self.tell(signal)
            if self.chance.random() < 0.4:
                self.tell(self.person())
            while self.relays and self.chance.random() < 0.7:
                self.tell(self.relays.pop(0))
        while self.relays:
            self.tell(self.relays.pop(0))
        self.tell(None)
        return self

    def tell(self, signal):
        self.now += self.chance.choice(self.steps)
        value = None if signal is None else encode(signal)
        self.log.append((value, self.now, list(map(encode, self.assessor.handle(read(value, self.now), self.now)))))
        relays = self.assessor.take_relays()
        self.relays += relays
        if relays and self.chance.random() < 0.2:  # after a crash
            self.relays += relays

    def person(self):
        self.acts += 1
        kind = self.chance.choice(
            ["report"] * 6 + ["ack", "end", "withdraw", "silence", "silence", "red", "approve", "unsilence", "alarm"]
        )
        if kind == "report":
            return self.report()
        zone, who = self.chance.choice(ZONES), self.chance.choice(["Li", "Wang"])
        if kind == "alarm":
            what = self.chance.choice(["state", "poison"])
            ident = str(self.chance.randint(0, 5))
            return Alarm(ident, "observe", "readings", 1, 7, what, self.now, "because", self.now)
        if kind in ("silence", "red"):
            return Act(
                str(self.acts), zone, "silence", who, max_level=4 if kind == "red" else 2, ends=self.now + MINUTE
            )
        if kind in ("approve", "unsilence"):
            silence = self.chance.choice([*self.assessor.desk.silences, "none"])
            return Act(str(self.acts), zone, kind, who, silence=silence)
        alerts = [s.alert.id for s in self.assessor.subjects.values() if s.alert is not None]
        return Act(str(self.acts), zone, kind, who, alert=self.chance.choice([*alerts, "none"]))

    def report(self):
        self.reports += 1
        at = max([q[0].received for q in self.queues if q], default=0) - self.chance.choice([0, 60, 600]) * SECOND
        self.reported = max(min(at, self.end), self.reported)
        source = Source("reports", 0, self.reports, 0, 0)
        origin, who = self.chance.choice(["citizen", "department"]), self.chance.choice("abc")
        time = self.reported - self.chance.choice([0, 30]) * SECOND
        return Reported(
            cause_id("r", self.reports), source, self.reported, self.chance.choice(ZONES), "Actual", "flooding", origin,
            time, who, lon=self.chance.choice([None, 10.0, 10.02]), lat=30.0,
        )  # fmt: skip


def read(value, now):
    return Tick(0, now) if value is None else decode_signal(value)

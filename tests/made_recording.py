"""A job in this process that makes a recording: partitions heard in any order, outputs repeated as by crashes."""

import json
import random
from collections import defaultdict
from dataclasses import dataclass, field

import msgspec

from streams.core.assess import Assessor
from streams.core.decode import decode
from streams.core.detect import Bank
from streams.gateway.recording import Recorded, recorded_line
from streams.models.command import encode_command
from streams.models.partition import partition_of
from streams.models.times import format_time
from streams.verify import Verification
from tests.e2e.test_river import square

READINGS, SIGNALS, COMMANDS = 4, 2, 2
COUNTS = {"readings": READINGS, "signals": SIGNALS, "commands": COMMANDS}
STATIONS = [f"S{i:02}" for i in range(20)]
BEGIN = 1_784_527_200_000  # ms
FLOOD = """\
schema: tocsin.hazard/1
hazard: flood
name: {zh: 洪水, en: Flood}
subject: zone
inputs: {stage: {property: water_level, unit: m}}
conditions:
  high: {of: stage, at_least: 3 m, clear_below: 2.8 m}
  long: {of: stage, at_least: 4 m, clear_below: 3.8 m, for: 1 min}
  top: {of: stage, at_least: 6 m, clear_below: 5.8 m}
  calls: {reports: [flooding], at_least: 2, within: 10 min}
levels: {blue: {any: [high, calls]}, yellow: long, red: top}
lower: {after: 2 min, end: timer, end_red: timer}
message: {event: {cap: OET-081, category: Met}, default: {instruction: {zh: 注意, en: Take care}}}
"""
SURGE = """\
schema: tocsin.hazard/1
hazard: surge
name: {zh: 涌水, en: Surge}
subject: zone
inputs: {stage: {property: water_level, unit: m}}
conditions: {high: {of: stage, at_least: 3 m, clear_below: 2.8 m}}
levels: {blue: {vote: {of: high, at_least: 2}}, orange: {vote: {of: high, at_least: 4}}}
lower: {after: 0 s, end: timer, end_red: timer}
message: {event: {cap: OET-080, category: Met}, default: {instruction: {zh: 注意, en: Take care}}}
"""
TICK = (("tocsin", b"tick"),)


def site_files(folder, interval="1 min", *, compared=False):
    """`compared`: with their neighbours, who lie in other zones."""
    (folder / "hazards").mkdir(parents=True, exist_ok=True)
    names, rows = ["station,property,unit,zone,interval,hard_max"], []
    for i, name in enumerate(STATIONS):
        near_by = f",net-{i // 5},{'2.5' if i % 3 else ''},{i % 2 + 1},1" if compared else ""
        rows.append(f"{name},water_level,m,Z{i % 4},{interval},50{near_by}")
    names += ["group", "neighbour", "neighbour_least", "recover"] if compared else []
    (folder / "stations.csv").write_text("\n".join([",".join(names), *rows, ""]))
    zones = {"type": "FeatureCollection", "features": [square(f"Z{i}", 2 * i) for i in range(4)]}
    (folder / "zones.geojson").write_text(json.dumps(zones))
    (folder / "hazards/flood.yaml").write_text(FLOOD)
    (folder / "hazards/surge.yaml").write_text(SURGE)


def values(chance, seconds=900):
    """(second, key, body) of readings: ups and downs, gaps, late rows, repeats, impossible values, rubbish."""
    level, sent = dict.fromkeys(STATIONS, 2.0), []
    asleep = {chance.choice(STATIONS): (chance.randint(0, seconds), chance.randint(200, 500)) for _ in range(4)}
    for second in range(0, seconds, 20):
        for name in STATIONS:
            begin, length = asleep.get(name, (0, 0))
            if begin <= second < begin + length:
                continue
            level[name] = min(max(level[name] + chance.gauss(0.1, 1), 0), 8)
            value = 99.0 if chance.random() < 0.01 else round(level[name], 2)
            late = chance.choice([0, 0, 0, 0, 0, 70])
            body = {"station": name, "property": "water_level", "time": BEGIN / 1000 + second - late, "value": value}
            sent.append((second, name, json.dumps(body).encode()))
            if chance.random() < 0.03:
                sent.append((second + 1, name, chance.choice([sent[-1][2], b"{", b""])))
    return sorted(sent, key=lambda one: one[0])


@dataclass
class Made:
    """A recording that a small job in this process makes: Banks heard in any order, outputs repeated as by crashes."""

    site: object
    seed: int = 1
    seconds: int = 900
    logs: dict = field(default_factory=lambda: defaultdict(list))  # (topic, partition) -> records

    def __post_init__(self):
        self.chance = random.Random(self.seed)
        self.banks = [Bank(self.site, p, READINGS) for p in range(READINGS)]
        self.assessors = [Assessor(self.site, p, READINGS) for p in range(SIGNALS)]
        self.now = BEGIN

    def put(self, topic, partition, key, value, at, headers=()):
        log = self.logs[topic, partition]
        log.append(Recorded(topic, partition, len(log), at, key, headers, value))
        return log[-1]

    def run(self):
        ticks = [(second, None, None) for second in range(0, self.seconds + 60, 5)]
        for second, name, body in sorted([*values(self.chance, self.seconds), *ticks], key=lambda one: one[0]):
            at = BEGIN + second * 1000
            for p in range(READINGS) if name is None else [partition_of(name.encode(), READINGS)]:
                self.put("readings", p, name and name.encode(), body, at, () if name else TICK)
        reads = dict.fromkeys(range(READINGS), 0)
        while waiting := [p for p, at in reads.items() if at < len(self.logs["readings", p])]:
            self.observe(self.chance.choice(waiting), reads)
        return self

    def observe(self, p, reads):
        size = self.chance.randint(1, 40)
        batch = self.logs["readings", p][reads[p] : reads[p] + size]
        reads[p] += size
        rows, _ = decode("readings", p, READINGS, batch)
        output = self.banks[p].handle(rows)
        progress = [
            (q, None, self.banks[p].progress({f"Z{i}" for i in range(4) if home(f"Z{i}") == q})) for q in (0, 1)
        ]
        told = [(home(s.zone), s.zone.encode(), s) for s in output.signals]
        again = told if self.chance.random() < 0.2 else []  # sent, and not committed before the crash
        for q, key, signal in [*told, *again, *progress]:
            self.tell(q, key, signal)

    def tell(self, q, key, signal):
        self.now += self.chance.randint(1, 300)
        record = self.put("signals", q, key, msgspec.json.encode(signal), self.now)
        commands = self.assessors[q].handle(signal, record.timestamp * 1000)
        relays = self.assessors[q].take_relays()
        for command in commands * (2 if self.chance.random() < 0.1 else 1):
            command.stages = {**command.stages, "detected": format_time(self.chance.randint(0, 10**15))}
            key = (command.zone or "system").encode()
            self.put("commands", partition_of(key, COMMANDS), key, encode_command(command), self.now)
        for relay in relays * (2 if relays and self.chance.random() < 0.1 else 1):
            self.tell(home(relay.zone), relay.zone.encode(), relay)

    def records(self, topic):
        return [one for (name, _), log in sorted(self.logs.items()) if name == topic for one in log]

    def report(self):
        return Verification(self.site, COUNTS, self.records).run()

    def write(self, folder):
        folder.mkdir(exist_ok=True)
        for topic in COUNTS:
            (folder / f"{topic}.jsonl").write_text("".join(map(recorded_line, self.records(topic))))
        return folder

    def change(self, record, **fields):
        self.logs[record.topic, record.partition][record.offset] = changed = Recorded(
            **{name: fields.get(name, getattr(record, name)) for name in Recorded.__slots__}
        )
        return changed

    def drop(self, record):
        """As if it had never been written: those after it move up."""
        log = self.logs[record.topic, record.partition]
        del log[record.offset]
        for offset in range(record.offset, len(log)):
            log[offset] = self.change_offset(log[offset], offset)

    @staticmethod
    def change_offset(record, offset):
        return Recorded(**{name: offset if name == "offset" else getattr(record, name) for name in Recorded.__slots__})


def home(zone):
    return partition_of(zone.encode(), SIGNALS)

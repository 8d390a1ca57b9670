"""What agents are given in tests: a sender that keeps what it is told, batches made of a few records."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace

from prometheus_client import CollectorRegistry

from streams.agents.role import Tools
from streams.checkpoint.in_hand import HandNote
from streams.completion import Partition, Start, Track
from streams.metrics import Metrics
from streams.models.partition import partition_of
from streams.models.settings import App, Topic, Topics
from tests.checkpoint.fake_log import FakeCheckpoints

PARTITIONS = 2


@dataclass
class FakeSender:
    """Confirms at once."""

    sent: list = field(default_factory=list)

    def partitions(self, topic):
        return PARTITIONS

    def partition_of(self, topic, key):
        return 0 if key is None else partition_of(key, PARTITIONS)

    async def send(self, topic, key, value, partition=None, headers=()):
        self.sent.append((topic, partition, key, value, headers))

    async def send_all(self, outs):
        self.sent += outs

    def send_later(self, outs):
        self.sent += outs

    def of(self, topic):
        return [out for out in self.sent if out.topic == topic]

    def values(self, topic):
        return [json.loads(out.value) for out in self.of(topic)]


@dataclass
class FakeLog:
    """Positions of logs."""

    offsets: dict
    begin: dict = field(default_factory=dict)
    found: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    last: int = 1_000  # where the logs end

    async def beginning(self, tps):
        return {tp: self.begin.get(tp, 0) for tp in tps}

    async def end(self, tps):
        return dict.fromkeys(tps, self.last)

    async def at_time(self, tps, time_ms):
        self.asked.append(time_ms)
        return {tp: self.found.get(tp) for tp in tps}

    async def committed(self, tps):
        return {tp: self.offsets.get(tp) for tp in tps}


def tools(site):
    loaded = SimpleNamespace(app=App(), site=site, topics=Topics(topics={"x": Topic()}))
    return Tools(loaded, FakeSender(), Metrics(CollectorRegistry()), FakeCheckpoints(), HandNote(None))


def record(offset, value, key=None, *, timestamp=1_784_527_380_000, headers=(), topic="readings", partition=0):
    value = value if value is None or isinstance(value, bytes) else json.dumps(value).encode()
    return SimpleNamespace(
        offset=offset, value=value, key=key, timestamp=timestamp, headers=headers, topic=topic, partition=partition
    )


def tick(offset, timestamp=1_784_527_380_000, **where):
    return record(offset, None, timestamp=timestamp, headers=(("tocsin", b"tick"),), **where)


def batch(tp, records, *, live=True, track=None):
    track = track or Track(Partition(*tp), Start(0, 0 if live else 10**9))
    (made,) = track.take(records, 10**6)
    return made


def counted(metrics, name, **labels):
    return metrics.registry.get_sample_value(name, labels)

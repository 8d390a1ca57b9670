"""Read a topic's new records and note how old the readings are that caused them (benchmarks/latency.py starts it).

A relayed record still is the reading; a command names the deciding reading's time. Commands also say when each part of
the way was done, which tells where the time goes.
"""

import argparse
import json
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.generator import is_rise

REASONS = frozenset({"first", "level_up"})
IDLE_S = 6.0
SETTLE_S = 2.0  # of rises from the first one on that do not count: connections are made, topics looked up
STAGES = ("received", "detected", "decided", "published")
NAMES = ("before kafka", *STAGES[1:], "seen")


class Command(msgspec.Struct):
    """What the meter needs of a command."""

    time: str
    reason: str
    stages: dict[str, str] = {}


class Reading(msgspec.Struct):
    """What it needs of a relayed reading."""

    time: float


_command = msgspec.json.Decoder(Command).decode
_reading = msgspec.json.Decoder(Reading).decode


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


class Tally:
    """What has been seen."""

    def __init__(self) -> None:
        self.rises: list[tuple[float, list[float]]] = []  # when it began, and the moments after that

    def command(self, value: bytes, now: float) -> None:
        """One record of the feed."""
        found = _command(value)
        if found.reason in REASONS:
            stages = [_seconds(found.stages[name]) for name in STAGES if name in found.stages]
            self.rises.append((_seconds(found.time), [*stages, now]))

    def reading(self, value: bytes, now: float) -> None:
        """One record of the relay."""
        reading = value.rstrip()
        if is_rise(reading):
            self.rises.append((_reading(reading).time, [now]))

    def shown(self) -> dict[str, Any]:
        """In ms: latencies, and by stage; without the rises of the first moments."""
        first = min(began for began, _ in self.rises)
        settled = [(began, moments) for began, moments in self.rises if began >= first + SETTLE_S]
        stages: dict[str, list[float]] = {}
        for began, moments in settled:
            if len(moments) == len(NAMES):
                for name, (earlier, later) in zip(NAMES, pairwise([began, *moments]), strict=True):
                    stages.setdefault(name, []).append((later - earlier) * 1000)
        latencies = [(moments[-1] - began) * 1000 for began, moments in settled]
        return {"seen": len(self.rises), "latencies": latencies, "stages": stages}


async def meter(options: argparse.Namespace) -> Tally:
    """Until as many as expected have come, or none for some seconds."""
    consumer = AIOKafkaConsumer(bootstrap_servers=options.bootstrap, fetch_max_wait_ms=100)
    await consumer.start()
    tally = Tally()
    note = tally.command if options.topic.startswith("command") else tally.reading
    try:
        partitions = [TopicPartition(options.topic, number) for number in range(options.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        for partition in partitions:
            await consumer.position(partition)
        options.out.with_suffix(".ready").touch()
        last = None
        while len(tally.rises) < options.expected and not (last and time.monotonic() - last > IDLE_S):
            found: dict[Any, list[Any]] = await consumer.getmany(timeout_ms=500)
            now = time.time()
            for records in found.values():
                for record in records:
                    note(record.value, now)
            last = time.monotonic() if found else last
    finally:
        await consumer.stop()
    return tally


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--expected", type=int, required=True)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    tally = uvloop.run(meter(options))
    options.out.write_text(json.dumps(tally.shown()))


if __name__ == "__main__":
    main()

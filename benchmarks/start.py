"""A million datastreams in one observe process: memory, and how soon after kill -9 the first alert comes.

    python -m benchmarks.start [--datastreams 1000000] [--json]

Every datastream is read three times, then readings go on at 5,000 a second. Some time later the process is killed with
-9 and, while it is dead, a reading that rises is published. The clock runs from the start of the new process until the
trigger of that reading lies in `signals`, and until its command lies in the feed: assess and deliver.feed run on. Then
the same once more with all three killed at once.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from benchmarks.county import NOISE, SURGE, County, single
from benchmarks.figures import Figure
from benchmarks.fill import fill
from benchmarks.lab import Lab
from benchmarks.machine import MIB
from benchmarks.rate import READINGS
from benchmarks.stage import RoleProcess, Stage, stage_of
from streams.models.partition import partition_of

DATASTREAMS = 1_000_000
ROUNDS = 3
CALM_S = 20.0  # at 5,000 readings a second, before the first kill
RATE = 5_000
ROLES = ("observe", "assess", "deliver.feed")
SIGNALS, FEED = "signals", "command.feed.sensitive"
PATIENCE_S = 120.0
Roles = dict[str, RoleProcess]
RISING = (1, 2)  # numbers of the datastreams that rise


@dataclass(frozen=True)
class Found:
    """Seconds and MiB."""

    datastreams: int
    cold_start: float  # nothing compiled, nothing saved
    memory: dict[str, float]  # of observe, before the kill
    again: dict[str, float]  # after it
    trigger: float
    alert: float
    all_killed: float


class Ears:
    """Hear of the first record of a topic that names a station."""

    def __init__(self, bootstrap: str, partitions: int, topics: Iterable[str]) -> None:
        self._consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, fetch_max_wait_ms=50)
        self._partitions = [TopicPartition(topic, number) for topic in topics for number in range(partitions)]

    async def open(self) -> None:
        """From now on."""
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        await self._consumer.seek_to_end(*self._partitions)
        for partition in self._partitions:
            await self._consumer.position(partition)

    async def close(self) -> None:
        """No more."""
        await self._consumer.stop()

    async def hear(self, station: bytes, since: float) -> dict[str, float]:
        """Topic -> seconds after `since`, when every topic has had one."""
        wanted = {partition.topic for partition in self._partitions}
        heard: dict[str, float] = {}
        while heard.keys() < wanted:
            if time.monotonic() - since > PATIENCE_S:
                missing = ", ".join(wanted - heard.keys())
                raise TimeoutError(f"nothing about {station.decode()} within {PATIENCE_S:.0f} s in {missing}")
            for partition, records in (await self._consumer.getmany(timeout_ms=100)).items():
                if any(station in (record.value or b"") for record in records):
                    heard.setdefault(partition.topic, round(time.monotonic() - since, 2))
        return heard


async def publish(stage: Stage, readings: Iterable[tuple[int, bytes]], per_second: float = RATE) -> None:
    """Readings of now: (datastream, value)."""
    county = stage.county
    producer = AIOKafkaProducer(bootstrap_servers=stage.bootstrap, linger_ms=5, acks=1)
    await producer.start()
    begun = time.perf_counter()
    try:
        for count, (number, value) in enumerate(readings):
            if (wait := begun + count / per_second - time.perf_counter()) > 0.005:
                await asyncio.sleep(wait)
            station = county.stations[number]
            reading = b'{"station":"%b","property":"level","time":%.3f,"value":%b}' % (station, time.time(), value)
            await producer.send("readings", reading, station, partition_of(station, county.partitions))
        await producer.flush()
    finally:
        await producer.stop()


async def after_kill(stage: Stage, roles: Roles, killed: Iterable[str], rising: int) -> dict[str, float]:
    """Kill, publish a rise, start anew; seconds until trigger and alert are there."""
    ears = Ears(stage.bootstrap, stage.county.partitions, (SIGNALS, FEED))
    await ears.open()
    try:
        for name in killed:
            roles[name].kill()
        await publish(stage, [(rising, SURGE)])
        since = time.monotonic()
        for name in killed:
            roles[name] = stage.role(name)
        return await ears.hear(stage.county.stations[rising], since)
    finally:
        await ears.close()


def start_all(stage: Stage) -> tuple[Roles, float]:
    """The three roles for the first time, and how long observe took: nothing is compiled, nothing is saved."""
    began = time.monotonic()
    roles = {"observe": stage.role("observe")}
    roles["observe"].wait(patience_s=PATIENCE_S)
    cold = round(time.monotonic() - began, 2)
    roles |= {name: stage.role(name) for name in ROLES[1:]}
    for role in roles.values():
        role.wait(patience_s=PATIENCE_S)
    return roles, cold


def going_on(datastreams: int, seconds: float) -> Iterator[tuple[int, bytes]]:
    """Readings of all datastreams; of those that will rise so many that their moving means have settled."""
    for number in range(int(RATE * seconds)):
        one = RISING[number // 50 % 2] if number % 50 == 0 else number * 7 % datastreams
        yield one, NOISE[number % 997]


def measure(datastreams: int = DATASTREAMS, calm_s: float = CALM_S) -> Found:
    """All of it, on a stage of its own."""
    with stage_of(County(datastreams)) as stage:
        roles, cold = start_all(stage)
        now, rounds = int(time.time()), range(ROUNDS)
        records = lambda n: single(stage.county, n, rounds, now, jumps=False)  # noqa: E731
        uvloop.run(fill(stage.bootstrap, "readings", stage.county.partitions, records))
        roles["observe"].wait(lambda r: r.counts().get(READINGS, 0) >= datastreams * ROUNDS, PATIENCE_S)
        uvloop.run(publish(stage, going_on(datastreams, calm_s)))
        memory = roles["observe"].memory()
        first = uvloop.run(after_kill(stage, roles, ["observe"], RISING[0]))
        roles["observe"].wait(patience_s=PATIENCE_S)
        again = roles["observe"].memory()
        second = uvloop.run(after_kill(stage, roles, ROLES, RISING[1]))
    return Found(datastreams, cold, memory, again, first[SIGNALS], first[FEED], second[FEED])


def million(lab: Lab) -> list[Figure]:
    """A million datastreams: MiB of observe, and seconds from its start after kill -9 to the first alert."""
    lab.clear()
    found = measure(lab.short(DATASTREAMS))
    most = max(found.memory["peak"], found.again["peak"])
    rss = (found.memory["rss"] * MIB / 1e6, found.again["rss"] * MIB / 1e6)
    memory = f"RSS {rss[0]:,.0f}, after the restart {rss[1]:,.0f} MB; first start {found.cold_start} s"
    told = f"trigger after {found.trigger} s; all three roles killed: alert after {found.all_killed} s"
    size: dict[str, Any] = {"unit": "MB", "must": 1_000, "aim": 500, "at_most": True}
    return [
        Figure("pipeline.million_memory", most * MIB / 1e6, beside=memory, detail=asdict(found), **size),
        Figure("pipeline.million_start", found.alert, "s", must=8, aim=3, at_most=True, beside=told),
    ]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datastreams", type=int, default=DATASTREAMS)
    parser.add_argument("--calm", type=float, default=CALM_S, help="seconds of steady readings before the kill")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.datastreams, options.calm)
    if options.json:
        print(json.dumps(asdict(found)))
        return
    for name, value in asdict(found).items():
        print(f"{name:12} {value}")


if __name__ == "__main__":
    main()

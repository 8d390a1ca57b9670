"""How much of a plain consumer's speed is left when Tocsin's work is done on the same messages.

    make bench                      on a real Apache Kafka (Java 17+, Maven), else on the embedded broker
    make bench ARGS="--json --messages 400000"

Three ways to read the same partitions to their end, in turn, several times; the best of each counts, because whatever
else the machine does only ever makes one slower:

    drain    aiokafka fetches, nobody looks at the messages
    decode   and every message becomes checked rows (streams/core/decode.py)
    decide   and the Bank runs quality, transforms and conditions on them (streams/core/detect.py)

What it does not measure: Faust, sending, and the broker on a machine of its own. Reader and broker share this one.
"""

import argparse
import contextlib
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from kafka.admin import KafkaAdminClient

from benchmarks.county import readings, write_configuration
from streams import embedded
from streams.config import load
from streams.core.decode import decode
from streams.core.detect import Bank
from streams.models.partition import partition_of
from streams.models.site import Site
from tests.servers import jars
from tests.servers.kafka import Kafka

TOPIC = "readings"
PARTITIONS = 4
BATCH = 2_000  # as the worker does by default
Records = list[ConsumerRecord]
Work = Callable[[int, Records], None]


@dataclass
class Way:
    """One way to read everything, and how long its runs took."""

    name: str
    make: Callable[[], Work]
    messages: int
    seconds: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Messages a second in the best run."""
        return self.messages / min(self.seconds)


class Deciding:
    """What `observe` does with a batch, without sending."""

    def __init__(self, site: Site) -> None:
        self._banks = [Bank(site, partition, PARTITIONS) for partition in range(PARTITIONS)]
        self.accepted = self.signals = self.refused = 0

    def __call__(self, partition: int, records: Records) -> None:
        """One batch."""
        rows, refused = decode(TOPIC, partition, PARTITIONS, records)
        output = self._banks[partition].handle(rows)
        self.accepted += output.accepted
        self.signals += len(output.signals)
        self.refused += len(refused) + len(output.rejects)


def drain(_: int, __: Records) -> None:
    """Nothing."""


def only_decode(partition: int, records: Records) -> None:
    """Rows and rejects, and nobody takes them."""
    decode(TOPIC, partition, PARTITIONS, records)


async def fill(bootstrap: str, gauges: int, messages: int) -> int:
    """Publish the county's readings; how many bytes they are."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, max_batch_size=512 * 1024, acks=1)
    await producer.start()
    size = 0
    try:
        for key, value in readings(gauges, messages // gauges, time.time()):
            await producer.send(TOPIC, value, key=key, partition=partition_of(key, PARTITIONS))
            size += len(key) + len(value)
        await producer.flush()
    finally:
        await producer.stop()
    return size


async def read_all(bootstrap: str, messages: int, work: Work) -> float:
    """Seconds from the first fetch to the last message worked on."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, max_partition_fetch_bytes=1024 * 1024)
    await consumer.start()
    try:
        partitions = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        begun, seen = time.perf_counter(), 0
        while seen < messages:
            fetched: dict[TopicPartition, Records] = await consumer.getmany(timeout_ms=1_000, max_records=BATCH)
            for partition, records in fetched.items():
                work(partition.partition, records)
                seen += len(records)
        return time.perf_counter() - begun
    finally:
        await consumer.stop()


async def measure(bootstrap: str, site: Site, gauges: int, messages: int, decided: int, rounds: int) -> dict[str, Any]:
    """Fill the topic, then run the three ways in turn."""
    size = await fill(bootstrap, gauges, messages)
    last: list[Deciding] = []

    def deciding() -> Work:
        last[:] = [Deciding(site)]
        return last[0]

    ways = [
        Way("drain", lambda: drain, messages),
        Way("decode", lambda: only_decode, messages),
        Way("decide", deciding, min(decided, messages)),
    ]
    for _ in range(rounds):
        for way in ways:
            way.seconds.append(await read_all(bootstrap, way.messages, way.make()))
    done = last[0]
    return {
        "messages": messages,
        "bytes_per_message": round(size / messages, 1),
        "gauges": gauges,
        "rounds": rounds,
        "read": {way.name: way.messages for way in ways},
        "per_second": {way.name: round(way.rate) for way in ways},
        "of_drain": {way.name: round(way.rate / ways[0].rate, 3) for way in ways},
        "decided": {"accepted": done.accepted, "signals": done.signals, "refused": done.refused},
    }


@contextlib.contextmanager
def broker(folder: Path) -> Iterator[tuple[str, str]]:
    """(what it is, its address): the real one where it can run."""
    missing = jars.what_is_missing()
    if missing is None:
        node = Kafka(folder / "kafka", heap="1g")
        try:
            yield f"Apache Kafka {jars.version()}", node.start().bootstrap
        finally:
            node.destroy()
    else:
        with embedded.running(embedded.broker()) as server:
            yield f"embedded broker ({missing})", server.address


def create_topic(bootstrap: str) -> None:
    """The topic, empty."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics({TOPIC: {"num_partitions": PARTITIONS, "replication_factor": 1}}, wait_for_metadata=True)
    admin.close()


def machine() -> str:
    """What the figures were measured on."""
    return (
        f"{os.cpu_count()} cores {platform.machine()}, {platform.python_implementation()} {platform.python_version()}"
    )


def show(result: dict[str, Any]) -> None:
    """For people."""
    print(f"{result['broker']}; {result['machine']}")
    print(f"{result['messages']:,} messages of {result['bytes_per_message']} bytes, best of {result['rounds']}:")
    for name, rate in result["per_second"].items():
        share, read = result["of_drain"][name], result["read"][name]
        print(f"  {name:8} {rate:>10,} messages/s  {share:>6.1%} of drain  {read:>9,} read")
    print("  decided: " + ", ".join(f"{count:,} {what}" for what, count in result["decided"].items()))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--decide", type=int, default=40_000, help="so many of them for the last way, which is slower")
    parser.add_argument("--gauges", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = parser.parse_args()
    messages = options.messages // options.gauges * options.gauges
    with tempfile.TemporaryDirectory() as name:
        site = load(write_configuration(Path(name) / "configs", options.gauges)).site
        with broker(Path(name)) as (what, bootstrap):
            create_topic(bootstrap)
            result = uvloop.run(measure(bootstrap, site, options.gauges, messages, options.decide, options.rounds))
    result |= {"broker": what, "machine": machine()}
    print(json.dumps(result)) if options.json else show(result)


if __name__ == "__main__":
    main()

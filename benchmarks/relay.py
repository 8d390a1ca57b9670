"""One hop of a raw relay: consume a topic, produce to the next (benchmarks/latency.py starts three).

aiokafka and uvloop, no linger, nothing awaited but the next records: the quickest way that keeps order.
"""

import argparse
from pathlib import Path

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from benchmarks.generator import is_rise
from streams.fetch import Tuning


async def relay(options: argparse.Namespace) -> None:
    """For ever."""
    tuning = Tuning()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=options.bootstrap,
        max_poll_records=tuning.records,
        max_partition_fetch_bytes=tuning.partition_bytes,
        fetch_max_wait_ms=tuning.fetch_wait_ms,
        fetch_min_bytes=tuning.fetch_min_bytes,
    )
    producer = AIOKafkaProducer(bootstrap_servers=options.bootstrap, acks="all", linger_ms=0)
    await consumer.start()
    await producer.start()
    partitions = [TopicPartition(options.read, number) for number in range(options.partitions)]
    consumer.assign(partitions)
    await consumer.seek_to_end(*partitions)
    for partition in partitions:
        await consumer.position(partition)
    options.ready.touch()
    while True:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            for record in records:
                rises = is_rise(record.value.rstrip())
                if rises or options.everything:
                    value = record.value.ljust(options.size) if rises else record.value
                    await producer.send(options.write, value, record.key, record.partition)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--read", required=True)
    parser.add_argument("--write", required=True)
    parser.add_argument("--size", type=int, required=True, help="bytes of what is handed on")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--everything", action="store_true", help="hand on every reading, not only rises")
    parser.add_argument("--ready", type=Path, required=True)
    uvloop.run(relay(parser.parse_args()))


if __name__ == "__main__":
    main()

"""The raw baseline: aiokafka and uvloop read a topic to its end, and nobody looks at the messages.

    python -m benchmarks.drain --bootstrap HOST:PORT --topic readings --partitions 4 --out FILE

A process of its own with the worker's fetch settings. What counts lies between a tenth and nine tenths of the topic.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.fetch import Tuning


def settings() -> dict[str, Any]:
    """The worker's."""
    tuning = Tuning()
    return {
        "max_poll_records": tuning.records,
        "max_partition_fetch_bytes": tuning.partition_bytes,
        "fetch_max_wait_ms": tuning.fetch_wait_ms,
        "fetch_min_bytes": tuning.fetch_min_bytes,
    }


async def drain(bootstrap: str, topic: str, partitions: int) -> dict[str, float]:
    """Messages, seconds and CPU seconds of the middle part."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, **settings())
    await consumer.start()
    try:
        every = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(every)
        await consumer.seek_to_beginning(*every)
        begins, ends = await consumer.beginning_offsets(every), await consumer.end_offsets(every)
        total = sum(ends.values()) - sum(begins.values())
        seen, marks, wanted = 0, [], [total // 10, total * 9 // 10]
        while seen < total:
            for records in (await consumer.getmany(timeout_ms=1_000)).values():
                seen += len(records)
            while wanted and seen >= wanted[0]:
                del wanted[0]
                marks.append((seen, time.perf_counter(), time.process_time()))
    finally:
        await consumer.stop()
    (first, second) = marks
    messages, seconds, cpu = (after - before for before, after in zip(first, second, strict=True))
    return {"messages": messages, "seconds": seconds, "cpu": cpu}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic", default="readings")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    found = uvloop.run(drain(options.bootstrap, options.topic, options.partitions))
    options.out.write_text(json.dumps(found))


if __name__ == "__main__":
    main()

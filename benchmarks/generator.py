"""Publish single readings at a steady rate, some of which rise (benchmarks/latency.py starts it).

Every reading's time is the moment at which it is given to the producer. Rises take turns: a datastream rises to blue,
and some time later, when many others have risen, to red.
"""

import argparse
import asyncio
import itertools
import json
import time
from collections.abc import Iterator

import uvloop
from aiokafka import AIOKafkaProducer

from benchmarks.county import RISE, SURGE, County, value_of
from streams.models.partition import partition_of

LINGER_MS = 5
LATER = 40  # so many datastreams have their first rise between the two of one


def rises(first: int, datastreams: int) -> Iterator[tuple[int, bytes]]:
    """(datastream, value), each pair once, then all over again; `first` = how many an earlier run has used."""
    for count in itertools.count(first):
        number = count % (2 * datastreams)
        yield (number // 2, RISE) if number % 2 == 0 else ((number // 2 - LATER) % datastreams, SURGE)


def is_rise(reading: bytes) -> bool:
    """Whether a reading is one of them; no other value ends so."""
    return reading.endswith(b".5}")


async def generate(options: argparse.Namespace) -> dict[str, float]:
    """Send until time is up; how late sends were at worst."""
    county = County(options.datastreams, options.partitions)
    targets = [partition_of(station, options.partitions) for station in county.stations]
    producer = AIOKafkaProducer(bootstrap_servers=options.bootstrap, linger_ms=LINGER_MS, acks=1)
    await producer.start()
    stamps = [0] * options.datastreams
    rising = rises(options.first, options.datastreams)
    total = int(options.rate * options.seconds)
    begin, late = time.perf_counter() + 0.1, 0.0
    try:
        for number in range(total):
            due = begin + number / options.rate
            if (wait := due - time.perf_counter()) > 0.0005:
                await asyncio.sleep(wait)
            late = max(late, -wait)
            if number % options.one_in == options.one_in - 1:
                one, value = next(rising)
            else:
                one = number % options.datastreams
                value = value_of(one, number // options.datastreams, jumps=False)
            station = county.stations[one]
            stamps[one] = max(int(time.time() * 1000), stamps[one] + 1)  # the same time again would be a conflict
            reading = b'{"station":"%b","property":"level","time":%.3f,"value":%b}'
            await producer.send(options.topic, reading % (station, stamps[one] / 1000, value), station, targets[one])
        await producer.flush()
    finally:
        await producer.stop()
    return {"sent": total, "seconds": round(time.perf_counter() - begin, 2), "late_ms": round(late * 1000, 1)}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic", default="readings")
    parser.add_argument("--rate", type=float, default=1_000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--one-in", type=int, default=50)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--datastreams", type=int, default=2_000)
    parser.add_argument("--partitions", type=int, default=4)
    print(json.dumps(uvloop.run(generate(parser.parse_args()))))


if __name__ == "__main__":
    main()

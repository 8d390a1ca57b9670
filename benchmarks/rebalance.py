"""How long commands stop when observe processes come and go: last command before to first command after.

    python -m benchmarks.rebalance [--datastreams 20000] [--rate 1000] [--json]

A generator lets readings rise at a steady pace; two observe processes share the partitions. Then, one after the other:
a third joins, it leaves with SIGTERM, and one is killed with nobody starting it anew. The gap is the longest time
between two signals of one partition of `readings` around that moment, by the broker's clock.
"""

import argparse
import json
import os
import signal
import time
from itertools import pairwise
from typing import Any

import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.county import County, single
from benchmarks.figures import Figure
from benchmarks.fill import fill
from benchmarks.lab import Lab
from benchmarks.stage import RoleProcess, Stage, stage_of
from streams.models.signal import Triggered, decode_signal

DATASTREAMS, RATE = 1_000_000, 1_000
RISING, WARM = 2_000, 40  # datastreams that the generator reads, and how often each was read before
PATIENCE_S = 180.0
SESSION_S = 10.0
BEFORE_S, AFTER_S = 5.0, 20.0  # what is looked at around an event; longer than any limit
FOR_EVER_S = 3_600.0  # the generator is ended
LIMITS = {"join": 5.0, "leave": 5.0, "kill": SESSION_S + 5.0}


async def times_of_signals(bootstrap: str) -> dict[int, list[int]]:
    """Partition of `readings` -> broker's times (ms) of the signals that came from it, in order."""
    consumer = AIOKafkaConsumer("signals", bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    found: dict[int, list[int]] = {}
    try:
        ends = await consumer.end_offsets(
            [TopicPartition("signals", n) for n in consumer.partitions_for_topic("signals")]
        )
        while any([await consumer.position(tp) < end for tp, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    if (partition := _origin(record.value)) is not None:
                        found.setdefault(partition, []).append(record.timestamp)
    finally:
        await consumer.stop()
    return {partition: sorted(times) for partition, times in found.items()}


def _origin(value: bytes | None) -> int | None:
    try:
        found = decode_signal(value or b"")
    except msgspec.DecodeError:
        return None
    return found.source.partition if isinstance(found, Triggered) else None


def gap_around(times: dict[int, list[int]], moment_ms: float, partitions: int) -> float:
    """The longest silence of any partition from `BEFORE_S` before to `AFTER_S` after a moment, in seconds.

    Raises when a partition had no signal before the moment or none after it: then nothing was measured.
    """
    begin, end = moment_ms - BEFORE_S * 1000, moment_ms + AFTER_S * 1000
    longest = 0.0
    for partition in range(partitions):
        inside = [at for at in times.get(partition, ()) if begin <= at <= end]
        if not inside or not inside[0] < moment_ms < inside[-1]:
            before, after = (sum((at > moment_ms) == later for at in inside) for later in (False, True))
            raise RuntimeError(f"readings/{partition}: {before} signals before the event and {after} after it")
        longest = max([longest, *(b - a for a, b in pairwise(inside))])
    return round(longest / 1000, 2)


def measure(datastreams: int, rate: float) -> dict[str, Any]:
    """The three events, one after the other."""
    moments: dict[str, float] = {}
    with stage_of(County(datastreams)) as stage:
        roles = _two_that_know_everything(stage)
        source = _generator(stage, rate, FOR_EVER_S)
        time.sleep(BEFORE_S)
        moments["join"] = time.time() * 1000
        third = stage.role("observe", 2)
        third.wait(patience_s=PATIENCE_S)
        time.sleep(AFTER_S)
        moments["leave"] = time.time() * 1000
        os.kill(third.pid, signal.SIGTERM)
        time.sleep(AFTER_S + BEFORE_S)
        moments["kill"] = time.time() * 1000
        roles[1].kill()
        time.sleep(AFTER_S + BEFORE_S)
        if not source.running:
            raise RuntimeError("the generator has ended too early")
        source.kill()
        times = uvloop.run(times_of_signals(stage.bootstrap))
    gaps = {what: gap_around(times, at, stage.county.partitions) for what, at in moments.items()}
    return {"datastreams": datastreams, "rate": rate, "gap_s": gaps, "must_s": LIMITS}


def _two_that_know_everything(stage: Stage) -> list[RoleProcess]:
    """Two processes; every datastream has been read once, those that will rise until their means have settled."""
    now, partitions = int(time.time()), stage.county.partitions
    rising = County(min(RISING, stage.county.datastreams), partitions)
    # The one reading of all is the oldest: what is older than the newest of its datastream settles no mean.
    for county, rounds, until_s in ((stage.county, 1, now - 2 * WARM), (rising, WARM, now)):
        records = lambda n, c=county, r=rounds, u=until_s: single(c, n, range(r), u, jumps=False)  # noqa: E731
        uvloop.run(fill(stage.bootstrap, "readings", partitions, records))
    roles = [stage.role("observe", index) for index in range(2)]
    for role in roles:
        role.wait(patience_s=PATIENCE_S)
    all_read = lambda _: sum(role.counts().get("tocsin_lag_records", 1) for role in roles) == 0  # noqa: E731
    roles[0].wait(all_read, PATIENCE_S)
    return roles


def rebalance(lab: Lab) -> list[Figure]:
    """Seconds without a signal when an observe process joins, leaves, and is killed with nobody starting it anew."""
    lab.clear()
    found = measure(lab.short(DATASTREAMS), RATE)
    beside = f"{found['datastreams']:,} datastreams, {RATE} readings/s, session timeout {SESSION_S:g} s"
    gaps = found["gap_s"].items()
    return [Figure(f"scale.{what}", gap, "s", must=LIMITS[what], at_most=True, beside=beside) for what, gap in gaps]


def _generator(stage: Stage, rate: float, seconds: float) -> Any:
    county = ("--datastreams", min(RISING, stage.county.datastreams), "--partitions", stage.county.partitions)
    return stage.script("benchmarks.generator", "--rate", rate, "--seconds", seconds, "--one-in", 20, *county)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datastreams", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=1_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.datastreams, options.rate)
    if options.json:
        print(json.dumps(found))
    else:
        for what, gap in found["gap_s"].items():
            print(f"{what:6} {gap:6.2f} s without a signal (must <= {LIMITS[what]:g} s)")


if __name__ == "__main__":
    main()

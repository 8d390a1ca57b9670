"""From a reading to the command feed: rises (`first`, `level_up`) through real role processes, beside a raw relay.

    python -m benchmarks.latency [--rates 1000,5000] [--seconds 22] [--json] [--only tocsin|relay|lean]

Processes on this machine: generator, observe, assess, deliver.feed, meter, broker. The generator sends single readings
one by one with a linger of 5 ms; one in 50 or 100 rises. A latency is the meter's clock when it has the command minus
the reading's own time, which the generator stamps when it sends it, both in milliseconds.

The relay is what the same way costs without Tocsin: three processes of aiokafka and uvloop; each consumes a topic and
produces to the next all that it reads, and nothing is waited for that need not be. A rise's records are as large at
each hop as Tocsin's signals, commands and feed records. The lean relay knows what a rise is and hands on nothing else:
its later hops have a hundredth of the work, as Tocsin's have; what finds the rises costs it nothing, though.
"""

import argparse
import json
import os
import signal
import time
from dataclasses import dataclass, field
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient

from benchmarks.county import County, single
from benchmarks.figures import Figure
from benchmarks.fill import fill
from benchmarks.lab import Lab
from benchmarks.machine import Watch, percentile, said
from benchmarks.stage import RoleProcess, Stage, stage_of, until
from tests.servers.process import ServerProcess

DATASTREAMS = 2_000  # each rises twice at most: blue, later red
WARM = 60  # readings of each before the measurement, so that moving means have settled
RISES = {1_000: 50, 5_000: 100}  # one reading in so many rises: percentiles shall rest on some hundred
HOPS = ("signals", "commands", "command.feed.sensitive")
SIZES = (1_300, 2_600, 2_700)  # bytes of a record at each hop, when Tocsin has not run before
SECONDS = 22.0
WARM_UP_S = 20.0  # of each way before either is measured: a new broker compiles its own code for so long
AGAIN_S = 4.0  # and once more: Tocsin's processes are new ones then
ROLES = ("observe", "assess", "deliver.feed")


@dataclass(frozen=True)
class Run:
    """One run of either way: latencies in ms, where they were spent, and what else the machine did."""

    latencies: list[float]
    expected: int
    seen: int  # of them all; latencies leave out those of the first seconds
    machine: dict[str, float]
    stages: dict[str, list[float]] = field(default_factory=dict)

    def at(self, share: float) -> float:
        """A percentile, in ms."""
        return round(percentile(self.latencies, share), 1)

    @property
    def shown(self) -> dict[str, Any]:
        """For JSON."""
        by = {f"p{share}": self.at(share / 100) for share in (50, 90, 99, 100)}
        found = {"rises": self.seen, "expected": self.expected, "machine": self.machine}
        return by | found | {"p99_by_stage": {k: round(percentile(v, 0.99), 1) for k, v in self.stages.items()}}


def generated(stage: Stage, rate: int, seconds: float, first: int, read: str, write: str) -> Run:
    """Publish to `read` for so long, and meter what comes out of `write`."""
    out = stage.folder / f"meter-{write}-{rate}.json"
    one_in = RISES.get(rate, max(2, rate // 50))
    expected = int(rate * seconds / one_in)
    meter = stage.script("benchmarks.meter", "--topic", write, "--expected", expected, "--out", out)
    ready = out.with_suffix(".ready")
    until(ready.exists, 30, "the meter does not start")
    ready.unlink()
    watch = Watch()
    county = ("--datastreams", DATASTREAMS, "--partitions", stage.county.partitions, "--first", first)
    pace = ("--topic", read, "--rate", rate, "--seconds", seconds, "--one-in", one_in)
    source = stage.script("benchmarks.generator", *pace, *county)
    until(lambda: not source.running, seconds + 60, "the generator does not end")
    seen = watch.seen()
    until(lambda: not meter.running, 40, "the meter does not end")
    if not out.exists():
        raise RuntimeError(f"no rise came out of {write}")
    found = json.loads(out.read_text())
    return Run(found["latencies"], expected, found["seen"], seen, found["stages"])


class Tocsin:
    """The three roles."""

    name, read, write = "tocsin", "readings", HOPS[2]

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._roles: list[RoleProcess] = []

    def start(self) -> None:
        """On partitions whose datastreams have had some readings."""
        stage, now = self._stage, int(time.time())
        records = lambda n: single(stage.county, n, range(WARM), now, jumps=False)  # noqa: E731
        uvloop.run(fill(stage.bootstrap, "readings", stage.county.partitions, records))
        self.go_on()
        self._roles[0].wait(lambda role: role.counts().get("tocsin_readings_total", 0) >= DATASTREAMS * WARM)
        time.sleep(1.0)

    def rest(self) -> None:
        """Take no CPU while the other way is measured."""
        for role in self._roles:
            role.stop()

    def go_on(self) -> None:
        """With the state that was saved."""
        self._roles = [self._stage.role(name) for name in ROLES]
        for role in self._roles:
            role.wait()


class Relay:
    """Three hops over topics of their own."""

    def __init__(self, stage: Stage, name: str, *more: str) -> None:
        self.name, self._stage, self._more = name, stage, more
        self._topics = [f"{name}.{number}" for number in range(len(HOPS) + 1)]
        self.read, self.write = self._topics[0], self._topics[-1]
        self._hops: list[ServerProcess] = []

    def start(self) -> None:
        """Each hop's records are as large as Tocsin's were."""
        stage = self._stage
        admin = KafkaAdminClient(bootstrap_servers=stage.bootstrap)
        wanted: dict[str, Any] = {"num_partitions": stage.county.partitions, "replication_factor": 1}
        wanted["configs"] = {"message.timestamp.type": "LogAppendTime"}
        admin.create_topics(dict.fromkeys(self._topics, wanted), wait_for_metadata=True)
        admin.close()
        for number, size in enumerate(sizes_of(stage)):
            ready = stage.folder / f"{self.name}-{number}.ready"
            hop = ("--read", self._topics[number], "--write", self._topics[number + 1], "--size", size)
            self._hops.append(stage.script("benchmarks.relay", *hop, "--ready", ready, *self._more))
            until(ready.exists, 30, "a relay does not start")

    def rest(self) -> None:
        """Take no CPU while the other way is measured."""
        for hop in self._hops:
            os.kill(hop.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Where they were."""
        for hop in self._hops:
            os.kill(hop.pid, signal.SIGCONT)


async def mean_size(bootstrap: str, topic: str, mark: bytes) -> int:
    """Mean bytes of a topic's records that hold `mark`."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets([TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic)])
        sizes: list[int] = []
        while any([await consumer.position(tp) < end for tp, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                sizes += [len(record.value) for record in records if mark in (record.value or b"")]
    finally:
        await consumer.stop()
    return round(sum(sizes) / len(sizes)) if sizes else 0


def sizes_of(stage: Stage) -> tuple[int, ...]:
    """How large a rise's records were at each of Tocsin's hops."""
    marks = (b'"type":"trigger"', b'"kind":"alert"', b'"kind":"alert"')
    found = [uvloop.run(mean_size(stage.bootstrap, topic, mark)) for topic, mark in zip(HOPS, marks, strict=True)]
    return tuple(size or usual for size, usual in zip(found, SIZES, strict=True))


def measure(rates: list[int], seconds: float, only: str = "") -> dict[str, dict[int, Run]]:
    """All ways on the same broker, one after the other, so that none takes another's CPU.

    Each first runs for some seconds that do not count, and when all have, each is measured: a new broker takes up to a
    whole core for compiling its own code, each way needs code of its own, and whoever came first would pay for it.
    Datastreams that have risen do not rise again.
    """
    found: dict[str, dict[int, Run]] = {}
    with stage_of(County(DATASTREAMS)) as stage:
        every = (Tocsin(stage), Relay(stage, "relay", "--everything"), Relay(stage, "lean"))
        ways = [way for way in every if only in ("", way.name)]
        for way in ways:
            way.start()
            used = generated(stage, max(rates), WARM_UP_S, 0, way.read, way.write).expected
            way.rest()
        for way in ways:
            way.go_on()
            first = used + generated(stage, max(rates), AGAIN_S, used, way.read, way.write).expected
            runs = found[way.name] = {}
            for rate in rates:
                runs[rate] = generated(stage, rate, seconds, first, way.read, way.write)
                first += runs[rate].expected
            way.rest()
    return found


def latency(lab: Lab) -> list[Figure]:
    """p99 of rises ÷ p99 of a raw relay with three hops, and ÷ the lean one's, at 1,000 and 5,000 readings a second."""
    lab.clear()
    found = measure(list(RISES), lab.short(int(SECONDS)))
    figures = []
    for rate, ours in found["tocsin"].items():
        runs = {way: runs[rate] for way, runs in found.items()}
        ratios = {way: ours.at(0.99) / run.at(0.99) for way, run in runs.items()}
        each = [f"{way} p50 {run.at(0.5)}, p99 {run.at(0.99)} ms" for way, run in runs.items()]
        steal = f"steal {' and '.join(str(run.machine['steal']) for run in runs.values())} %"
        beside = "; ".join([*each, steal, f"{ours.seen} of {ours.expected} rises"])
        detail, name = {way: run.shown for way, run in runs.items()}, f"pipeline.latency_{rate}"
        figures.append(Figure(name, ratios["relay"], must=1.6, aim=1.2, at_most=True, beside=beside, detail=detail))
        figures.append(Figure(f"{name}_lean", ratios["lean"], at_most=True, beside="÷ the lean relay; information"))
    return figures


def show(found: dict[str, dict[int, Run]]) -> None:
    """For people."""
    for rate in next(iter(found.values())):
        for way, runs in found.items():
            run = runs[rate].shown
            print(f"{rate:,}/s {way:7} p50 {run['p50']} p90 {run['p90']} p99 {run['p99']} max {run['p100']} ms", end="")
            print(f", {run['rises']} of {run['expected']} rises; {said(run['machine'])}")
            if runs[rate].stages:
                parts = {k: (percentile(v, 0.5), percentile(v, 0.99)) for k, v in runs[rate].stages.items()}
                print("    p50/p99: " + ", ".join(f"{k} {a:.0f}/{b:.0f}" for k, (a, b) in parts.items()))
        for way in found.keys() - {"tocsin"} if "tocsin" in found else ():
            print(f"{rate:,}/s p99 ÷ {way}'s p99: {found['tocsin'][rate].at(0.99) / found[way][rate].at(0.99):.2f}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", default="1000,5000")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--only", choices=["", "tocsin", "relay", "lean"], default="")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rates = [int(rate) for rate in options.rates.split(",")]
    found = measure(rates, options.seconds, options.only)
    if options.json:
        print(json.dumps({way: {rate: run.shown for rate, run in runs.items()} for way, runs in found.items()}))
    else:
        show(found)


if __name__ == "__main__":
    main()

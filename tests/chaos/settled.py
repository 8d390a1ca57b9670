"""When is a run over? When all progress has passed the last record, and what came of it is with everybody outside."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import redis
from kafka import KafkaConsumer, TopicPartition

from tests.chaos.world import World

MARGIN_US = 2_500_000  # received time after that: those who have been silent for 2 s are missed, in all partitions
READ_BY = {"observe": ("readings",), "assess": ("signals", "reports"), "deliver.feed": ("commands",)}
Ends = dict[tuple[str, int], int]
Wait = Callable[[Callable[[], bool], str], None]  # until it is true; what it is


def settle(world: World, last: dict[int, int], wait: Wait) -> None:
    """Return when all is handled. `last`: Kafka time (ms) of the newest record of each partition of `readings`."""
    wait(world.ready, "all roles are ready")
    passed = _progress(world, dict.fromkeys(last, max(last.values()) * 1000), wait)
    # Ticks come when all is read, and silence is judged from then on: who was away cannot say who was silent.
    _progress(world, dict.fromkeys(last, passed + MARGIN_US), wait)
    for role, topics in READ_BY.items():  # one after the other, so that no timer says anything afterwards
        ends = world.ends(*topics)
        wait(lambda role=role, ends=ends: _handled(world, role, ends), f"{role} has handled all")
        if role != "deliver.feed":
            wait(lambda role=role: world.finish(role), f"there is a {role}")
            wait(lambda role=role: world.finished(role), f"{role} ends with 0 after SIGTERM")
    ends = world.ends("commands", "latest")
    wait(lambda: _redis_has(world, ends), "redis has all")
    wait(lambda: _audit_has(world, ends), "the audit has all")


def _progress(world: World, wanted: dict[int, int], wait: Wait) -> int:
    """Every partition of `signals` has heard that those of `readings` are beyond these received times; the newest."""
    newest = 0
    with _tail(world, "signals") as consumer:
        missing = {(tp.partition, p) for tp in consumer.assignment() for p in wanted}

        def heard() -> bool:
            nonlocal newest
            for where, said in _new(consumer):
                newest = max(newest, said.get("received", 0))
                if said["type"] == "progress" and said["received"] >= wanted.get(said["partition"], 1 << 63):
                    missing.discard((where, said["partition"]))
            return not missing

        wait(heard, "progress passes the last record")
    return newest


@contextmanager
def _tail(world: World, topic: str) -> Iterator[KafkaConsumer]:
    consumer = KafkaConsumer(bootstrap_servers=world.bootstrap, enable_auto_commit=False)
    try:
        places = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(places)
        for tp, end in consumer.end_offsets(places).items():
            consumer.seek(tp, max(0, end - 20))
        yield consumer
    finally:
        consumer.close()


def _new(consumer: KafkaConsumer) -> Iterator[tuple[int, dict[str, Any]]]:
    for tp, records in consumer.poll(300).items():
        for record in records:
            if record.value:
                yield tp.partition, json.loads(record.value)


def _handled(world: World, role: str, ends: Ends) -> bool:
    done = world.committed(role)
    return all(done.get(place, 0) >= end for place, end in ends.items() if place[0] in READ_BY[role])


def _redis_has(world: World, ends: Ends) -> bool:
    """The sink keeps its position beside the data."""
    with redis.Redis.from_url(world.redis) as link:
        stored = {key.decode(): int(value) for key, value in link.hgetall("tocsin:position").items()}
    return all(stored.get(f"{topic}/{p}", 0) >= end for (topic, p), end in ends.items())


def _audit_has(world: World, ends: Ends) -> bool:
    lines = sum(path.read_bytes().count(b"\n") for path in (world.folder / "audit").glob("audit-*.jsonl"))
    return lines >= sum(end for (topic, _), end in ends.items() if topic == "commands")

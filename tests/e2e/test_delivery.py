"""Delivery as docs/delivery.md promises it, proven with processes, signals and a real Kafka."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from types import SimpleNamespace
from uuid import uuid4

import aiohttp
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from streams import topics
from streams.place import Place
from streams.supervise import Child, Supervisor
from tests.e2e.tiny_job import PARTITIONS, TOPICS, settings

pytestmark = pytest.mark.kafka
RECORDS = 3_000  # a partition


class Job:
    """The tiny job on a fresh pair of topics."""

    def __init__(self, bootstrap, folder, *, embedded=False):
        self.bootstrap, self.folder, self.embedded = bootstrap, folder, embedded
        self.group = f"tiny-{uuid4().hex[:8]}"
        self.fail = folder / "fail"
        self.session, self.security = 6, None
        _recreate(settings(bootstrap, embedded=embedded))

    def argv(self, index=0):
        given = {
            "bootstrap": self.bootstrap,
            "run_dir": str(self.folder),
            "group": self.group,
            "index": index,
            "embedded": self.embedded,
            "session": self.session,
            "security": self.security,
            "fail": str(self.fail),
        }
        return [sys.executable, "-m", "tests.e2e.tiny_job", json.dumps(given)]

    @contextmanager
    def running(self, index=0):
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(self.argv(index), stderr=log, stdout=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def log(self):
        return (self.folder / "log").read_text()


def _recreate(app):
    """Empty topics exactly as the job wants them."""
    with contextlib.closing(KafkaAdminClient(bootstrap_servers=app.kafka.bootstrap)) as admin:
        old = sorted(set(admin.list_topics()) & set(TOPICS.topics))
        if old:
            admin.delete_topics(old)
        while set(admin.list_topics()) & set(old):
            time.sleep(0.05)
    topics.apply(app, TOPICS)


@pytest.fixture
def job(kafka, tmp_path):
    return Job(kafka.bootstrap, tmp_path)


async def publish(job, records=RECORDS, first=0):
    producer = AIOKafkaProducer(bootstrap_servers=job.bootstrap, linger_ms=5, max_batch_size=100_000)
    await producer.start()
    for number in range(first, first + records):
        for partition in range(PARTITIONS):
            await producer.send("tiny.in", b"%d" % number, partition=partition)
    await producer.stop()


async def outputs(job, until=RECORDS, patience_s=25.0):
    """All outputs, read until every partition has one for each of the first `until` records (or patience is over)."""
    found, wanted, deadline = [], set(), time.monotonic() + patience_s
    async with reader(job) as consumer:
        while len(wanted) < until * PARTITIONS and time.monotonic() < deadline:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [SimpleNamespace(**json.loads(record.value)) for record in records]
                wanted |= {(one.p, one.o) for one in found[-len(records) :]}
    return found


def reader(job):
    consumer = AIOKafkaConsumer(bootstrap_servers=job.bootstrap, auto_offset_reset="earliest")
    consumer.assign([TopicPartition("tiny.out", p) for p in range(PARTITIONS)])
    return _Started(consumer)


class _Started:
    def __init__(self, consumer):
        self.consumer = consumer

    async def __aenter__(self):
        await self.consumer.start()
        return self.consumer

    async def __aexit__(self, *_):
        await self.consumer.stop()


async def progress(job, more_than, process=None, patience_s=60.0):
    """Wait until `tiny.out` has more than this many records."""
    deadline = time.monotonic() + patience_s
    async with reader(job) as consumer:
        tps = consumer.assignment()
        while sum((await consumer.end_offsets(tps)).values()) <= more_than:
            assert time.monotonic() < deadline, f"no progress beyond {more_than}\n{job.log()}"
            assert process is None or process.poll() is None, job.log()
            await asyncio.sleep(0.01)


def check(found, job, *, in_order=True):
    times = Counter((one.p, one.o) for one in found)
    missing = {(p, o) for p in range(PARTITIONS) for o in range(RECORDS)} - set(times)
    assert not missing, f"{len(missing)} missing, first {min(missing)}\n{job.log()}"
    assert all(one.n == one.o + 1 for one in found), "the state behind an output was not that of its offset"
    for partition in range(PARTITIONS) if in_order else ():
        first_seen = list(dict.fromkeys(one.o for one in found if one.p == partition))
        assert first_seen == sorted(first_seen), f"partition {partition} is out of order"
    return len(found) - len(times)


async def test_kill_9_loses_nothing_and_state_is_rebuilt(job):
    await publish(job)
    for more_than in (1_000, 5_000):
        with job.running() as process:
            await progress(job, more_than, process)
            process.kill()
    with job.running():
        repeated = check(await outputs(job), job)
    assert repeated < 2 * RECORDS * PARTITIONS


async def test_sigterm_repeats_nothing_and_ends_in_time_with_0(job):
    await publish(job)
    for more_than in (1_000, 5_000):
        with job.running() as process:
            await progress(job, more_than, process)
            process.terminate()
            assert process.wait(10) == 0, job.log()
    with job.running():
        assert check(await outputs(job), job) == 0


async def test_an_exception_ends_the_process_with_70_and_the_supervisor_starts_it_anew(job):
    await publish(job)
    job.fail.write_text("2 1500")
    place = Place(job.folder, "tiny", 0)
    supervisor = Supervisor([Child("tiny", job.argv(), place.port_of)])
    running = asyncio.create_task(supervisor.run())
    try:
        check(await outputs(job), job)
        await asyncio.wait_for(supervisor.all_ready.wait(), 10)
        child = supervisor.health()[1]["children"]["tiny"]
        assert (child["starts"], child["last_exit"]) == (2, 70)
    finally:
        supervisor.stop()
        assert await asyncio.wait_for(running, 12) == 0


async def test_a_second_process_of_the_same_name_is_refused(job):
    with job.running() as first:
        await until(lambda: Place(job.folder, "tiny", 0).port_of(first.pid), job)
        with job.running() as second:
            assert second.wait(15) == 2
        assert "runs already" in job.log()
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    with job.running() as third:
        await asyncio.sleep(0.1)
        assert third.poll() is None


async def test_other_partition_counts_are_refused(job):
    with contextlib.closing(KafkaAdminClient(bootstrap_servers=job.bootstrap)) as admin:
        admin.create_partitions({"tiny.out": PARTITIONS + 1})
    with job.running() as process:
        assert process.wait(20) == 2
    assert "tiny.out: partitions is 5, topics.yaml says 4" in job.log()


async def test_a_process_joins_and_another_is_killed(job):
    """The state behind every output is right whoever sends it; nothing is missing. Repeats may come in between."""
    await publish(job)
    with job.running(0) as one:
        await progress(job, 1_000, one)
        with job.running(1) as two:
            await progress(job, 3_000, two)
            await joined(job, two)
            two.kill()
        check(await outputs(job, patience_s=30), job, in_order=False)


async def joined(job, process, patience_s=60):
    """Wait until the second process has partitions of its own."""
    deadline = time.monotonic() + patience_s
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < deadline:
            if port := Place(job.folder, "tiny", 1).port_of(process.pid):
                async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                    found = await answer.json()
                if found["ready"] and found["partitions"] == PARTITIONS // 2:
                    return
            await asyncio.sleep(0.05)
    raise AssertionError(job.log())


async def test_on_the_embedded_broker_kill_9_loses_nothing_either(embedded_kafka, tmp_path):
    job = Job(embedded_kafka, tmp_path, embedded=True)
    await publish(job)
    with job.running() as process:
        await progress(job, 1_000, process)
        process.kill()
    with job.running():
        check(await outputs(job, patience_s=30), job)


async def test_waits_for_the_broker_at_the_start_and_outlives_its_crash(own_kafka, tmp_path):
    job = Job(own_kafka.bootstrap, tmp_path)
    await publish(job)
    own_kafka.kill()
    with job.running() as process:
        await until(lambda: f"waiting for Kafka at {own_kafka.bootstrap}" in job.log(), job)
        own_kafka.start()
        await progress(job, 4_000, process)
        own_kafka.kill()
        await asyncio.sleep(2)
        assert process.poll() is None, job.log()
        own_kafka.start()
        check(await outputs(job), job)
        assert process.poll() is None, job.log()
    assert job.log().count("waiting for Kafka") == 1


async def until(condition, job, patience_s=15):
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, job.log()
        await asyncio.sleep(0.05)

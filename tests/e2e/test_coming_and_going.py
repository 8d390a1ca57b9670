"""Who comes, goes, is frozen, bears another's name, or has to show a password: with processes and a real Kafka."""

import asyncio
import json
import shutil
import signal
import time

import aiohttp
import pytest
from aiokafka import AIOKafkaProducer

from streams.place import Place
from tests.conftest import unavailable
from tests.e2e.test_delivery import Job, check, job, outputs, progress, publish, reader, until
from tests.e2e.tiny_job import PARTITIONS
from tests.servers import jars
from tests.servers.secure import PASSWORD, USER, SecureKafka

pytestmark = pytest.mark.kafka
__all__ = ["job"]  # a fixture


async def test_what_a_transaction_aborted_is_not_read_and_its_marks_are_no_backlog(job):
    producer = AIOKafkaProducer(bootstrap_servers=job.bootstrap, transactional_id=job.group)
    await producer.start()
    for number, good in enumerate((True, False, True, False)):
        await producer.begin_transaction()
        for partition in range(PARTITIONS):
            await producer.send("tiny.in", b"%d" % number, partition=partition)
        await (producer.commit_transaction() if good else producer.abort_transaction())
    await producer.stop()
    with job.running() as process:
        await until(lambda: port_of(job, 0, process), job, 60)
        await lag_gone(job, process)
        assert process.poll() is None, job.log()
    async with reader(job) as consumer:
        found = [json.loads(r.value) for rs in (await consumer.getmany(timeout_ms=3_000)).values() for r in rs]
    assert {(one["p"], one["o"]) for one in found} == {(p, o) for p in range(PARTITIONS) for o in (0, 4)}
    assert len(found) == 2 * PARTITIONS


def port_of(job, index, process):
    return Place(job.folder, "tiny", index).port_of(process.pid)


async def lag_gone(job, process, patience_s=60):
    """Wait until nothing is left to read, as the process itself sees it."""
    deadline = time.monotonic() + patience_s
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < deadline:
            async with session.get(f"http://127.0.0.1:{port_of(job, 0, process)}/metrics") as answer:
                page = await answer.text()
            lags = [float(x.rpartition(" ")[2]) for x in page.splitlines() if x.startswith("tocsin_lag_records{")]
            if len(lags) == PARTITIONS and not any(lags):
                return
            await asyncio.sleep(0.1)
    raise AssertionError(job.log())


async def partitions_of(job, index, process):
    """How many partitions a process has; none = it does not say so yet."""
    if not (port := port_of(job, index, process)):
        return None
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/healthz") as answer:
        found = await answer.json()
    return found["partitions"] if found["ready"] else None


async def until_it_has(job, index, process, wanted, patience_s=60):
    deadline = time.monotonic() + patience_s
    while await partitions_of(job, index, process) != wanted:
        assert time.monotonic() < deadline, f"{index} has not {wanted} partitions\n{job.log()}"
        await asyncio.sleep(0.05)


async def test_who_leaves_for_good_hands_over_at_once_and_who_comes_back_does_not(job):
    """With so long a session nothing but a farewell can give partitions to others."""
    job.session = 1_500  # the most that a broker allows is half an hour
    await publish(job)
    with job.running(0) as one, job.running(1) as two:
        await until_it_has(job, 0, one, PARTITIONS // 2)
        await until_it_has(job, 1, two, PARTITIONS // 2)
        two.send_signal(signal.SIGUSR1)
        assert two.wait(15) == 0, job.log()
        assert "left the group" not in job.log()
        assert await partitions_of(job, 0, one) == PARTITIONS // 2
        with job.running(1) as again:
            await until_it_has(job, 1, again, PARTITIONS // 2)
            again.terminate()
            assert again.wait(15) == 0, job.log()
            assert "left the group" in job.log()
            await until_it_has(job, 0, one, PARTITIONS)
            check(await outputs(job, patience_s=30), job, in_order=False)


async def test_a_process_of_the_same_name_elsewhere_is_refused(job, tmp_path):
    with job.running() as first:
        await until_it_has(job, 0, first, PARTITIONS)
        stranger = Job.__new__(Job)
        stranger.__dict__ |= {**job.__dict__, "folder": tmp_path / "elsewhere"}
        stranger.folder.mkdir()
        with stranger.running() as second:
            assert second.wait(60) == 2, stranger.log()
        assert "another process bears this name" in stranger.log()
        assert await partitions_of(job, 0, first) == PARTITIONS


async def test_frozen_for_longer_than_the_session_it_sends_nothing_old(job):
    """Its partitions are another's meanwhile; awake again it goes on with what it is given."""
    await publish(job)
    with job.running(0) as one:
        await progress(job, 1_000, one)
        one.send_signal(signal.SIGSTOP)
        with job.running(1) as two:
            await until_it_has(job, 1, two, PARTITIONS)
            one.send_signal(signal.SIGCONT)
            check(await outputs(job, patience_s=60), job, in_order=False)
            await until_it_has(job, 0, one, PARTITIONS // 2)
            assert one.poll() is None, job.log()


async def test_a_broker_that_freezes_is_no_reason_to_die_and_none_to_stop_late(own_kafka, tmp_path):
    """Connections stay open and nothing answers, for more than three sessions: the watchdog blames nobody for that."""
    job = Job(own_kafka.bootstrap, tmp_path)
    await publish(job)
    with job.running() as process:
        await progress(job, 1_000, process)
        await asyncio.to_thread(own_kafka.pause, 3.5 * job.session)
        check(await outputs(job, patience_s=60), job)
        assert process.poll() is None, job.log()
        frozen = asyncio.create_task(asyncio.to_thread(own_kafka.pause, 14))
        await asyncio.sleep(1)
        process.terminate()
        assert await asyncio.to_thread(process.wait, 10) in (0, 70), job.log()
        await frozen


async def test_a_log_that_loses_its_end_under_a_running_role_ends_the_process(own_kafka, tmp_path):
    """As after an unclean leader election: what was read is gone, and its offsets are used again."""
    job = Job(own_kafka.bootstrap, tmp_path)
    with job.running() as process:
        await publish(job, 50)
        await outputs(job, 50)
        own_kafka.kill()
        for kept in (own_kafka.folder / "data" / "tiny.in-0").iterdir():
            if kept.name != "partition.metadata":
                kept.unlink()
        own_kafka.start()
        await publish(job, 5)
        await until(lambda: process.poll() is not None, job, patience_s=60)
    assert process.returncode == 70
    assert "tiny.in/0 does not hold offset 50" in job.log()


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
async def test_tls_scram_and_only_the_rights_that_are_needed(tmp_path, password):
    """What the documents ask for is enough: a worker does its job, and leaves its group; not without the password."""
    if missing := jars.what_is_missing() or (shutil.which("openssl") is None and "needs openssl"):
        unavailable(missing)
    node = SecureKafka(tmp_path / "kafka")
    try:
        job = Job(node.start().bootstrap, tmp_path)
        node.allow("tiny.", job.group)
        await publish(job, 50)
        secret = tmp_path / "password"
        secret.write_text(password)
        sasl = {"username": USER, "mechanism": "SCRAM-SHA-256", "password_file": str(secret)}
        job.security = {"tls": {"ca_file": str(node.ca)}, "sasl": sasl}
        seen = Job.__new__(Job)  # by way of the plain listener
        seen.__dict__ |= job.__dict__
        job.bootstrap = node.secure
        with job.running(0) as one:
            if password != PASSWORD:
                await until(lambda: "waiting for Kafka" in job.log(), job, 60)
                assert not await outputs(seen, 50, patience_s=1)
                return
            with job.running(1) as two:
                await until_it_has(job, 1, two, PARTITIONS // 2)
                two.terminate()
                assert two.wait(20) == 0
            assert "left the group" in job.log()
            await until_it_has(job, 0, one, PARTITIONS)
            found = {(x.p, x.o) for x in await outputs(seen, 50, patience_s=60)}
            assert len(found) == 50 * PARTITIONS, job.log()
    finally:
        node.destroy()

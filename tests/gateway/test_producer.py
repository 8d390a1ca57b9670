"""The producer while the broker is away, and on a real one."""

import asyncio
import socket

import pytest
import structlog

from streams.embedded import free_port
from streams.gateway.log_reader import open_log
from streams.gateway.producer import AwayError, Out, Producer, TooLargeError
from streams.models.settings import App, Kafka, Topics
from streams.topics import apply


async def test_it_waits_for_the_broker_and_says_so_once():
    producer = Producer(Kafka(bootstrap=f"127.0.0.1:{free_port()}"))
    with structlog.testing.capture_logs() as said:
        waiting = asyncio.create_task(producer.open())
        await asyncio.sleep(1.5)
        assert not producer.connected
        with pytest.raises(AwayError):
            await producer.send("readings", b"k", b"v")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert [line["event"] for line in said] == ["waiting for Kafka"]
    await producer.close()


@pytest.mark.kafka
async def test_a_record_arrives_and_one_too_large_is_told(kafka):
    settings = Kafka(bootstrap=kafka.bootstrap)
    await asyncio.to_thread(apply, App(kafka=settings), Topics())
    producer = Producer(settings, in_flight=2, most_bytes=10_000_000)
    await producer.open()
    try:
        await producer.send_all(Out("latest", b"k", b"%d" % n) for n in range(20))
        with pytest.raises(TooLargeError):
            await producer.send("latest", b"k", b"x" * 2_000_000)
        await producer.open()  # it connects anew by itself; here we wait for it
        await producer.send("latest", b"k", b"last", headers=[("a", b"b")])
    finally:
        await producer.close()
    async with open_log(settings, ["latest"]) as log:
        found = [r async for records in log.records() for r in records if r.key == b"k"]
    assert [r.value for r in found] == [b"%d" % n for n in range(20)] + [b"last"]
    assert found[-1].headers == (("a", b"b"),)


async def test_the_embedded_broker_is_written_and_read(embedded_kafka):
    settings = Kafka(bootstrap=embedded_kafka, embedded=True, idempotence=False)
    await asyncio.to_thread(apply, App(kafka=settings), Topics())
    producer = Producer(settings)
    await producer.open()
    await producer.send_all(Out("audit", b"k", b"%d" % n, headers=[("a", b"b")]) for n in range(20))
    await producer.close()
    async with open_log(settings, ["audit"]) as log:
        found = [r async for records in log.records() for r in records if r.key == b"k"]
    assert [r.value for r in found] == [b"%d" % n for n in range(20)]


@pytest.mark.kafka
async def test_a_broker_that_stands_still_keeps_nobody_from_leaving(kafka, monkeypatch):
    monkeypatch.setattr("streams.gateway.producer.CLOSE_S", 0.5)
    settings = Kafka(bootstrap=kafka.bootstrap)
    await asyncio.to_thread(apply, App(kafka=settings), Topics())
    producer = Producer(settings)
    await producer.open()
    await producer.send("latest", b"k", b"there")
    pause = asyncio.create_task(asyncio.to_thread(kafka.pause, 2.5))
    await asyncio.sleep(0.3)
    sending = asyncio.create_task(producer.send("latest", b"k", b"not there"))
    await asyncio.sleep(0.1)
    with structlog.testing.capture_logs() as said:
        await asyncio.wait_for(producer.close(), 1.5)
    await pause
    sending.cancel()
    assert [line["event"] for line in said] == ["Kafka does not answer: what it has not confirmed may be lost"]


@pytest.mark.kafka
async def test_a_record_beyond_our_own_limit_never_leaves(kafka):
    producer = Producer(Kafka(bootstrap=kafka.bootstrap))
    await producer.open()
    with pytest.raises(TooLargeError):
        await producer.send("latest", b"k", b"x" * 20_000_000)
    await producer.close()


async def test_a_port_that_is_no_kafka():
    with socket.create_server(("127.0.0.1", 0)) as server:
        producer = Producer(Kafka(bootstrap=f"127.0.0.1:{server.getsockname()[1]}"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(producer.open(), 1)
        await producer.close()

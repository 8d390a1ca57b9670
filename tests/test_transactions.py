"""What a transaction aborted was never said: nobody who reads a whole topic takes it for something that was."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

from streams.gateway.log_reader import open_log
from streams.models.settings import Kafka
from streams.rekey import Copier, Layout
from tests.e2e.topics import create_topics

pytestmark = pytest.mark.kafka


async def write(bootstrap, *, last_is_good):
    """Transactions in turn: a committed one, an aborted one, …; the values of the committed ones."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"t{last_is_good}")
    await producer.start()
    turns = [True, False, True, False][: 3 if last_is_good else 4]
    for number, good in enumerate(turns):
        await producer.begin_transaction()
        for part in range(2):
            await producer.send("readings", b"%d of %d" % (part, number), b"k%d" % part, partition=part)
        await (producer.commit_transaction() if good else producer.abort_transaction())
    await producer.stop()
    return {b"%d of %d" % (part, number) for number, good in enumerate(turns) if good for part in range(2)}


async def read(bootstrap, topic):
    async with asyncio.timeout(30), open_log(Kafka(bootstrap=bootstrap), [topic]) as log:
        return [record.value async for records in log.records() for record in records]


@pytest.mark.parametrize("last_is_good", [True, False])
async def test_a_recording_has_what_was_committed(kafka, last_is_good):
    create_topics(kafka.bootstrap, {"readings": 2})
    good = await write(kafka.bootstrap, last_is_good=last_is_good)
    assert sorted(await read(kafka.bootstrap, "readings")) == sorted(good)


@pytest.mark.parametrize("last_is_good", [True, False])
async def test_another_number_of_partitions_takes_over_what_was_committed(kafka, last_is_good):
    create_topics(kafka.bootstrap, {"readings": 2, "audit": 3})
    good = await write(kafka.bootstrap, last_is_good=last_is_good)
    copier = Copier({"bootstrap_servers": kafka.bootstrap})
    async with asyncio.timeout(30):
        await copier.rekey(Layout("readings", 2), Layout("audit", 3), {})
    assert sorted(await read(kafka.bootstrap, "audit")) == sorted(good)


async def test_who_takes_a_topic_over_waits_for_a_transaction_that_goes_on(kafka):
    """Its records, and all behind them, would be lost with the old topic."""
    create_topics(kafka.bootstrap, {"readings": 1, "audit": 2})
    slow, quick = (AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=one) for one in ("slow", None))
    await slow.start()
    await quick.start()
    await slow.begin_transaction()
    await slow.send_and_wait("readings", b"begun", b"k")
    await quick.send_and_wait("readings", b"behind", b"k")
    copier = Copier({"bootstrap_servers": kafka.bootstrap})
    copying = asyncio.create_task(copier.rekey(Layout("readings", 1), Layout("audit", 2), {}))
    await asyncio.wait({copying}, timeout=2)
    await slow.commit_transaction()
    async with asyncio.timeout(30):
        await copying
    await slow.stop()
    await quick.stop()
    assert sorted(await read(kafka.bootstrap, "audit")) == [b"begun", b"behind"]

"""The consumer without a group: it reads what it was told and nothing else."""

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import CorruptRecordException, OffsetOutOfRangeError
from aiokafka.structs import TopicPartition

from streams import reader as module
from streams.completion import Partition
from streams.fetch import Tuning
from streams.reader import Reader, gone

ONE, TWO = Partition("reader.one", 0), Partition("reader.two", 0)


@pytest.fixture
async def reader(embedded_kafka):
    producer = AIOKafkaProducer(bootstrap_servers=embedded_kafka)
    await producer.start()
    try:
        for tp in (ONE, TWO):
            for value in (b"0", b"1", b"2"):
                await producer.send_and_wait(tp.topic, value, partition=0)
    finally:
        await producer.stop()
    made = Reader("test", Tuning(), {"bootstrap_servers": embedded_kafka})
    yield made
    await made.stop()


async def fetched(reader, *tps, least=1):
    """Offsets from the start of this test's records on."""
    found = {}
    while sum(map(len, found.values())) < least:
        for tp, records in (await reader.fetching(set(tps), 2.0)).items():
            found.setdefault(Partition(*tp), []).extend(record.offset for record in records)
    return found


async def test_reads_from_where_it_was_told(reader):
    await reader.place({ONE: 1, TWO: 2})
    found = await fetched(reader, ONE, TWO, least=3)
    assert (found[ONE][:2], found[TWO][:1]) == ([1, 2], [2])
    position, end = reader.where(ONE)
    assert position == end == found[ONE][-1] + 1


async def test_reads_nothing_of_what_it_was_not_asked_for(reader):
    await reader.place({ONE: 0, TWO: 0})
    assert set(await fetched(reader, TWO)) == {TWO}
    assert set(await fetched(reader, ONE)) == {ONE}  # which had waited


async def test_goes_back(reader):
    await reader.place({ONE: 0})
    assert (await fetched(reader, ONE, least=3))[ONE][:3] == [0, 1, 2]
    reader.seek({ONE: 1})
    assert (await fetched(reader, ONE, least=2))[ONE][:2] == [1, 2]


async def test_another_assignment_takes_the_place_of_the_one_before(reader):
    await reader.place({ONE: 0})
    await fetched(reader, ONE)
    await reader.place({TWO: 1})
    assert (await fetched(reader, TWO, least=2))[TWO][:2] == [1, 2]
    assert reader.where(ONE) is None
    await reader.place({})
    assert reader.where(TWO) is None
    await reader.place({ONE: 2})
    assert (await fetched(reader, ONE))[ONE][:1] == [2]


async def test_where_is_not_known_before_it_was_told_anything(reader):
    assert reader.where(ONE) is None
    reader.seek({ONE: 1})  # nothing to go back to


def test_what_a_log_does_not_hold_any_more_is_named():
    told = gone(OffsetOutOfRangeError({TopicPartition("readings", 3): 50}))
    assert told == "readings/3 does not hold offset 50 any more: it lost its end, or its beginning to retention"


async def test_a_damaged_batch_ends_the_process_with_what_to_do(monkeypatch):
    class Damaged:
        async def getmany(self, *_, **__):
            raise CorruptRecordException("readings/3: the checksum of the batch at offset 40 does not fit")

    told = []
    monkeypatch.setattr(module, "die", told.append)
    await Reader("test", Tuning(), {})._fetch(Damaged(), [], 0.1)
    assert told == ["[Error 2] CorruptRecordException: readings/3: the checksum of the batch at offset 40 does not fit"]

"""The checkpoint log on a real broker: confirmed, read up to the mark, truncated."""

import pytest

from streams.checkpoint.log import CheckpointLog
from streams.checkpoint.records import Assembler
from streams.checkpoint.schema import OBSERVE
from streams.membership import Membership, clock
from streams.models.settings import Kafka
from tests.e2e.topics import create_topics

pytestmark = pytest.mark.kafka
TOPIC = "checkpoints.observe"


@pytest.fixture
async def open_log(kafka):
    create_topics(kafka.bootstrap, {TOPIC: 2})
    opened = []

    async def make(fence=None):
        log = CheckpointLog(
            TOPIC, OBSERVE, Kafka(bootstrap=kafka.bootstrap), {"bootstrap_servers": kafka.bootstrap}, "me", fence
        )
        await log.open()
        opened.append(log)
        return log

    yield make
    for log in opened:
        await log.close()


async def pieces(log, partition, start=0):
    parts = Assembler()
    mark = await log.mark(partition)
    async with log.reading() as reader:
        records = [one async for one in reader.records(partition, start, mark)]
    return [p for offset, value in records for p in parts.take(value, offset)]


async def test_what_is_confirmed_is_read_up_to_the_mark_and_what_is_truncated_is_gone(open_log):
    log, other = await open_log(), await open_log()
    first = await log.write(1, "chunk", b"a" * 2_000_000, upto=7)
    assert (first.first, first.last) == (0, 2)
    second = await other.write(1, "index", b"b", upto=9)
    found = await pieces(log, 1)
    assert [(p.log_offset, len(p.payload), p.header.upto) for p in found] == [(0, 2_000_000, 7), (3, 1, 9)]
    assert found[1].key == (other.token, second.seq)
    log.owned.begin([1])
    assert await log.truncate(1, second.first) is None
    assert [p.payload for p in await pieces(log, 1) if p.header.kind != "mark"] == [b"b"]
    assert await pieces(log, 0) == []


async def test_who_may_have_lost_a_partition_truncates_nothing(open_log):
    membership = Membership(10)
    log = await open_log(membership)
    log.owned.begin([0])
    written = [await log.write(0, "index", b"x") for _ in range(3)]
    membership.lose()
    assert (await log.truncate(0, written[-1].last)).reason == "zombie"
    assert len(await pieces(log, 0)) == 3
    membership.heard(clock())
    assert (await log.truncate(0, written[-1].last)).reason == "zombie", "of a membership that was lost"
    log.owned.begin([0])
    assert await log.truncate(0, written[-1].last) is None
    assert len([p for p in await pieces(log, 0) if p.header.kind == "index"]) == 1


async def test_it_knows_its_own_records_from_those_of_others(open_log):
    log, other = await open_log(), await open_log()
    for one in (log, other):
        await one.write(0, "index", b"x")
        await one.mark(0)
    mark = await log.mark(0)
    async with log.reading() as reader:
        values = [value async for _, value in reader.records(0, 0, mark)]
    assert [log.is_state_of_another(v) for v in values] == [False, False, True, False]
    assert log.is_state_of_another(b"rubbish")

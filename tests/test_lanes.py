import asyncio
from types import SimpleNamespace

import pytest

from streams.completion import Partition, Start, Track
from streams.lanes import Lanes

ONE, TWO = Partition("t", 1), Partition("t", 2)


class Given:
    """Tracks of two partitions, and a handler that waits until somebody lets a batch go."""

    def __init__(self):
        self.tracks = {tp: Track(tp, Start(0, 0)) for tp in (ONE, TWO)}
        self.begun, self.gates, self.flowing = [], {}, True
        self.lanes = Lanes(self.handle, lambda: self.flowing)

    async def handle(self, batch):
        with batch:
            self.begun.append((batch.tp, batch.first))
            await self.gate(batch.tp, batch.first).wait()

    def gate(self, tp, first):
        return self.gates.setdefault((tp, first), asyncio.Event())

    def put(self, tp, offset):
        (batch,) = self.tracks[tp].take([SimpleNamespace(offset=offset, timestamp=0)], 1)
        self.lanes.put(batch)
        return batch

    async def let_go(self, tp, offset):
        self.gate(tp, offset).set()
        await turns()


async def turns(number=5):
    for _ in range(number):
        await asyncio.sleep(0)


@pytest.fixture
def given():
    return Given()


async def test_one_partition_does_not_wait_for_another(given):
    given.put(ONE, 0)
    given.put(TWO, 0)
    await turns()
    assert given.begun == [(ONE, 0), (TWO, 0)]
    await given.let_go(TWO, 0)
    assert (given.tracks[ONE].done, given.tracks[TWO].done) == (0, 1)


async def test_batches_of_one_partition_come_one_after_the_other(given):
    for offset in range(3):
        given.put(ONE, offset)
    for offset in range(3):
        await turns()
        assert given.begun == [(ONE, n) for n in range(offset + 1)]
        await given.let_go(ONE, offset)
    assert given.tracks[ONE].done == 3


async def test_nothing_is_begun_while_partitions_are_taken_away(given):
    given.put(ONE, 0)
    waiting = given.put(ONE, 1)
    await turns()
    given.flowing = False
    await given.let_go(ONE, 0)
    assert given.begun == [(ONE, 0)]
    assert not waiting.done


async def test_what_comes_again_is_passed_over(given):
    given.put(ONE, 0)
    given.put(ONE, 1)
    await turns()
    given.tracks[ONE].end()
    given.tracks[ONE] = Track(ONE, Start(0, 0))
    given.put(ONE, 0)
    await given.let_go(ONE, 0)
    assert given.begun == [(ONE, 0), (ONE, 0)]
    assert given.tracks[ONE].done == 1


async def test_what_is_given_up_stays_undone(given):
    batch = given.put(ONE, 0)
    await turns()
    given.lanes.cancel()
    await turns()
    assert not batch.done
    assert not batch.begun

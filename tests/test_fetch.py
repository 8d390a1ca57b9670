"""Work in another thread's loop, and the fetch that goes on meanwhile."""

import asyncio
import threading

import pytest

from streams.completion import Partition
from streams.fetch import Ahead, Tuning, across


@pytest.fixture
def other():
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def test_what_is_found_there_comes_here(other):
    async def work():
        return threading.get_ident()

    assert await across(other, work) != threading.get_ident()


async def test_an_error_there_is_an_error_here(other):
    async def work():
        raise LookupError("there")

    with pytest.raises(LookupError, match="there"):
        await across(other, work)


async def test_who_cancels_it_cancels_it_there(other):
    begun, ended = asyncio.Event(), asyncio.Event()
    here = asyncio.get_running_loop()

    async def work():
        here.call_soon_threadsafe(begun.set)
        try:
            await asyncio.sleep(60)
        finally:
            here.call_soon_threadsafe(ended.set)

    waiting = asyncio.create_task(_wait(across(other, work)))
    await begun.wait()
    waiting.cancel()
    await asyncio.wait_for(ended.wait(), 5)
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_result_that_comes_after_the_cancelling_is_dropped(other):
    async def work():
        return 1

    found = across(other, work)
    found.cancel()
    await asyncio.wait_for(across(other, work), 5)  # all of the first one is over by then
    assert found.cancelled()


async def _wait(found):
    return await found


async def test_a_fetch_is_taken_once():
    ahead, fetch = Ahead(), asyncio.get_running_loop().create_future()
    assert (ahead.there, ahead.arrived, ahead.take()) == (False, False, None)
    ahead.begin(fetch)
    assert (ahead.there, ahead.arrived) == (True, False)
    fetch.set_result({})
    assert (ahead.there, ahead.arrived) == (True, True)
    assert ahead.take() is fetch
    assert (ahead.there, ahead.take()) == (False, None)


async def test_what_is_dropped_is_cancelled_and_forgotten():
    ahead, fetch = Ahead(), asyncio.get_running_loop().create_future()
    ahead.begin(fetch)
    ahead.drop()
    ahead.drop()
    assert fetch.cancelled()
    assert not ahead.there


class Some:
    """A track with so many records in so many batches under way."""

    def __init__(self, topic, records, batches):
        self.tp, self.in_flight, self.open = Partition(topic, 0), records, range(batches)


def test_a_topic_is_full_by_records_or_by_batches_of_all_its_partitions():
    tuning = Tuning(in_flight=10, batches=4)
    tracks = [Some("a", 6, 1), Some("a", 4, 1), Some("b", 9, 3), Some("c", 2, 2), Some("c", 2, 2)]
    assert tuning.full(tracks) == {"a", "c"}
    assert tuning.full([]) == set()

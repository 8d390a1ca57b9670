"""The fetch that goes on while the one before is worked on, and how much may be under way."""

import asyncio

from streams.completion import Partition
from streams.fetch import Ahead, ConsumerThread, Tuning


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


async def test_the_groups_consumer_fetches_nothing_of_what_it_is_given():
    class Client:
        paused = ()

        def assignment(self):
            return {("t", 0), ("t", 1)}

        def pause(self, *partitions):
            self.paused = partitions

    class Told:
        async def threadsafe_partitions_assigned(self, _loop, assigned, generation):
            self.told = (assigned, generation, client.paused)

    client, thread = Client(), ConsumerThread.__new__(ConsumerThread)
    thread._consumer, thread.consumer, thread.thread_loop = client, Told(), None
    await thread.on_partitions_assigned({("t", 0), ("t", 1)}, 3)
    assert thread.consumer.told[:2] == ({("t", 0), ("t", 1)}, 3)
    assert set(thread.consumer.told[2]) == client.assignment()  # before the rest of the app hears of them

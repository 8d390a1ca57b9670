import asyncio
from types import SimpleNamespace

import pytest
from aiokafka.errors import LeaderNotAvailableError, MessageSizeTooLargeError
from aiokafka.producer.message_accumulator import BatchBuilder

from streams.agents import send
from streams.agents.send import Out, Sender
from streams.completion import StaleError
from streams.membership import Fence
from streams.models.settings import Kafka, Topic, Topics

TOPICS = Topics(topics={"a": Topic(partitions=4), "b": Topic(partitions=1)})


class FakeBatch(BatchBuilder):
    """A real batch that remembers what went in."""

    def __init__(self, size):
        super().__init__(size, 0)
        self.values = []

    def append(self, **record):
        found = super().append(**record)
        if found is not None:
            self.values.append(record["value"])
        return found


class FakeProducer:
    """Confirms after a moment; `errors` are raised first, one a call, before or after Kafka has the batch."""

    def __init__(self, size=1_000):
        self.size, self.errors, self.log, self.open = size, [], [], {}

    def create_batch(self):
        return FakeBatch(self.size)

    async def send_batch(self, batch, topic, *, partition):
        tp = (topic, partition)
        assert self.open.get(tp, 0) == 0, "a batch was sent while the one before was not confirmed"
        self.open[tp] = 1
        confirmed = asyncio.ensure_future(self._confirm(tp, batch.values))
        await asyncio.sleep(0)
        return confirmed

    async def _confirm(self, tp, values):
        await asyncio.sleep(0.001)
        self.open[tp] = 0
        if self.errors:
            error, kept = self.errors.pop(0)
            if kept:
                self.log.append((tp, values))
            raise error
        self.log.append((tp, values))

    def values(self, topic, partition):
        return [v for tp, values in self.log if tp == (topic, partition) for v in values]


@pytest.fixture
def producer():
    return FakeProducer()


@pytest.fixture
def sender(producer, monkeypatch):
    monkeypatch.setattr(send, "RETRY_FIRST_S", 0.001)
    made = Sender(Kafka(send_deadline_s=0.05), TOPICS, {})
    made._producer = producer
    return made


class DiedError(Exception):
    pass


@pytest.fixture
async def died(monkeypatch):
    """Instead of ending the process: a future that holds the first reason."""
    why = asyncio.get_running_loop().create_future()

    def die(reason, **_):
        if not why.done():
            why.set_result(reason)
        raise DiedError

    monkeypatch.setattr(send, "die", die)
    monkeypatch.setattr(send, "_no_error", lambda task: task.exception())
    return why


def outs(count, partition=0, size=1):
    return [Out("a", partition, None, b"%d" % n * size) for n in range(count)]


async def test_returns_when_all_is_confirmed_in_order_within_each_partition(sender, producer):
    await sender.send_all([*outs(30, 0), *outs(5, 1)])
    assert producer.values("a", 0) == [b"%d" % n for n in range(30)]
    assert producer.values("a", 1) == [b"%d" % n for n in range(5)]


async def test_what_does_not_fit_one_batch_goes_in_several_one_after_the_other(sender, producer):
    await sender.send_all(outs(60, size=50))
    assert len(producer.log) > 1
    assert producer.values("a", 0) == [b"%d" % n * 50 for n in range(60)]


async def test_a_record_larger_than_a_batch_goes_alone(sender, producer):
    await sender.send_all([Out("a", 0, None, b"x" * 5_000), Out("a", 0, None, b"y")])
    assert producer.values("a", 0) == [b"x" * 5_000, b"y"]


async def test_sends_that_begin_in_order_stay_in_order(sender, producer):
    await asyncio.gather(*(sender.send("b", b"k", b"%d" % n) for n in range(100)))
    assert producer.values("b", 0) == [b"%d" % n for n in range(100)]


@pytest.mark.parametrize("kept", [False, True])
async def test_a_failed_batch_is_sent_again_before_the_next_one(sender, producer, kept):
    producer.errors = [(LeaderNotAvailableError(), kept), (ConnectionError(), kept)]
    await sender.send_all(outs(60, size=50))
    seen = list(dict.fromkeys(producer.values("a", 0)))
    assert seen == [b"%d" % n * 50 for n in range(60)]


@pytest.mark.parametrize(
    ("error", "reason"),
    [(MessageSizeTooLargeError(), "cannot send to b/0"), (LeaderNotAvailableError(), "nothing could be sent to b/0")],
    ids=["no retry helps", "at the deadline"],
)
async def test_the_process_ends(sender, producer, died, error, reason):
    producer.errors = [(error, False)] * 1_000
    waiting = asyncio.ensure_future(sender.send("b", b"k", b"v"))
    assert reason in await asyncio.wait_for(died, 5)
    assert not waiting.done()
    waiting.cancel()


async def test_partition_by_key_unless_one_is_named(sender, producer):
    await sender.send("a", b"QH-R-014", b"v")
    await sender.send("a", None, b"v")
    await sender.send("a", b"QH-R-014", b"v", partition=3)
    assert [tp for tp, _ in producer.log] == [("a", sender.partition_of("a", b"QH-R-014")), ("a", 0), ("a", 3)]


async def test_a_tick_has_neither_key_nor_value(sender, producer):
    await sender.send_all([Out("a", 2, None, None, (("tocsin", b"tick"),))])
    assert producer.values("a", 2) == [None]


async def test_nothing_to_send_is_nothing_to_wait_for(sender, producer):
    await sender.send_all([])
    assert producer.log == []


class Gate(Fence):
    """Opened and closed by the test."""

    def __init__(self):
        self.opened = asyncio.Event()

    async def wait(self):
        await self.opened.wait()


async def test_nothing_is_sent_while_we_may_have_lost_our_partitions(producer):
    gate = Gate()
    sender = Sender(Kafka(), TOPICS, {}, gate)
    sender._producer = producer
    sending = asyncio.create_task(sender.send_all([Out("b", 0, None, b"1")]))
    await asyncio.sleep(0.01)
    assert producer.log == []
    gate.opened.set()
    await sending
    assert producer.values("b", 0) == [b"1"]


async def test_what_waits_when_the_membership_is_lost_is_never_sent(producer):
    gate = Gate()
    sender = Sender(Kafka(), TOPICS, {}, gate)
    sender._producer = producer
    old = asyncio.create_task(sender.send_all([Out("b", 0, None, b"%d" % n) for n in range(3)]))
    await asyncio.sleep(0.01)
    gate.epoch += 1
    sender.send_later([Out("b", 0, None, b"new")])
    gate.opened.set()
    with pytest.raises(StaleError):
        await old
    await sender.send_all([Out("b", 0, None, b"last")])
    assert producer.values("b", 0) == [b"new", b"last"]


async def test_nobody_waits_for_what_is_sent_later_but_order_stays(sender, producer):
    sender.send_later([Out("b", 0, None, b"1"), Out("a", 3, None, b"x")])
    assert producer.log == []
    await sender.send_all([Out("b", 0, None, b"2")])
    assert producer.values("b", 0) == [b"1", b"2"]


async def test_closing_waits_for_what_nobody_waited_for(sender, producer):
    producer.stop = _nothing
    sender.send_later([Out("b", 0, None, b"1")])
    await sender.close()
    assert producer.values("b", 0) == [b"1"]


async def _nothing():
    pass


async def test_what_is_large_and_not_waited_for_has_a_producer_of_its_own(sender, producer):
    sender._aside = FakeProducer()
    sender._topics = Topics(topics={"a": Topic(partitions=4), "latest": Topic(partitions=1)})
    await sender.send_all([Out("latest", 0, None, b"many"), Out("a", 0, None, b"1")])
    assert (sender._aside.values("latest", 0), producer.values("a", 0)) == ([b"many"], [b"1"])
    assert producer.values("latest", 0) == []


async def test_it_knows_kafkas_time_once_a_topic_whose_broker_stamps_has_confirmed(sender, producer):
    told = {"timestamp": 5_000, "timestamp_type": 0}
    confirm = producer._confirm

    async def confirmed(*batch):
        await confirm(*batch)
        return SimpleNamespace(**told)

    producer._confirm = confirmed
    await sender.send("a", b"k", b"v")
    assert sender.kafka_time is None  # it was our own
    told["timestamp_type"] = 1
    await sender.send("a", b"k", b"v")
    assert sender.kafka_time >= 5_000_000

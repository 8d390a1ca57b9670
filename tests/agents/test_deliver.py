import asyncio

import pytest
from prometheus_client import CollectorRegistry

from streams.agents import deliver
from streams.agents.deliver import Deliver
from streams.completion import Partition, StaleError, Start
from streams.metrics import Metrics
from streams.positions import NotYetError
from streams.sinks.base import Sink, SinkAway
from tests.agents.given import FakeLog, batch, counted, record

TP = Partition("commands", 0)


class Shelf(Sink):
    """A sink that is away when told so."""

    name = "shelf"

    def __init__(self, positions=None):
        self.positions, self.away, self.taken = positions, 0, []

    async def open(self):
        self._maybe_away()
        return self.positions

    async def write(self, topic, partition, records):
        self._maybe_away()
        self.taken.append((topic, partition, [r.offset for r in records]))

    def _maybe_away(self):
        if self.away:
            self.away -= 1
            raise SinkAway("on holiday")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(deliver, "RETRY_FIRST_S", 0.001)


def made(sink):
    return Deliver(sink, Metrics(CollectorRegistry()))


async def test_offers_a_batch_until_the_sink_has_it():
    sink = Shelf()
    role = made(sink)
    sink.away = 3
    await role.handle(batch(TP, [record(4, b"c"), record(5, b"d")]))
    assert sink.taken == [("commands", 0, [4, 5])]
    assert role.waiting_for is None


async def test_says_what_it_waits_for(monkeypatch):
    monkeypatch.setattr(deliver, "RETRY_FIRST_S", 10)
    sink = Shelf()
    role = made(sink)
    sink.away = 10**9
    task = asyncio.create_task(role.handle(batch(TP, [record(4, b"c")])))
    await asyncio.sleep(0.01)
    assert role.waiting_for == "on holiday"
    assert counted(role._metrics, "tocsin_sink_away", sink="shelf") == 1
    task.cancel()


async def test_a_log_that_has_lost_its_end_is_told_and_reading_begins_at_the_end_that_is_there():
    role = made(Shelf())
    assert await role.starts({TP}, FakeLog({TP: 70}, last=50)) == {TP: Start(50, 50)}
    assert counted(role._metrics, "tocsin_checkpoint_refused_total", role="deliver.shelf", reason="expired") == 1


async def test_gives_up_a_batch_that_comes_again():
    sink = Shelf()
    role = made(sink)
    sink.away = 10**9
    lost = batch(TP, [record(4, b"c")])
    task = asyncio.create_task(role.handle(lost))
    await asyncio.sleep(0.01)
    lost.track.end()
    with pytest.raises(StaleError):
        await task


async def test_any_other_error_is_ours():
    sink = Shelf()

    async def write(*_):
        raise ValueError("ours")

    sink.write = write
    with pytest.raises(ValueError, match="ours"):
        await made(sink).handle(batch(TP, [record(4, b"c")]))


async def test_begins_where_the_sinks_data_ends_else_at_the_beginning():
    other = Partition("commands", 1)
    log = FakeLog({TP: 900, other: 900}, begin={other: 3})
    role = made(Shelf({("commands", 0): 7}))
    assert await role.starts({TP, other}, log) == {TP: Start(7, 7), other: Start(3, 3)}


async def test_begins_at_the_committed_offset_when_the_sink_keeps_none():
    assert await made(Shelf()).starts({TP}, FakeLog({TP: 900})) == {TP: Start(900, 900)}


async def test_positions_wait_for_a_sink_that_is_away():
    sink = Shelf()
    role = made(sink)
    sink.away = 1
    with pytest.raises(NotYetError):
        await role.starts({TP}, FakeLog({}))
    assert role.waiting_for == "on holiday"
    await role.starts({TP}, FakeLog({}))
    assert role.waiting_for is None


def test_reads_what_the_sink_takes():
    sink = Shelf()
    sink.topics = ("commands", "latest")
    assert set(made(sink).handlers) == {"commands", "latest"}


async def test_a_log_that_was_made_anew_makes_the_sink_begin_anew():
    class Old(Shelf):
        forgot = False

        async def forget(self):
            self.forgot = True
            return {}

    sink = Old({("commands", 0): 5_000})  # the log ends at 1,000
    role = made(sink)
    tp = Partition("commands", 0)
    assert (await role.starts({tp}, FakeLog({}))) == {tp: Start(0, 0)}
    assert sink.forgot

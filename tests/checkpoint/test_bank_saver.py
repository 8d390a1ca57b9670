"""Chunks and indexes over restarts, with a Bank in which one row too many or too few shows, on a log in memory."""

import asyncio
import dataclasses
import random

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from streams.checkpoint import bank_ledger, bank_saver
from streams.checkpoint.bank_saver import BankSaver
from streams.checkpoint.in_hand import HandNote
from streams.checkpoint.index_scan import IndexScan
from streams.checkpoint.records import decode, encode
from streams.checkpoint.schema import OBSERVE
from streams.completion import Partition, Start
from streams.metrics import Metrics
from streams.models.saved import Death
from streams.positions import NotYetError
from tests.agents.given import FakeLog, batch, counted, record
from tests.checkpoint.fake_bank import FakeBank
from tests.checkpoint.fake_log import FakeCheckpoints

TP = Partition("readings", 0)
TOPIC = "checkpoints.observe"
LOG = 400  # records of the input


def value(offset):
    return b"s%d" % (offset * 7919 % 23)


class Job:
    """One process after the other on the same logs; `truth` = the state that everything read in order gives."""

    def __init__(self, checkpoints, slots=0):
        self.checkpoints, self.slots, self.site = checkpoints, slots, "site"
        self.committed, self.begin = {}, {}
        self.fingerprints, self.fence, self.end = {}, None, 1_000
        self.metrics = Metrics(CollectorRegistry())

    def bank(self, partition):
        bank = FakeBank(self.slots)
        bank.site = dict(self.fingerprints)
        return bank

    async def start(self):
        log = self.checkpoints(TOPIC, OBSERVE, fence=self.fence)
        self.saver = BankSaver(log, self.metrics, HandNote(None), self.bank, self.site, 10**12)
        await self.saver.open()
        return await self.starts()

    async def starts(self):
        log = FakeLog(self.committed, begin=self.begin, found={TP: self.begin.get(TP, 0)}, last=self.end)
        found = await self.saver.starts({TP}, log)
        self.at = found[TP].read
        self.live = found[TP].live
        return found[TP]

    async def feed(self, upto, size=10, settle=True):
        """Records up to an offset, in batches."""
        while self.at < upto:
            live = self.at >= self.live
            end = min(self.at + size, upto if live else min(upto, self.live))
            async with self.saver.handling(
                batch(TP, [record(o, value(o)) for o in range(self.at, end)], live=live)
            ) as shelf:
                shelf.state.bank.handle([record(o, value(o)) for o in range(self.at, end)])
            self.at = end
            if live:
                self.committed[TP] = end
            if settle:
                await self.settled()

    async def settled(self):
        for _ in range(3):
            await asyncio.gather(*(t for s in self.saver.shelves.values() for t in s.tasks))
            await asyncio.sleep(0)

    @property
    def states(self):
        return self.saver.shelves[0].state.bank.states

    def truth(self, upto, since=0):
        bank = FakeBank(self.slots)
        bank.handle([record(o, value(o)) for o in range(since, upto)])
        return bank.states

    def refused(self, reason):
        return counted(self.metrics, "tocsin_checkpoint_refused_total", role="observe", reason=reason) or 0


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """Small chunks, saved whenever there is a batch."""
    monkeypatch.setattr(bank_ledger, "FIRST_CHUNK", 4)
    monkeypatch.setattr(bank_ledger, "CHUNK_BYTES", 60)
    monkeypatch.setattr(bank_saver, "INDEX_EVERY_S", 0.0)
    monkeypatch.setattr(bank_saver, "index_s", lambda *_: 0.0)  # however long a busy machine took for one
    monkeypatch.setattr(bank_saver.BankLedger, "due", lambda self, upto, *_: _due(self, upto, 20))


_real_due = bank_ledger.BankLedger.due


def _due(ledger, upto, replay):
    return _real_due(ledger, upto, 0.0, replay, 1e18, upto)


@pytest.fixture(params=[0, 30], ids=["slots come with their rows", "slots are there from the beginning"])
async def job(request):
    job = Job(FakeCheckpoints(), request.param)
    await job.start()
    return job


async def test_state_is_right_wherever_the_process_dies(job):
    rng = random.Random(1)
    at = 0
    while at < LOG:
        at = min(LOG, at + rng.randint(1, 60))
        await job.feed(at, size=rng.randint(1, 15))
        assert job.states == job.truth(at)
        start = await job.start()
        assert at - start.read <= 60
        assert start.live == at
        await job.feed(at)
    assert job.states == job.truth(LOG)
    assert job.refused("missing") == 0


async def test_it_dies_before_it_has_caught_up_again(job):
    await job.feed(200)
    for _ in range(3):
        start = await job.start()
        await job.feed(start.read + 3, size=2)
    await job.start()
    await job.feed(230)
    assert job.states == job.truth(230)


async def test_what_was_on_its_way_when_it_died_does_not_matter(job):
    await job.feed(100)
    await job.feed(160, settle=False)
    for shelf in job.saver.shelves.values():
        for task in shelf.tasks:
            task.cancel()
    await job.start()
    await job.feed(200)
    assert job.states == job.truth(200)


async def test_two_owners_write_into_one_log(job):
    await job.feed(100)
    other = Job(job.checkpoints, job.slots)
    other.committed = job.committed
    await other.start()
    rng = random.Random(3)
    for _ in range(12):
        one = rng.choice((job, other))
        await one.feed(min(one.at + rng.randint(1, 30), LOG))
    third = Job(job.checkpoints, job.slots)
    third.committed = job.committed
    start = await third.start()
    await third.feed(max(start.live, 110))
    assert third.states == third.truth(third.at)


async def test_the_log_is_cut_at_the_oldest_chunk_that_is_needed(job, monkeypatch):
    monkeypatch.setattr(bank_saver, "TRUNCATE_BYTES", 100)
    await job.feed(300)
    assert job.saver.log.truncated
    assert min(job.checkpoints.of(TOPIC)) > 0
    await job.start()
    await job.feed(310)
    assert job.states == job.truth(310)
    assert counted(job.metrics, "tocsin_checkpoint_restored_total", role="observe", how="saved") == 1


def newest_index(saver, log):
    """The one that counts: of chunks that were sent after it nobody knows."""
    scan = IndexScan(saver.log.schema)
    for offset, value in sorted(log.items()):
        scan.take(value, offset)
    return scan.index


@pytest.mark.parametrize("harm", ["missing", "damaged", "schema"])
async def test_a_chunk_that_is_lost_is_rebuilt_and_the_others_are_not(job, harm):
    await job.feed(200)
    log = job.checkpoints.of(TOPIC)
    at = newest_index(job.saver, log).chunks[0].log_offset
    if harm == "missing":
        del log[at]
    elif harm == "damaged":
        log[at] = log[at][:-1] + b"\xff"
    else:
        log[at] = _of_schema(log[at], 9)
    job.begin = {TP: 50}
    assert await job.start() == Start(50, 200)
    assert job.refused("missing" if harm == "damaged" else harm) == 1
    shelf = job.saver.shelves[0]
    assert shelf.refusal is not None
    await job.feed(250)
    whole, late = job.truth(250), job.truth(250, since=50)
    found = job.states
    rebuilt = {name for name in found if found[name] != whole[name]}
    assert 0 < len(rebuilt) < 15
    assert all(found[name] == late[name] for name in rebuilt)
    assert shelf.refusal is None, "it was told with the first batch"
    assert shelf.state.ledger.complete
    await job.start()
    await job.feed(260)
    assert job.refused("missing") + job.refused("schema") == 1
    assert {n: s for n, s in job.states.items() if n not in rebuilt} == {
        n: s for n, s in job.truth(260).items() if n not in rebuilt
    }


@pytest.mark.parametrize("error", [IndexError, KeyError, ValueError])
async def test_a_chunk_that_cannot_be_taken_in_is_refused_and_leaves_no_half_of_itself(job, monkeypatch, error):
    """Whatever it raises, and whatever it has changed by then: its slots are rebuilt, and the process does not die."""
    await job.feed(200)
    first = newest_index(job.saver, job.checkpoints.of(TOPIC)).chunks[0].first
    real = FakeBank.load_chunk

    def load_chunk(self, chunk, at, upto):
        changed = real(self, chunk, at, upto)
        if at == first:
            raise error("does not fit")
        return changed

    monkeypatch.setattr(FakeBank, "load_chunk", load_chunk)
    assert await job.start() == Start(0, 200)
    assert job.refused("damaged") == 1
    await job.feed(230)
    assert job.states == job.truth(230)


async def test_what_is_in_no_slot_cannot_be_taken_in(job, monkeypatch):
    await job.feed(200)

    def load_rest(self, rest, upto):
        raise KeyError("moon")

    monkeypatch.setattr(FakeBank, "load_rest", load_rest)
    assert await job.start() == Start(0, 200)
    assert job.refused("damaged") == 1
    await job.feed(230)
    assert job.states == job.truth(230)


def _of_schema(value, version):
    header, payload = decode(value, 0)
    return encode(msgspec.structs.replace(header, version=version), payload)[0]


async def test_slots_of_another_configuration_are_rebuilt_and_nobody_is_alarmed(job):
    await job.feed(200)
    job.fingerprints = {"s5": "new"}
    job.site = "other"
    start = await job.start()
    assert start == Start(0, 200)
    assert job.saver.shelves[0].refusal is None
    await job.feed(220)
    assert job.states == job.truth(220)


async def test_an_index_that_cannot_be_read_is_refused(job):
    await job.feed(100)
    log = job.checkpoints.of(TOPIC)
    log[max(log) + 1] = _of_schema(log[max(log)], 9)
    assert await job.start() == Start(0, 100)
    assert job.refused("schema") == 1
    await job.feed(120)
    assert job.states == job.truth(120)


async def test_readings_that_retention_took_before_they_were_saved(job):
    await job.feed(200)
    oldest = job.saver.shelves[0].state.ledger.read_from
    job.begin = {TP: oldest + 1}
    assert (await job.start()).read == oldest + 1
    assert job.refused("expired") >= 1


async def test_a_lost_state_is_told_also_when_nothing_of_what_was_handled_is_left_to_be_read_again(job):
    await job.feed(200)
    job.checkpoints.records.clear()
    job.begin = {TP: 200}
    assert await job.start() == Start(200, 200)
    assert job.refused("missing") == 1


async def test_a_log_that_was_made_anew_is_noticed(job):
    await job.feed(100)
    job.committed, job.end = {}, 5
    assert await job.start() == Start(0, 0)
    assert job.refused("expired") == 1


@pytest.mark.parametrize("end", [60, 195], ids=["before the state's offset", "after it, before what was committed"])
async def test_offsets_that_are_used_again_do_not_count_as_handled(job, end):
    """A replica that lagged behind became leader: the log ends before what was committed, and goes on from there."""
    await job.feed(190)
    job.committed = {TP: 200}
    job.end = end
    assert await job.start() == Start(0, end)
    assert job.refused("expired") == 1
    assert job.saver.shelves[0].refusal is not None


async def test_memory_is_not_kept_when_the_log_has_lost_what_it_holds(job):
    await job.feed(100)
    bank = job.saver.shelves[0].state.bank
    job.end = 95
    assert await job.starts() == Start(0, 95)
    assert job.saver.shelves[0].state.bank is not bank


async def test_deaths_at_the_beginning_of_the_log_are_carried_while_a_restart_reads_there(job, monkeypatch):
    """The oldest chunk is as of 0, which is an offset like any other."""
    monkeypatch.setattr(bank_saver.BankLedger, "due", lambda *_: None)  # no chunk is saved any more
    job.saver.shelves[0].verdicts.add(Death(0, 9, "killed", id="first"))
    await job.feed(100)
    ledger = job.saver.shelves[0].state.ledger
    assert ledger.read_from == 0
    await job.start()
    assert [d.id for d in job.saver.shelves[0].verdicts.deaths] == ["first"]


async def test_a_batch_of_what_the_state_holds_already_ends_the_process(job, monkeypatch):
    said = []
    monkeypatch.setattr("streams.checkpoint.saver.die", said.append)
    await job.feed(100)
    job.saver.begin(batch(TP, [record(99, b"s1"), record(100, b"s1")]))
    assert said == ["batch readings/0 99..: the state is as of 100"]


async def test_stopping_saves_so_that_the_next_start_is_short(job, monkeypatch):
    monkeypatch.setattr(bank_saver.BankLedger, "due", _real_due)
    job.saver.pace.records_s = 10.0
    monkeypatch.setattr(bank_saver, "SHORT", 0.01)
    await job.feed(150)
    await job.saver.close()
    assert (await job.start()).read >= 140
    await job.feed(160)
    assert job.states == job.truth(160)


async def test_a_rebalance_keeps_memory_when_nobody_else_wrote(job):
    await job.feed(100)
    bank = job.saver.shelves[0].state.bank
    await job.saver.finish([0])
    job.saver.revoked({TP})
    assert await job.starts() == Start(100, 100)
    assert job.saver.shelves[0].state.bank is bank
    await job.feed(120)
    assert job.states == job.truth(120)


async def test_saving_takes_no_more_than_its_share(job, monkeypatch):
    monkeypatch.setattr(bank_saver.BankLedger, "due", _real_due)
    job.saver.pace.credit = 0.0
    job.saver.pace.share = 0.0
    written = len(job.checkpoints.of(TOPIC))
    await job.feed(100)
    kinds = len(job.checkpoints.of(TOPIC)) - written
    assert all(not e.token for e in job.saver.shelves[0].state.ledger.index(b"", []).chunks)
    assert kinds > 0  # the index goes on


async def test_partitions_are_restored_side_by_side_and_share_what_a_restart_may_read_again():
    job = Job(FakeCheckpoints(), slots=3)
    await job.start()
    whole = job.saver._replay
    tps = {Partition("readings", number) for number in range(5)}
    found = await job.saver.starts(tps, FakeLog({}, last=1_000))
    assert found == dict.fromkeys(tps, Start(0, 0))
    assert sorted(job.saver.shelves) == [0, 1, 2, 3, 4]
    assert job.saver._replay == whole // 5


async def test_one_that_cannot_be_restored_yet_fails_all():
    class Away(FakeLog):
        async def beginning(self, tps):
            raise NotYetError("away")

    job = Job(FakeCheckpoints(), slots=3)
    await job.start()
    with pytest.raises(NotYetError, match="away"):
        await job.saver.starts({Partition("readings", number) for number in range(5)}, Away({}))


async def test_how_far_back_readings_are_read_goes_by_the_brokers_clock(monkeypatch):
    """Ours may be years ahead: everything would be too old to be read again."""
    job = Job(FakeCheckpoints())
    job.committed[TP] = 50
    log = job.checkpoints(TOPIC, OBSERVE)
    write, asked = log.write, FakeLog({TP: 50}, found={TP: 0})

    async def written(*what, **header):
        return dataclasses.replace(await write(*what, **header), at_ms=1_700_000_000_000)

    log.write = written
    monkeypatch.setattr(bank_saver.time, "time", lambda: 3e9)
    saver = BankSaver(log, job.metrics, HandNote(None), job.bank, job.site, 5_000)
    await saver.open()
    await saver.starts({TP}, asked)
    assert asked.asked == [1_699_999_995_000]

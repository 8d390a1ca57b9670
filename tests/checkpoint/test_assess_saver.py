"""The Assessor's state over a restart, with the role and the core as they are, on a log in memory."""

import asyncio

import pytest

from streams.agents.assess import Assess
from streams.checkpoint import assess_ledger, assess_saver
from streams.completion import StaleError, Start
from streams.models.saved import Death
from tests.agents.given import FakeLog, batch, counted, tick, tools
from tests.agents.test_assess import NOW, TP, ZONE, sent, triggered
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream

TOPIC = "checkpoints.assess"


@pytest.fixture
def given(monkeypatch):
    monkeypatch.setattr(assess_saver, "EVERY_S", 0.0)
    return tools(site([stream("S1", zone=ZONE)], hazard(FOUR, FOUR_LEVELS), zones=(ZONE,)))


class Job:
    """One process after the other on the same logs."""

    def __init__(self, given):
        self.given, self.committed, self.begin, self.end = given, {}, {}, 1_000

    async def start(self, tps=(TP,), **more):
        self.role = Assess(self.given, str)
        await self.role.open()
        return await self.starts(tps, **more)

    async def starts(self, tps=(TP,)):
        return await self.role.starts(set(tps), FakeLog(self.committed, begin=self.begin, last=self.end))

    async def feed(self, *records, live=True):
        await self.role.handle_signals(batch(TP, records, live=live))
        self.committed[TP] = records[-1].offset + 1
        await self.settled()

    async def feed_without_waiting(self, *records):
        await self.role.handle_signals(batch(TP, records, live=True))
        self.committed[TP] = records[-1].offset + 1

    async def settled(self):
        for _ in range(3):
            await asyncio.gather(*(t for s in self.role._saver.shelves.values() for t in s.tasks))
            await asyncio.sleep(0)

    @property
    def assessor(self):
        return self.role._saver.shelves[0].state.assessor

    def rows(self):
        return self.assessor.save()

    def refused(self, reason):
        return counted(self.given.metrics, "tocsin_checkpoint_refused_total", role="assess", reason=reason) or 0

    def alarms(self):
        return [v for v in self.given.sender.values("signals") if v.get("type") == "alarm"]


@pytest.fixture
async def job(given):
    job = Job(given)
    await job.start()
    return job


async def test_a_first_start_has_nothing_to_tell(job):
    await job.feed(sent(0, triggered(0)))
    assert job.alarms() == []


async def test_after_a_crash_the_state_is_there_and_reading_goes_on_at_its_offset(job):
    await job.feed(sent(0, triggered(0)))
    await job.feed(sent(1, triggered(1, condition="y")), tick(2, NOW + 1_000, topic="signals"))
    before = job.rows()
    assert await job.start() == {TP: Start(3, 3)}
    assert job.rows() == before
    assert counted(job.given.metrics, "tocsin_checkpoint_restored_total", role="assess", how="saved") == 1
    await job.feed(sent(3, triggered(3, condition="o")))
    assert [c["version"] for c in job.given.sender.values("commands")] == [1, 2, 3]


async def test_what_was_sent_after_the_last_delta_is_dropped_when_it_comes_again(job, monkeypatch):
    await job.feed(sent(0, triggered(0)))
    monkeypatch.setattr(assess_saver, "EVERY_S", 1e9)
    job.role._saver.shelves[0].state.next_at = 1e18
    await job.feed(sent(1, triggered(1, condition="y")))
    assert await job.start() == {TP: Start(1, 2)}


async def test_what_is_gone_is_gone_after_a_restart_too(job):
    await job.feed(sent(0, triggered(0)))
    await job.feed(sent(1, triggered(1, "off")))
    before = job.rows()
    await job.start()
    assert job.rows() == before


async def test_the_log_is_cut_when_a_cycle_of_the_base_is_whole(job, monkeypatch):
    monkeypatch.setattr(assess_ledger, "LEAST_BYTES", 0)
    monkeypatch.setattr(assess_ledger, "SLICE_BYTES", 500)
    for offset in range(12):
        await job.feed(sent(offset, triggered(offset, condition="by"[offset % 2])))
    assert job.role._saver.log.truncated
    before = job.rows()
    assert await job.start() == {TP: Start(12, 12)}
    assert job.rows() == before


async def test_a_delta_that_could_not_be_sent_goes_with_the_next_one(job):
    await job.feed(sent(0, triggered(0)))
    job.given.checkpoints.away = True
    await job.feed(sent(1, triggered(1, condition="y")))
    job.given.checkpoints.away = False
    await job.feed(tick(2, NOW + 1_000, topic="signals"))
    before = job.rows()
    await job.start()
    assert job.rows() == before


async def test_stopping_saves_what_is_not_saved_yet(job):
    job.role._saver.shelves[0].state.next_at = 1e18
    await job.feed(sent(0, triggered(0)))
    await job.role.close()
    assert await job.start() == {TP: Start(1, 1)}


async def test_a_rebalance_keeps_memory_when_nobody_else_wrote(job):
    await job.feed(sent(0, triggered(0)))
    assessor = job.assessor
    await job.role.leave({TP})
    job.role.revoked({TP})
    assert await job.starts() == {TP: Start(1, 1)}
    assert job.assessor is assessor
    other = Job(job.given)
    other.committed = job.committed
    await other.start()
    await other.feed(sent(1, triggered(1, condition="y")))
    assert await job.starts() == {TP: Start(2, 2)}
    assert job.assessor is not assessor
    assert job.rows() == other.rows()


async def test_a_last_save_that_runs_out_of_time_loses_no_row(job, monkeypatch):
    saver = job.role._saver
    await job.feed(sent(0, triggered(0)))
    monkeypatch.setattr("streams.checkpoint.saver.FINISH_S", 0.01)
    write, hung = saver.log.write, asyncio.Event()

    async def hang(*args, **more):
        await hung.wait()
        raise OSError("away for too long")

    monkeypatch.setattr(saver.log, "write", hang)
    await job.feed_without_waiting(sent(1, triggered(1, condition="y")))
    await job.role.leave({TP})
    hung.set()
    await job.settled()
    monkeypatch.setattr(saver.log, "write", write)
    await job.starts()
    await job.feed(sent(2, triggered(2, condition="o")))
    before = job.rows()
    await job.start()
    assert job.rows() == before


async def test_a_last_save_does_not_come_between_the_pieces_of_a_cut(job, monkeypatch):
    """Else it would find nothing dirty, send an empty delta, and the rows after it would count as repeats."""
    for offset in range(2):
        await job.feed(sent(offset, triggered(offset, condition="by"[offset])))
    monkeypatch.setattr(assess_ledger, "SLICE_BYTES", 1)  # one row a slice
    job.role._saver.shelves[0].state.ledger.deltas = 10**9  # a new base is due
    saver, rows, calls, slicing = job.role._saver, assess_saver.AssessSaver._rows, [], asyncio.Event()

    async def slow(self, *args):
        found = await rows(self, *args)
        calls.append(args)
        if len(calls) == 2:  # the delta's rows are there, those of the slice are being made
            slicing.set()
            await asyncio.sleep(0.05)
        return found

    monkeypatch.setattr(assess_saver.AssessSaver, "_rows", slow)
    feeding = asyncio.create_task(job.feed(sent(2, triggered(2, condition="o"))))
    await asyncio.wait_for(slicing.wait(), 5)
    await saver.finish([0])
    await feeding
    before = job.rows()
    await job.start()
    assert job.rows() == before


async def test_memory_in_the_middle_of_a_batch_is_not_kept(job):
    await job.feed(sent(0, triggered(0)))
    assessor = job.assessor
    job.role._saver.begin(batch(TP, [sent(1, triggered(1))]))
    job.role.revoked({TP})
    await job.starts()
    assert job.assessor is not assessor


async def test_a_zombie_does_no_harm(job):
    """Two owners write into one log; whoever comes next has the state of the farthest."""
    await job.feed(sent(0, triggered(0)))
    zombie = job.role
    second = Job(job.given)
    second.committed = dict(job.committed)
    await second.start()
    await second.feed(sent(1, triggered(1, condition="y")))
    await second.feed(sent(2, triggered(2, condition="o")))
    job.role = zombie
    await job.feed(sent(1, triggered(1, condition="y")))
    await second.feed(sent(3, triggered(3, condition="r")))
    third = Job(job.given)
    third.committed = second.committed
    assert await third.start() == {TP: Start(4, 4)}
    assert third.rows() == second.rows()


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda log, at: log.update({at: log[at][:-1] + b"\xff"}), "damaged"),
        (lambda log, at: log.pop(at), "hole"),
        (lambda log, at: log.update({at: b"not ours"}), "foreign"),
    ],
    ids=["damaged", "missing", "foreign"],
)
async def test_damage_is_refused_loudly_and_the_state_rebuilt(job, harm, reason):
    for offset in range(4):
        await job.feed(sent(offset, triggered(offset, condition="byor"[offset])))
    before = job.rows()
    log = job.given.checkpoints.of(TOPIC)
    harm(log, max(log) - 1)
    job.given.sender.sent.clear()
    assert await job.start() == {TP: Start(0, 4)}
    assert job.refused(reason) == 1
    await job.feed(*(sent(o, triggered(o, condition="byor"[o])) for o in range(4)), live=False)
    assert job.rows() == before
    (alarm,) = job.alarms()
    assert (alarm["what"], alarm["role"], alarm["topic"], alarm["since"]) == ("state", "assess", "signals", NOW * 1000)
    assert reason in alarm["detail"]
    assert job.given.sender.of("commands") == []
    assert await job.start() == {TP: Start(4, 4)}
    assert len(job.alarms()) == 1


def lose_a_delta(log):
    """State that has a hole."""
    del log[max(log) - 1]


async def test_a_refusal_is_told_although_the_process_that_refused_died_before_its_first_batch(job):
    for offset in range(4):
        await job.feed(sent(offset, triggered(offset, condition="byor"[offset])))
    lose_a_delta(job.given.checkpoints.of(TOPIC))
    for _ in range(3):
        assert await job.start() == {TP: Start(0, 4)}
    assert job.refused("hole") == 3
    assert job.alarms() == []
    again = [sent(o, triggered(o, condition="byor"[o])) for o in range(4)]
    await job.role.handle_signals(batch(TP, again[:1], live=False))
    (alarm,) = job.alarms()
    assert "hole" in alarm["detail"]
    assert job.role._saver.shelves[0].refusal is None


async def test_a_refusal_that_may_have_been_told_is_told_again_with_the_same_bytes(job):
    for offset in range(4):
        await job.feed(sent(offset, triggered(offset, condition="byor"[offset])))
    lose_a_delta(job.given.checkpoints.of(TOPIC))
    for _ in range(2):
        await job.start()
        job.given.checkpoints.away = True  # it dies before a delta says that the first batch is done
        await job.role.handle_signals(batch(TP, [sent(0, triggered(0))], live=False))
        await job.settled()
        job.given.checkpoints.away = False
    first, second = job.alarms()
    assert first == second


async def test_a_refusal_whose_alarm_could_not_be_sent_is_still_to_be_told(job, monkeypatch):
    for offset in range(4):
        await job.feed(sent(offset, triggered(offset, condition="byor"[offset])))
    lose_a_delta(job.given.checkpoints.of(TOPIC))
    await job.start()

    async def stale(outs):
        raise StaleError

    monkeypatch.setattr(job.given.sender, "send_all", stale)
    with pytest.raises(StaleError):
        await job.role.handle_signals(batch(TP, [sent(0, triggered(0))], live=False))
    assert job.role._saver.shelves[0].refusal is not None


async def test_once_something_was_saved_after_it_a_refusal_has_been_told(job):
    for offset in range(4):
        await job.feed(sent(offset, triggered(offset, condition="byor"[offset])))
    lose_a_delta(job.given.checkpoints.of(TOPIC))
    await job.start()
    await job.feed(sent(0, triggered(0)), live=False)
    job.committed = {TP: 4}
    assert await job.start() == {TP: Start(1, 4)}
    assert job.role._saver.shelves[0].refusal is None
    assert job.refused("hole") == 1


async def test_offsets_that_are_used_again_do_not_count_as_handled(job):
    await job.feed(sent(0, triggered(0)))
    job.committed, job.end = {TP: 60}, 40
    assert await job.start() == {TP: Start(0, 40)}
    assert job.refused("expired") == 1


async def test_another_configuration_is_rebuilt_from_signals(job, given):
    await job.feed(sent(0, triggered(0)))
    given.loaded.site.__dict__["version"] = "other"
    assert await job.start() == {TP: Start(0, 1)}
    assert job.refused("configuration") >= 1


async def test_a_state_whose_signals_are_gone_is_of_no_use(job):
    await job.feed(sent(0, triggered(0)))
    job.begin = {TP: 30}
    assert await job.start() == {TP: Start(30, 30)}
    assert job.refused("expired") == 1


async def test_a_lost_state_is_told_also_when_nothing_of_what_was_handled_is_left_to_be_read_again(job):
    await job.feed(sent(0, triggered(0)))
    job.given.checkpoints.of(TOPIC).clear()
    job.committed, job.begin = {TP: 1}, {TP: 1}
    assert await job.start() == {TP: Start(1, 1)}
    assert job.refused("missing") == 1


async def test_a_log_that_was_made_anew_is_noticed(job):
    await job.feed(sent(2_000, triggered(0)))
    job.committed = {}
    assert await job.start() == {TP: Start(0, 0)}
    assert job.refused("expired") == 1


async def test_a_record_at_which_the_assessor_fails_is_set_aside_at_the_second_death(job):
    for _ in range(2):
        _fail_at(job.assessor, 1)
        with pytest.raises(ZeroDivisionError):
            await job.role.handle_signals(
                batch(TP, [sent(0, triggered(0)), sent(1, triggered(1)), sent(2, triggered(2))])
            )
        job.given.hand.clear()
        await job.start()
    _fail_at(job.assessor, 1)
    await job.feed(sent(0, triggered(0)), sent(1, triggered(1)), sent(2, triggered(2, condition="y")))
    (reject,) = job.given.sender.values("rejects")
    assert (reject["reason"], reject["offset"]) == ("poison", 1)
    (alarm,) = job.alarms()
    assert (alarm["what"], alarm["offset"], alarm["partition"]) == ("poison", 1, 0)
    assert "ZeroDivisionError" in alarm["detail"]
    assert len(job.given.sender.of("commands")) == 2
    await job.start()
    assert set(job.role._saver.shelves[0].verdicts.guilty) == {1}


async def test_what_a_killed_process_had_in_hand_is_told_by_the_next_one(job):
    job.given.hand.take(0, 5, 9)
    await job.start()
    (death,) = job.role._saver.shelves[0].verdicts.deaths
    assert death == Death(5, 9, "killed", "", death.id)
    assert job.given.hand.found() is None


def _fail_at(assessor, offset):
    real = assessor.handle

    def handle(signal, received):
        if getattr(signal, "source", None) and signal.source.offset == offset:
            raise ZeroDivisionError
        return real(signal, received)

    assessor.handle = handle


async def test_a_signal_that_cannot_even_be_decoded_without_an_error_of_ours_is_poison_at_once(job, monkeypatch):
    def boom(value):
        raise RuntimeError("deep")

    monkeypatch.setattr("streams.agents.assess.decode_signal", boom)
    await job.feed(sent(0, triggered(0)))
    (reject,) = job.given.sender.values("rejects")
    assert reject["reason"] == "poison"
    assert [a["what"] for a in job.alarms()] == ["poison"]

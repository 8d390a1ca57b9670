"""Who may have lost a partition truncates nothing of its checkpoint log: whoever has it now may need it."""

import asyncio

import pytest

from streams.checkpoint import assess_ledger, assess_saver, bank_saver
from streams.checkpoint.owned import Owned
from streams.checkpoint.records import decode
from streams.membership import Membership
from streams.positions import NotYetError
from tests.agents.given import counted, tools
from tests.agents.test_assess import TP as SIGNALS
from tests.agents.test_assess import ZONE, sent, triggered
from tests.checkpoint.fake_log import FakeCheckpoints
from tests.checkpoint.test_assess_saver import Job as AssessJob
from tests.checkpoint.test_bank_saver import TOPIC, Job, eager
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream

__all__ = ["eager"]  # a fixture


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def membership(clock):
    return Membership(10, clock)


@pytest.fixture
def owned(membership, clock):
    membership.heard(clock.now)
    owned = Owned(membership)
    owned.begin([0, 1])
    return owned


def test_what_was_assigned_is_ours_while_heartbeats_are_answered(owned, clock, membership):
    assert owned.zombie(0) is owned.zombie(1) is None
    clock.now += 11
    assert "no heartbeat" in owned.zombie(0).detail
    membership.heard(clock.now)
    assert owned.zombie(0) is None


def test_what_was_never_assigned_or_was_given_away_is_not(owned):
    assert "given away" in owned.zombie(2).detail
    owned.end([1])
    assert owned.zombie(1).reason == "zombie"
    assert owned.zombie(0) is None


def test_a_membership_that_was_lost_does_not_come_back_by_joining_again(owned, clock, membership):
    membership.lose()
    membership.heard(clock.now)
    assert "is lost" in owned.zombie(0).detail
    owned.begin([0])
    assert owned.zombie(0) is None


async def test_a_zombies_truncation_takes_nothing_from_the_owner(membership, clock, monkeypatch):
    """The zombie saves chunks and an index after the owner has read the log: the owner knows the older ones."""
    monkeypatch.setattr(bank_saver, "TRUNCATE_BYTES", 100)
    membership.heard(clock.now)
    zombie = Job(FakeCheckpoints())
    zombie.fence = membership
    await zombie.start()
    await zombie.feed(200)
    owner = Job(zombie.checkpoints)
    owner.committed = dict(zombie.committed)
    await owner.start()
    await owner.feed(210)
    cut = len(zombie.saver.log.truncated)
    membership.lose()
    await zombie.feed(300)
    assert len(zombie.saver.log.truncated) == cut
    assert counted(zombie.metrics, "tocsin_checkpoint_refused_total", role="observe", reason="zombie") >= 1
    needed = owner.saver.shelves[0].state.ledger.index(b"", []).chunks
    assert {e.log_offset for e in needed if e.token} <= set(zombie.checkpoints.of(TOPIC))


async def test_what_is_still_on_its_way_when_a_partition_is_given_away_truncates_nothing(monkeypatch):
    monkeypatch.setattr(assess_saver, "EVERY_S", 0.0)
    monkeypatch.setattr(assess_ledger, "LEAST_BYTES", 0)
    job = AssessJob(tools(site([stream("S1", zone=ZONE)], hazard(FOUR, FOUR_LEVELS), zones=(ZONE,))))
    await job.start()
    log = job.role._saver.log
    gate, write = asyncio.Event(), log.write

    async def slow(*args, **more):
        await gate.wait()
        return await write(*args, **more)

    await job.feed(sent(0, triggered(0)))
    cut = len(log.truncated)
    monkeypatch.setattr(log, "write", slow)
    await job.feed_without_waiting(sent(1, triggered(1, condition="y")))
    monkeypatch.setattr("streams.checkpoint.saver.FINISH_S", 0.01)
    await job.role.leave({SIGNALS})
    job.role.revoked({SIGNALS})
    gate.set()
    await job.settled()
    assert len(log.truncated) == cut
    assert job.refused("zombie") == 1


async def test_who_may_have_lost_a_partition_does_not_say_that_its_log_counts_no_more(membership, clock):
    membership.heard(clock.now)
    job = Job(FakeCheckpoints())
    job.fence = membership
    clock.now += 11
    with pytest.raises(NotYetError):
        await job.start()
    kinds = [decode(value, 0)[0].kind for value in job.checkpoints.of(TOPIC).values()]
    assert "begin" not in kinds
    membership.heard(clock.now)
    await job.start()
    await job.feed(20)
    assert job.states == job.truth(20)

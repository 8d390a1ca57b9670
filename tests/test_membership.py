import asyncio

import pytest
from aiokafka.consumer.group_coordinator import GroupCoordinator

from streams.membership import Membership


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


def test_before_the_first_join_nothing_stands_in_the_way(membership):
    assert membership.sure
    assert not membership.lost


def test_nothing_may_be_sent_when_no_heartbeat_was_answered_for_a_session(membership, clock):
    membership.heard(clock.now)
    clock.now += 9.9
    assert membership.sure
    clock.now += 0.2
    assert not membership.sure
    membership.heard(clock.now)
    assert membership.sure


def test_who_was_thrown_out_may_not_send_until_he_has_joined_again(membership, clock):
    membership.heard(clock.now)
    before = membership.epoch
    membership.lose()
    assert membership.lost
    assert not membership.sure
    membership.heard(clock.now)
    assert membership.sure
    assert membership.epoch != before


def test_losses_are_counted_for_a_minute(membership, clock):
    for _ in range(3):
        membership.lose()
        clock.now += 25
    assert membership.losses == 2
    membership.forgive()
    assert membership.losses == 0


async def test_waits_until_it_is_sure(membership, clock):
    membership.heard(clock.now - 20)
    waiting = asyncio.create_task(membership.wait())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    membership.heard(clock.now)
    await asyncio.wait_for(waiting, 5)


class Coordinator(GroupCoordinator):
    """Of aiokafka's only what is listened to."""

    def __init__(self):
        self.generation, self.answers = 3, []
        self._closing = asyncio.get_running_loop().create_future()

    async def _do_heartbeat(self):
        return self.answers.pop(0)

    def _start_heartbeat_task(self):
        pass

    def reset_generation(self):
        self.generation = -1

    def __del__(self):
        pass


async def test_listens_to_the_coordinator(membership, clock):
    coordinator = Coordinator()
    membership.watch(coordinator)
    coordinator._start_heartbeat_task()
    clock.now += 11
    coordinator.answers = [False, True]
    assert not await coordinator._do_heartbeat()
    assert not membership.sure
    assert await coordinator._do_heartbeat()
    assert membership.sure
    coordinator.reset_generation()
    coordinator.reset_generation()  # while it tries to join again: it had nothing to lose
    assert (membership.losses, membership.lost) == (1, True)


async def test_what_is_still_to_be_sent_when_the_consumer_stops_goes_out(membership, clock):
    coordinator = Coordinator()
    membership.watch(coordinator)
    coordinator._start_heartbeat_task()
    coordinator._closing.set_result(None)
    coordinator.reset_generation()
    assert membership.sure
    assert membership.losses == 0

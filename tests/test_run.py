"""How a role process ends that never came to work, or does not get on."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace

import pytest

from streams import run, supervise
from streams.app import REBALANCE_TIMEOUT_S
from streams.fetch import Tuning
from streams.run import RoleProcess


class Seat:
    """Another process bears our name; or it is told to stop while that is found out."""

    def __init__(self, process, *, told_to_stop):
        self.process, self.told_to_stop = process, told_to_stop

    async def free(self, _ours, given_up):
        if self.told_to_stop:
            self.process._stop.set()
        assert given_up() == self.told_to_stop
        return False


@pytest.mark.parametrize(("told_to_stop", "code"), [(False, 2), (True, 0)], ids=["refused", "told to stop"])
async def test_who_is_told_to_stop_while_it_looks_for_a_namesake_has_not_refused(monkeypatch, told_to_stop, code):
    """Exit 2 of a role stops every role beside it, and systemd starts nothing anew after it."""

    async def there(*_args, **_named):
        return []

    monkeypatch.setattr(run, "wait_for_broker", there)
    monkeypatch.setattr(run, "compare", there)
    process = RoleProcess.__new__(RoleProcess)
    kafka = SimpleNamespace(bootstrap="here:1", embedded=False)
    process._loaded = SimpleNamespace(app=SimpleNamespace(kafka=kafka), topics=None)
    process._client_settings, process._place = {}, SimpleNamespace(clients=frozenset())
    process._stop, process._seat = asyncio.Event(), Seat(process, told_to_stop=told_to_stop)
    assert await process._work() == code


async def test_a_broker_that_freezes_while_topics_are_compared_keeps_nobody(monkeypatch):
    async def there(*_args, **_named): ...

    async def frozen(*_args, **_named):
        process._stop.set()
        await asyncio.sleep(3600)

    monkeypatch.setattr(run, "wait_for_broker", there)
    monkeypatch.setattr(run, "compare", frozen)
    process = RoleProcess.__new__(RoleProcess)
    process._loaded = SimpleNamespace(
        app=SimpleNamespace(kafka=SimpleNamespace(bootstrap="", embedded=False)), topics=None
    )
    process._client_settings, process._stop = {}, asyncio.Event()
    async with asyncio.timeout(10):
        assert await process._work() == 0


async def test_work_that_will_not_be_cancelled_keeps_nobody(monkeypatch):
    """Faust and aiokafka swallow cancellations here and there."""
    monkeypatch.setattr(run, "STOP_WITHIN_S", 0.05)
    process, end = RoleProcess.__new__(RoleProcess), asyncio.Event()
    process._stop = asyncio.Event()

    async def stubborn():
        process._stop.set()
        while not end.is_set():
            with suppress(asyncio.CancelledError):
                await end.wait()

    async with asyncio.timeout(10):
        assert not await process._unless_stopped(stubborn())
    end.set()


async def test_what_fails_before_anybody_is_told_to_stop_is_an_error():
    process = RoleProcess.__new__(RoleProcess)
    process._stop = asyncio.Event()

    async def fails():
        raise EndedError

    with pytest.raises(EndedError):
        await process._unless_stopped(fails())


class EndedError(Exception):
    """Instead of the end of the process."""


async def test_the_broker_is_asked_before_a_role_is_blamed_and_all_stacks_are_told(monkeypatch):
    answers, seen = iter([False, False, True]), []

    class Dog:
        suspicious = True

        def __init__(self, *_): ...

        def trouble(self, _passed_s, *, broker_answers, waiting):
            seen.append((broker_answers, waiting))
            return "it stands" if broker_answers else None

    class Guard:
        def start(self): ...

        def beat(self): ...

    async def asked(_settings):
        return next(answers)

    def die(why, *, stacks=False):
        raise EndedError(why, stacks)

    for name, mine in {"Watchdog": Dog, "LoopGuard": Guard, "broker_answers": asked, "die": die}.items():
        monkeypatch.setattr(run, name, mine)
    monkeypatch.setattr(run, "WATCH_EVERY_S", 0.0)
    process = RoleProcess.__new__(RoleProcess)
    process._client_settings, process._membership, process._role = {}, None, SimpleNamespace(waiting_for=None)
    with pytest.raises(EndedError) as ended:
        await process._watch()
    assert ended.value.args == ("it stands", True)
    assert seen == [(False, False), (False, False), (True, False)]


def test_what_is_begun_has_time_to_end_before_anybody_loses_patience():
    tuning = Tuning()
    assert tuning.stop_grace_s < min(10.0, REBALANCE_TIMEOUT_S) / 2
    assert tuning.stop_grace_s < run.STOP_WITHIN_S < supervise.KILL_AFTER_S < 10.0

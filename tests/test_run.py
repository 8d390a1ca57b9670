"""The exit code of a role process that never came to work."""

import asyncio
from types import SimpleNamespace

import pytest

from streams import run
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

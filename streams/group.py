"""A consumer group seen from outside: who is in it, and taking one of its members out for good.

A static member (docs/delivery.md) says no farewell when it stops: its partitions wait for it until the session ends.
Who leaves for good is taken out by an admin call, so that the others have its partitions at once.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

import structlog

from streams.cluster import AWAY, Cluster, Member

log = structlog.get_logger(__name__)
ASK_EVERY_S = 0.5
_TIMEOUT_S = 3.0


class GroupUnknownError(Exception):
    """The broker did not say who is in the group."""


class Seat:
    """The place of one static member in its group."""

    def __init__(self, settings: Mapping[str, Any], group: str, instance: str, session_s: float) -> None:
        self._settings, self._group, self._instance = dict(settings), group, instance
        self._session_s = session_s

    async def free(self, ours: Collection[str], given_up: Callable[[], bool]) -> bool:
        """Whether we may take it: no process elsewhere bears our name (`ours`: all that ever bore it here).

        One that has died is out of the group after a session, so that long it is waited for.
        """
        patience = time.monotonic() + self._session_s + 2
        while not given_up():
            try:
                other = await self._stranger(ours)
            except GroupUnknownError as error:
                log.warning("who is in the group is not known", reason=str(error))
                return True
            if other is None:
                return True
            if time.monotonic() > patience:
                log.error("refused to start: another process bears this name", name=other.instance, at=other.host)
                return False
            await asyncio.sleep(ASK_EVERY_S)
        return False

    async def leave(self) -> None:
        """Leave for good when there is somebody to have our partitions at once.

        Alone we stay: nobody would have them sooner, and a group that was empty makes whoever comes next wait
        (`group.initial.rebalance.delay.ms`, 3 s).
        """
        try:
            left = await self._give_up()
        except GroupUnknownError as error:
            log.warning("others have our partitions only when our session ends", reason=str(error))
        else:
            log.info("left the group" if left else "stays in the group: nobody else is there", group=self._group)

    async def _stranger(self, ours: Collection[str]) -> Member | None:
        async with self._asking() as cluster:
            members = await cluster.members(self._group)
        return next((one for one in members if one.instance == self._instance and one.client not in ours), None)

    async def _give_up(self) -> bool:
        async with self._asking() as cluster:
            if all(one.instance == self._instance for one in await cluster.members(self._group)):
                return False
            await cluster.remove(self._group, self._instance)
        return True

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[Cluster]:
        try:
            async with Cluster(self._settings, "tocsin-group", _TIMEOUT_S) as cluster:
                yield cluster
        except AWAY as error:
            raise GroupUnknownError(f"{type(error).__name__}: {error}") from error

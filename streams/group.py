"""A consumer group seen from outside: who is in it, and taking one of its members out for good.

A static member (docs/delivery.md) says no farewell when it stops: its partitions wait for it until the session ends.
Who leaves for good is taken out by an admin call, so that the others have its partitions at once.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from kafka.admin import KafkaAdminClient, MemberToRemove
from kafka.errors import KafkaError

log = structlog.get_logger(__name__)
ASK_EVERY_S = 0.5
_TIMEOUT_MS = 3_000


@dataclass(frozen=True, slots=True)
class Member:
    """One process in a group."""

    instance: str | None  # its stable name
    client: str
    host: str


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
                other = await asyncio.to_thread(self._stranger, ours)
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
            left = await asyncio.to_thread(self._give_up)
        except GroupUnknownError as error:
            log.warning("others have our partitions only when our session ends", reason=str(error))
        else:
            log.info("left the group" if left else "stays in the group: nobody else is there", group=self._group)

    def _members(self) -> list[Member]:
        with _admin(self._settings) as admin:
            described = admin.describe_groups([self._group])[self._group]
        return [
            Member(one["group_instance_id"], one["client_id"], one["client_host"].lstrip("/"))
            for one in described["members"]
        ]

    def _stranger(self, ours: Collection[str]) -> Member | None:
        return next((one for one in self._members() if one.instance == self._instance and one.client not in ours), None)

    def _give_up(self) -> bool:
        if all(one.instance == self._instance for one in self._members()):
            return False
        with _admin(self._settings) as admin:
            admin.remove_group_members(self._group, [MemberToRemove(group_instance_id=self._instance)])
        return True


@contextlib.contextmanager
def _admin(settings: Mapping[str, Any]) -> Iterator[KafkaAdminClient]:
    admin = None
    try:
        admin = KafkaAdminClient(
            **settings, client_id="tocsin-group", bootstrap_timeout_ms=_TIMEOUT_MS, request_timeout_ms=_TIMEOUT_MS
        )
        yield admin
    except (KafkaError, OSError) as error:
        raise GroupUnknownError(f"{type(error).__name__}: {error}") from error
    finally:
        if admin is not None:
            admin.close()

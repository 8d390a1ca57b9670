"""Sink `feed`: commands -> `command.feed.*` and `command.current.*`, for command centres.

Summary     every command in full to `.sensitive` (classified restricted: only to `.restricted`); a redacted copy of
            real, released ones to `.open`; the last command of each alert to `command.current.*`, buried 48 h after
            its end
Guarantees  at least once, in order per zone and per alert; a repeat has the same id and the same bytes but `stages`
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from time import time_ns
from typing import ClassVar, NamedTuple
from zoneinfo import ZoneInfo

import structlog

from streams.models.command import Command, encode_command
from streams.models.deployment import Loaded
from streams.sinks.base import Count, Producer, Record, Sink, uncounted
from streams.sinks.compacted import read_compacted
from streams.sinks.current import Read, sweep
from streams.sinks.decode import commands_of, encode_any, stamped
from streams.sinks.redact import Redactor, is_public

log = structlog.get_logger(__name__)
SWEEP_S = 3_600.0
ASK_AGAIN_S = 5.0  # for the time that Kafka has not told yet


class Message(NamedTuple):
    """One record to send."""

    topic: str
    key: bytes
    value: bytes


class FeedSink(Sink):
    """Sends with the role's own confirmed producer; leaves its position to Kafka's committed offsets."""

    name: ClassVar[str] = "feed"
    one_at_a_time: ClassVar[bool] = False  # zones of different partitions never meet

    def __init__(
        self,
        loaded: Loaded,
        producer: Producer,
        count: Count = uncounted,
        *,
        read: Read | None = None,
        clock: Callable[[], int] = lambda: time_ns() // 1000,
    ) -> None:
        self._redactor = Redactor(loaded.site)
        self._zone = ZoneInfo(loaded.app.timezone)
        self._producer = producer
        self._count = count
        self._read: Read = read or partial(read_compacted, loaded.app.kafka)
        self._clock = clock
        self._sweeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to sweep `command.current.*`; reading starts at the committed offsets."""
        if self._sweeper is None:
            self._sweeper = asyncio.create_task(self._sweep_for_ever())

    def prepare(self, topic: str, partition: int, records: Sequence[Record]) -> list[Message]:
        """The messages of a batch."""
        now = self._clock()
        return [
            message
            for record, command in commands_of(topic, partition, records, self._count)
            for message in self._messages(record, command, now)
        ]

    async def put(self, prepared: list[Message]) -> None:
        """Send them; returns when Kafka has all of them."""
        sends = [self._producer.send(message.topic, message.key, message.value) for message in prepared]
        for result in await asyncio.gather(*sends, return_exceptions=True):
            if isinstance(result, BaseException):  # only now: nothing of this batch is under way any more
                raise result
        self._count("written", len(prepared))

    async def close(self) -> None:
        """Stop sweeping."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
            self._sweeper = None

    def _messages(self, record: Record, command: Command, now: int) -> Iterator[Message]:
        full = stamped(record, now, self._zone)
        audience = "restricted" if command.classification == "restricted" else "sensitive"
        yield from _both(audience, command, encode_any(full))
        if is_public(command):
            command.stages = full["stages"]
            copy = self._redactor.copy(command)
            yield from _both("open", copy, encode_command(copy))

    async def _sweep_for_ever(self) -> None:
        """By Kafka's clock: ours may be years ahead, and would bury what has just ended."""
        while True:
            if (now := self._producer.kafka_time) is None:
                await asyncio.sleep(ASK_AGAIN_S)
                continue
            try:
                buried = await sweep(self._read, self._producer, now)
                log.debug("command.current swept", buried=buried)
            except Exception as error:  # noqa: BLE001 - a tombstone can wait; the feed must go on
                log.warning("command.current could not be swept, trying again later", why=repr(error))
            await asyncio.sleep(SWEEP_S)


def _both(audience: str, command: Command, value: bytes) -> Iterator[Message]:
    yield Message(f"command.feed.{audience}", (command.zone or "system").encode(), value)
    if command.kind == "alert" and command.alert is not None:
        yield Message(f"command.current.{audience}", command.alert.encode(), value)

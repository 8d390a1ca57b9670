"""What may be asked of Kafka's logs when it is decided where reading begins."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from streams.completion import Partition, Start

#: runs something on the aiokafka consumer, in whatever thread owns it
OnClient = Callable[[Callable[[AIOKafkaConsumer], Awaitable[Any]]], Awaitable[Any]]


class LogPositions(Protocol):
    """Offsets of partitions."""

    async def beginning(self, tps: Iterable[Partition]) -> Mapping[Partition, int]:
        """Offset of the oldest record of each."""

    async def end(self, tps: Iterable[Partition]) -> Mapping[Partition, int]:
        """Offset after the newest record of each."""

    async def at_time(self, tps: Iterable[Partition], time_ms: int) -> Mapping[Partition, int | None]:
        """Offset of the first record not older than this; none = all are older."""

    async def committed(self, tps: Iterable[Partition]) -> Mapping[Partition, int | None]:
        """The group's committed offset of each."""


class NotYetError(Exception):
    """A role cannot say yet where to begin (what it writes to is away): ask again."""


class Job(Protocol):
    """What the consumer asks of the role that it reads for."""

    async def starts(self, tps: set[Partition], log: LogPositions) -> Mapping[Partition, Start]:
        """All partitions now assigned: where reading begins. Asked again after `NotYetError` or an error of Kafka."""

    async def leave(self, tps: set[Partition]) -> None:
        """Partitions are about to be given away: save what makes their next owner's start short. Bounded."""

    def revoked(self, tps: set[Partition]) -> None:
        """Partitions are no longer ours: forget their state."""

    @property
    def waiting_for(self) -> str | None:
        """What in the outside world it waits for: a batch that waits is not worth waiting for at the end."""


class KafkaLog:
    """`LogPositions` of a consumer's group."""

    def __init__(self, on_client: OnClient) -> None:
        self._on_client = on_client

    async def beginning(self, tps: Iterable[Partition]) -> dict[Partition, int]:
        """Offset of the oldest record of each partition."""
        wanted = _topic_partitions(tps)
        return _plain(await self._on_client(lambda client: client.beginning_offsets(wanted)))

    async def end(self, tps: Iterable[Partition]) -> dict[Partition, int]:
        """Offset after the newest record of each partition."""
        wanted = _topic_partitions(tps)
        return _plain(await self._on_client(lambda client: client.end_offsets(wanted)))

    async def at_time(self, tps: Iterable[Partition], time_ms: int) -> dict[Partition, int | None]:
        """Offset of each partition's first record that is not older than a time."""
        wanted = dict.fromkeys(_topic_partitions(tps), time_ms)
        found = await self._on_client(lambda client: client.offsets_for_times(wanted))
        return _plain({tp: hit and hit.offset for tp, hit in found.items()})

    async def committed(self, tps: Iterable[Partition]) -> dict[Partition, int | None]:
        """The group's committed offsets."""
        wanted = _topic_partitions(tps)

        async def ask(client: AIOKafkaConsumer) -> list[int | None]:
            return list(await asyncio.gather(*(client.committed(tp) for tp in wanted)))

        return _plain(dict(zip(wanted, await self._on_client(ask), strict=True)))


def _topic_partitions(tps: Iterable[Partition]) -> list[TopicPartition]:
    return [TopicPartition(*tp) for tp in tps]


def _plain(found: Mapping[Any, Any]) -> dict[Partition, Any]:
    return {Partition(tp.topic, tp.partition): value for tp, value in found.items()}

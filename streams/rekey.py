"""Copying the records of a topic to another number of partitions: in the order of time, each to its key's partition.

What is kept: every record's bytes, headers and timestamp, and the order of all records of one key. Records without a
key belong to partitions, not to keys: progress goes to every new partition that may have keys of its old one, because
each of them waits for it; so does a tick, but where several old ones meet only if all was silent for a second by then.
"""

import heapq
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import gcd
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from streams.core.decode import is_control
from streams.models.partition import partition_of
from streams.records import use_light_records
from streams.resaid import Around, Rewrite, spoken, unchanged

SILENT_MS = 1_000
UNCONFIRMED = 20  # batches
BATCH_BYTES = 1_048_588  # the largest that a topic takes (`max_message_bytes`)


class Layout(NamedTuple):
    """A topic and how many partitions it has."""

    topic: str
    partitions: int


@dataclass
class Copied:
    """What a copy came to."""

    ends: dict[int, int] = field(default_factory=dict)  # new partition -> records
    live: dict[int, int] = field(default_factory=dict)  # new partition -> first record that nobody has handled yet

    def note(self, partition: int, *, handled: bool) -> None:
        """One record is there."""
        offset = self.ends.get(partition, 0)
        if not handled:
            self.live.setdefault(partition, offset)
        self.ends[partition] = offset + 1


class Targets:
    """Where a record of `old` partitions belongs when there are `new` ones."""

    def __init__(self, old: int, new: int) -> None:
        self._new, self._step = new, gcd(old, new)
        self._alone = new % old == 0  # each new partition has the keys of one old one, and therefore its ticks
        self._heard: dict[int, int] = {}  # new partition -> timestamp of its last record
        self.now = 0  # timestamp of the last record of all

    def of(self, record: Any) -> list[int]:
        """The new partitions of a record: its key's; without a key all that may have keys of its old one."""
        if record.key is not None:
            found = [partition_of(record.key, self._new)]
        else:
            found = [*range(record.partition % self._step, self._new, self._step)]
        if record.key is None and record.value is None and is_control(record) and not self._alone:
            found = [to for to in found if record.timestamp - self._heard.get(to, 0) >= SILENT_MS]
        self._heard.update(dict.fromkeys(found, record.timestamp))
        self.now = max(self.now, record.timestamp)
        return found


class Copier:
    """Copies between topics of one cluster."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = dict(settings)

    async def rekey(
        self,
        source: Layout,
        target: Layout,
        handled: Mapping[int, int],
        rewrite: Rewrite = unchanged,
        around: Around | None = None,
    ) -> Copied:
        """All records to their keys' partitions. `handled`: partition -> offset before which all are.

        `around`: what stands before the first and after the last record of each new partition.
        """
        targets, copied = Targets(source.partitions, target.partitions), Copied()
        async with _Writer(self._settings, target.topic) as writer:
            async for record in self._merged(*source):
                for partition in targets.of(record):
                    if around and partition not in copied.ends:
                        await writer.write(spoken(record.timestamp), partition, around[0])
                        copied.note(partition, handled=True)
                    await writer.write(record, partition, rewrite(record))
                    copied.note(partition, handled=record.offset < handled.get(record.partition, 0))
            for partition in copied.ends:
                if around:
                    await writer.write(spoken(targets.now), partition, around[1])
                    copied.note(partition, handled=True)
        return copied

    async def copy(self, source: Layout, target: str) -> Copied:
        """All records to the partition of the same number."""
        copied = Copied()
        async with _Writer(self._settings, target) as writer:
            async for record in self._merged(*source):
                await writer.write(record, record.partition, record.value)
                copied.note(record.partition, handled=True)
        return copied

    async def _merged(self, topic: str, count: int) -> AsyncIterator[Any]:
        """Records of all partitions by timestamp; those of one partition in offset order, whatever their times."""
        partitions = [TopicPartition(topic, p) for p in range(count)]
        async with self._consumer("read_uncommitted") as consumer:
            # Who reads what was committed is told of no record behind a transaction that goes on; it is waited for.
            ends = await consumer.end_offsets(partitions)
        async with self._consumer("read_committed") as consumer:
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            async for record in _by_time(consumer, ends):
                yield record

    @asynccontextmanager
    async def _consumer(self, isolation: str) -> AsyncIterator[AIOKafkaConsumer]:
        use_light_records()  # whatever a header is called: bytes that are no UTF-8 are copied as `\\xb1`
        consumer = AIOKafkaConsumer(
            **self._settings, enable_auto_commit=False, max_partition_fetch_bytes=262_144, isolation_level=isolation
        )
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()


async def _by_time(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> AsyncIterator[Any]:
    """A merge of logs that reads on wherever the next record is needed."""
    heap: list[tuple[int, int, int, Any]] = []
    waiting: dict[TopicPartition, Iterator[Any]] = {}
    newest = dict.fromkeys(ends, 0)  # a running maximum: the order within a partition stands
    hungry = list(ends)
    while True:
        for tp in hungry:
            if (record := await _next(consumer, tp, ends[tp], waiting)) is not None:
                newest[tp] = max(newest[tp], record.timestamp)
                heapq.heappush(heap, (newest[tp], tp.partition, record.offset, record))
        if not heap:
            return
        record = heapq.heappop(heap)[3]
        yield record
        hungry = [TopicPartition(record.topic, record.partition)]


async def _next(
    consumer: AIOKafkaConsumer, tp: TopicPartition, end: int, waiting: dict[TopicPartition, Iterator[Any]]
) -> Any:
    """The next record of a partition; none = there are no more."""
    while (record := next(waiting.get(tp, iter(())), None)) is None:
        if await consumer.position(tp) >= end:
            return None
        found: Sequence[Any] = (await consumer.getmany(tp, timeout_ms=500)).get(tp, ())
        waiting[tp] = iter([one for one in found if one.offset < end])
    return record


class _Writer:
    """Keeps timestamps and order, and loses nothing unseen. A tick has neither key nor value: `send` refuses it."""

    def __init__(self, settings: Mapping[str, Any], topic: str) -> None:
        self._topic = topic
        self._producer = AIOKafkaProducer(
            **settings,
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            max_request_size=2 * BATCH_BYTES,
        )
        self._batches: dict[int, Any] = {}  # partition -> what is not sent yet
        self._sent: list[Any] = []

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            for partition in list(self._batches):
                await self._send(partition)
            await self._confirm()
        await self._producer.stop()

    async def write(self, record: Any, partition: int, value: bytes | None) -> None:
        """Add one to the partition's batch; full batches are sent."""
        more = {"key": record.key, "value": value, "timestamp": record.timestamp, "headers": list(record.headers)}
        batch = self._batches.setdefault(partition, self._producer.create_batch())
        if batch.append(**more) is None:
            await self._send(partition)
            batch = self._batches[partition] = self._producer.create_batch()
            if batch.append(**more) is None:
                raise ValueError(f"a record of {self._topic}/{partition} does not fit into a batch")

    async def _send(self, partition: int) -> None:
        batch = self._batches.pop(partition)
        batch.close()
        self._sent.append(await self._producer.send_batch(batch, self._topic, partition=partition))
        if len(self._sent) >= UNCONFIRMED:
            await self._confirm()

    async def _confirm(self) -> None:
        for one in self._sent:
            await one
        self._sent.clear()

"""The Kafka side of a checkpoint log: confirmed writes, reading up to a mark of one's own, truncation.

It has a producer and a consumer of its own: what is saved must not stand in the way of signals and commands.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import KafkaError, KafkaTimeoutError
from aiokafka.structs import TopicPartition

from streams.checkpoint.findings import Finding
from streams.checkpoint.owned import Owned
from streams.checkpoint.records import Damage, decode, encode
from streams.checkpoint.schema import Schema
from streams.membership import Fence
from streams.models.saved import Header, Kind
from streams.models.settings import Kafka
from streams.records import use_light_records

log = structlog.get_logger(__name__)
RECORD_MOST = 1_000_000  # a request of one record
FETCH_BYTES = 8 * 1024 * 1024
MARK_MOST = 1_000  # bytes
LOG_APPEND_TIME = 1  # the kind of a record's time
READ_WITHIN_S = 20.0  # nothing comes for so long, though there is a mark: ask again
_pack = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Written:
    """What is in the log now: who wrote it as which piece, and where it begins and ends."""

    token: str
    seq: int
    first: int
    last: int
    at_ms: int = 0  # by the broker's clock; 0 = it has not said


class CheckpointLog:
    """One topic of checkpoints, as one process writes and reads it."""

    def __init__(
        self,
        topic: str,
        schema: Schema,
        kafka: Kafka,
        client_settings: Mapping[str, Any],
        owner: str,
        fence: Fence | None = None,
    ) -> None:
        """`fence`: who may have lost a partition truncates nothing."""
        self.topic, self.schema, self.owner = topic, schema, owner
        self.owned = Owned(fence)
        self.token = secrets.token_hex(6)
        self.read = 0  # records, ever: while it grows a restore gets on
        self._kafka, self._settings = kafka, dict(client_settings)
        self._seq = 0
        self._producer: AIOKafkaProducer | None = None
        self._admin: AIOKafkaAdminClient | None = None
        self._connecting = asyncio.Lock()
        self._truncates = self.ends_known = not kafka.embedded  # the embedded broker tells wrong ends

    async def open(self) -> None:
        """Connect for writing."""
        if self._producer is None:
            self._producer = AIOKafkaProducer(
                acks="all",
                enable_idempotence=self._kafka.idempotence,
                max_request_size=RECORD_MOST,
                max_batch_size=RECORD_MOST,
                request_timeout_ms=10_000,
                **self._settings,
            )
            await self._producer.start()

    async def close(self) -> None:
        """Disconnect."""
        if self._producer is not None:
            await self._producer.stop()
        if self._admin is not None:
            await self._admin.close()
        self._producer = self._admin = None

    # ---- writing

    async def write(self, partition: int, kind: Kind, payload: bytes, **header: Any) -> Written:
        """Append one piece; returns when every replica has it."""
        assert self._producer is not None, "open() comes first"  # noqa: S101 - a rule of this class
        seq, self._seq = self._seq, self._seq + 1
        schema = self.schema
        front = Header(schema.name, schema.version, kind, partition, self.owner, self.token, seq, **header)
        sent = [
            await self._producer.send(self.topic, value=record, partition=partition)
            for record in encode(front, payload)
        ]
        acknowledged = [await one for one in sent]
        at_ms = acknowledged[-1].timestamp if acknowledged[-1].timestamp_type == LOG_APPEND_TIME else 0
        return Written(self.token, seq, acknowledged[0].offset, acknowledged[-1].offset, at_ms)

    async def save(self, partition: int, kind: Kind, payload: msgspec.Struct, **header: Any) -> Written:
        """Append one of the structs of `models/saved.py`."""
        return await self.write(partition, kind, _pack(payload), **header)

    # ---- reading

    async def mark(self, partition: int) -> Written:
        """Write where a reader is to stop: the embedded broker tells wrong ends, and others may be writing."""
        return await self.write(partition, "mark", b"")

    def is_state_of_another(self, value: bytes) -> bool:
        """Whether a record is state that another process (or our predecessor) wrote; damage counts as such."""
        found = decode(value, 0)
        return isinstance(found, Damage) or (found[0].token != self.token and found[0].kind not in ("mark", "death"))

    def _count(self) -> None:
        self.read += 1

    @asynccontextmanager
    async def reading(self) -> AsyncIterator["Reader"]:
        """A consumer of our own, of no group. A batch that is damaged does not stop it: what was in it is missing."""
        use_light_records()
        consumer = AIOKafkaConsumer(
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            check_crcs=False,  # each record has a checksum of its own
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_bytes=FETCH_BYTES,
            fetch_max_wait_ms=20,
            **self._settings,
        )
        await consumer.start()
        try:
            yield Reader(self.topic, consumer, self._count)
        finally:
            await consumer.stop()

    # ---- truncation

    async def truncate(self, partition: int, before: int) -> Finding | None:
        """Give back what lies before an offset, which the newest *acknowledged* state of ours does not need.

        Nobody depends on it: what cannot be deleted stays. A finding: the partition may be another's, so it stays too.
        """
        if (zombie := self.owned.zombie(partition)) is not None:
            return zombie
        if self._truncates:
            await self._delete(partition, before)
        return None

    async def _delete(self, partition: int, before: int) -> None:
        try:
            async with self._connecting:  # another partition's turn may come meanwhile
                if self._admin is None:
                    admin = AIOKafkaAdminClient(**self._settings)
                    try:
                        await admin.start()
                    except BaseException:
                        await admin.close()
                        raise
                    self._admin = admin
            await self._admin.delete_records({TopicPartition(self.topic, partition): RecordsToDelete(before)})
        except (KafkaError, OSError, NotImplementedError) as error:
            self._truncates = getattr(error, "retriable", False)
            log.warning(
                "a checkpoint log cannot be truncated", topic=self.topic, partition=partition, error=repr(error)
            )


class Reader:
    """Reads raw records of many megabytes, one partition after the other."""

    def __init__(self, topic: str, consumer: AIOKafkaConsumer, count: Callable[[], None] = lambda: None) -> None:
        """`count` is called for every record."""
        self._topic, self._consumer, self._count = topic, consumer, count

    async def beginning(self, partition: int) -> int:
        """Offset of the oldest record."""
        tp = TopicPartition(self._topic, partition)
        return int((await self._consumer.beginning_offsets([tp]))[tp])

    async def records(self, partition: int, start: int, mark: Written) -> AsyncIterator[tuple[int, bytes]]:
        """Offset and value of each record from one on (or from the beginning, when that is later), up to the mark."""
        tp, now = TopicPartition(self._topic, partition), asyncio.get_running_loop().time
        self._consumer.assign([tp])
        self._consumer.seek(tp, max(start, await self.beginning(partition)))
        deadline = now() + READ_WITHIN_S
        while now() < deadline:
            for records in (await self._consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    if is_mark(record.value, mark):
                        return
                    self._count()
                    yield record.offset, record.value or b""
                deadline = now() + READ_WITHIN_S
        raise KafkaTimeoutError(f"no mark in {tp.topic}/{tp.partition} for {READ_WITHIN_S:.0f} s")


def is_mark(value: bytes | None, mark: Written) -> bool:
    """Whether a record is this very mark."""
    if not value or len(value) > MARK_MOST or mark.token.encode() not in value:
        return False
    found = decode(value, 0)
    return not isinstance(found, Damage) and (found[0].token, found[0].seq) == (mark.token, mark.seq)

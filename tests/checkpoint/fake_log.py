"""Checkpoint logs in memory, with the face of `CheckpointLog`: what was confirmed outlives its process."""

import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from streams.checkpoint.log import CheckpointLog, Written, is_mark
from streams.checkpoint.owned import Owned
from streams.checkpoint.records import encode
from streams.models.saved import Header


@dataclass
class FakeCheckpoints:
    """What a broker has: topic and partition -> offset -> record. Call it for a process's log."""

    records: dict = field(default_factory=dict)
    away: bool = False

    def __call__(self, topic, schema, owner="me", fence=None):
        return FakeCheckpointLog(self, topic, schema, owner, fence)

    def of(self, topic, partition=0):
        return self.records.setdefault((topic, partition), {})


class FakeCheckpointLog:
    ends_known = True
    read = 0
    is_state_of_another = CheckpointLog.is_state_of_another
    truncate = CheckpointLog.truncate
    _truncates = True

    def __init__(self, broker, topic, schema, owner, fence=None):
        self.owned = Owned(fence)
        self.broker, self.topic, self.schema, self.owner = broker, topic, schema, owner
        self.token = secrets.token_hex(6)
        self.seq = 0
        self.truncated = []

    async def open(self):
        pass

    async def close(self):
        pass

    async def write(self, partition, kind, payload, **header):
        if self.broker.away:
            raise OSError("away")
        seq, self.seq = self.seq, self.seq + 1
        front = Header(self.schema.name, self.schema.version, kind, partition, self.owner, self.token, seq, **header)
        records = self.broker.of(self.topic, partition)
        first = max(records, default=-1) + 1
        for number, value in enumerate(encode(front, payload), start=first):
            records[number] = value
        return Written(self.token, seq, first, max(records))

    async def save(self, partition, kind, payload, **header):
        return await self.write(partition, kind, msgspec.msgpack.encode(payload), **header)

    async def mark(self, partition):
        return await self.write(partition, "mark", b"")

    @asynccontextmanager
    async def reading(self):
        yield self

    async def beginning(self, partition):
        return min(self.broker.of(self.topic, partition), default=0)

    async def records(self, partition, start, mark):
        for offset, value in sorted(self.broker.of(self.topic, partition).items()):
            if is_mark(value, mark):
                return
            if offset >= start:
                yield offset, value

    async def _delete(self, partition, before):
        self.truncated.append(before)
        records = self.broker.of(self.topic, partition)
        for offset in [o for o in records if o < before]:
            del records[offset]

"""Records as our consumers hand them on: lighter than aiokafka's own.

aiokafka makes a dataclass of eleven fields a record, which costs more than reading it does. Here it is a msgspec
struct of seven that the garbage collector does not track: about half the cost of fetching.
"""

from collections.abc import Callable, Generator, Iterator
from typing import Any, ClassVar

import msgspec
from aiokafka import errors
from aiokafka.consumer import fetcher

from streams.odd_batch import Answer


class KafkaRecord(msgspec.Struct, gc=False):
    """What anybody here asks of a record. timestamp: milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    # What Faust copies into its message and nobody reads.
    timestamp_type = None
    checksum = None
    serialized_key_size = -1
    serialized_value_size = -1


#: told of a batch that cannot be read: topic and partition, its first offset that is wanted, the first one after it.
#: Whether somebody takes care of it; else it is an error
Damage = Callable[[Any, int, int], bool]

#: what aiokafka raises where it cannot take a batch apart
UNFIT = (errors.CorruptRecordException, UnicodeDecodeError)


class LightRecords(fetcher.PartitionRecords):  # type: ignore[misc] # aiokafka has no types
    """The records of one partition in an answer to a fetch."""

    next_fetch_offset: int
    damage: ClassVar[Damage] = staticmethod(lambda *_: False)

    def _unpack_records(self) -> Iterator[KafkaRecord]:
        # aiokafka/consumer/fetcher.py, PartitionRecords._unpack_records, with the loop over a batch's records as short
        # as can be. What is left out: deserializers (nobody here gives any) and log lines.
        # A batch that is damaged ends what is handed on: those before it must not be lost with an error, and the next
        # fetch begins with it.
        topic, partition = self._tp
        records, begin = self._records, self.next_fetch_offset
        while records.has_next():
            batch = records.next_batch()
            if self._check_crcs and not batch.validate_crc():
                if self.next_fetch_offset == begin and not self._cared_for(batch):
                    raise errors.CorruptRecordException(damaged(topic, partition, batch.base_offset, batch.next_offset))
                return
            if self._is_aborted(batch) or batch.is_control_batch:
                self.next_fetch_offset = batch.next_offset
                continue
            first = self.next_fetch_offset
            try:
                for record in batch:
                    offset = record.offset
                    if offset < first:  # compressed batches come whole
                        continue
                    self.next_fetch_offset = offset + 1
                    yield KafkaRecord(
                        topic, partition, offset, record.timestamp, record.key, record.value, tuple(record.headers)
                    )
            except UNFIT:
                whole = yield from self._once_more(batch)
                if self._check_crcs and not whole:
                    if self.next_fetch_offset == begin and not self._cared_for(batch):
                        raise
                    return
            self.next_fetch_offset = batch.next_offset

    def _once_more(self, batch: Any) -> Generator[KafkaRecord, None, bool]:
        """What aiokafka has not handed on of a batch, as far as it can be read at all; whether it was whole.

        Who does not check sums has sums of his own, and finds out what is missing.
        """
        topic, partition = self._tp
        try:
            for record in self._records.once_more(batch.base_offset):
                if record.offset >= self.next_fetch_offset:
                    self.next_fetch_offset = record.offset + 1
                    yield KafkaRecord(
                        topic, partition, record.offset, record.timestamp, record.key, record.value,
                        tuple(record.headers),
                    )  # fmt: skip
        except UNFIT:
            return False
        return True

    def _cared_for(self, batch: Any) -> bool:
        return LightRecords.damage(self._tp, max(batch.base_offset, self.next_fetch_offset), batch.next_offset)

    def _is_aborted(self, batch: Any) -> bool:
        """Whether a batch belongs to a transaction that was aborted; takes note of the markers that say so."""
        if self._isolation_level != fetcher.READ_COMMITTED or batch.producer_id is None:
            return False
        self._consume_aborted_up_to(batch.base_offset)
        if batch.is_control_batch and self._contains_abort_marker(batch):
            self._aborted_producers.discard(batch.producer_id)
        return bool(batch.is_transactional and batch.producer_id in self._aborted_producers)


def damaged(topic: str, partition: int, first: int, upto: int) -> str:
    """What to do about a batch that its broker hands out otherwise than it was written, for people."""
    return (
        f"{topic}/{partition}: the checksum of the batch at offset {first} does not fit, the broker's disk "
        f"or memory has damaged it. Take the partition from a replica; if there is none, delete its records before "
        f"offset {upto} (docs/operations.md)"
    )


def use_light_records() -> None:
    """Have every aiokafka consumer of this process hand on `KafkaRecord`s: the class is not a setting there."""
    fetcher.PartitionRecords, fetcher.MemoryRecords = LightRecords, Answer

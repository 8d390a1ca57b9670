"""Reads a compacted topic once, from its beginning to its end: the last record of each key."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer

from streams.kafka_settings import client_settings
from streams.models.settings import Kafka


class Last(NamedTuple):
    """The last record of a key; value null = a tombstone."""

    value: bytes | None
    timestamp: int  # ms


#: (topic, key) -> its last record
Table = dict[tuple[str, bytes], Last]


async def read_compacted(kafka: Kafka, topics: Sequence[str]) -> Table:
    """The last record of each key, as of now."""
    consumer = AIOKafkaConsumer(*topics, group_id=None, auto_offset_reset="earliest", **client_settings(kafka))
    await consumer.start()
    try:
        return await _read(consumer)
    finally:
        await consumer.stop()


async def _read(consumer: Any) -> Table:
    table: Table = {}
    ends = await consumer.end_offsets(consumer.assignment())
    while [tp for tp, end in ends.items() if await consumer.position(tp) < end]:
        for tp, records in (await consumer.getmany(timeout_ms=200)).items():
            for record in records:
                table[tp.topic, record.key or b""] = Last(record.value, record.timestamp)
    return table

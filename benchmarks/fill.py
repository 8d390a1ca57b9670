"""Fill a topic quickly: whole record batches of about 500 kB, several partitions at once."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

logging.getLogger("aiokafka").setLevel(logging.ERROR)  # a new topic has no leader yet: it tries again and says so
BATCH_BYTES = 512 * 1024
Records = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Filled:
    """What lies in the topic now."""

    messages: int
    bytes: int
    seconds: float

    @property
    def size(self) -> float:
        """Bytes of a message, with its key."""
        return round(self.bytes / max(self.messages, 1), 1)


async def fill(bootstrap: str, topic: str, partitions: int, records_of: Callable[[int], Records]) -> Filled:
    """Publish what `records_of` makes for each partition."""
    began = time.monotonic()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_batch_size=BATCH_BYTES, acks=1, linger_ms=0)
    await producer.start()
    try:
        done = await asyncio.gather(*(_fill_one(producer, topic, n, records_of(n)) for n in range(partitions)))
        await producer.flush()
    finally:
        await producer.stop()
    return Filled(sum(count for count, _ in done), sum(size for _, size in done), time.monotonic() - began)


async def _fill_one(producer: AIOKafkaProducer, topic: str, partition: int, records: Records) -> tuple[int, int]:
    batch, count, size = producer.create_batch(), 0, 0
    for key, value in records:
        if batch.append(key=key, value=value, timestamp=None) is None:
            await producer.send_batch(batch, topic, partition=partition)
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)
        count += 1
        size += len(key) + len(value)
    if batch.record_count():
        await producer.send_batch(batch, topic, partition=partition)
    return count, size

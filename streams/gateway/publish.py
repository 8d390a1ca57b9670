"""Checked file records into Kafka: at their own pace, faster, or as fast as Kafka confirms."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from streams.gateway.door import Sends
from streams.gateway.files import FileRecord
from streams.gateway.producer import Out

AT_ONCE = 500  # records confirmed together
AT_ONCE_BYTES = 1_000_000
SOON_S = 0.005  # records due within this time go together


@dataclass
class Summary:
    """What Kafka has."""

    records: int = 0
    rows: int = 0
    seconds: float = 0.0
    topics: dict[str, int] = field(default_factory=dict)

    def add(self, records: Iterable[FileRecord]) -> int:
        """Count confirmed records; returns their rows."""
        before = self.rows
        for record in records:
            self.records += 1
            self.rows += record.rows
            self.topics[record.topic] = self.topics.get(record.topic, 0) + record.rows
        return self.rows - before


async def publish(
    records: Iterator[FileRecord],
    producer: Sends,
    summary: Summary,
    speed: float | None = None,
    confirmed: Callable[[int], None] = lambda _: None,
) -> None:
    """Send everything in order; `speed` N = N times the pace of the phenomenon times, None = as fast as confirmed.

    `summary` is right at every moment, also when this ends with AwayError. `confirmed` hears the rows of each step.
    """
    started = time.monotonic()
    first: int | None = None
    for batch in _batches(records, speed):
        first = batch[0].time if first is None else first
        if speed is not None:
            due = started + (batch[0].time - first) / 1_000_000 / speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        await producer.send_all([Out(record.topic, record.key, record.value) for record in batch])
        confirmed(summary.add(batch))
        summary.seconds = time.monotonic() - started


def _batches(records: Iterator[FileRecord], speed: float | None) -> Iterator[list[FileRecord]]:
    """Neighbours that go together: all that fit, or all that are due at about the same moment."""
    batch: list[FileRecord] = []
    size = 0
    for record in records:
        late = speed is not None and batch and (record.time - batch[0].time) / 1_000_000 / speed > SOON_S
        if batch and (late or len(batch) >= AT_ONCE or size + len(record.value) > AT_ONCE_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += len(record.value)
    if batch:
        yield batch

"""Topics read as logs: from their beginning to where they end now, or on and on; no consumer group, no trace left."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from streams.gateway.producer import AwayError
from streams.kafka_settings import client_settings
from streams.models.settings import Kafka
from streams.records import use_light_records

log = structlog.get_logger(__name__)
POLL_MS = 500
AT_ONCE = 2_000
WAIT_S = 60.0


class LogReader:
    """Some topics, all partitions, every record once."""

    def __init__(self, consumer: AIOKafkaConsumer, begins: dict[Any, int], ends: dict[Any, int]) -> None:
        self._consumer, self._ends = consumer, {tp: end for tp, end in ends.items() if end > begins[tp]}
        self.stop = asyncio.Event()  # set: no more records
        self.expected = sum(end - begins[tp] for tp, end in ends.items())  # at most: compaction leaves holes

    @property
    def whole(self) -> bool:
        """Whether everything was read that there was when reading began."""
        return not self._ends

    async def records(self, *, follow: bool = False) -> AsyncIterator[list[Any]]:
        """Batches of one partition each, in offset order, at least up to where the topics ended when reading began.

        Not cut there: Tansu says an end that lies inside the last batch. What follows is read until nothing is waiting.
        """
        last = False
        while not self.stop.is_set() and not last:
            last = not follow and not self._ends
            found = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=AT_ONCE)
            for records in found.values():
                yield records
            await self._forget_done()

    async def _forget_done(self) -> None:
        for tp, end in list(self._ends.items()):
            if await self._consumer.position(tp) >= end:
                del self._ends[tp]


class PartReader(LogReader):
    """One partition of a topic from a time on. begin: its oldest offset that is there; start: where reading begins."""

    def __init__(self, consumer: AIOKafkaConsumer, place: Any, begin: int, start: int, end: int) -> None:
        super().__init__(consumer, {place: start}, {place: end})
        self.begin, self.start, self.end = begin, start, end


@asynccontextmanager
async def open_part(kafka: Kafka, topic: str, partition: int, since: int | None) -> AsyncIterator[PartReader]:
    """`since`: Kafka's time in milliseconds; None: from the beginning. Raises AwayError, as `open_log` does."""
    consumer = await _started(kafka, [topic])
    try:
        places = {place.partition: place for place in consumer.assignment()}
        if partition not in places:
            raise AwayError(f"{topic} has no partition {partition}: `tocsin topics check`")
        place = places.pop(partition)
        consumer.pause(*places.values())
        (begin,) = (await consumer.beginning_offsets([place])).values()
        (end,) = (await consumer.end_offsets([place])).values()
        start = begin if since is None else max(begin, await _offset_at(consumer, place, since, end))
        consumer.seek(place, start)
        yield PartReader(consumer, place, begin, start, end)
    except KafkaError as error:
        raise AwayError(f"Kafka at {kafka.bootstrap}: {error}") from error
    finally:
        await consumer.stop()


async def _offset_at(consumer: AIOKafkaConsumer, place: Any, since: int, end: int) -> int:
    """The first record of that time or later."""
    found = (await consumer.offsets_for_times({place: max(since, 0)})).get(place)
    return end if found is None else int(found.offset)


@asynccontextmanager
async def open_log(kafka: Kafka, topics: Sequence[str]) -> AsyncIterator[LogReader]:
    """Raises AwayError when Kafka does not answer within a minute or a topic is missing."""
    consumer = await _started(kafka, topics)
    try:
        places = sorted(consumer.assignment())
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        for tp, begin in begins.items():
            consumer.seek(tp, begin)
        yield LogReader(consumer, begins, ends)
    except KafkaError as error:
        raise AwayError(f"Kafka at {kafka.bootstrap}: {error}") from error
    finally:
        await consumer.stop()


async def _started(kafka: Kafka, topics: Sequence[str]) -> AIOKafkaConsumer:
    """A consumer of all partitions; while the broker is not there, wait, and say so once."""
    use_light_records()  # whatever a header is called, as the roles read
    loop = asyncio.get_running_loop()
    patience, told = loop.time() + WAIT_S, False
    while True:
        consumer = AIOKafkaConsumer(
            *topics, enable_auto_commit=False, auto_offset_reset="earliest", max_partition_fetch_bytes=4_000_000,
            isolation_level="read_committed",  # as the roles read: what was aborted was never said
            **client_settings(kafka),
        )  # fmt: skip
        try:
            await consumer.start()
        except UnknownTopicOrPartitionError:
            await consumer.stop()
            raise AwayError(f"no topic {' or '.join(topics)} at {kafka.bootstrap}: `tocsin topics check`") from None
        except (KafkaError, OSError) as error:
            await consumer.stop()
            if loop.time() > patience:
                raise AwayError(f"Kafka at {kafka.bootstrap} is not there: {error}") from error
            if not told:
                log.warning("waiting for Kafka", bootstrap=kafka.bootstrap)
            told = True
            await asyncio.sleep(1.0)
        else:
            return consumer

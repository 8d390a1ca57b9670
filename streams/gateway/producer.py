"""Outside to Kafka: a send returns when all replicas have the record; what may wait is bounded."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError

from streams.kafka_settings import client_settings
from streams.models.settings import Kafka

log = structlog.get_logger(__name__)
MOST_BYTES = 1_047_000  # of a record, if nothing else is said: Kafka's default limit less what goes around it
BATCH_BYTES = 262_144
RETRY_FIRST_S, RETRY_MOST_S = 0.2, 5.0
CLOSE_S = 5.0  # whoever waits for our end kills after 8 to 10 s
Headers = Sequence[tuple[str, bytes]]


class AwayError(Exception):
    """Kafka has not confirmed in time, or is not there. The same record may be sent again."""


class TooLargeError(Exception):
    """A record is beyond what the topic takes."""


class Out(NamedTuple):
    """One record; without a partition its key decides (murmur2)."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    headers: Headers = ()


class Producer:
    """The doors' way into Kafka.

    After a failure the client is replaced: once an idempotent batch has failed for good, aiokafka's sequence numbers no
    longer fit and the broker refuses everything else that it sends to that partition.
    """

    def __init__(
        self,
        kafka: Kafka,
        *,
        in_flight: int = 5_000,
        deadline_s: float | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """`in_flight`: records that may wait for Kafka; further senders wait (and the HTTP door says 429)."""
        self._kafka, self._most_bytes = kafka, most_bytes
        self._tasks: set[asyncio.Task[None]] = set()
        self._deadline_s = kafka.send_deadline_s if deadline_s is None else deadline_s
        self._places = asyncio.Semaphore(in_flight)
        self._producer: AIOKafkaProducer | None = None

    @property
    def connected(self) -> bool:
        """Whether Kafka has answered since the start, or since it last failed us."""
        return self._producer is not None

    @property
    def busy(self) -> bool:
        """Whether the next sender would have to wait."""
        return self._places.locked()

    async def open(self) -> None:
        """Connect; while the broker is not there, wait, and say so once."""
        pause = RETRY_FIRST_S
        while self._producer is None:
            try:
                await self._connect()
            except (KafkaError, OSError) as problem:
                if pause == RETRY_FIRST_S:
                    log.warning("waiting for Kafka", bootstrap=self._kafka.bootstrap, reason=_said(problem))
                await asyncio.sleep(pause)
                pause = min(2 * pause, RETRY_MOST_S)
        if pause > RETRY_FIRST_S:
            log.info("Kafka is there", bootstrap=self._kafka.bootstrap)

    async def _connect(self) -> None:
        producer = AIOKafkaProducer(
            acks="all",
            enable_idempotence=self._kafka.idempotence,
            max_batch_size=BATCH_BYTES,
            max_request_size=self._most_bytes + 10_000,
            linger_ms=2,
            request_timeout_ms=min(10_000, round(self._deadline_s * 1000)),
            **client_settings(self._kafka),
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer

    async def send(
        self, topic: str, key: bytes | None, value: bytes | None, partition: int | None = None, headers: Headers = ()
    ) -> None:
        """Returns when every replica has it. Raises AwayError or TooLargeError."""
        await self.send_all([Out(topic, key, value, partition, headers)])

    async def send_all(self, records: Iterable[Out]) -> None:
        """Send in this order, wait for all. Raises the first AwayError or TooLargeError."""
        client = self._producer
        try:
            async with asyncio.timeout(self._deadline_s):
                sent = [await self._begin(record) for record in records]
                if sent:  # unlike gather, wait does not cancel what is under way
                    await asyncio.wait(sent)
            for future in sent:
                future.result()
        except MessageSizeTooLargeError as problem:
            self._replace(client)
            raise TooLargeError(str(problem)) from problem
        except UnknownTopicOrPartitionError as problem:
            raise AwayError("a topic is missing: run `tocsin topics apply`") from problem
        except (KafkaError, OSError, TimeoutError) as problem:
            self._replace(client)
            raise AwayError(f"Kafka did not confirm: {_said(problem)}") from problem

    async def _begin(self, record: Out) -> asyncio.Future[object]:
        """Hand one record to the client; its place is free again when Kafka has it."""
        if self._producer is None:
            raise AwayError(f"Kafka at {self._kafka.bootstrap} is not there yet")
        size = len(record.key or b"") + len(record.value or b"")
        if size > self._most_bytes:
            raise TooLargeError(f"{size:,} bytes; at most {self._most_bytes:,}")
        await self._places.acquire()
        try:
            sent: asyncio.Future[object] = await self._producer.send(
                record.topic, record.value, record.key, record.partition, headers=record.headers
            )
        except BaseException:
            self._places.release()
            raise
        sent.add_done_callback(self._free)
        return sent

    def _free(self, sent: asyncio.Future[object]) -> None:
        self._places.release()
        if not sent.cancelled():
            sent.exception()  # whoever awaits sees it too; nobody shall be told that nobody looked

    def _replace(self, failed: object) -> None:
        """Let the failed client end what it can and connect anew, both beside us."""
        old, ours = self._producer, self._producer is failed
        if old is None or not ours:
            return  # somebody else's failure has replaced it already
        self._producer = None
        for work in (old.stop(), self.open()):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Send what waits, then disconnect; a broker that does not answer delays nobody for longer than CLOSE_S."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        producer, self._producer = self._producer, None
        if producer is None:
            return
        ending = asyncio.ensure_future(producer.stop())
        _, late = await asyncio.wait({ending}, timeout=CLOSE_S)
        if late:
            ending.cancel()
            log.warning("Kafka does not answer: what it has not confirmed may be lost", waited_s=CLOSE_S)
        else:
            ending.result()


def _said(problem: BaseException) -> str:
    return str(problem) or type(problem).__name__

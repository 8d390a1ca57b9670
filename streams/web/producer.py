"""The one thing that the web writes: an act, to the topic `signals`, on the partition of its zone."""

import asyncio
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.kafka_settings import SecretError, client_settings
from streams.models.partition import partition_of
from streams.models.settings import Kafka
from streams.models.signal import Act
from streams.web.errors import AwayError

TOPIC = "signals"
_DEADLINE_S = 15.0


class Place(NamedTuple):
    """Where Kafka keeps an act."""

    partition: int
    offset: int


class Signals:
    """Produces acts; connects when the first one comes, and anew after a failure."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self._producer: AIOKafkaProducer | None = None
        self._lock = asyncio.Lock()

    async def send(self, act: Act) -> Place:
        """Return once Kafka has it. After an AwayError the same act may be sent again: its id makes that harmless."""
        try:
            async with asyncio.timeout(min(_DEADLINE_S, self._kafka.send_deadline_s)):
                producer = await self._connected()
                partitions = await producer.partitions_for(TOPIC)
                key = act.zone.encode()
                partition = partition_of(key, len(partitions))
                sent = await producer.send_and_wait(TOPIC, msgspec.json.encode(act), key=key, partition=partition)
        except (KafkaError, SecretError, OSError, TimeoutError) as problem:
            await self.close()
            reason = str(problem) or type(problem).__name__
            raise AwayError(f"Kafka did not confirm the act; send it again with the same id: {reason}") from problem
        return Place(sent.partition, sent.offset)

    async def _connected(self) -> AIOKafkaProducer:
        async with self._lock:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **client_settings(self._kafka),
                    acks="all",
                    enable_idempotence=self._kafka.idempotence,
                    request_timeout_ms=int(_DEADLINE_S * 1000),
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def close(self) -> None:
        """Stop the producer, if there is one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

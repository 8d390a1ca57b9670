"""Follows the feed and the rejects of this run, from where the topics ended when it began."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from streams.demo.tally import Command, Tally
from streams.kafka_settings import client_settings
from streams.models.settings import Kafka

log = structlog.get_logger(__name__)
FEED = "command.feed.sensitive"
TOPICS = (FEED, "rejects", "rejects.restricted")
POLL_MS = 100


class Follower:
    """A consumer without a group; `tally` is right at every moment."""

    def __init__(self, kafka: Kafka, heard: Callable[[Command], None]) -> None:
        self.tally = Tally()
        self._heard = heard
        self._kafka = kafka
        self._consumer: AIOKafkaConsumer | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Stand at the end of every partition, then follow."""
        consumer = AIOKafkaConsumer(
            *TOPICS, enable_auto_commit=False, fetch_max_wait_ms=POLL_MS, **client_settings(self._kafka)
        )
        self._consumer = consumer
        await consumer.start()
        places = sorted(consumer.assignment())
        for place, end in (await consumer.end_offsets(places)).items():
            consumer.seek(place, end)
        self._task = asyncio.create_task(self._follow(consumer))

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            try:
                found = await consumer.getmany(timeout_ms=POLL_MS)
            except KafkaError as problem:
                log.warning("the feed cannot be followed", reason=str(problem))
                await asyncio.sleep(1)
                continue
            for place, records in found.items():
                for record in records:
                    self._take(place.topic, record)

    def _take(self, topic: str, record: Any) -> None:
        if record.value is None:
            return
        if topic != FEED:
            self.tally.reject(record.value)
        elif (command := self.tally.command(record.value)) is not None:
            self._heard(command)

    async def stop(self) -> None:
        """Disconnect."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._consumer is not None:
            await self._consumer.stop()

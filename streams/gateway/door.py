"""What every door does with a body: look at it, hand it to Kafka, count, and only then let the answer go."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Protocol
from zoneinfo import ZoneInfo

from streams.core.refusal import Flaw, Refusal
from streams.core.zones import ZoneIndex
from streams.gateway.admission import (
    READINGS,
    REJECTS,
    REJECTS_RESTRICTED,
    Admitted,
    Refused,
    admit_readings,
    admit_reports,
)
from streams.gateway.metrics import Metrics
from streams.gateway.producer import Out
from streams.models.site import Site
from streams.models.times import format_time

IN_THREAD_BYTES = 50_000  # a larger body would hold the event loop for more than some milliseconds


class Sends(Protocol):
    """The producer, as the doors see it (tests have one of their own)."""

    @property
    def connected(self) -> bool:
        """Whether Kafka has answered since the start."""

    @property
    def busy(self) -> bool:
        """Whether the next sender would have to wait."""

    async def open(self) -> None:
        """Connect."""

    async def send_all(self, records: Iterable[Out]) -> None:
        """Returns when every replica has all of them."""

    async def close(self) -> None:
        """Disconnect."""


class Door:
    """Readings and reports from outside into Kafka."""

    def __init__(
        self,
        site: Site,
        producer: Sends,
        metrics: Metrics,
        pseudonym: Callable[[str], str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._site, self._producer, self._metrics = site, producer, metrics
        self._zones, self._pseudonym = ZoneIndex(site.zones), pseudonym
        self._clock, self._zone = clock, ZoneInfo(site.timezone)

    async def take(self, name: str, topic: str, body: bytes, *, lines: bool = False) -> Admitted:
        """Everything of a body; returns when Kafka has it. Raises producer.AwayError and TooLargeError."""
        received = round(self._clock() * 1_000_000)
        if len(body) > IN_THREAD_BYTES:
            admitted = await asyncio.to_thread(self._admit, topic, body, received, lines)
        else:
            admitted = self._admit(topic, body, received, lines)
        started = time.perf_counter()
        await self._producer.send_all(admitted.records)
        await self._producer.send_all(admitted.rejects(format_time(received, self._zone)))
        self._metrics.seconds.labels(name).observe(time.perf_counter() - started)
        self._count(name, topic, admitted)
        return admitted

    async def refuse(self, topic: str, body: bytes, refusal: Refusal) -> None:
        """A body that is not looked into: to the rejects topic as a whole."""
        admitted = Admitted(REJECTS if topic == READINGS else REJECTS_RESTRICTED)
        admitted.refused.append(Refused(body, 0, [(Flaw(None, refusal), None)]))
        await self._producer.send_all(admitted.rejects(format_time(round(self._clock() * 1_000_000), self._zone)))
        self._metrics.rejects.labels(topic, "gateway", refusal.reason).inc()

    def _admit(self, topic: str, body: bytes, received: int, lines: bool) -> Admitted:
        if topic == READINGS:
            return admit_readings(body, received, self._site, lines=lines)
        return admit_reports(body, received, self._site, self._zones, self._pseudonym, lines=lines)

    def _count(self, name: str, topic: str, admitted: Admitted) -> None:
        self._metrics.accepted.labels(name, topic).inc(admitted.accepted)
        for reason in admitted.reasons():
            self._metrics.rejects.labels(topic, "gateway", reason).inc()

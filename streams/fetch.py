"""The thread that owns the group's aiokafka consumer, and how much is fetched."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sized
from dataclasses import dataclass
from typing import Any, Protocol

import aiokafka
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.transport.drivers import aiokafka as driver


class Delivered(Protocol):
    """What counts of a partition's track (`completion.py`)."""

    @property
    def tp(self) -> Any:
        """Topic and partition."""

    @property
    def open(self) -> Sized:
        """Batches delivered and not done."""

    @property
    def in_flight(self) -> int:
        """Records delivered and not done."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """Batch sizes, budgets and fetch settings of one consumer."""

    records: int = 2_000  # of one batch
    in_flight: int = 20_000  # records of one topic delivered and not done; per topic: a stuck one must not stop another
    batches: int = 400  # of one topic; stays below Faust's stream buffer, whose "full" path sleeps 1 s
    fetch_wait_ms: int = 25  # aiokafka has one fetch a node in flight: a busy partition waits this long for silent ones
    fetch_min_bytes: int = 1
    partition_bytes: int = 1_048_576
    stop_grace_s: float = 4.0  # < min(10 s, rebalance timeout) / 2

    def full(self, tracks: Iterable[Delivered]) -> set[str]:
        """Topics of which as much as may be is delivered and not done."""
        records: dict[str, int] = {}
        batches: dict[str, int] = {}
        for track in tracks:
            topic = track.tp.topic
            records[topic] = records.get(topic, 0) + track.in_flight
            batches[topic] = batches.get(topic, 0) + len(track.open)
        return {topic for topic in records if records[topic] >= self.in_flight or batches[topic] >= self.batches}


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc] # faust has no types
    """The thread that owns the group's aiokafka consumer: it joins, keeps alive and commits. `reader.py` fetches."""

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:  # noqa: ARG002
        # drivers/aiokafka.py, _create_worker_consumer: `fetch_max_wait_ms=1500` is hard-coded, `fetch_min_bytes` is not
        # passed on, and TLS can only be given through Faust's credentials classes.
        conf = self.app.conf
        self._assignor = RoundRobinPartitionAssignor
        return aiokafka.AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_interval_ms=int(conf.broker_max_poll_interval * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            metadata_max_age_ms=conf.consumer_metadata_max_age_ms,
            **{"request_timeout_ms": int(conf.broker_request_timeout * 1000), **self.app.client_settings},
        )

    async def on_start(self) -> None:
        """Connect, and note from the first heartbeat on what the group says (drivers/aiokafka.py: it asks nobody)."""
        await super().on_start()
        self.app.membership.watch(self._ensure_consumer()._coordinator)  # noqa: SLF001

    async def on_partitions_assigned(self, assigned: Any, generation_id: int) -> None:
        """Let the group's consumer fetch nothing of them: the reader does (consumer.py, ConsumerThread)."""
        client = self._ensure_consumer()
        client.pause(*client.assignment())
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_client(self, call: Callable[[aiokafka.AIOKafkaConsumer], Awaitable[Any]]) -> Any:
        """Run something on the aiokafka consumer in its own thread."""
        return await self.call_thread(call, self._ensure_consumer())


class Ahead:
    """The fetch that goes on while our loop works on what the one before it brought."""

    def __init__(self) -> None:
        self._fetch: asyncio.Future[Any] | None = None

    def begin(self, fetch: asyncio.Future[Any]) -> None:
        """This is it."""
        self._fetch = fetch
        fetch.add_done_callback(_seen)

    def take(self) -> asyncio.Future[Any] | None:
        """Whoever takes it waits for it; none = there is no fetch."""
        fetch, self._fetch = self._fetch, None
        return fetch

    def drop(self) -> None:
        """What it may have brought comes again: positions are set anew."""
        if (fetch := self.take()) is not None:
            fetch.cancel()

    @property
    def there(self) -> bool:
        """Whether it goes on, or has brought what nobody has taken yet."""
        return self._fetch is not None

    @property
    def arrived(self) -> bool:
        """Whether it has brought something that nobody has taken yet."""
        return self._fetch is not None and self._fetch.done()


def _seen(fetch: asyncio.Future[Any]) -> None:
    """Nobody waits for the last fetch of a consumer that stops."""
    if not fetch.cancelled():
        fetch.exception()

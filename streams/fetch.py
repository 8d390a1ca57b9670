"""The thread that owns the aiokafka consumer, and how it fetches."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sized
from dataclasses import dataclass
from typing import Any, Protocol

import aiokafka
from aiokafka import TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.transport.drivers import aiokafka as driver

from streams.records import use_light_records


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
    """The thread that owns the aiokafka consumer."""

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:  # noqa: ARG002
        # drivers/aiokafka.py, _create_worker_consumer: `fetch_max_wait_ms=1500` is hard-coded, `fetch_min_bytes` is not
        # passed on, and TLS can only be given through Faust's credentials classes.
        use_light_records()
        conf, tuning = self.app.conf, self.app.tuning
        self._assignor = RoundRobinPartitionAssignor
        return aiokafka.AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=tuning.records,
            max_poll_interval_ms=int(conf.broker_max_poll_interval * 1000),
            max_partition_fetch_bytes=tuning.partition_bytes,
            fetch_max_wait_ms=tuning.fetch_wait_ms,
            fetch_min_bytes=tuning.fetch_min_bytes,
            isolation_level="read_committed",  # what was aborted was never said
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            metadata_max_age_ms=conf.consumer_metadata_max_age_ms,
            **{"request_timeout_ms": int(conf.broker_request_timeout * 1000), **self.app.client_settings},
        )

    async def on_start(self) -> None:
        """Connect, and note from the first heartbeat on what the group says."""
        await super().on_start()
        self.app.membership.watch(self._ensure_consumer()._coordinator)  # noqa: SLF001

    async def getmany(self, active_partitions: set[Any] | None, timeout: float) -> Any:  # noqa: ASYNC109
        """Fetch in this thread, on behalf of the app's loop.

        Answers drivers/aiokafka.py, getmany: goes through mode's MethodQueue, which makes six tasks a call. A call that
        is cancelled is cancelled here too; mode's would go on and lose what it fetched.
        """
        return await self.fetching(active_partitions, timeout)

    def fetching(self, active_partitions: set[Any] | None, timeout: float) -> asyncio.Future[Any]:
        """Begin to fetch; what is found comes into the loop of who calls."""
        client = self._ensure_consumer()
        most = client._max_poll_records  # noqa: SLF001
        return across(
            self.thread_loop,
            lambda: self._fetch_records(client, active_partitions, timeout=timeout, max_records=most),
        )

    def where(self, tp: TopicPartition) -> tuple[int, int] | None:
        """How far was fetched, and where the log ends for us; none = not known yet. May be asked in any thread."""
        subscription = self._consumer and self._consumer._subscription.subscription  # noqa: SLF001
        assignment = subscription and subscription.assignment
        if not assignment or tp not in assignment.tps:
            return None
        state = assignment.state_value(tp)
        if not state.has_valid_position or state.highwater is None:
            return None
        open_ended = state.lso is None or state.lso < 0
        return state.position, state.highwater if open_ended else min(state.highwater, state.lso)

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


def across(other: asyncio.AbstractEventLoop, work: Callable[[], Coroutine[Any, Any, Any]]) -> asyncio.Future[Any]:
    """Run something in another thread's loop; who cancels the future cancels it there.

    What asyncio has for this (`run_coroutine_threadsafe`, `wrap_future`) makes a future with a lock more.
    """
    ours = asyncio.get_running_loop()
    found: asyncio.Future[Any] = ours.create_future()
    begun: list[asyncio.Task[Any]] = []

    def begin() -> None:
        begun.append(other.create_task(work()))
        begun[0].add_done_callback(lambda task: ours.call_soon_threadsafe(_settle, found, task))

    def stop() -> None:
        begun[0].cancel()

    found.add_done_callback(lambda done: other.call_soon_threadsafe(stop) if done.cancelled() else None)
    other.call_soon_threadsafe(begin)
    return found


def _seen(fetch: asyncio.Future[Any]) -> None:
    """Nobody waits for the last fetch of a consumer that stops."""
    if not fetch.cancelled():
        fetch.exception()


def _settle(found: asyncio.Future[Any], task: asyncio.Task[Any]) -> None:
    """What a task in the consumer's thread came to, for whoever waits in ours."""
    if found.done():
        return
    if task.cancelled():
        found.cancel()
    elif (error := task.exception()) is not None:
        found.set_exception(error)
    else:
        found.set_result(task.result())

"""The thread that owns the aiokafka consumer, and how it fetches."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiokafka
from aiokafka import TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.transport.drivers import aiokafka as driver

from streams.records import use_light_records


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
        client = self._ensure_consumer()
        fetching = self._fetch_records(client, active_partitions, timeout=timeout, max_records=client._max_poll_records)  # noqa: SLF001
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(fetching, self.thread_loop))

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

"""The thread that owns the aiokafka consumer, and how it fetches."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiokafka
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.transport.drivers import aiokafka as driver


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
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            metadata_max_age_ms=conf.consumer_metadata_max_age_ms,
            **{"request_timeout_ms": int(conf.broker_request_timeout * 1000), **self.app.client_settings},
        )

    async def on_client(self, call: Callable[[aiokafka.AIOKafkaConsumer], Awaitable[Any]]) -> Any:
        """Run something on the aiokafka consumer in its own thread."""
        return await self.call_thread(call, self._ensure_consumer())

"""The only file that makes a Faust app: a factory, one app a role, one agent a topic.

Settings and what they answer (docs/delivery.md): no tables and no leader topic (a table is a cache, not a ledger), no
web server of Faust's, no producer of Faust's (failed sends are only logged; `agents/send.py` confirms its own).
"""

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import gettempdir
from typing import Any, NoReturn

import faust
from faust.app import BootStrategy
from faust.tables.manager import TableManager
from faust.transport import drivers

from streams.agents.role import Handler, Role
from streams.completion import Batch
from streams.fatal import die
from streams.fetch import Tuning
from streams.lanes import Lanes
from streams.membership import Membership
from streams.metrics import Metrics
from streams.models.settings import Kafka
from streams.transport import RawSchema

SCHEME = "batched"
COMMIT_EVERY_S = 1.0  # what lies between two commits comes again after kill -9
REBALANCE_TIMEOUT_S = 10.0
REQUEST_TIMEOUT_S = 20.0
MAX_POLL_INTERVAL_S = 315_360_000.0  # the group's consumer never polls (`reader.py`); the watchdog judges a standstill


class Boot(BootStrategy):  # type: ignore[misc] # faust has no types
    """Which of Faust's services are started."""

    enable_kafka_producer = False
    enable_web = False


class NoTables(TableManager):  # type: ignore[misc] # faust has no types
    """We have no tables; what they are part of (the recovery, which resumes the flow) is started all the same."""

    async def on_start(self) -> None:
        """Start at once.

        Answers tables/manager.py, on_start: sleeps for a second, so that tables may be declared meanwhile.
        """
        await self._update_channels()
        await self.recovery.start()


class SafeApp(faust.App):  # type: ignore[misc] # faust has no types
    """An app in which any service's crash ends the process at once: nothing in flight is committed on the way down."""

    BootStrategy = Boot
    job: Role
    tuning: Tuning
    client_settings: Mapping[str, Any]
    membership: Membership

    def on_init_dependencies(self) -> Iterable[Any]:
        """What is started with the app.

        Answers app/base.py, on_init_dependencies: adds a monitor that notes every event, and nobody asks it.
        """
        found: Iterable[Any] = super().on_init_dependencies()
        self.sensors.remove(self.monitor)
        return found

    def _crash(self, reason: BaseException) -> NoReturn:
        # mode/services.py, Service._crash: stops everything, and Faust acknowledges and commits what was in flight.
        die(f"crash of a service: {reason!r}", stacks=True)


def group_of(kafka: Kafka, role: Role) -> str:
    """The role's consumer group."""
    return f"{kafka.group_prefix}.{role.name}"


def make_app(
    role: Role,
    kafka: Kafka,
    client_settings: Mapping[str, Any],
    *,
    instance: str | None,
    client: str = "tocsin",
    metrics: Metrics,
    membership: Membership | None = None,
    tuning: Tuning | None = None,
) -> SafeApp:
    """The Faust app of one role. `instance` = this process's stable name in the group (static membership)."""
    drivers.TRANSPORTS.aliases[SCHEME] = "streams.transport:Transport"
    app = SafeApp(
        group_of(kafka, role),
        broker=[f"{SCHEME}://{address}" for address in kafka.bootstrap.split(",")],
        store="memory://",
        datadir=str(Path(gettempdir()) / "tocsin-faust"),
        topic_disable_leader=True,
        topic_allow_declare=False,
        table_standby_replicas=0,
        web_enabled=False,
        broker_client_id=client,
        broker_session_timeout=kafka.session_timeout_s,
        broker_heartbeat_interval=kafka.heartbeat_s,
        broker_rebalance_timeout=REBALANCE_TIMEOUT_S,
        broker_request_timeout=max(REQUEST_TIMEOUT_S, kafka.session_timeout_s),
        broker_max_poll_interval=MAX_POLL_INTERVAL_S,
        broker_commit_interval=COMMIT_EVERY_S,
        broker_commit_every=10**9,  # by time only: "every n messages" counts events, which are batches here
        consumer_group_instance_id=instance,
        consumer_auto_offset_reset="earliest",
        stream_wait_empty=True,
        TableManager=NoTables,
    )
    app.job, app.tuning, app.client_settings = role, tuning or Tuning(), client_settings
    app.membership = membership or Membership(kafka.session_timeout_s)
    for topic, handler in role.handlers.items():
        _attach(app, topic, handler, metrics)
    app.finalize()
    return app


def _attach(app: SafeApp, topic: str, handler: Handler, metrics: Metrics) -> None:
    """One agent: hands each batch to its partition's lane. `with batch:` tells what is done, never the agent."""
    source = app.topic(topic, acks=False, schema=RawSchema())
    records, seconds = metrics.batch_records.labels(topic), metrics.batch_seconds.labels(topic)

    async def handle(batch: Batch) -> None:
        with batch, seconds.time():
            await handler(batch)
        records.observe(len(batch))

    async def consume(stream: Any) -> None:
        lanes = Lanes(handle, app.flow_control.is_active)
        try:
            async for batch in stream:
                lanes.put(batch)
        except asyncio.CancelledError:
            if not app.should_stop:  # who but a stopping app ends an agent?
                die(f"the agent of {topic} was cancelled", stacks=True)
            raise
        finally:
            lanes.cancel()

    app.agent(source, name=f"{app.job.name}.{topic}")(consume)

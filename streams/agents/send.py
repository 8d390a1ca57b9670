"""Confirmed sends in order: at most one unconfirmed batch a partition, tried again until Kafka has it or time is up.

aiokafka's own `send` keeps several batches of a partition waiting; without idempotence a batch that times out fails and
the next one still goes. Who drops repeats by position (docs/architecture.md) would then take the late one for a repeat
and lose it. Here the next batch begins only when the one before is confirmed, whatever the broker can do.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.agents.kafka_clock import KafkaClock
from streams.completion import Partition, StaleError
from streams.fatal import die
from streams.membership import Fence
from streams.models.partition import partition_of
from streams.models.settings import Kafka, Topics

log = structlog.get_logger(__name__)
BATCH_BYTES = 512 * 1024
#: large, and nobody waits for it: aiokafka has one request a node under way, and signals would stand behind these
ASIDE = frozenset({"latest"})
RETRY_FIRST_S, RETRY_MOST_S = 0.1, 2.0
Headers = Sequence[tuple[str, bytes]]


class Out(NamedTuple):
    """One record to send to an explicit partition."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Sender:
    """What a role process sends with; topics that are `ASIDE` have a producer of their own."""

    def __init__(
        self,
        kafka: Kafka,
        topics: Topics,
        client_settings: dict[str, Any],
        fence: Fence | None = None,
    ) -> None:
        """`fence`: who may have lost its partitions begins no send, and does not repeat one that failed.

        What aiokafka was given before may still go out: one batch a partition, repeats for whoever owns it then.
        """
        self._deadline_s = kafka.send_deadline_s
        self._fence = fence or Fence()
        self._topics = topics
        self._lanes: dict[Partition, _Lane] = {}
        self._settings = {
            "acks": "all",
            "enable_idempotence": kafka.idempotence,
            "max_batch_size": BATCH_BYTES,
            "request_timeout_ms": 10_000,
            "retry_backoff_ms": 100,
            **client_settings,
        }
        self._clock = KafkaClock()
        self._producer: AIOKafkaProducer | None = None
        self._aside: AIOKafkaProducer | None = None

    async def open(self) -> None:
        """Connect."""
        self._producer, self._aside = AIOKafkaProducer(**self._settings), AIOKafkaProducer(**self._settings)
        await asyncio.gather(self._producer.start(), self._aside.start())

    async def close(self) -> None:
        """Disconnect when everything is confirmed, also what nobody waited for."""
        await asyncio.gather(*(lane.empty() for lane in self._lanes.values()))
        for producer in (self._producer, self._aside):
            if producer is not None:
                await producer.stop()

    @property
    def kafka_time(self) -> int | None:
        """What Kafka's clock says (microseconds); none = it has not said yet."""
        return self._clock.now

    def partitions(self, topic: str) -> int:
        """How many partitions a topic has (checked against the cluster at the start)."""
        return self._topics[topic].partitions

    def partition_of(self, topic: str, key: bytes | None) -> int:
        """The partition of a key; records without a key lie in partition 0."""
        return 0 if key is None else partition_of(key, self.partitions(topic))

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None = None,
        headers: Headers = (),
    ) -> None:
        """Send one record; returns when every replica has it. Sends that begin in order stay in order."""
        at = self.partition_of(topic, key) if partition is None else partition
        await self._lane(Partition(topic, at)).put([Out(topic, at, key, value, headers)])

    async def send_all(self, records: Iterable[Out]) -> None:
        """Send records, in this order within each partition; returns when every replica has all of them."""
        lanes: dict[Partition, list[Out]] = {}
        for out in records:
            lanes.setdefault(Partition(out.topic, out.partition), []).append(out)
        if lanes:
            await asyncio.gather(*(self._lane(tp).put(outs) for tp, outs in lanes.items()))

    def send_later(self, records: Iterable[Out]) -> None:
        """Send records after all that began before, and let nobody wait; if they cannot be sent the process ends."""
        for out in records:
            self._lane(Partition(out.topic, out.partition)).queue(out)

    def _lane(self, tp: Partition) -> "_Lane":
        lane = self._lanes.get(tp)
        if lane is None:
            producer = self._aside if tp.topic in ASIDE else self._producer
            assert producer is not None, "open() comes first"  # noqa: S101 - a rule of this class
            lane = self._lanes[tp] = _Lane(tp, producer, self._deadline_s, self._fence, self._clock)
        return lane


class _Lane:
    """What waits for one partition, in order."""

    def __init__(
        self, tp: Partition, producer: AIOKafkaProducer, deadline_s: float, fence: Fence, clock: KafkaClock
    ) -> None:
        self._tp, self._producer, self._deadline_s, self._fence, self._clock = tp, producer, deadline_s, fence, clock
        self._waiting: deque[tuple[Out, asyncio.Future[None] | None, int]] = deque()  # record, who waits, membership
        self._task: asyncio.Task[None] | None = None

    def put(self, outs: list[Out]) -> asyncio.Future[None]:
        """Queue records; the future is done when the last one is confirmed (and so all before it)."""
        confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.extend((out, None, self._fence.epoch) for out in outs[:-1])
        self.queue(outs[-1], confirmed)
        return confirmed

    def queue(self, out: Out, confirmed: asyncio.Future[None] | None = None) -> None:
        """Queue one record."""
        self._waiting.append((out, confirmed, self._fence.epoch))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
            self._task.add_done_callback(_no_error)

    async def empty(self) -> None:
        """Until nothing waits."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _drain(self) -> None:
        while self._waiting:
            await self._fence.wait()
            if self._waiting[0][2] != self._fence.epoch:
                _settle(self._waiting.popleft()[1], StaleError())
                continue
            for _ in range(await self._send_some()):
                _settle(self._waiting.popleft()[1])

    def _fill(self, epoch: int, most: int | None = None) -> tuple[Any, int]:
        """An aiokafka batch with as many waiting records as fit; a batch cannot be sent twice, so make it anew."""
        batch, count = self._producer.create_batch(), 0
        for out, _, queued in self._waiting:
            if count == most or queued != epoch or batch.append(
                key=out.key, value=out.value, timestamp=None, headers=list(out.headers)
            ) is None:  # fmt: skip
                break
            count += 1
        batch.close()
        return batch, count

    async def _send_some(self) -> int:
        """Send the first waiting records until they are confirmed, and say how many; at the deadline die."""
        began, pause = time.monotonic(), RETRY_FIRST_S
        epoch = self._waiting[0][2]
        batch, size = self._fill(epoch)
        while self._fence.epoch == epoch:
            try:
                sent = await self._producer.send_batch(batch, self._tp.topic, partition=self._tp.partition)
                self._clock.hear(await sent)
            except (KafkaError, OSError, TimeoutError) as error:
                self._judge(error, time.monotonic() - began)
                await asyncio.sleep(pause)
                pause = min(2 * pause, RETRY_MOST_S)
                await self._fence.wait()
                batch, _ = self._fill(epoch, size)
            else:
                return size
        return 0

    def _judge(self, error: Exception, waited_s: float) -> None:
        """Whether trying again makes sense; if not, the process ends and a new one starts from what is committed."""
        where = f"{self._tp.topic}/{self._tp.partition}"
        if not getattr(error, "retriable", True):
            die(f"cannot send to {where}: {error!r}")
        if waited_s > self._deadline_s:
            die(f"nothing could be sent to {where} for {waited_s:.0f} s: {error!r}")
        log.warning("send failed, trying again", to=where, error=repr(error), waited_s=round(waited_s, 1))


def _settle(confirmed: asyncio.Future[None] | None, error: Exception | None = None) -> None:
    if confirmed is not None and not confirmed.done():
        confirmed.set_result(None) if error is None else confirmed.set_exception(error)


def _no_error(task: asyncio.Task[None]) -> None:
    """Nothing but a bug of ours ends a lane's task with an error; whoever waits would wait for ever."""
    if not task.cancelled() and (error := task.exception()) is not None:
        die(f"sending failed: {error!r}")

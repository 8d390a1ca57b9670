"""The aiokafka consumer that fetches: in our own loop, without a group.

The group's consumer (`fetch.py`) lives in a thread of its own, so that heartbeats go on whatever our loop does; it
joins, keeps alive and commits, and fetches nothing. What is fetched has no thread to change: each change costs two
wake-ups and up to a switch interval (5 ms) until the interpreter's lock is free.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiokafka
from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, OffsetOutOfRangeError

from streams.answers import put_together_once
from streams.completion import Partition
from streams.damage import Damage, Lost
from streams.fatal import die
from streams.fetch import Tuning
from streams.records import use_light_records


class Reader:
    """Fetches the partitions that it was told, from the offsets that it was told."""

    def __init__(self, client: str, tuning: Tuning, settings: Mapping[str, Any], lost: Lost = lambda *_: None) -> None:
        """`lost` is told of records that nobody can read and that were passed over."""
        self._tuning = tuning
        self._damage = Damage(lost)
        self._settings = {"client_id": client, **settings}
        self._consumer: aiokafka.AIOKafkaConsumer | None = None

    async def place(self, offsets: Mapping[Partition, int]) -> None:
        """From now on these partitions and no others. Connects at the first time."""
        if self._consumer is None:
            consumer = self._made()
            await consumer.start()
            self._consumer = consumer
            self._damage.watch(consumer)
        self._damage.forget()
        if offsets:
            self._consumer.assign([TopicPartition(*tp) for tp in offsets])
            self.seek(offsets)
        else:
            self._consumer.unsubscribe()

    def seek(self, offsets: Mapping[Partition, int]) -> None:
        """Go on at these offsets."""
        if self._consumer is not None:
            for tp, offset in offsets.items():
                self._consumer.seek(TopicPartition(*tp), offset)

    def fetching(self, tps: set[Any], timeout: float) -> asyncio.Task[Any]:
        """Begin to fetch; what is found is a dict of lists."""
        assert self._consumer is not None, "place() comes first"  # noqa: S101 - a rule of this class
        self._damage.go_on()
        return asyncio.create_task(self._fetch(self._consumer, [TopicPartition(*tp) for tp in tps], timeout))

    async def _fetch(self, consumer: aiokafka.AIOKafkaConsumer, tps: list[TopicPartition], seconds: float) -> Any:
        try:
            return await consumer.getmany(*tps, timeout_ms=int(seconds * 1000))
        except OffsetOutOfRangeError as error:
            die(gone(error))
        except CorruptRecordException as error:  # not even where it ends can be read: people have to look
            die(str(error))

    def where(self, tp: Partition) -> tuple[int, int] | None:
        """How far was fetched, and where the log ends for us; none = not known yet."""
        subscription = self._consumer and self._consumer._subscription.subscription  # noqa: SLF001
        assignment = subscription and subscription.assignment
        if not assignment or tp not in assignment.tps:
            return None
        state = assignment.state_value(TopicPartition(*tp))
        if not state.has_valid_position or state.highwater is None:
            return None
        open_ended = state.lso is None or state.lso < 0
        return state.position, state.highwater if open_ended else min(state.highwater, state.lso)

    async def stop(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            await self._consumer.stop()

    def _made(self) -> aiokafka.AIOKafkaConsumer:
        use_light_records()
        put_together_once()
        tuning = self._tuning
        return aiokafka.AIOKafkaConsumer(
            auto_offset_reset="none",  # not where reading is to go on: `gone`
            max_poll_records=tuning.records,
            max_partition_fetch_bytes=tuning.partition_bytes,
            fetch_max_wait_ms=tuning.fetch_wait_ms,
            fetch_min_bytes=tuning.fetch_min_bytes,
            isolation_level="read_committed",  # what was aborted was never said
            **self._settings,
        )


def gone(error: OffsetOutOfRangeError) -> str:
    """What it means that a log does not hold what comes next, for people.

    It lost its end (an unclean leader election), or retention took what was not read yet. aiokafka would begin at the
    beginning without a word; a new process compares what was handled with what the log holds, and says what is missing.
    """
    wanted: dict[TopicPartition, int] = error.args[0] if error.args else {}
    where = ", ".join(f"{tp.topic}/{tp.partition} does not hold offset {offset}" for tp, offset in wanted.items())
    return f"{where or repr(error)} any more: it lost its end, or its beginning to retention"

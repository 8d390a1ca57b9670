"""Batches that a broker hands out otherwise than it was written: read again a few times, then passed over, loudly.

The broker's disk or memory has damaged them, or the way to us has. What nobody can read must not stop a partition for
ever: the feed would be silent about all that came after it. Who passes it over says which offsets, and people are told.
"""

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.completion import Partition
from streams.fatal import die
from streams.records import LightRecords, damaged

log = structlog.get_logger(__name__)
AGAIN_S = 1.0
TIMES = 5  # a replica may become the leader meanwhile, and what was damaged on its way is whole the next time
#: told what is passed over: the partition, the first offset, the first offset after it
Lost = Callable[[Partition, int, int], None]


class _Found(NamedTuple):
    first: int
    upto: int
    times: int
    at: float


class Damage:
    """What one consumer cannot read. Partitions rest until they are tried again; the others go on meanwhile."""

    def __init__(self, lost: Lost, clock: Callable[[], float] = time.monotonic) -> None:
        self._lost, self._clock = lost, clock
        self._consumer: AIOKafkaConsumer | None = None
        self._found: dict[TopicPartition, _Found] = {}

    def watch(self, consumer: AIOKafkaConsumer) -> None:
        """Take care of this one's batches: the class that reads them is not a setting in aiokafka."""
        self._consumer = consumer
        LightRecords.damage = self.found

    def forget(self) -> None:
        """Partitions are assigned anew: what is damaged will show again."""
        self._found.clear()

    def found(self, tp: TopicPartition, first: int, upto: int) -> bool:
        """A batch cannot be read; whether it is one of ours."""
        if self._consumer is None or tp not in self._consumer.assignment():
            return False
        before = self._found.get(tp)
        times = 1 if before is None or before.first != first else before.times + 1
        self._found[tp] = _Found(first, upto, times, self._clock())
        self._consumer.pause(tp)
        log.error("a batch cannot be read", topic=tp.topic, partition=tp.partition, first=first, upto=upto, times=times)
        return True

    def go_on(self) -> None:
        """Try again what has rested, and pass over what was tried often enough."""
        for tp in self._due():
            found = self._found[tp]
            if found.times >= TIMES:
                del self._found[tp]
                self._pass_over(tp, found)
            self._consumer.resume(tp)  # type: ignore[union-attr] # it found what is due

    def _due(self) -> Iterable[TopicPartition]:
        if self._consumer is None or not self._found:
            return ()
        resting = self._consumer.paused()
        return [tp for tp, one in self._found.items() if tp in resting and self._clock() - one.at >= AGAIN_S]

    def _pass_over(self, tp: TopicPartition, found: _Found) -> None:
        consumer = self._consumer
        assert consumer is not None  # noqa: S101 - it found it
        end = consumer.highwater(tp)
        if end is None or not found.first < found.upto <= end:  # where it ends is damaged too: nobody can go on
            die(damaged(tp.topic, tp.partition, found.first, found.upto))
        log.error(
            "a batch is passed over, nobody can read it: what it said is lost",
            topic=tp.topic, partition=tp.partition, first=found.first, last=found.upto - 1,
        )  # fmt: skip
        consumer.seek(tp, found.upto)
        self._lost(Partition(*tp), found.first, found.upto)

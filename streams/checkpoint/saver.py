"""What saving the state of `observe` and of `assess` has in common: what a rebalance does, and what a batch."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Generic

import structlog
from aiokafka.errors import KafkaError

from streams.checkpoint.deaths import Verdicts
from streams.checkpoint.findings import Finding
from streams.checkpoint.in_hand import HandNote
from streams.checkpoint.last_words import LastWords
from streams.checkpoint.log import CheckpointLog, Reader, Written
from streams.checkpoint.pace import Pace
from streams.checkpoint.reach import reach
from streams.checkpoint.refusal import Refusal
from streams.checkpoint.shelf import S, Shelf
from streams.completion import Batch, Partition, StaleError, Start
from streams.fatal import die
from streams.metrics import Metrics
from streams.models.saved import Begin
from streams.models.signal import Alarm
from streams.positions import LogPositions, NotYetError

log = structlog.get_logger(__name__)
FINISH_S = 2.0  # for what is saved when a partition is given away; within the transport's grace
SEND_S_PER_BYTE = 4.5e-9  # what aiokafka and the socket take (measured): part of the share
AT_ONCE = 2  # partitions that are restored: while one is taken in, another is on its way. Each holds some megabytes
AWAY = (KafkaError, OSError, TimeoutError)


class Saver(ABC, Generic[S]):
    """Saves and restores the state of one role's partitions."""

    role: str

    def __init__(self, checkpoints: CheckpointLog, metrics: Metrics, hand: HandNote) -> None:
        self.log, self.metrics, self.hand = checkpoints, metrics, hand
        self._words = LastWords(checkpoints, hand)
        self.pace = Pace()
        self.shelves: dict[int, Shelf[S]] = {}

    # ---- from the process's start to its end

    async def open(self) -> None:
        """Connect; tell what the last process of this name was working on if it was killed."""
        await self.log.open()
        await self._words.tell_of_the_last_one()

    async def close(self) -> None:
        """Save what makes the next start short, and disconnect."""
        await self.finish(self.shelves)
        await self.log.close()

    # ---- rebalances

    async def starts(self, tps: Iterable[Partition], positions: LogPositions) -> dict[Partition, Start]:
        """State of these partitions, and of no others: kept, restored or begun anew; and where reading begins."""
        wanted = sorted(tps)
        self.log.owned.begin(tp.partition for tp in wanted)
        self.shelves = {tp.partition: s for tp in wanted if (s := self.shelves.get(tp.partition)) and not s.busy}
        todo = iter(wanted)
        tasks = [asyncio.create_task(self._some(todo, positions)) for _ in wanted[:AT_ONCE]]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return {tp: self.shelves[tp.partition].start for tp in wanted}

    async def _some(self, todo: Iterator[Partition], positions: LogPositions) -> None:
        """One partition after the other, with a reader of our own; others take theirs meanwhile."""
        async with self.log.reading() as reader:
            for tp in todo:
                mark = await self.log.mark(tp.partition)
                began = time.perf_counter()
                if not await self._keep(reader, tp, positions, mark):
                    self.shelves.pop(tp.partition, None)
                    self.shelves[tp.partition] = await self.restore(reader, tp, positions, mark)
                self._say(tp, self.shelves[tp.partition], time.perf_counter() - began)

    async def _keep(self, reader: Reader, tp: Partition, positions: LogPositions, mark: Written) -> bool:
        """Whether our own memory is the newest there is."""
        shelf = self.shelves.get(tp.partition)
        if shelf is None or shelf.last < 0 or not await self._nobody_else(reader, tp.partition, shelf.last, mark):
            return False
        found = await reach(tp, positions, ends_known=self.log.ends_known)
        if (lost := found.lost(shelf.upto)) is not None:
            log.error("state in memory is of no use", topic=tp.topic, partition=tp.partition, detail=lost.detail)
            return False
        shelf.start, shelf.how = Start(shelf.upto, max(shelf.upto, found.committed or 0)), "kept"
        return True

    async def _nobody_else(self, reader: Reader, partition: int, last: int, mark: Written) -> bool:
        async for _, value in reader.records(partition, last + 1, mark):
            if self.log.is_state_of_another(value):
                return False
        return True

    @abstractmethod
    async def restore(self, reader: Reader, tp: Partition, positions: LogPositions, mark: Written) -> Shelf[S]:
        """The state of one partition from its checkpoint log, or begun anew."""

    def refusal(self, tp: Partition, findings: Sequence[Finding], read: int) -> Refusal | None:
        """What is to be told of what could not be used."""
        return Refusal(self.role, tp, self.log.topic, tuple(findings), read) if findings else None

    async def begin_anew(
        self, partition: int, site: str, upto: int, findings: Sequence[Finding], verdicts: Verdicts
    ) -> Written:
        """Say that what lies in the log before counts no more, and why; whoever dies before he told people of it."""
        if (zombie := self.log.owned.zombie(partition)) is not None:
            raise NotYetError(zombie.detail)
        why = ", ".join(sorted({f.reason for f in findings}))
        begin = Begin(why, verdicts.carried(upto), findings[0].detail if findings else "")
        return await self.log.save(partition, "begin", begin, site=site, upto=upto)

    def _say(self, tp: Partition, shelf: Shelf[S], took_s: float) -> None:
        self.metrics.restored.labels(self.role, shelf.how).inc()
        log.info(
            "state is there", topic=tp.topic, partition=tp.partition, how=shelf.how, read_from=shelf.start.read,
            live_from=shelf.start.live, took_s=round(took_s, 3),
        )  # fmt: skip
        if shelf.refusal is not None and shelf.how != "kept":
            shelf.refusal.tell(self.metrics)

    def revoked(self, tps: Iterable[Partition]) -> None:
        """Not ours any more. What is in the middle of a batch is of no use."""
        gone = list(tps)
        self.log.owned.end(tp.partition for tp in gone)
        for tp in gone:
            shelf = self.shelves.get(tp.partition)
            if shelf is not None and shelf.busy:
                del self.shelves[tp.partition]

    async def finish(self, partitions: Iterable[int]) -> None:
        """Save what makes the next owner's start short; bounded."""
        shelves = {p: s for p in list(partitions) if (s := self.shelves.get(p)) is not None and not s.busy}
        with suppress(*AWAY):
            async with asyncio.timeout(FINISH_S):
                await asyncio.gather(*(self.last_save(p, s) for p, s in shelves.items()))

    async def give_back(self, partition: int, before: int) -> None:
        """What of a checkpoint log lies before an offset is needed by nobody, if we are the owner."""
        zombie = await self.log.truncate(partition, before)
        if zombie is not None:
            self.metrics.refused.labels(self.role, zombie.reason).inc()
            log.error(
                "a checkpoint log is left as it is: others may own it by now",
                topic=self.log.topic, partition=partition, reason=zombie.reason, detail=zombie.detail,
            )  # fmt: skip

    @abstractmethod
    async def last_save(self, partition: int, shelf: Shelf[S]) -> None:
        """Save what is dirty, as far as time allows: nothing is handled any more."""

    # ---- batches

    def begin(self, batch: Batch) -> Shelf[S]:
        """A batch is taken in hand: until `confirmed` memory is ahead of what is safe."""
        shelf = self.shelves[batch.tp.partition]
        if batch.first < shelf.upto:  # its records would count twice
            die(f"batch {batch.tp.topic}/{batch.tp.partition} {batch.first}..: the state is as of {shelf.upto}")
        shelf.busy = True
        if not batch.live:
            self.metrics.replayed.labels(self.role).inc(len(batch))
        return shelf

    def alarms(self, shelf: Shelf[S], batch: Batch) -> list[Alarm]:
        """What is still to be told on the feed about this state: with the first record that is read again."""
        return [] if shelf.refusal is None else [shelf.refusal.alarm(batch.records[0].timestamp * 1000)]

    async def confirmed(self, shelf: Shelf[S], batch: Batch) -> None:
        """All outputs up to the batch's end are safe: save what the pace allows."""
        if batch.stale:
            return
        shelf.upto, shelf.refusal = batch.last + 1, None  # an alarm was among the outputs
        self.pace.tick(time.monotonic())
        await self.save(batch, shelf)
        shelf.busy = False  # not before: a last save must not come between the pieces of this one

    @asynccontextmanager
    async def handling(self, batch: Batch) -> AsyncIterator[Shelf[S]]:
        """Around what a role does with a batch: left without an error, all its outputs are safe."""
        shelf = self.begin(batch)
        try:
            yield shelf
        except StaleError:
            raise
        except Exception as error:
            await self._words.died(error)
            raise
        await self.confirmed(shelf, batch)

    @abstractmethod
    async def save(self, batch: Batch, shelf: Shelf[S]) -> None:
        """Cut what is due, and send it in the background."""

    def spent(self, seconds: float, size: int) -> None:
        """Account for what was cut."""
        whole = seconds + size * SEND_S_PER_BYTE
        self.pace.spend(whole)
        self.metrics.saved.labels(self.role).inc(size)
        self.metrics.saving.labels(self.role).inc(whole)

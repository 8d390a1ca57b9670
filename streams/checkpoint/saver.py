"""What saving the state of `observe` and of `assess` has in common: shelves, deaths, what a rebalance does.

A shelf is one input partition's state in this process. It outlives a rebalance when nobody else wrote into its
checkpoint log meanwhile; else the state is restored from there.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog
from aiokafka.errors import KafkaError

from streams.checkpoint.deaths import Verdicts
from streams.checkpoint.in_hand import HandNote
from streams.checkpoint.log import CheckpointLog, Reader, Written
from streams.checkpoint.pace import Pace
from streams.checkpoint.refusal import Refusal
from streams.completion import Batch, Partition, StaleError, Start
from streams.metrics import Metrics
from streams.models.saved import Death
from streams.models.signal import Alarm
from streams.positions import LogPositions

log = structlog.get_logger(__name__)
LAST_WORD_S = 1.0  # for a dying process to say what it died of
FINISH_S = 2.0  # for what is saved when a partition is given away; within the transport's grace
SEND_S_PER_BYTE = 4.5e-9  # what aiokafka and the socket take (measured): part of the share
AWAY = (KafkaError, OSError, TimeoutError)
S = TypeVar("S")


@dataclass
class Shelf(Generic[S]):
    """The state of one input partition."""

    state: S
    start: Start
    verdicts: Verdicts
    refusal: Refusal | None = None  # not yet told on the feed
    upto: int = 0  # the state is as of here
    busy: bool = False  # a batch is being handled: memory may be ahead of what is confirmed
    last: int = -1  # log offset of the last piece of ours
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    how: str = "rebuilt"

    def run(self, work: "asyncio.Task[None]") -> None:
        """Something on its way to the log."""
        self.tasks.add(work)
        work.add_done_callback(self.tasks.discard)


class Saver(ABC, Generic[S]):
    """Saves and restores the state of one role's partitions."""

    role: str

    def __init__(self, checkpoints: CheckpointLog, metrics: Metrics, hand: HandNote) -> None:
        self.log, self.metrics, self.hand = checkpoints, metrics, hand
        self.pace = Pace()
        self.shelves: dict[int, Shelf[S]] = {}

    # ---- from the process's start to its end

    async def open(self) -> None:
        """Connect; tell what the last process of this name was working on if it was killed."""
        await self.log.open()
        self.hand.open()
        found = self.hand.found()
        if found is not None:
            log.warning(
                "the last process of this name ended in the middle of its work",
                partition=found.partition, first=found.first, last=found.last,
            )  # fmt: skip
            await self._tell(Death(found.first, found.last, "killed", "", self._name_of(found.number)), found.partition)

    async def _tell(self, death: Death, partition: int) -> None:
        """Best effort: a process must be able to start, and to end, without it."""
        try:
            async with asyncio.timeout(LAST_WORD_S):
                await self.log.save(partition, "death", death)
            self.hand.clear()
        except Exception as error:  # noqa: BLE001 - the note stays where it is: the next process tries again
            log.warning("a death could not be told", partition=partition, error=repr(error))

    async def close(self) -> None:
        """Save what makes the next start short, and disconnect."""
        await self.finish(self.shelves)
        await self.log.close()

    async def died(self, error: Exception) -> None:
        """The last word of a process that fails while it works on records, if there is time."""
        found = self.hand.found()
        if found is None:
            return
        death = Death(found.first, found.last, "exception", repr(error)[:500], self._name_of(found.number))
        await self._tell(death, found.partition)

    def _name_of(self, number: int) -> str:
        return f"{self.log.owner}/{number}"

    # ---- rebalances

    async def starts(self, tps: Iterable[Partition], positions: LogPositions) -> dict[Partition, Start]:
        """State of these partitions, and of no others: kept, restored or begun anew; and where reading begins."""
        wanted = sorted(tps)
        self.shelves = {tp.partition: s for tp in wanted if (s := self.shelves.get(tp.partition)) and not s.busy}
        found = {}
        async with self.log.reading() as reader:
            for tp in wanted:
                mark = await self.log.mark(tp.partition)
                began = time.perf_counter()
                if not await self._keep(reader, tp, positions, mark):
                    self.shelves.pop(tp.partition, None)
                    self.shelves[tp.partition] = await self.restore(reader, tp, positions, mark)
                shelf = self.shelves[tp.partition]
                self._say(tp, shelf, time.perf_counter() - began)
                found[tp] = shelf.start
        return found

    async def _keep(self, reader: Reader, tp: Partition, positions: LogPositions, mark: Written) -> bool:
        """Whether our own memory is the newest there is."""
        shelf = self.shelves.get(tp.partition)
        if shelf is None or shelf.last < 0 or not await self._nobody_else(reader, tp.partition, shelf.last, mark):
            return False
        committed = (await positions.committed({tp}))[tp] or 0
        shelf.start, shelf.how = Start(shelf.upto, max(shelf.upto, committed)), "kept"
        return True

    async def _nobody_else(self, reader: Reader, partition: int, last: int, mark: Written) -> bool:
        async for _, value in reader.records(partition, last + 1, mark):
            if self.log.is_state_of_another(value):
                return False
        return True

    @abstractmethod
    async def restore(self, reader: Reader, tp: Partition, positions: LogPositions, mark: Written) -> Shelf[S]:
        """The state of one partition from its checkpoint log, or begun anew."""

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
        for tp in tps:
            shelf = self.shelves.get(tp.partition)
            if shelf is not None and shelf.busy:
                del self.shelves[tp.partition]

    async def finish(self, partitions: Iterable[int]) -> None:
        """Save what makes the next owner's start short; bounded."""
        shelves = {p: s for p in list(partitions) if (s := self.shelves.get(p)) is not None and not s.busy}
        with suppress(*AWAY):
            async with asyncio.timeout(FINISH_S):
                await asyncio.gather(*(self.last_save(p, s) for p, s in shelves.items()))

    @abstractmethod
    async def last_save(self, partition: int, shelf: Shelf[S]) -> None:
        """Save what is dirty, as far as time allows: nothing is handled any more."""

    # ---- batches

    def begin(self, batch: Batch) -> Shelf[S]:
        """A batch is taken in hand: until `confirmed` memory is ahead of what is safe."""
        shelf = self.shelves[batch.tp.partition]
        shelf.busy = True
        if not batch.live:
            self.metrics.replayed.labels(self.role).inc(len(batch))
        return shelf

    def alarm(self, shelf: Shelf[S], batch: Batch) -> Alarm | None:
        """What is still to be told on the feed about this state: with the first record that is read again."""
        refusal, shelf.refusal = shelf.refusal, None
        return None if refusal is None else refusal.alarm(batch.records[0].timestamp * 1000)

    async def confirmed(self, shelf: Shelf[S], batch: Batch) -> None:
        """All outputs up to the batch's end are safe: save what the pace allows."""
        if batch.stale:
            return
        shelf.upto = batch.last + 1
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
            await self.died(error)
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

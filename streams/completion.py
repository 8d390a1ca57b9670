"""Which offsets of a partition were delivered and which are done: plain bookkeeping, no Kafka, no clock.

Rules kept here:
  * what may be committed = the first offset of the oldest batch that is not done
  * a batch belongs to a `Track`; a rebalance or a rewind makes a new track, and batches of the old one are stale:
    finishing them changes nothing, because their records come again
  * gaps in the log (compaction, transaction markers, deleted records) cost nothing: offsets are never counted
"""

import asyncio
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, Self

from streams.fatal import die


class Partition(NamedTuple):
    """A topic and partition; equal to Faust's and aiokafka's own tuples."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Start:
    """Where reading begins after an assignment: `read` <= `live`; outputs of records before `live` went out before."""

    read: int
    live: int


class StaleError(Exception):
    """Raised by an agent that gives up a batch whose track is gone; its records will come again."""


class Batch:
    """Consecutive records of one partition: one Faust event. `with batch:` begins it; leaving without error = done."""

    __slots__ = ("begun", "closed", "done", "first", "last", "live", "lost", "records", "size", "tp", "track")

    def __init__(self, track: "Track", records: Sequence[Any], *, live: bool) -> None:
        self.track = track
        self.tp = track.tp
        self.records = records
        self.first: int = records[0].offset
        self.last: int = records[-1].offset
        self.size = len(records)
        self.live = live  # False: rebuilding state; outputs went out before and are dropped
        self.lost: list[tuple[int, int]] = []  # offsets before it that nobody could read, [first, upto)
        self.begun = False
        self.closed = False  # nothing more joins it
        self.done = False

    def join(self, records: Sequence[Any]) -> None:
        """Take the records that follow, too: the batch still waits for its turn."""
        self.records = [*self.records, *records]
        self.last, self.size = records[-1].offset, len(self.records)

    @property
    def stale(self) -> bool:
        """Whether its records come again on another track: nothing of it counts."""
        return self.track.gone

    def __enter__(self) -> Self:
        if not self.stale and self.track.open[0] is not self:  # state of its partition is not as of its beginning
            die(f"batch {self.tp.topic}/{self.tp.partition} {self.first}..{self.last} is begun before its turn")
        self.begun = self.closed = True
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        self.begun = False
        if error is None:
            self.track.finish(self)
            return False
        if (isinstance(error, StaleError) and self.stale) or isinstance(error, asyncio.CancelledError):
            self.track.drop(self)
            return isinstance(error, StaleError)
        traceback.print_exception(error)
        return die(f"batch {self.tp.topic}/{self.tp.partition} {self.first}..{self.last}: {error!r}")

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Any]:
        return iter(self.records)


class Track:
    """Delivered batches of one partition in offset order, from an assignment (or a rewind) to its end."""

    __slots__ = ("_changed", "_lost", "done", "gone", "next", "open", "received_ms", "start", "tp")

    def __init__(self, tp: Partition, start: Start, changed: Callable[[], None] = lambda: None) -> None:
        self.tp = tp
        self.start = start
        self.next = start.read  # first offset not yet delivered
        self.done = start.read  # first offset not yet done
        self.open: deque[Batch] = deque()
        self.gone = False
        self.received_ms: int | None = None  # Kafka timestamp of the newest record done
        self._changed = changed
        self._lost: list[tuple[int, int]] = []

    def lose(self, first: int, upto: int) -> None:
        """Nobody can read these records: whoever gets the next ones tells people. Until then nothing counts as done."""
        if upto > self.next:
            self._lost.append((first, upto))
            self.next = upto

    def take(self, records: Sequence[Any], limit: int) -> list[Batch]:
        """New batches of the records not yet taken, at most `limit` long, none on both sides of `start.live`.

        Records join the batch that still waits if it has room: whoever is behind gets fewer and longer batches.
        """
        fresh = [r for r in records if r.offset >= self.next] if records[0].offset < self.next else records
        if not fresh:
            return []
        self.next = fresh[-1].offset + 1
        old = _count_before(fresh, self.start.live)
        batches = []
        for live, part in ((False, fresh[:old]), (True, fresh[old:])):
            rest = part[self._joined(part, limit, live=live) :]
            for i in range(0, len(rest), limit):
                batches.append(Batch(self, rest[i : i + limit], live=live))
                batches[-1].lost, self._lost = self._lost, []
                self.open.append(batches[-1])
        return batches

    def _joined(self, records: Sequence[Any], limit: int, *, live: bool) -> int:
        """How many of these records have joined the newest batch."""
        newest = self.open[-1] if self.open else None
        if newest is None or newest.closed or newest.live != live or self._lost:
            return 0
        some = records[: max(0, limit - newest.size)]
        if some:
            newest.join(some)
        return len(some)

    def finish(self, batch: Batch) -> None:
        """All effects of the batch are safe."""
        batch.done = True
        while self.open and self.open[0].done:
            oldest = self.open.popleft()
            self.done, self.received_ms = oldest.last + 1, oldest.records[-1].timestamp
        self._changed()

    def drop(self, batch: Batch) -> None:
        """The batch was begun and will not be finished (shutdown, or stale): it stays not done."""
        batch.begun = False
        self._changed()

    def end(self) -> None:
        """Partition revoked or rewound: nothing delivered on this track counts any more."""
        self.gone = True
        self._changed()

    @property
    def committable(self) -> int | None:
        """The offset to commit; none while nothing new is done (rebuilding never moves a commit backwards)."""
        return self.done if self.done > self.start.live else None

    @property
    def restored(self) -> bool:
        """Whether everything that was committed before has been handled again."""
        return max(self.done, 0 if self.open else self.next) >= self.start.live  # the last ones may be unreadable

    @property
    def in_flight(self) -> int:
        """Records delivered and not done."""
        return sum(b.size for b in self.open)

    @property
    def begun(self) -> bool:
        """Whether an agent is working on one of its batches."""
        return any(b.begun for b in self.open)


def lose(tracks: Mapping[Partition, Track], tp: Partition, first: int, upto: int) -> None:
    """Nobody can read these records of a partition, if it is still ours."""
    if tp in tracks:
        tracks[tp].lose(first, upto)


def _count_before(records: Sequence[Any], offset: int) -> int:
    """How many of these records lie before an offset."""
    if not records or records[0].offset >= offset:
        return 0
    if records[-1].offset < offset:
        return len(records)
    return sum(1 for r in records if r.offset < offset)

"""How far the `readings` partitions are, and what waits for its turn in the order of the sorted stream."""

import heapq
from dataclasses import dataclass, field
from typing import Any

from streams.core.picture import Position
from streams.models.signal import Act, Alarm, Checked, Progress, Reported, Sampled, Triggered
from streams.models.times import SECOND

NOT_HEARD = 30 * SECOND  # a partition not heard for so long stops holding the others back
REPORTS = 1 << 30  # place of reports among the partitions: after the readings of the same received time
AFTER_ROWS = 1 << 40  # progress comes after all rows of its record
AFTER_HEARD = 1 << 20  # a word of neighbours comes after all signals of its row, and after all rows heard before it
MOST_SAMPLES = 100_000  # samples that wait; beyond that the older half is given up
MOST_PROGRESS = 100_000  # times told by waiting progress; beyond that only the newest of a partition is kept

NOTHING: dict[int, int] = {}

Row = tuple[Any, ...]
Turn = Triggered | Progress | Reported | Sampled | Checked  # what takes its turn

#: kinds of signals, for `isinstance`: a union made anew costs with each signal
OF_SOURCE, OF_READINGS, ONCE = (Triggered, Reported, Sampled), (Triggered, Sampled), (Act, Alarm)
SPEAKS_OF_ALL = (Progress, Checked)  # they come after all that was heard before them


def position_of(signal: Triggered | Progress | Reported | Sampled) -> Position:
    """Its place in the sorted stream. Only words of neighbours have none of their own (`Floor.behind`)."""
    if isinstance(signal, Progress):
        return (signal.received, signal.partition, signal.offset, AFTER_ROWS, 0)
    source = signal.source
    partition = source.partition + (REPORTS if isinstance(signal, Reported) else 0)
    return (signal.received, partition, source.offset, source.row, source.n)


@dataclass(slots=True)
class Floor:
    """Received time that every heard readings partition has passed.

    Nothing here is looked for anew with each signal: `level` and `out` are kept, and only what may have moved is asked.
    """

    partitions: int
    received: dict[int, int] = field(default_factory=dict)
    whole: dict[int, int] = field(default_factory=dict)  # the same, as progress has told it: nothing is left of it
    heard: dict[int, int] = field(default_factory=dict)  # received time of `signals` at which each was last heard
    began: int | None = None
    now: int = 0
    last: Position = (-1, -1, -1, -1, -1)  # the furthest that has had its turn
    out: frozenset[int] = frozenset()  # not heard for 30 s: they no longer hold the rest back
    level: int = -1  # received time that all partitions that count have reached; -1 = nothing is known yet
    waiting: dict[Position, Turn] = field(default_factory=dict)
    changed: set[Row] = field(default_factory=set)  # rows of state that are no longer as saved
    _heap: list[Position] = field(default_factory=list)
    _next_out: int = 0  # before this time no further partition can go out
    _blocker: int = 0  # whom the first that waits last waited for
    _told: int = 0  # times that waiting progress tells
    _samples: int = 0  # samples that wait

    def clock(self, now: int) -> None:
        """The `signals` partition is at this received time."""
        self.now = max(self.now, now)
        if self.began is None:
            self.began = now
        if self.now > self._next_out:
            self._look()

    def lay_out(self, partitions: int) -> None:
        """There is another number of partitions, and none has said anything yet."""
        self.partitions, self.began, self.level, self._blocker = partitions, self.now, -1, 0
        for told in (self.received, self.whole, self.heard):
            told.clear()
        self._look()

    def progress(self, partition: int, received: int, *, whole: bool = False) -> None:
        """A readings partition has sent everything before this received time; `whole`: and everything of it."""
        if whole:
            self.whole[partition] = max(received, self.whole.get(partition, -1))
        before = self.received.get(partition, -1)
        self.received[partition] = max(received, before)
        self.heard[partition] = self.now
        if partition in self.out:  # after an outage they come back together: each has its 30 s to say how far it is
            self.heard.update(dict.fromkeys(self.out, self.now))
            self._look()
        elif before <= self.level:
            self._find_level()

    def _look(self) -> None:
        """Who is out, and when the next one may be."""
        began = self.began or 0
        heard = {p: self.heard.get(p, began) for p in range(self.partitions)}
        out = frozenset(p for p, at in heard.items() if self.now - at > NOT_HEARD)
        self._next_out = min((at for p, at in heard.items() if p not in out), default=self.now) + NOT_HEARD
        if out != self.out:
            self.out = out
        self._find_level()

    def _find_level(self) -> None:
        if not self.out and len(self.received) == self.partitions:
            self.level = min(self.received.values())
            return
        counted = (self.received.get(p, -1) for p in range(self.partitions) if p not in self.out)
        self.level = min(counted, default=-1)

    def resume(self) -> None:
        """State has been restored: work out what is not saved."""
        self._heap = sorted(self.waiting)
        self._told = sum(len(s.passed) for s in self.waiting.values() if isinstance(s, Progress))
        self._samples = sum(isinstance(s, Sampled) for s in self.waiting.values())
        self._look()

    def behind(self) -> Position:
        """The place after everything that was heard so far and means something."""
        waiting = (place for place, signal in self.waiting.items() if not isinstance(signal, Progress))
        *place, n = max(self.last, (self.level, -1, -1, -1, -1), *waiting)
        return (place[0], place[1], place[2], place[3], n + 1 if n >= AFTER_HEARD else n + AFTER_HEARD)

    def is_away(self, homes: frozenset[int], received: int) -> bool:
        """Whether a partition that nobody waits for any more may still have something to say up to a time."""
        return any(self.received.get(p, -1) < received for p in homes & self.out)

    # -- turns -------------------------------------------------------------------------------------------------------

    def is_next(self, position: Position, signal: Turn) -> bool:
        """Whether something that comes now has its turn at once."""
        if (self._heap and self._heap[0] < position) or self.is_blocked(position, signal):
            return False
        self.last = max(self.last, position)
        return True

    def wait(self, position: Position, signal: Turn) -> None:
        """Hold something back until its turn."""
        if position not in self.waiting:
            heapq.heappush(self._heap, position)
        self.changed.add(("wait", *position))
        if isinstance(signal, Progress):
            self._told += len(signal.passed)
            if self._told > MOST_PROGRESS:
                self._forget(signal.partition)
        self.waiting[position] = signal
        if isinstance(signal, Sampled):
            self._samples += 1
            if self._samples > MOST_SAMPLES:
                self._give_up()

    def _give_up(self) -> None:
        """The older half of the samples that wait: a partition is far behind, and newer ones say more."""
        gone = sorted(place for place, signal in self.waiting.items() if isinstance(signal, Sampled))
        gone = gone[: len(gone) // 2]
        for place in gone:
            del self.waiting[place]
        self.changed.update(("wait", *place) for place in gone)
        self._samples -= len(gone)
        self._heap = sorted(self.waiting)

    def _forget(self, partition: int) -> None:
        """A partition's earlier progress that waits: the newest says as much, only later."""
        kept = {p: s for p, s in self.waiting.items() if not (isinstance(s, Progress) and s.partition == partition)}
        self.changed.update(("wait", *position) for position in self.waiting.keys() - kept.keys())
        self.waiting = kept
        self._told = sum(len(s.passed) for s in kept.values() if isinstance(s, Progress))
        self._heap = sorted(kept)

    def release(self, before: Position | None = None) -> tuple[Position, Turn] | None:
        """The first that waits (before a position), if nothing can come before it any more."""
        if not self._heap or (before is not None and self._heap[0] >= before):
            return None
        position = self._heap[0]
        signal = self.waiting[position]
        if self.is_blocked(position, signal):
            return None
        heapq.heappop(self._heap)
        del self.waiting[position]
        self.changed.add(("wait", *position))
        if isinstance(signal, Progress):
            self._told -= len(signal.passed)
        self._samples -= isinstance(signal, Sampled)
        self.last = max(self.last, position)
        return position, signal

    def is_blocked(self, position: Position, signal: Turn) -> bool:
        """Whether something may still come before it."""
        received, own = position[:2]
        if self.level > received:
            return False
        told = self.whole if isinstance(signal, SPEAKS_OF_ALL) else NOTHING
        if self._blocks(self._blocker, received, own, told):
            return True
        for partition in range(self.partitions):
            if self._blocks(partition, received, own, told):
                self._blocker = partition
                return True
        return False

    def _blocks(self, partition: int, received: int, own: int, told: dict[int, int]) -> bool:
        """Whether a partition may still send something that comes before what `own` received then."""
        at = self.received.get(partition, -1)
        behind = at < received or (at == received and partition < own and told.get(partition, -1) < received)
        return behind and partition != own and partition not in self.out

"""What is due later: a heap of data timers, and one of people's timers. Records drive it; it knows no clock."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, frozen=True)
class Timer:
    """Due at phenomenon time `time`, or once every readings partition has passed received time `received`."""

    key: str  # the subject's key
    kind: str
    time: int
    received: int
    token: Any = None


@dataclass(slots=True)
class Timers:
    """Data timers, by received time for all and by phenomenon time for each subject."""

    _by_received: list[tuple[int, int, str, int, Timer]] = field(default_factory=list)
    _of: dict[str, list[tuple[int, int, Timer]]] = field(default_factory=dict)
    _done: set[int] = field(default_factory=set)
    _count: int = 0

    def add(self, timer: Timer) -> None:
        """Wait for a timer."""
        self._count += 1
        heapq.heappush(self._by_received, (timer.received, timer.time, timer.key, self._count, timer))
        heapq.heappush(self._of.setdefault(timer.key, []), (timer.time, self._count, timer))

    def due_of(self, key: str, passed: Callable[[int], bool]) -> Iterator[Timer]:
        """Timers of one subject whose phenomenon time has been passed, earliest first."""
        own = self._of.get(key)
        while own:
            time, count, timer = own[0]
            if count in self._done:
                heapq.heappop(own)
                self._done.discard(count)
            elif passed(time):
                heapq.heappop(own)
                self._done.add(count)
                yield timer
            else:
                return
        self._of.pop(key, None)

    def due(self, received: int) -> Iterator[Timer]:
        """Timers whose received time has been passed, earliest first."""
        heap = self._by_received
        while heap and (heap[0][3] in self._done or heap[0][0] <= received):
            _, _, key, count, timer = heapq.heappop(heap)
            if count in self._done:
                self._done.discard(count)
                continue
            self._done.add(count)
            yield timer
            if key not in self._of:
                self._done.discard(count)

    def __len__(self) -> int:
        return len(self._by_received)

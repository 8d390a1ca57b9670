"""What is due later: data timers of subjects. Records drive it; it knows no clock.

A timer is plain data. A subject has at most one of a kind and name: a later one takes the place of the earlier one.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

SWEEP = 64  # entries of timers that count no more: beyond that, and beyond half of all, they are swept out


class Timer(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Due at phenomenon time `time`, or once every readings partition has passed received time `received`."""

    key: str  # the subject's key
    kind: str
    time: int
    received: int
    token: tuple[int | str, ...] = ()  # what it speaks of
    name: str = ""  # tells timers of one kind apart


class Timers:
    """By received time for all, and by phenomenon time for each subject. Ties: by subject, kind and name."""

    def __init__(self) -> None:
        self._live: dict[str, dict[tuple[str, str], Timer]] = {}  # subject -> (kind, name) -> timer
        self._size = 0
        self._count = 0  # two entries are never compared by their timers
        self._by_received: list[tuple[int, int, str, str, str, int, Timer]] = []
        self._by_time: dict[str, list[tuple[int, str, str, int, Timer]]] = {}
        self._parked: list[Timer] = []

    def add(self, timer: Timer) -> None:
        """Wait for a timer; it replaces one of its kind and name."""
        own = self._live.setdefault(timer.key, {})
        self._size += (timer.kind, timer.name) not in own
        own[timer.kind, timer.name] = timer
        self._count += 1
        heap = self._by_time.setdefault(timer.key, [])
        heapq.heappush(heap, (timer.time, timer.kind, timer.name, self._count, timer))
        if len(heap) > SWEEP + 2 * len(own):
            self._sweep(heap)
        self._push(timer)

    def _push(self, timer: Timer) -> None:
        self._count += 1
        entry = (timer.received, timer.time, timer.key, timer.kind, timer.name, self._count, timer)
        heapq.heappush(self._by_received, entry)
        if len(self._by_received) > SWEEP + 2 * self._size:
            self._sweep(self._by_received)

    def _sweep(self, heap: list[Any]) -> None:
        heap[:] = [entry for entry in heap if self._is_live(entry[-1])]
        heapq.heapify(heap)

    def _is_live(self, timer: Timer) -> bool:
        return self._live.get(timer.key, {}).get((timer.kind, timer.name)) is timer

    def _take(self, timer: Timer) -> Timer:
        own = self._live[timer.key]
        del own[timer.kind, timer.name]
        if not own:
            del self._live[timer.key]
            self._by_time.pop(timer.key, None)
        self._size -= 1
        return timer

    def of(self, key: str) -> Iterable[Timer]:
        """A subject's timers."""
        return self._live.get(key, {}).values()

    def one(self, key: str, kind: str, name: str = "") -> Timer | None:
        """The one of this kind and name."""
        return self._live.get(key, {}).get((kind, name))

    def due_of(self, key: str, passed: Callable[[int], bool]) -> Iterator[Timer]:
        """Timers of one subject whose phenomenon time has been passed, earliest first."""
        while heap := self._by_time.get(key):
            timer = heap[0][-1]
            live = self._is_live(timer)
            if live and not passed(timer.time):
                return
            heapq.heappop(heap)
            if not heap:
                self._by_time.pop(key, None)
            if live:
                yield self._take(timer)

    def is_due(self, received: int) -> bool:
        """Whether `due` may have something to say."""
        return bool(self._by_received) and self._by_received[0][0] <= received

    def due(self, received: int) -> Iterator[Timer]:
        """Timers whose received time has been passed, earliest first."""
        heap = self._by_received
        while heap and heap[0][0] <= received:
            timer = heapq.heappop(heap)[-1]
            if self._is_live(timer):
                yield self._take(timer)

    def park(self, timer: Timer) -> None:
        """It is due by received time and may not fire so: data may still make it due, or `unpark`."""
        self._live.setdefault(timer.key, {})[timer.kind, timer.name] = timer
        self._size += 1
        self._count += 1
        heap = self._by_time.setdefault(timer.key, [])
        heapq.heappush(heap, (timer.time, timer.kind, timer.name, self._count, timer))
        self._parked.append(timer)

    def unpark(self) -> None:
        """Those that are parked may be asked again."""
        parked, self._parked = self._parked, []
        for timer in parked:
            if self._is_live(timer):
                self._push(timer)

    def __len__(self) -> int:
        return self._size
